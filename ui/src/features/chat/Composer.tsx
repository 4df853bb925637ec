/** Where a message is written: its draft is kept, who answers and about what it costs stand below it, and why it cannot be sent. */
import { useQuery } from "@tanstack/react-query";
import clsx from "clsx";
import {
  type ClipboardEvent,
  type KeyboardEvent,
  type Ref,
  type RefObject,
  useEffect,
  useImperativeHandle,
  useRef,
  useState,
} from "react";
import { create } from "zustand";
import { type ModelRef, queries } from "../../bridge";
import { Button, Icon, TextButton } from "../../kit";
import { usePreferences } from "../../preferences";
import { navigate } from "../../route";
import { useShortcut } from "../../shortcuts";
import { format, t } from "../../text";
import { findModel, ModelPicker, payerName, useChooseModel, useModelChoice, useModelGroups } from "../models";
import { type Blocked, blockedBy } from "./blocked";
import { copyText } from "./copyText";
import { type DraftField, useDraft } from "./drafts";
import { useEstimate } from "./useEstimate";
import { useGrowing } from "./useGrowing";

/** The longest message in UTF-16 units: more than any model reads, and what a field can hold without a halt. */
const LONGEST_MESSAGE = 4_000_000;

interface ComposerProps {
  /** Null for a conversation that has not begun. */
  conversationId: string | null;
  /** The draft as it was kept. */
  stored: string;
  placeholder: string;
  /** Sends; true when the message is on its way and the field may be emptied. */
  onSend: (text: string, model: ModelRef) => Promise<boolean>;
  isSending: boolean;
  /** Stops the answer that is being written; null when none is. */
  onStop: (() => void) | null;
  /** ↑ in the empty field. */
  onEditLast?: (() => void) | undefined;
  autoFocus?: boolean;
  rows?: number;
  ref?: Ref<ComposerHandle>;
}

export interface ComposerHandle {
  focus: () => void;
}

const usePicker = create<{ isOpen: boolean }>(() => ({ isOpen: false }));

/** Opens the list of models of the composer on screen. */
export function openModelPicker(): void {
  usePicker.setState({ isOpen: true });
}

export function Composer({
  conversationId,
  stored,
  placeholder,
  onSend,
  isSending,
  onStop,
  onEditLast,
  autoFocus = false,
  rows = 1,
  ref,
}: ComposerProps) {
  const box = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const draft = useDraft(conversationId, stored);
  const { returnKey } = usePreferences();
  const { groups, isKnown } = useModelGroups();
  const { data: billing } = useQuery(queries.billing);
  const { data: account } = useQuery(queries.account);
  const model = useModelChoice(conversationId);
  const blocked = isKnown ? blockedBy({ billing, account, groups }, model) : null;
  const isEmpty = draft.text.trim() === "";
  // How long a text was that was not taken.
  const [refused, setRefused] = useState<number | null>(null);

  useImperativeHandle(ref, () => ({ focus: () => field.current?.focus() }), []);
  useShortcut("focusComposer", () => field.current?.focus());
  useShortcut("switchModel", () => {
    // What is typed from here on is for the list, which may still be loading: it must never be sent as a message.
    field.current?.blur();
    openModelPicker();
  });
  useEffect(() => {
    if (autoFocus) field.current?.focus();
  }, [autoFocus]);
  useGrowing(field, draft.text);

  const send = async () => {
    if (isEmpty || isSending || onStop || blocked || !model) return;
    draft.keep();
    const sent = draft.text;
    if (await onSend(sent, model)) draft.sent(sent);
    field.current?.focus();
  };
  const isTaken = (length: number): boolean => {
    const taken = length <= LONGEST_MESSAGE;
    setRefused(taken ? null : length);
    return taken;
  };
  const onPaste = (event: ClipboardEvent<HTMLTextAreaElement>) => {
    const { length } = event.clipboardData.getData("text");
    // Before the field has it: laying it out would already take too long.
    if (!isTaken(draft.text.length + length)) event.preventDefault();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing) return;
    const mod = event.ctrlKey || event.metaKey;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey && (mod || returnKey === "sends")) {
      event.preventDefault();
      send();
    } else if (event.key === "ArrowUp" && draft.text === "" && onEditLast) {
      event.preventDefault();
      onEditLast();
    }
  };

  return (
    <form
      className="composer"
      data-region
      aria-label={t("chat.message")}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div ref={box} className="composer__box">
        <textarea
          ref={field}
          className="composer__text"
          rows={rows}
          aria-label={t("chat.yourMessage")}
          aria-describedby={blocked || draft.isAtRisk || refused !== null ? "composer-note" : undefined}
          placeholder={placeholder}
          dir="auto"
          value={draft.text}
          onChange={({ target }) => isTaken(target.value.length) && draft.change(target.value)}
          onPaste={onPaste}
          onBlur={draft.keep}
          onKeyDown={onKeyDown}
        />
        <div className="composer__foot">
          <Model conversationId={conversationId} model={model} anchor={box} field={field} />
          <span className="grow" />
          <span className="composer__say num" id="composer-note">
            <Say
              refused={refused}
              blocked={blocked}
              draft={draft}
              conversationId={conversationId}
              model={model}
              isNext={onStop !== null}
            />
          </span>
          {onStop ? (
            <button type="button" className="send send--stop" aria-keyshortcuts="Escape" onClick={onStop}>
              <Icon name="stop" />
              {t("chat.stop")}
              <span className="kbd" aria-hidden="true">
                Esc
              </span>
            </button>
          ) : (
            <button
              type="submit"
              className="send"
              aria-label={t("chat.send")}
              aria-busy={isSending || undefined}
              disabled={isEmpty || isSending || blocked !== null}
            >
              <Icon name="up" />
            </button>
          )}
        </div>
      </div>
    </form>
  );
}

interface ModelProps {
  conversationId: string | null;
  model: ModelRef | null;
  anchor: RefObject<HTMLElement | null>;
  /** Where one writes on once a model is chosen. */
  field: RefObject<HTMLElement | null>;
}

function Model({ conversationId, model, anchor, field }: ModelProps) {
  const { groups } = useModelGroups();
  const choose = useChooseModel(conversationId);
  const isOpen = usePicker((state) => state.isOpen);
  if (groups.length === 0) return null;
  const offered = model && findModel(groups, model);
  const name = offered?.model.name ?? model?.model ?? t("models.choose");
  return (
    <ModelPicker
      groups={groups}
      value={model}
      onChoose={choose}
      anchor={anchor}
      finalFocus={field}
      open={isOpen}
      onOpenChange={(next) => usePicker.setState({ isOpen: next })}
      trigger={
        <Button variant="ghost" className="composer__model" aria-label={t("models.current", { model: name })}>
          <span className={clsx("composer__modelname", !offered && "faint")}>{name}</span>
          <Icon name="chev-d" size="s" />
        </Button>
      }
    />
  );
}

interface SayProps {
  /** The length of a text that was too long to be taken. */
  refused: number | null;
  blocked: Blocked | null;
  draft: DraftField;
  conversationId: string | null;
  model: ModelRef | null;
  /** An answer is being written; the figure is for the message after it. */
  isNext: boolean;
}

/** Below the field: that the draft is not safe, why nothing can be sent, or about what the answer costs. */
function Say({ refused, blocked, draft, conversationId, model, isNext }: SayProps) {
  const { groups } = useModelGroups();
  const choose = useChooseModel(conversationId);
  const characters = draft.text.length;
  const estimate = useEstimate(conversationId, characters, blocked ? null : model);
  if (refused !== null) {
    const values = { length: format.count(refused), most: format.count(LONGEST_MESSAGE) };
    return <span role="status">{t("chat.tooLong", values)}</span>;
  }
  if (draft.isAtRisk) {
    return (
      <>
        {t("chat.draftAtRisk")}
        <TextButton className="composer__act" onClick={draft.keep}>
          {t("chat.saveAgain")}
        </TextButton>
        <TextButton className="composer__act" onClick={() => copyText(draft.text)}>
          {t("chat.copyDraft")}
        </TextButton>
      </>
    );
  }
  if (blocked) {
    const { reason, go, nearest } = blocked;
    const text = t(reason);
    if (nearest) {
      return (
        <button type="button" className="textbtn composer__fix" onClick={() => choose(nearest.model.model)}>
          {t("chat.blocked.nearest", { model: nearest.model.name, payer: payerName(nearest.payer) })}
        </button>
      );
    }
    if (go === null) return text;
    const act = () => (go === "models" ? openModelPicker() : navigate({ screen: "settings", section: go }));
    return (
      <button type="button" className="textbtn composer__fix" onClick={act}>
        {text}
      </button>
    );
  }
  const name = model && findModel(groups, model)?.model.name;
  if (!estimate || !name || (characters === 0 && !isNext)) return null;
  if (estimate.free) return t("chat.estimate.free", { model: name });
  if (estimate.amount === null) return t("chat.estimate.unknown", { model: name });
  const cost = format.estimate(estimate.amount);
  return isNext ? t("chat.estimate.next", { cost }) : t("chat.estimate.about", { cost, model: name });
}
