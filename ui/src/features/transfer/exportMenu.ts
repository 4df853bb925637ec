/** Exporting as a menu's entry. */
import type { ExportScope } from "../../bridge";
import type { MenuEntry } from "../../kit";
import { t } from "../../text";
import { exportIt } from "./transfer";

/** The submenu that exports this. */
export const exportMenu = (scope: ExportScope): MenuEntry => ({
  icon: "file",
  label: t("transfer.export"),
  items: [
    { label: t("transfer.asMarkdown"), onSelect: () => exportIt(scope, "markdown") },
    { label: t("transfer.asJson"), onSelect: () => exportIt(scope, "json") },
  ],
});
