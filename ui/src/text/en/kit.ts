/** Words of the design system itself. */
export const kit = {
  "kit.close": "Close",
  "kit.cancel": "Cancel",
  "kit.undo": "Undo",
  "kit.dismiss": "Dismiss",
  "kit.copy": "Copy",
  "kit.copied": "Copied",
  "kit.notifications": "Notifications",
} as const;
