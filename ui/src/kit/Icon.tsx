/** An icon of the sprite. Decorative: the words beside it carry the meaning. */
import clsx from "clsx";
import { type GlyphName, glyphs } from "./glyphs";

interface IconProps {
  name: GlyphName;
  /** 14, 16 or 20 px. */
  size?: "s" | "m" | "l";
  className?: string;
}

export function Icon({ name, size = "m", className }: IconProps) {
  return (
    <svg className={clsx("i", size !== "m" && `i--${size}`, className)} viewBox="0 0 16 16" aria-hidden="true">
      {glyphs[name]}
    </svg>
  );
}
