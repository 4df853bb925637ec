/**
 * The conversations of a project, or of none, in the side bar: the newest ones and, wherever it stands, the one on screen; more of
 * them at a press. Thousands of rows would cost each start and each change their layout, and nobody reads that far: the search
 * finds what is older.
 */
import type { ConversationSummary } from "../../bridge";
import { Icon } from "../../kit";
import { useRoute } from "../../route";
import { format, t } from "../../text";
import { ConversationRow } from "./ConversationRow";
import { SHOWN_AT_FIRST, SHOWN_MORE, showMore, useList } from "./list";

interface ConversationListProps {
  /** Null for those of no project. */
  projectId: string | null;
  /** Newest first. */
  conversations: ConversationSummary[];
}

export function ConversationList({ projectId, conversations }: ConversationListProps) {
  const route = useRoute();
  const most = useList(({ shown }) => shown.get(projectId) ?? SHOWN_AT_FIRST);
  const open = route.screen === "conversation" ? route.id : null;
  const shown = conversations.filter(({ id }, at) => at < most || id === open);
  const rest = conversations.length - shown.length;
  const sub = projectId !== null;
  return (
    <ul>
      {shown.map((each) => (
        <ConversationRow key={each.id} conversation={each} sub={sub} />
      ))}
      {rest > 0 ? (
        <li className="side__row">
          <button
            type="button"
            data-roving
            className={sub ? "side__item side__item--sub" : "side__item"}
            onClick={() => showMore(projectId)}
          >
            {sub ? null : <Icon name="chev-d" />}
            <span className="quiet">
              {t("projects.more", { count: format.count(Math.min(rest, SHOWN_MORE)), rest: format.count(rest) })}
            </span>
          </button>
        </li>
      ) : null}
    </ul>
  );
}
