/** Why an answer failed, in the thread where it was asked: whose side, whether it was billed, and the one action that mends it. */
import { useQuery } from "@tanstack/react-query";
import { bridge, type FailureView, type MessageView, queries } from "../../bridge";
import { useCommand } from "../../command";
import { Button, Icon, Note, TextButton, toast } from "../../kit";
import { navigate } from "../../route";
import { t } from "../../text";
import { type Act, actLabel, actsOf, type CauseParts, causeTitle, errors, failureWhy, sideOf } from "../../text/errors";
import { askToSignIn } from "../account";
import { codeOf } from "../failures";
import { findModel, longerModel, ModelPicker, otherModel, sourceOf, useModelGroups } from "../models";
import { AskAgain } from "./AskAgain";
import { useConversation } from "./conversation";
import { answerWith, goOn, partsOf } from "./parts";

interface FailureNoteProps {
  message: MessageView;
  failure: FailureView;
  /** Nothing was asked after it. */
  isLast: boolean;
  questionId: string | null;
  /** Why it cannot be asked again now. */
  askBlocked: string | null;
}

const MOST_ACTIONS = 3;

export function FailureNote(props: FailureNoteProps) {
  const { message, failure } = props;
  const parts = partsOf(message);
  const entry = errors[failure.code];
  const copy = useCommand(() => bridge.clipboardCopy(detailsOf(message, failure)));
  const acts = useActs(props);
  return (
    <Note
      tone={entry.tone}
      icon={entry.icon}
      title={causeTitle(failure.code, parts, failure)}
      actions={acts.slice(0, MOST_ACTIONS)}
    >
      <p>{failureWhy(failure, parts)}</p>
      {failure.retryAt === null ? null : <AskAgain at={failure.retryAt} />}
      <p className="note__code">
        <code>{[failure.code, failure.status, failure.providerCode].filter(Boolean).join(" ")}</code>{" "}
        <TextButton className="small" onClick={copy.run}>
          {t("failures.copyDetails")}
        </TextButton>
      </p>
    </Note>
  );
}

/** The actions that are possible here, the one that mends it first. */
function useActs({ message, failure, isLast, questionId, askBlocked }: FailureNoteProps) {
  const { conversationId, ask, edit } = useConversation();
  const { groups } = useModelGroups();
  const { data: start } = useQuery(queries.start);
  const openPage = useCommand(bridge.providerPageOpen);
  const recheck = useCommand(checkKey);
  const { payer, model } = message;
  const parts = partsOf(message);
  const entry = errors[failure.code];
  const again = { kind: "again", answerId: message.id } as const;
  const pages = start?.providers.find(({ id }) => id === payer?.provider)?.pages ?? [];
  const other = model ? otherModel(groups, model, failure.code) : null;
  const isOffered = model !== null && findModel(groups, model) !== null;

  const button = (act: Act, index: number) => {
    const variant = index === 0 && entry.tone === "bad" ? "primary" : "plain";
    const label = actLabel(act, parts);
    const name = act.kind === "page" ? act.page : act.kind;
    const press = (onClick: () => void, content: string = label, needsAsk = false) =>
      index > 1 && !(needsAsk && askBlocked) ? (
        <TextButton key={name} onClick={onClick}>
          {content}
        </TextButton>
      ) : (
        <Button key={name} variant={variant} onClick={onClick} disabledReason={needsAsk ? askBlocked : null}>
          {content}
        </Button>
      );
    switch (act.kind) {
      case "page":
        // What a provider has against the vendor's account is no page of the user's.
        if (!payer || payer.kind === "plan" || !pages.includes(act.page)) return null;
        return index > 1 ? (
          press(() => openPage.run(payer.provider, act.page))
        ) : (
          <Button key={name} variant={variant} onClick={() => openPage.run(payer.provider, act.page)}>
            {label}
            <Icon name="ext" size="s" />
          </Button>
        );
      case "replaceKey":
        return payer?.kind === "user_key"
          ? press(() =>
              navigate({ screen: "settings", section: "keys", sheet: { kind: "replace", keyId: payer.keyId } }),
            )
          : null;
      case "openKeys":
      case "setBaseUrl":
        return press(() => navigate({ screen: "settings", section: "keys" }));
      case "openBilling":
      case "openTerms":
        return press(() => navigate({ screen: "settings", section: "billing" }));
      case "signIn":
        return press(askToSignIn);
      case "continueHere":
        return model && isOffered && isLast && message.text !== ""
          ? press(() => ask(goOn(conversationId), model), label, true)
          : null;
      case "checkAgain":
        // The check is free; the message goes out again when it is sent again.
        return payer?.kind === "user_key" && groups.some((group) => sourceOf(group.payer) === payer.keyId) ? (
          <Button key={name} variant={variant} busy={recheck.busy} onClick={() => recheck.run(payer.keyId, parts)}>
            {label}
          </Button>
        ) : null;
      case "tryAgain":
      case "startOver":
        return model && isOffered ? press(() => ask(again, model), label, true) : null;
      case "answerWith":
        return other ? press(() => ask(again, other.model.model), answerWith(other), true) : null;
      case "chooseModel": {
        const longer = failure.code === "context_too_long" && model ? longerModel(groups, model) : null;
        if (longer)
          return press(() => ask(again, longer.model.model), t("chat.use", { model: longer.model.name }), true);
        return (
          <ModelPicker
            key={name}
            groups={groups}
            value={model}
            onChoose={(chosen) => ask(again, chosen)}
            trigger={
              // A list's button does not take its name from what stands in it.
              <Button variant={variant} aria-label={label} disabledReason={askBlocked}>
                {label}
              </Button>
            }
          />
        );
      }
      case "editMessage":
        return questionId ? press(() => edit(questionId), label, true) : null;
      case "copyDetails":
        // Stands beside the code in every note.
        return null;
    }
  };
  return actsOf(failure)
    .map(button)
    .filter((each) => each !== null);
}

/** Asks the provider what the key may do now, and tells the outcome. */
async function checkKey(keyId: string, parts: CauseParts): Promise<void> {
  try {
    const { health } = await bridge.keysRecheck(keyId);
    if (health.state === "failing") toast({ title: causeTitle(health.failure.code, parts, health.failure) });
    if (health.state === "working") {
      toast({ title: t("chat.keyAccepted", { provider: parts.provider, count: health.modelCount }) });
    }
  } catch (error) {
    toast({ title: t("chat.keyNotChecked", { code: codeOf(error) }) });
  }
}

/** What support needs: codes and ids. Every text in a failure was redacted by the backend. */
function detailsOf(message: MessageView, failure: FailureView): string {
  const lines = [
    failure.code,
    `side: ${sideOf(failure.code, partsOf(message))}`,
    message.model && `model: ${message.model.model}`,
    `host: ${failure.host}`,
    failure.status && `status: ${failure.status}`,
    failure.providerCode && `provider code: ${failure.providerCode}`,
    failure.providerMessage && `provider says: ${failure.providerMessage}`,
    failure.requestId && `request id: ${failure.requestId}`,
    `billed: ${failure.billed}`,
  ];
  return lines.filter(Boolean).join("\n");
}
