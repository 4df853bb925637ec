/** The list of models, grouped by who is billed, with prices. What cannot answer now stays listed with the cause. */
import { Combobox } from "@base-ui/react/combobox";
import { type ReactElement, type RefObject, useState } from "react";
import type { ErrorCode, ModelGroupView, ModelRef } from "../../bridge";
import { Icon, Status } from "../../kit";
import { keyLabel, shortcuts } from "../../shortcuts";
import { format, t } from "../../text";
import { errors } from "../../text/errors";
import { isSame, type Offered, offerOf } from "./offer";
import { payerName, sourceOf } from "./payerName";

export interface ModelPickerProps {
  groups: readonly ModelGroupView[];
  value: ModelRef | null;
  onChoose: (model: ModelRef) => void;
  /** The button that opens it. */
  trigger: ReactElement;
  open?: boolean;
  /** Where `open` is not told: whether it is open from the start. */
  defaultOpen?: boolean;
  onOpenChange?: (open: boolean) => void;
  /** What the list stands above; the button where nothing else is told. */
  anchor?: RefObject<HTMLElement | null>;
  /** Where the focus goes when it closes; the button where nothing else is told. */
  finalFocus?: RefObject<HTMLElement | null>;
}

const DAY_MS = 86_400_000;

interface Group {
  group: ModelGroupView;
  items: Offered[];
}

export default function ModelList({
  groups,
  value,
  onChoose,
  trigger,
  open,
  defaultOpen = false,
  onOpenChange,
  anchor,
  finalFocus,
}: ModelPickerProps) {
  // What is typed filters until the list opens or closes. The library empties the field only once the list has faded
  // out; in a window whose clock had been moved it did not, and what was typed next found nothing.
  const [typed, setTyped] = useState("");
  const items: Group[] = groups.map((group) => ({
    group,
    items: group.models.map((model) => offerOf(group, model)),
  }));
  const chosen = value && items.flatMap((each) => each.items).find(({ model }) => isSame(model.model, value));
  return (
    <Combobox.Root
      items={items}
      value={chosen ?? null}
      onValueChange={(next) => next && onChoose(next.model.model)}
      isItemEqualToValue={(a, b) => isSame(a.model.model, b.model.model)}
      itemToStringLabel={(item) => item.model.name}
      itemToStringValue={(item) => item.model.model.model}
      filter={matches}
      autoHighlight
      inputValue={typed}
      onInputValueChange={(next, { reason }) => setTyped(reason === "input-change" ? next : "")}
      {...(open === undefined ? { defaultOpen } : { open })}
      onOpenChange={(next) => {
        setTyped("");
        onOpenChange?.(next);
      }}
    >
      <Combobox.Trigger render={trigger} />
      <Combobox.Portal>
        <Combobox.Positioner
          className="layer"
          side="top"
          align="start"
          sideOffset={8}
          alignOffset={anchor ? 8 : 0}
          {...(anchor ? { anchor } : {})}
        >
          <Combobox.Popup
            className="popover models"
            aria-label={t("models.title")}
            {...(finalFocus ? { finalFocus } : {})}
          >
            <div className="models__filter">
              <Icon name="search" />
              <Combobox.Input aria-label={t("models.filter")} placeholder={t("models.filter")} />
              <span className="kbd">{keyLabel(shortcuts.switchModel.keys)}</span>
            </div>
            <Combobox.Empty className="models__empty">{t("models.noneMatch")}</Combobox.Empty>
            <Combobox.List className="models__list">
              {(each: Group, index: number) => (
                <Combobox.Group key={sourceOf(each.group.payer)} items={each.items}>
                  <Combobox.GroupLabel className="menu__head">
                    <span>
                      {payerName(each.group.payer)} <Age fetchedAt={each.group.fetchedAt} />
                    </span>
                    <GroupState group={each.group} isFirst={index === 0} />
                  </Combobox.GroupLabel>
                  <Combobox.Collection>
                    {(item: Offered) => <ModelItem key={item.model.model.model} item={item} />}
                  </Combobox.Collection>
                </Combobox.Group>
              )}
            </Combobox.List>
          </Combobox.Popup>
        </Combobox.Positioner>
      </Combobox.Portal>
    </Combobox.Root>
  );
}

function ModelItem({ item }: { item: Offered }) {
  const { name, contextWindow } = item.model;
  return (
    <Combobox.Item className="menu__item" value={item} disabled={item.unavailable !== null}>
      <span className="models__check">
        <Combobox.ItemIndicator className="is-brass">
          <Icon name="check" />
        </Combobox.ItemIndicator>
      </span>
      <span className="grow">{name}</span>
      {contextWindow === null ? null : (
        <span className="small faint num" title={t("models.reads", { count: contextWindow })}>
          {format.compactCount(contextWindow)}
        </span>
      )}
      <span className="models__price num small">{priceOf(item)}</span>
    </Combobox.Item>
  );
}

/** Of what day the list is, where it is older than a day. */
function Age({ fetchedAt }: { fetchedAt: number | null }) {
  if (fetchedAt === null || Date.now() - fetchedAt < DAY_MS) return null;
  return <span className="models__age">{t("models.listed", { day: format.shortDay(fetchedAt) })}</span>;
}

function GroupState({ group, isFirst }: { group: ModelGroupView; isFirst: boolean }) {
  const failure = group.unavailable ?? group.trouble;
  if (failure) {
    const { code } = failure;
    return (
      <Status tone="bad" icon={errors[code].icon}>
        {shortCause(code)}
      </Status>
    );
  }
  if (group.models.length === 0) return <span>{t("models.noneListed")}</span>;
  return isFirst && group.payer.kind !== "nobody" ? <span>{t("models.perMillion")}</span> : null;
}

function priceOf({ model, payer }: Offered): string {
  if (payer.kind === "nobody") return t("models.free");
  if (model.inputPrice === null || model.outputPrice === null) return t("models.priceUnknown");
  return t("models.price", {
    input: format.pricePerMillion(model.inputPrice),
    output: format.pricePerMillion(model.outputPrice),
  });
}

function matches(item: Offered, query: string): boolean {
  const text = `${item.model.name} ${item.model.model.model} ${payerName(item.payer)}`.toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** The cause in a word or two. */
function shortCause(code: ErrorCode): string {
  switch (code) {
    case "out_of_credit":
      return t("models.outOfFunds");
    case "billing_problem":
    case "billing_required":
      return t("models.billingStopped");
    case "spend_limit":
    case "usage_limit":
    case "daily_quota":
    case "rate_limited":
      return t("models.limitReached");
    case "credential_store":
      return t("models.keyOutOfReach");
    case "offline":
      return t("models.offline");
    case "other_mode":
      return t("models.otherMode");
    case "platform_unreachable":
      return t("models.waitsForPlatform");
    case "sign_in_needed":
    case "licence_lapsed":
    case "licence_revoked":
    case "entitlement_reached":
      return t("models.waitsForLicence");
    default:
      return errors[code].side === "key" ? t("models.keyRefused") : t("models.notAnswering");
  }
}
