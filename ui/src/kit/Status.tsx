/** A status: a shape and a word; the colour only helps. */
import clsx from "clsx";
import type { ReactNode } from "react";
import type { GlyphName } from "./glyphs";
import { Icon } from "./Icon";

interface StatusProps {
  tone?: "ok" | "warn" | "bad" | "info";
  icon: GlyphName;
  children: ReactNode;
}

export function Status({ tone, icon, children }: StatusProps) {
  return (
    <span className={clsx("st", tone && `st--${tone}`)}>
      <Icon name={icon} />
      {children}
    </span>
  );
}
