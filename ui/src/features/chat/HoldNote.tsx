/** What holds up a running answer, which goes on by itself: why, for how long, and the ways out of it. */
import { bridge } from "../../bridge";
import { useCommand } from "../../command";
import { Button, Note, TextButton } from "../../kit";
import { format, rich, t } from "../../text";
import { causeTitle, errors, failureWhy } from "../../text/errors";
import { useSecondsLeft } from "../../useSecondsLeft";
import { otherModel, useModelGroups } from "../models";
import { useConversation } from "./conversation";
import { copyText } from "./copyText";
import { answerWith, partsOf } from "./parts";
import type { Hold, LiveTurn, Wait } from "./turns";

const SAY_AGAIN_SECONDS = 10;

export function HoldNote({ live, hold }: { live: LiveTurn; hold: Hold }) {
  switch (hold.kind) {
    case "wait":
      return <Waiting live={live} wait={hold} />;
    case "offline":
      return <Offline live={live} />;
    case "unsaved":
      return <Unsaved live={live} />;
  }
}

/** The message goes out when the connection returns; a model on this computer answers meanwhile. */
function Offline({ live }: { live: LiveTurn }) {
  const { stopAndAsk } = useConversation();
  const { groups } = useModelGroups();
  const tryNow = useCommand(() => bridge.chatTryNow(live.id));
  const cancel = useCommand(() => bridge.chatStop(live.id));
  const { model, id } = live.answer;
  const other = model ? otherModel(groups, model, "offline") : null;
  return (
    <Note
      tone="warn"
      icon="offline"
      role="status"
      title={causeTitle("offline", partsOf(live.answer))}
      actions={
        <>
          {other ? (
            <Button onClick={() => stopAndAsk({ kind: "again", answerId: id }, other.model.model)}>
              {answerWith(other)}
            </Button>
          ) : null}
          <Button onClick={tryNow.run} busy={tryNow.busy}>
            {t("chat.tryNow")}
          </Button>
          <TextButton onClick={cancel.run}>{t("kit.cancel")}</TextButton>
        </>
      }
    >
      <p>{t("chat.offline")}</p>
    </Note>
  );
}

/** The answer is whole and only in memory. */
function Unsaved({ live }: { live: LiveTurn }) {
  const saveAgain = useCommand(() => bridge.chatTryNow(live.id));
  return (
    <Note
      tone="bad"
      icon="warn"
      role="alert"
      title={causeTitle("storage", partsOf(live.answer))}
      actions={
        <>
          <Button variant="primary" onClick={saveAgain.run} busy={saveAgain.busy}>
            {t("chat.saveAgain")}
          </Button>
          <Button onClick={() => copyText(live.document.text)}>{t("chat.copyAnswer")}</Button>
        </>
      }
    >
      <p>{t("chat.unsaved")}</p>
    </Note>
  );
}

function Waiting({ live, wait }: { live: LiveTurn; wait: Wait }) {
  const { stopAndAsk } = useConversation();
  const { groups } = useModelGroups();
  const left = useSecondsLeft(wait.retryAt);
  const tryNow = useCommand(() => bridge.chatTryNow(live.id));
  const cancel = useCommand(() => bridge.chatStop(live.id));
  const { model } = live.answer;
  const { code } = wait.failure;
  const parts = partsOf(live.answer);
  const title = causeTitle(code, parts, wait.failure);
  const other = model ? otherModel(groups, model, code) : null;
  return (
    <Note
      tone="warn"
      icon={errors[code].icon}
      title={title}
      actions={
        <>
          <Button onClick={tryNow.run} busy={tryNow.busy}>
            {t("chat.tryNow")}
          </Button>
          {other ? (
            <Button onClick={() => stopAndAsk({ kind: "again", answerId: live.answer.id }, other.model.model)}>
              {answerWith(other)}
            </Button>
          ) : null}
          <TextButton onClick={cancel.run}>{t("kit.cancel")}</TextButton>
        </>
      }
    >
      <p>
        {failureWhy(wait.failure, parts)}{" "}
        {rich("chat.sendingAgain", {
          left: format.countdown(left * 1000),
          attempt: wait.attempt,
          attempts: wait.attempts,
          b: (chunks) => (
            <strong key="left" className="num">
              {chunks}
            </strong>
          ),
        })}
      </p>
      <p className="vh" role="status">
        {spoken(left, title)}
      </p>
    </Note>
  );
}

/** What a screen reader hears: at the start, ten seconds before the end, and at the end; unchanged in between. */
function spoken(left: number, title: string): string {
  if (left <= 0) return t("chat.sendingNow");
  return left <= SAY_AGAIN_SECONDS ? t("chat.tenSeconds") : t("chat.waitStarted", { title });
}
