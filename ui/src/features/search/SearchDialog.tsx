/** The search over the window: a field, and what it finds as it is typed. Nothing is looked for elsewhere than on this computer. */
import { Autocomplete } from "@base-ui/react/autocomplete";
import { Dialog } from "@base-ui/react/dialog";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { queries } from "../../bridge";
import { Button, Icon } from "../../kit";
import { navigate } from "../../route";
import { t } from "../../text";
import { ErrorNote } from "../failures";
import { FoundRow } from "./FoundRow";
import { type Group, groupsOf, keyOf, type Row, recentOf } from "./found";
import { closeSearch, showMessage, useSearch } from "./search";
import "./search.css";

/** So many messages are shown, and so many more each time that older ones are asked for. */
const STEP = 30;
const LOOK_AGAIN_MS = 1000;

export default function SearchDialog() {
  const { isOpen } = useSearch();
  const field = useRef<HTMLInputElement>(null);
  // What is opened takes the focus itself; otherwise it goes back to where it was.
  const hasChosen = useRef(false);
  useEffect(() => {
    if (isOpen) hasChosen.current = false;
  }, [isOpen]);
  return (
    <Dialog.Root open={isOpen} onOpenChange={(next) => !next && closeSearch()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="scrim" />
        <Dialog.Popup
          className="dialog search"
          aria-label={t("search.title")}
          initialFocus={field}
          finalFocus={() => !hasChosen.current}
        >
          <Search
            field={field}
            onChosen={() => {
              hasChosen.current = true;
              closeSearch();
            }}
          />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

interface SearchProps {
  field: React.RefObject<HTMLInputElement | null>;
  onChosen: () => void;
}

function Search({ field, onChosen }: SearchProps) {
  const client = useQueryClient();
  const [typed, setTyped] = useState("");
  const [limit, setLimit] = useState(STEP);
  const isAsked = typed.trim() !== "";
  const { data: workspace } = useQuery(queries.workspace);
  const { data, error, refetch, isPlaceholderData } = useQuery({
    ...queries.search(typed, limit),
    enabled: isAsked,
    // The old rows stay until the new ones are there.
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.unindexed ? LOOK_AGAIN_MS : false),
  });
  const found = isAsked ? data : undefined;
  const groups = isAsked ? (found ? groupsOf(found) : []) : recentOf(workspace);
  const clear = () => {
    setTyped("");
    setLimit(STEP);
    field.current?.focus();
  };
  const choose = (row: Row) => {
    if (row.kind === "older") {
      setLimit(limit + STEP);
      return;
    }
    onChosen();
    if (row.kind === "message") showMessage(client, row.message);
    else if (row.kind === "conversation") navigate({ screen: "conversation", id: row.conversation.id });
    else navigate({ screen: "new", projectId: row.project.id });
  };
  const count = groups.reduce((sum, { items }) => sum + items.filter(({ kind }) => kind !== "older").length, 0);
  return (
    <Autocomplete.Root
      items={groups}
      mode="none"
      inline
      open
      autoHighlight="always"
      value={typed}
      onValueChange={(next, { reason }) => {
        // Choosing a row writes nothing into the field.
        if (reason === "item-press") return;
        setTyped(next);
        setLimit(STEP);
      }}
      itemToStringValue={keyOf}
    >
      <div className="search__field">
        <Icon name="search" />
        <Autocomplete.Input
          ref={field}
          aria-label={t("search.field")}
          placeholder={t("search.field")}
          maxLength={400}
          spellCheck={false}
        />
        <kbd className="kbd">Esc</kbd>
      </div>
      <Autocomplete.Status className="vh">
        {found && !isPlaceholderData ? t("search.found", { count, more: found.more ? "yes" : "no" }) : null}
      </Autocomplete.Status>
      {isAsked && error ? (
        <div className="search__none">
          <ErrorNote bare error={error} onRetry={refetch} />
        </div>
      ) : null}
      {groups.length === 0 && !error ? (
        <Nothing typed={typed} isKnown={!isAsked || found !== undefined} onClear={clear} />
      ) : null}
      <Autocomplete.List className="search__list" aria-label={t("search.results")} aria-busy={isPlaceholderData}>
        {(group: Group) => (
          <Autocomplete.Group key={group.label} items={group.items}>
            <Autocomplete.GroupLabel className="menu__head">{group.label}</Autocomplete.GroupLabel>
            <Autocomplete.Collection>
              {(row: Row) => <FoundRow key={keyOf(row)} row={row} onChoose={choose} />}
            </Autocomplete.Collection>
          </Autocomplete.Group>
        )}
      </Autocomplete.List>
      <div className="search__foot">
        {found && found.unindexed > 0 ? (
          <span>{t("search.unindexed", { count: found.unindexed })}</span>
        ) : (
          <>
            <span>
              <kbd className="kbd">↑↓</kbd> {t("search.move")}
            </span>
            <span>
              <kbd className="kbd">↵</kbd> {t("search.open")}
            </span>
            <span className="search__tip">{t("search.quotes")}</span>
          </>
        )}
      </div>
    </Autocomplete.Root>
  );
}

/** Nothing was found, or there is nothing to find yet. */
function Nothing({ typed, isKnown, onClear }: { typed: string; isKnown: boolean; onClear: () => void }) {
  // Finding takes a few milliseconds; there is nothing to show in between.
  if (!isKnown) return <div className="search__none" />;
  const isAsked = typed.trim() !== "";
  return (
    <div className="search__none">
      <h3>{isAsked ? t("search.none", { typed: typed.trim() }) : t("search.nothingYet")}</h3>
      <p className="quiet">{isAsked ? t("search.noneWhy") : t("search.nothingYetWhy")}</p>
      {isAsked ? <Button onClick={onClear}>{t("search.clear")}</Button> : null}
    </div>
  );
}
