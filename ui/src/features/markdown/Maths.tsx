/** A formula as MathML elements; as it was written while it is being read, and where it cannot be read. */
import { createElement, type ReactNode, useEffect, useState } from "react";
import { t } from "../../text";
import type { MathsNode } from "./maths";

interface MathsProps {
  tex: string;
  /** Set off on its own line. */
  display: boolean;
  /** Inside a paragraph, where no block may stand. */
  inline?: boolean;
}

const MOST_REMEMBERED = 500;
const remembered = new Map<string, MathsNode | null>();

export function Maths({ tex, display, inline = false }: MathsProps) {
  const node = useFormula(tex, display);
  const Frame = inline ? "span" : "div";
  const content = node ? (
    elementOf(node, 0)
  ) : (
    <code dir="ltr" title={node === null ? t("markdown.formulaUnread") : undefined}>
      {tex}
    </code>
  );
  return (
    <Frame className={display ? "prose__maths prose__maths--display" : "prose__maths"} dir="ltr">
      {content}
    </Frame>
  );
}

/** The formula's tree; undefined while it is not known, null where it cannot be read. */
function useFormula(tex: string, display: boolean): MathsNode | null | undefined {
  const name = `${display ? "d" : "i"}${tex}`;
  const [, setRead] = useState(0);
  useEffect(() => {
    if (remembered.has(name)) return;
    let current = true;
    import("./maths").then(
      ({ formula }) => {
        if (remembered.size >= MOST_REMEMBERED) remembered.delete(remembered.keys().next().value ?? "");
        remembered.set(name, formula(tex, display));
        if (current) setRead((reads) => reads + 1);
      },
      () => remembered.set(name, null),
    );
    return () => {
      current = false;
    };
  }, [name, tex, display]);
  return remembered.get(name);
}

function elementOf(node: MathsNode, key: number): ReactNode {
  if (typeof node === "string") return node;
  return createElement(node.tag, { ...node.attributes, key }, ...node.children.map(elementOf));
}
