/** A wait for the first words: after 5 s whom we wait for, after 20 s another model. */
import { useEffect, useState } from "react";
import { Button, Icon } from "../../kit";
import { t } from "../../text";
import { answererOf, otherModel, useModelGroups } from "../models";
import { useConversation } from "./conversation";
import { answerWith } from "./parts";
import type { LiveTurn } from "./turns";

const SAY_WAITING_MS = 5000;
const OFFER_ANOTHER_MS = 20_000;

export function Patience({ live }: { live: LiveTurn }) {
  const { stopAndAsk } = useConversation();
  const { groups } = useModelGroups();
  const waited = useWaited(live.startedAt);
  const { payer, model, id } = live.answer;
  if (waited < SAY_WAITING_MS || !payer) return null;
  const other = model && waited >= OFFER_ANOTHER_MS ? otherModel(groups, model, "timeout") : null;
  return (
    <p className="turn__waiting">
      <Icon name="clock" size="s" />
      {t("chat.waitingFor", { provider: answererOf(payer) })}
      {other ? (
        <Button size="s" onClick={() => stopAndAsk({ kind: "again", answerId: id }, other.model.model)}>
          {answerWith(other)}
        </Button>
      ) : null}
    </p>
  );
}

function useWaited(since: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now - since;
}
