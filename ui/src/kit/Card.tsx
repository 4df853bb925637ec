/** A choice card: one radio of a group, with what choosing it means. The whole card is the hit area. */
import { type ReactNode, useId } from "react";
import type { GlyphName } from "./glyphs";
import { Icon } from "./Icon";

interface CardProps {
  /** The name that joins the radios of one group. */
  group: string;
  checked: boolean;
  onChoose: () => void;
  title: ReactNode;
  /** One sentence below the title. */
  lede?: ReactNode;
  icon?: GlyphName;
  /** A mark at the right of the title, such as "In use". */
  mark?: ReactNode;
  /** Price and consequences; they describe the radio. */
  children?: ReactNode;
  compact?: boolean;
}

export function Card({ group, checked, onChoose, title, lede, icon, mark, children, compact = false }: CardProps) {
  const id = useId();
  return (
    <div className={compact ? "card card--compact" : "card"}>
      <div className="card__top">
        <input
          className="radio"
          id={id}
          type="radio"
          name={group}
          checked={checked}
          onChange={onChoose}
          aria-describedby={`${id}-facts`}
        />
        <div className="grow">
          <label className="card__hit card__title" htmlFor={id}>
            {title}
          </label>
          {lede ? <span className="quiet">{lede}</span> : null}
        </div>
        {mark}
        {icon ? <Icon name={icon} size="l" /> : null}
      </div>
      <div id={`${id}-facts`} className="card__facts">
        {children}
      </div>
    </div>
  );
}
