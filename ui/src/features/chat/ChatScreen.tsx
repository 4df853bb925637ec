/** A conversation's screen. What shows Markdown is loaded when the first conversation is opened, not with the window. */
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { queries } from "../../bridge";
import { ErrorNote } from "../failures";
import { useLiveId } from "./turns";
import "./chat.css";

const Conversation = lazy(() => import("./Conversation"));

/** How often an answer is read again that was begun before this window could listen to it. */
const LOOK_AGAIN_MS = 1000;

interface ChatScreenProps {
  conversationId: string;
  /** The message to show, where one was looked for. */
  at: { messageId: string } | null;
}

export function ChatScreen({ conversationId, at }: ChatScreenProps) {
  const liveId = useLiveId(conversationId);
  const { data, error, refetch } = useQuery({
    ...queries.conversation(conversationId),
    refetchInterval: ({ state }) => (state.data?.turnId && liveId === null ? LOOK_AGAIN_MS : false),
  });
  if (!data && error) {
    return (
      <div className="page">
        <div className="page__in">
          <ErrorNote error={error} onRetry={refetch} />
        </div>
      </div>
    );
  }
  // Opening takes a few milliseconds; there is nothing to show in between.
  const empty = <div className="threadbox" />;
  return data ? (
    <Suspense fallback={empty}>
      <Conversation key={data.id} conversation={data} at={at} />
    </Suspense>
  ) : (
    empty
  );
}
