/**
 * The catalogue of messages: ICU MessageFormat, whole sentences with named parts. English is the source; another language is
 * another record of the same keys. A missing or misspelt part is a compile error.
 */
import { IntlMessageFormat } from "intl-messageformat";
import type { ReactNode } from "react";
import { en } from "./en";

/** The key of a message. */
export type MessageKey = keyof typeof en;

type Leaf<S extends string> = S extends `${infer Name}, ${"plural" | "select" | "number"}${string}`
  ? Leaf<Name>
  : S extends "" | `${string}${" " | "#" | "<"}${string}`
    ? never
    : S;
type Part<S extends string> = S extends `${infer Head}{${infer Tail}` ? Leaf<Head> | Part<Tail> : Leaf<S>;
type Named<S extends string> = S extends `${string}{${infer Inner}}${infer Rest}` ? Part<Inner> | Named<Rest> : never;
type Tagged<S extends string> = S extends `${string}</${infer Tag}>${infer Rest}` ? Tag | Tagged<Rest> : never;

/** The parts that a message names. */
export type Values<K extends MessageKey> = { [N in Named<(typeof en)[K]>]: string | number };
/** The parts and the `<tags>` of a message; a tag is a function from its text to what is drawn. */
export type RichValues<K extends MessageKey> = { [N in Named<(typeof en)[K]>]: ReactNode } & {
  [N in Tagged<(typeof en)[K]>]: (chunks: ReactNode[]) => ReactNode;
};
type Rest<V> = [keyof V] extends [never] ? [] : [values: V];

const formats = new Map<MessageKey, IntlMessageFormat>();

/** The language of the interface. */
export const locale = (): string => "en";

function formatOf(key: MessageKey): IntlMessageFormat {
  let format = formats.get(key);
  if (!format) {
    format = new IntlMessageFormat(en[key], locale());
    formats.set(key, format);
  }
  return format;
}

/** A message as text. */
export function t<K extends MessageKey>(key: K, ...[values]: Rest<Values<K>>): string {
  return String(formatOf(key).format(values));
}

/** A message with elements in it, such as a link inside a sentence. */
export function rich<K extends MessageKey>(key: K, values: RichValues<K>): ReactNode {
  return formatOf(key).format<ReactNode>(values as Record<string, ReactNode>) as ReactNode;
}
