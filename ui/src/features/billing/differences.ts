/** What is different between two versions of a text, by paragraphs. A function of its inputs. */

/** Paragraphs that are new, and those that are gone. */
export interface Differences {
  added: string[];
  removed: string[];
}

const paragraphs = (text: string): string[] =>
  text
    .split(/\n{2,}/)
    .map((paragraph) => paragraph.trim())
    .filter(Boolean);

export function differencesOf(before: string, after: string): Differences {
  const [old, now] = [paragraphs(before), paragraphs(after)];
  return {
    added: now.filter((paragraph) => !old.includes(paragraph)),
    removed: old.filter((paragraph) => !now.includes(paragraph)),
  };
}
