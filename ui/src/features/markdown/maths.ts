/**
 * Formulas: KaTeX with every command off that could reach out of the formula, as a tree of allowed MathML elements. What
 * it cannot read is null and stays visible as it was written.
 */
import katex from "katex";
import "./maths.css";

/** An allowed MathML element with allowed attributes, or text. */
export type MathsNode = string | { tag: string; attributes: Record<string, string>; children: MathsNode[] };

const ELEMENTS = new Set(
  (
    "math semantics annotation mrow mi mo mn ms mtext mspace msup msub msubsup mmultiscripts mprescripts mfrac msqrt mroot " +
    "munder mover munderover mtable mtr mtd mlabeledtr mpadded mphantom menclose mstyle"
  ).split(" "),
);
const ATTRIBUTES = new Set(
  (
    "display mathvariant mathsize mathcolor stretchy fence separator accent accentunder lspace rspace width height depth " +
    "voffset minsize maxsize linethickness columnalign columnspacing columnlines rowspacing rowlines displaystyle " +
    "scriptlevel notation movablelimits largeop symmetric encoding"
  ).split(" "),
);

function allowed(node: Node): MathsNode[] {
  if (node.nodeType === Node.TEXT_NODE) return [node.textContent ?? ""];
  if (!(node instanceof Element)) return [];
  const children = [...node.childNodes].flatMap(allowed);
  const tag = node.localName;
  if (!ELEMENTS.has(tag)) return children;
  const attributes: Record<string, string> = {};
  for (const { name, value } of node.attributes) {
    if (ATTRIBUTES.has(name)) attributes[name] = value;
  }
  return [{ tag, attributes, children }];
}

/** The formula as a tree, or null where KaTeX cannot read it. */
export function formula(tex: string, display: boolean): MathsNode | null {
  const place = document.createElement("span");
  try {
    katex.render(tex, place, {
      output: "mathml",
      displayMode: display,
      trust: false,
      strict: "ignore",
      throwOnError: true,
      maxSize: 20,
      maxExpand: 200,
    });
  } catch (error) {
    if (error instanceof katex.ParseError || error instanceof RangeError) return null;
    throw error;
  }
  return allowed(place).find((node) => typeof node !== "string") ?? null;
}
