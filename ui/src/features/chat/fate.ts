/** What became of a question that was not answered, in a few words for its margin: sent or not, billed or not. */
import type { MessageView } from "../../bridge";
import { t } from "../../text";

export function fateOf(answer: MessageView | undefined): string | null {
  if (answer?.state !== "failed" || !answer.failure || answer.text !== "") return null;
  switch (answer.failure.billed) {
    case "not_sent":
      return t("fate.notSent");
    case "no":
      return t("fate.notBilled");
    case "unknown":
      return t("fate.billedUnknown");
    case "yes":
      return t("fate.billed");
  }
}
