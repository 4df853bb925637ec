/** Puts a message on the clipboard and says so. */
import { bridge } from "../../bridge";
import { toast } from "../../kit";
import { t } from "../../text";

export function copyText(text: string): void {
  bridge.clipboardCopy(text).then(
    () => toast({ title: t("kit.copied") }),
    () => toast({ title: t("markdown.copyFailed") }),
  );
}
