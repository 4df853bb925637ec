/** What a menu holds and what opens it. */
import type { ReactElement } from "react";
import type { ButtonProps } from "./Button";
import type { GlyphName } from "./glyphs";

/** An action, a menu inside the menu, or a line between groups. */
export type MenuEntry =
  | {
      /** Told apart by this where two have the same label. */
      id?: string;
      icon?: GlyphName;
      label: string;
      onSelect: () => void;
      /** Why it cannot be chosen now, shown in the item. */
      disabledReason?: string | null;
    }
  | { icon?: GlyphName; label: string; items: readonly MenuEntry[] }
  | "line";

export interface MenuProps {
  /** The button that opens it. */
  trigger: ReactElement<Pick<ButtonProps, "onClick" | "aria-haspopup" | "aria-expanded">>;
  items: readonly MenuEntry[];
}
