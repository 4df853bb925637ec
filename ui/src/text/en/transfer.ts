/** Export and import. */
export const transfer = {
  "transfer.data": "Your data",
  "transfer.lede": "Everything that was said and every receipt is in one database on this computer.",
  "transfer.backup": "Backup",
  "transfer.backupText":
    "One file with every project, conversation, version, draft and receipt. Imported on another computer, it is all there again. Keys, settings and your account are not in it.",
  "transfer.exportAll": "Export everything",
  "transfer.reading": "For reading",
  "transfer.readingText": "The shown path of each conversation as Markdown, with what each answer cost.",
  "transfer.exportMarkdown": "Export as Markdown",
  "transfer.import": "Import",
  "transfer.importText":
    "Adds what is in a backup or an exported conversation. Nothing is overwritten, and what is here already is not added again.",
  "transfer.importFile": "Import a file…",
  "transfer.one": "One conversation or project is exported from its own menu.",

  "transfer.export": "Export",
  "transfer.asMarkdown": "As Markdown, for reading",
  "transfer.asJson": "As JSON, for importing",

  "transfer.exporting": "Exporting",
  "transfer.importing": "Importing",
  "transfer.looking": "Reading the file",
  "transfer.progress": "{done, number} of {total, plural, one {# conversation} other {# conversations}}",
  "transfer.stop": "Stop",
  "transfer.stopping": "Stopping",

  "transfer.saved": "{count, plural, one {# conversation} other {# conversations}} saved in “{name}”",
  "transfer.added":
    "{added, plural, =0 {Nothing was added} one {# conversation was added} other {# conversations were added}}{here, plural, =0 {} one {; # was here already} other {; # were here already}}",
  "transfer.stopped":
    "Stopped: {added, number} of {total, plural, one {# conversation} other {# conversations}} added. Import the file again to go on.",
  "transfer.exportStopped": "Stopped: no file was written",

  "transfer.unreadable": "Nothing was imported",
  "transfer.not_brasskey": "This file was not exported by Brasskey.",
  "transfer.newer": "A newer Brasskey wrote this file. Update Brasskey, then import it.",
  "transfer.damaged": "The file is cut off or damaged. Export it again, or use another copy.",
  "transfer.too_large": "Something in this file is larger than any conversation. It is not a whole export.",
  "transfer.at": "Line {line, number}, column {column, number}",
  "transfer.exportFailed": "The file could not be written",
  "transfer.importFailed": "The import ended early",
  "transfer.importFailedText": "What was added until then stays. Import the file again to go on.",
  "transfer.exportFailedText": "A file that was there before is as it was. Free some space or choose another folder.",
  "transfer.stopFailed": "It could not be stopped ({code})",
  "transfer.busy": "Another export or import is still running",
  "transfer.close": "Close",
} as const;
