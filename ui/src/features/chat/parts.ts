/** The names and figures that texts about an answer are filled with, and the question that goes on with it. */
import type { Ask, MessageView } from "../../bridge";
import { format, t } from "../../text";
import type { CauseParts } from "../../text/errors";
import type { Offered } from "../models";

export function partsOf({
  payer,
  modelName,
  receipt,
}: Pick<MessageView, "payer" | "modelName" | "receipt">): CauseParts {
  const least = receipt?.cost.kind === "unknown" ? receipt.cost.atLeast : null;
  const parts = { model: modelName, atLeast: least === null ? null : format.answerCost(least) };
  if (payer?.kind === "user_key") return { ...parts, provider: payer.providerName, last4: payer.last4 };
  if (payer?.kind === "plan") return { ...parts, provider: payer.providerName, biller: t("shell.brasskey") };
  return { ...parts, provider: payer?.label ?? "" };
}

/** What stands on the button that asks another model. */
export function answerWith({ model, payer }: Offered): string {
  const { name } = model;
  return payer.kind === "nobody" ? t("chat.answerWithLocal", { model: name }) : t("chat.answerWith", { model: name });
}

/** An ordinary question, on screen like any other: nothing is sent that the reader does not see. */
export function goOn(conversationId: string): Ask {
  return { kind: "question", conversationId, text: t("chat.continuePrompt") };
}
