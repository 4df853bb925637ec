/** A menu of actions, named after the thing that it acts on. */
import { cloneElement, lazy, Suspense, useState } from "react";
import type { MenuProps } from "./menuEntry";

const MenuLayer = lazy(() => import("./MenuLayer"));

export function Menu({ trigger, items }: MenuProps) {
  const [isWanted, setWanted] = useState(false);
  const closed = cloneElement(trigger, {
    "aria-haspopup": "menu",
    "aria-expanded": false,
    onClick: () => setWanted(true),
  });
  if (!isWanted) return closed;
  return (
    <Suspense fallback={closed}>
      <MenuLayer trigger={trigger} items={items} />
    </Suspense>
  );
}
