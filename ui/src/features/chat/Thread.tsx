/**
 * The messages of a conversation. Only those near the window's view are in the document, whatever the length. The view
 * follows the end of a running answer only while the reader is there.
 */
import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import clsx from "clsx";
import { type KeyboardEvent, useEffect, useRef } from "react";
import type { MessageView, ModelRef } from "../../bridge";
import { Button } from "../../kit";
import { t } from "../../text";
import { AnswerTurn } from "./AnswerTurn";
import { useConversation } from "./conversation";
import { copyText } from "./copyText";
import { fateOf } from "./fate";
import { QuestionTurn } from "./QuestionTurn";

interface ThreadProps {
  messages: readonly MessageView[];
  /** The answer that is being written. */
  liveId: string | null;
  editing: string | null;
  /** Why another answer cannot be asked for now. */
  askBlocked: string | null;
  model: ModelRef | null;
  /** The message to show, where one was looked for. */
  at: { messageId: string } | null;
}

/** Nearer than this to the end counts as being there. */
const AT_END_PX = 48;
const GUESSED_HEIGHT = 160;

export function Thread({ messages, liveId, editing, askBlocked, model, at }: ThreadProps) {
  const { edit } = useConversation();
  const scroller = useRef<HTMLDivElement>(null);
  // The message that has the focus: it stays in the document however far it is scrolled away, or the keyboard would lose it.
  const held = useRef<string | null>(null);
  const list = useVirtualizer({
    count: messages.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => GUESSED_HEIGHT,
    getItemKey: (index) => messages[index]?.id ?? index,
    overscan: 4,
    paddingStart: 24,
    paddingEnd: 12,
    anchorTo: "end",
    scrollEndThreshold: AT_END_PX,
    rangeExtractor: (range) => withRow(defaultRangeExtractor(range), messages, held.current),
  });

  // A conversation opens at its end, and one's own question is shown once. Otherwise what is read stays where it is.
  const last = messages.at(-1)?.id;
  const shown = useRef<string | null | undefined>(undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the list is the same object throughout.
  useEffect(() => {
    const isOpening = shown.current === undefined;
    const isAsked = liveId !== null && last === liveId && shown.current !== liveId;
    if (isOpening || isAsked) {
      shown.current = liveId;
      if (isAsked || at === null) list.scrollToEnd();
    }
  }, [last, liveId]);
  // A message that was looked for is shown and takes the focus, each time that it is.
  // biome-ignore lint/correctness/useExhaustiveDependencies: when one is looked for, and only then.
  useEffect(() => {
    if (at) focusMessage(messages.findIndex(({ id }) => id === at.messageId));
  }, [at]);
  // The question to edit may be far above.
  // biome-ignore lint/correctness/useExhaustiveDependencies: when another question is opened, and only then.
  useEffect(() => {
    const at = messages.findIndex(({ id }) => id === editing);
    if (at !== -1) list.scrollToIndex(at, { align: "auto" });
  }, [editing]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const id = event.target instanceof HTMLElement ? event.target.dataset.message : undefined;
    const at = messages.findIndex((message) => message.id === id);
    const message = messages[at];
    const isEditable = message?.role === "user" && askBlocked === null;
    if (event.target === scroller.current && event.key === "ArrowUp") focusMessage(messages.length - 1);
    else if (event.target === scroller.current && event.key === "ArrowDown") focusMessage(list.range?.startIndex ?? 0);
    else if (message && event.key === "ArrowUp") focusMessage(at - 1);
    else if (message && event.key === "ArrowDown") focusMessage(at + 1);
    else if (message && event.key === "c") copyText(message.text);
    else if (isEditable && event.key === "e") edit(message.id);
    else return;
    event.preventDefault();
  };
  const focusMessage = (at: number) => {
    const message = messages[at];
    if (!message) return;
    list.scrollToIndex(at, { align: "auto" });
    requestAnimationFrame(() => {
      scroller.current?.querySelector<HTMLElement>(`[data-message="${CSS.escape(message.id)}"]`)?.focus();
    });
  };

  return (
    <div className="threadbox" data-region>
      <div
        ref={scroller}
        className="thread"
        role="log"
        aria-label={t("chat.conversation")}
        aria-busy={liveId !== null}
        // Pieces of an answer and messages scrolled into view are not spoken; the announcer says what is.
        aria-live="off"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls it.
        tabIndex={0}
        onKeyDown={onKeyDown}
        onFocus={({ target }) => {
          held.current = target.closest<HTMLElement>("[data-message]")?.dataset.message ?? null;
        }}
        onBlur={() => {
          held.current = null;
        }}
      >
        <div className="thread__all" style={{ height: list.getTotalSize() }}>
          {list.getVirtualItems().map((item) => {
            const message = messages[item.index];
            return message ? (
              <div
                key={item.key}
                ref={list.measureElement}
                data-index={item.index}
                className={clsx(
                  "thread__row",
                  item.index === messages.length - 1 && "thread__row--last",
                  message.id === at?.messageId && "thread__row--found",
                )}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                {message.role === "user" ? (
                  <QuestionTurn
                    message={message}
                    fate={fateOf(messages[item.index + 1])}
                    isEditing={editing === message.id}
                    editBlocked={askBlocked}
                    model={model}
                  />
                ) : (
                  <AnswerTurn
                    message={message}
                    newPayer={newPayer(messages, item.index)}
                    isLast={item.index === messages.length - 1}
                    isLive={message.id === liveId}
                    questionId={messages[item.index - 1]?.id ?? null}
                    askBlocked={askBlocked}
                  />
                )}
              </div>
            ) : null;
          })}
        </div>
      </div>
      {list.isAtEnd(AT_END_PX) ? null : (
        <Button className="thread__latest" size="s" icon="chev-d" onClick={() => list.scrollToEnd()}>
          {t("chat.jumpToLatest")}
        </Button>
      )}
    </div>
  );
}

/** Who is billed from an answer on, where that is another than for the answer before it. */
function newPayer(messages: readonly MessageView[], at: number): "user_key" | "plan" | null {
  const kind = messages[at]?.payer?.kind;
  const before = messages.slice(0, at).findLast(({ payer }) => payer !== null && payer.kind !== "nobody");
  if (kind === undefined || kind === "nobody" || !before) return null;
  return before.payer?.kind === kind ? null : kind;
}

/** The rows to draw, with that of one message among them. */
function withRow(rows: number[], messages: readonly MessageView[], id: string | null): number[] {
  const at = id === null ? -1 : messages.findIndex((message) => message.id === id);
  return at === -1 || rows.includes(at) ? rows : [...rows, at].sort((a, b) => a - b);
}
