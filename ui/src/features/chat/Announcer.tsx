/** What a screen reader hears of a conversation: that an answer is being written, and once it is finished, it and its cost. */
import { useEffect, useRef, useState } from "react";
import type { MessageView } from "../../bridge";
import { t } from "../../text";
import { endingLine } from "./Ending";
import { costOf } from "./Ledger";

const LONGEST_SPOKEN = 4000;

export function Announcer({ answer, isAnswering }: { answer: MessageView | undefined; isAnswering: boolean }) {
  const [said, setSaid] = useState("");
  const wasAnswering = useRef(false);
  useEffect(() => {
    if (isAnswering) setSaid(t("chat.answering"));
    else if (wasAnswering.current && answer) setSaid(finished(answer));
    wasAnswering.current = isAnswering;
  }, [isAnswering, answer]);
  return (
    <p className="vh" role="status">
      {said}
    </p>
  );
}

function finished(answer: MessageView): string {
  const { text, receipt, state, ending } = answer;
  if (state === "failed") return t("chat.answerFailed");
  const cost = receipt ? costOf(receipt.cost) : t("ledger.unknown");
  const spoken = text.slice(0, LONGEST_SPOKEN);
  if (state !== "done" || ending === null) return t("chat.answerFinished", { text: spoken, cost });
  return t("chat.answerEnded", { text: spoken, why: endingLine(answer, ending), cost });
}
