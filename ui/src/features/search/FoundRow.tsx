/** A row of what was found: where it is, when it was, and the words around what was looked for. */
import { Autocomplete } from "@base-ui/react/autocomplete";
import { Fragment } from "react";
import type { PieceView } from "../../bridge";
import { Icon } from "../../kit";
import { format, t } from "../../text";
import type { Row } from "./found";

export function FoundRow({ row, onChoose }: { row: Row; onChoose: (row: Row) => void }) {
  const choose = () => onChoose(row);
  switch (row.kind) {
    case "project":
      return (
        <Autocomplete.Item className="menu__item search__row" value={row} onClick={choose}>
          <Icon name="folder" />
          <span className="search__line">
            <Pieces pieces={row.project.name} />
          </span>
        </Autocomplete.Item>
      );
    case "conversation": {
      const { title, project, updatedAt } = row.conversation;
      return (
        <Autocomplete.Item className="menu__item search__row" value={row} onClick={choose}>
          <Icon name="chat" />
          <span className="search__line">
            {title.length > 0 ? <Pieces pieces={title} /> : t("projects.untitled")}{" "}
            {project === null ? null : <span className="faint">{project}</span>}
          </span>
          <span className="search__day">{format.recentDay(updatedAt, Date.now())}</span>
        </Autocomplete.Item>
      );
    }
    case "message": {
      const { title, project, role, excerpt, createdAt } = row.message;
      return (
        <Autocomplete.Item className="menu__item search__row search__row--message" value={row} onClick={choose}>
          <Icon name="chat" />
          <span className="search__message">
            <span className="search__text">
              {role === "user" ? <span className="faint">{t("search.you")} </span> : null}
              <Pieces pieces={excerpt} />
            </span>
            <span className="search__place">
              {title || t("projects.untitled")}
              {project === null ? null : (
                <>
                  {" "}
                  <span aria-hidden="true">·</span> {project}
                </>
              )}
            </span>
          </span>
          <span className="search__day">{format.recentDay(createdAt, Date.now())}</span>
        </Autocomplete.Item>
      );
    }
    case "older":
      return (
        <Autocomplete.Item className="menu__item search__row" value={row} onClick={choose}>
          <Icon name="chev-d" />
          <span className="search__line">{t("search.older")}</span>
        </Autocomplete.Item>
      );
  }
}

/** Text with what was looked for marked. It may be in another direction than what stands around it. */
function Pieces({ pieces }: { pieces: PieceView[] }) {
  return (
    <bdi>
      {pieces.map(({ text, isHit }, at) => {
        // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no other identity and never move.
        return isHit ? <mark key={at}>{text}</mark> : <Fragment key={at}>{text}</Fragment>;
      })}
    </bdi>
  );
}
