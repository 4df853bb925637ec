/**
 * Colours for code: a kept highlighter with the languages that answers are written in, loaded when the first closed block
 * needs it. It returns a tree of words and classes; nothing here makes markup.
 */
import type { Element, Root, Text } from "hast";
import bash from "highlight.js/lib/languages/bash";
import c from "highlight.js/lib/languages/c";
import cpp from "highlight.js/lib/languages/cpp";
import csharp from "highlight.js/lib/languages/csharp";
import css from "highlight.js/lib/languages/css";
import diff from "highlight.js/lib/languages/diff";
import dockerfile from "highlight.js/lib/languages/dockerfile";
import go from "highlight.js/lib/languages/go";
import ini from "highlight.js/lib/languages/ini";
import java from "highlight.js/lib/languages/java";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import kotlin from "highlight.js/lib/languages/kotlin";
import lua from "highlight.js/lib/languages/lua";
import makefile from "highlight.js/lib/languages/makefile";
import markdown from "highlight.js/lib/languages/markdown";
import php from "highlight.js/lib/languages/php";
import powershell from "highlight.js/lib/languages/powershell";
import python from "highlight.js/lib/languages/python";
import r from "highlight.js/lib/languages/r";
import ruby from "highlight.js/lib/languages/ruby";
import rust from "highlight.js/lib/languages/rust";
import scss from "highlight.js/lib/languages/scss";
import shell from "highlight.js/lib/languages/shell";
import sql from "highlight.js/lib/languages/sql";
import swift from "highlight.js/lib/languages/swift";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";
import { createLowlight } from "lowlight";

const lowlight = createLowlight({
  bash,
  c,
  cpp,
  csharp,
  css,
  diff,
  dockerfile,
  go,
  ini,
  java,
  javascript,
  json,
  kotlin,
  lua,
  makefile,
  markdown,
  php,
  powershell,
  python,
  r,
  ruby,
  rust,
  scss,
  shell,
  sql,
  swift,
  typescript,
  xml,
  yaml,
});

/** The six colours of code in the design, by its token names. */
export type CodeColour = "key" | "str" | "type" | "fn" | "num" | "rem";
/** A stretch of code in one colour, or in none. */
export interface Coloured {
  text: string;
  colour: CodeColour | null;
}

const COLOURS: Readonly<Record<string, CodeColour>> = {
  keyword: "key",
  "selector-tag": "key",
  meta: "key",
  doctag: "key",
  "template-tag": "key",
  section: "fn",
  string: "str",
  regexp: "str",
  link: "str",
  addition: "str",
  char_escape: "str",
  subst: "fn",
  type: "type",
  class: "type",
  built_in: "type",
  title_class: "type",
  "selector-class": "type",
  "selector-id": "type",
  title: "fn",
  title_function: "fn",
  function_: "fn",
  name: "type",
  tag: "fn",
  attr: "fn",
  attribute: "fn",
  property: "fn",
  number: "num",
  literal: "num",
  symbol: "num",
  bullet: "num",
  deletion: "num",
  variable_constant: "num",
  comment: "rem",
  quote: "rem",
};

function colourOf(element: Element): CodeColour | null {
  const classes = element.properties["className"];
  if (!Array.isArray(classes)) return null;
  const names = classes.map((name) => String(name).replace(/^hljs-/, ""));
  // "hljs-title class_" is a narrower kind of title.
  const narrow = names.length > 1 ? COLOURS[`${names[0]}_${names[1]?.replace(/_$/, "")}`] : undefined;
  return narrow ?? COLOURS[names[0] ?? ""] ?? null;
}

function collect(node: Root | Element, colour: CodeColour | null, into: Coloured[]): void {
  for (const child of node.children as (Element | Text)[]) {
    if (child.type === "text") into.push({ text: child.value, colour });
    else if (child.type === "element") collect(child, colourOf(child) ?? colour, into);
  }
}

/** The rules of some languages take the square of the length for code that means harm: after that, only short code is coloured. */
const PATIENCE_MS = 250;
const SHORT = 2_000;
const slow = new Set<string>();

/** Stretches of the code in their colours, or null where it keeps one: in a language that is not known here, for instance. */
export function highlight(language: string, code: string): Coloured[] | null {
  const name = language.toLowerCase();
  // A file's name tells its language by its ending.
  const known = [name, name.split(".").at(-1) ?? ""].find((candidate) => lowlight.registered(candidate));
  if (!known || (slow.has(known) && code.length > SHORT)) return null;
  const began = performance.now();
  const stretches: Coloured[] = [];
  try {
    collect(lowlight.highlight(known, code), null, stretches);
  } catch (error) {
    // The rules recurse with the nesting of the code.
    if (error instanceof RangeError) return null;
    throw error;
  }
  if (performance.now() - began > PATIENCE_MS) slow.add(known);
  return stretches;
}
