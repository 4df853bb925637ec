/** A layer that fades out has had its Esc: the next one is for what lies below. */
const OPEN = ":is(.dialog, .sheet, .popover):not([data-closed])";

/** Whether a dialog, sheet, menu or popover lies above the window. */
export const layerIsOpen = (): boolean => document.querySelector(OPEN) !== null;
