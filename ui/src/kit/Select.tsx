/** Chooses one of a few. */
import { Select as Base } from "@base-ui/react/select";
import { Icon } from "./Icon";

interface Option<T extends string> {
  value: T;
  label: string;
}

interface SelectProps<T extends string> {
  /** Its accessible name, where no label points to `id`. */
  label?: string;
  id?: string;
  value: T;
  options: Option<T>[];
  onChange: (value: T) => void;
  disabled?: boolean;
}

export function Select<T extends string>({ label, id, value, options, onChange, disabled = false }: SelectProps<T>) {
  return (
    <Base.Root
      items={options}
      value={value}
      onValueChange={(next) => next !== null && onChange(next)}
      disabled={disabled}
    >
      <Base.Trigger className="select" id={id} aria-label={label}>
        <Base.Value />
        <Base.Icon>
          <Icon name="chev-ud" />
        </Base.Icon>
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner className="layer" alignItemWithTrigger={false} sideOffset={4} align="start">
          <Base.Popup className="popover menu select__list">
            {options.map((option) => (
              <Base.Item key={option.value} value={option.value} className="menu__item">
                <Base.ItemText className="grow">{option.label}</Base.ItemText>
                <Base.ItemIndicator>
                  <Icon name="check" size="s" />
                </Base.ItemIndicator>
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
