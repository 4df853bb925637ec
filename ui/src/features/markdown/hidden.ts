/**
 * Characters that change what is read without being seen: direction overrides, zero-width characters and Unicode tag
 * characters. In code and links they are shown as marks, so that what is copied or opened is what was read.
 */

/** More of them in one text are written into it: an element for each would hold up the window. */
const MOST_MARKS = 500;

const HIDDEN =
  /[\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

/** A stretch of text: visible as it is, or one hidden character by its code point, such as `U+202E`. */
export type Stretch = { text: string } | { hidden: string };

/** The stretches of a text. A text without hidden characters is one stretch. */
export function revealHidden(text: string): Stretch[] {
  const stretches: Stretch[] = [];
  let from = 0;
  for (const found of text.matchAll(HIDDEN)) {
    if (stretches.length >= 2 * MOST_MARKS) break;
    if (found.index > from) stretches.push({ text: text.slice(from, found.index) });
    stretches.push({ hidden: codePointOf(found[0]) });
    from = found.index + found[0].length;
  }
  if (from < text.length || stretches.length === 0) {
    stretches.push({ text: text.slice(from).replace(HIDDEN, (hidden) => `[${codePointOf(hidden)}]`) });
  }
  return stretches;
}

function codePointOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}
