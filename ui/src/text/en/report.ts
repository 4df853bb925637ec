/** About this program, and reports of problems. */
export const report = {
  "report.about": "About",
  "report.version": "Version {version}",
  "report.problem": "Report a problem",
  "report.problemText":
    "Puts together what support needs: versions, settings, codes of failures and the end of the log. No key and no message is in it. You read all of it first, and nothing is sent by itself.",
  "report.make": "Report a problem…",
  "report.security": "Security problem",
  "report.securityText": "Report it in private to {address}, never in public, and never send a key.",
  "report.title": "Report a problem",
  "report.lede":
    "This is all of it. Save it or copy it, say what you did, what you saw and what you expected, and send both to {address}.",
  "report.text": "The report",
  "report.making": "Putting the report together",
  "report.save": "Save…",
  "report.saved": "Saved in “{name}”",
  "report.saveFailed": "The report was not saved ({code})",
  "report.close": "Close",
} as const;
