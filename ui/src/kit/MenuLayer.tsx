/** The open menu: loaded when the first one is opened, so that a long list of rows costs nothing. */
import { Menu as Base } from "@base-ui/react/menu";
import { Icon } from "./Icon";
import type { MenuEntry, MenuProps } from "./menuEntry";

export default function MenuLayer({ trigger, items }: MenuProps) {
  return (
    <Base.Root defaultOpen>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner className="layer" align="end" sideOffset={4}>
          <Base.Popup className="popover menu">
            <Entries items={items} />
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

function Entries({ items }: { items: readonly MenuEntry[] }) {
  return items.map((entry, index) => {
    if (entry === "line") {
      // biome-ignore lint/suspicious/noArrayIndexKey: lines have no name of their own and never move.
      return <Base.Separator key={index} className="menu__line" />;
    }
    if ("items" in entry) {
      return (
        <Base.SubmenuRoot key={entry.label}>
          <Base.SubmenuTrigger className="menu__item">
            {entry.icon ? <Icon name={entry.icon} size="s" /> : null}
            <span className="grow">{entry.label}</span>
            <Icon name="chev-r" size="s" />
          </Base.SubmenuTrigger>
          <Base.Portal>
            <Base.Positioner className="layer" align="start" sideOffset={4} alignOffset={-6}>
              <Base.Popup className="popover menu">
                <Entries items={entry.items} />
              </Base.Popup>
            </Base.Positioner>
          </Base.Portal>
        </Base.SubmenuRoot>
      );
    }
    return (
      <Base.Item
        key={entry.id ?? entry.label}
        className="menu__item"
        disabled={Boolean(entry.disabledReason)}
        onClick={entry.onSelect}
      >
        {entry.icon ? <Icon name={entry.icon} size="s" /> : null}
        <span className="grow">{entry.label}</span>
        {entry.disabledReason ? <span className="small faint">{entry.disabledReason}</span> : null}
      </Base.Item>
    );
  });
}
