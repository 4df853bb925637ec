/** A block of code: its language, a copy button, and colours once it is closed. */
import { memo, type ReactNode, useEffect, useState } from "react";

import { t } from "../../text";
import { CopyButton } from "./CopyButton";
import type { Coloured } from "./highlight";
import { Revealed } from "./Inline";
import { type Code, textOf } from "./tree";

/** Longer code keeps one colour: to colour it would hold up the window. */
const LONGEST_COLOURED = 12_000;
const MOST_REMEMBERED = 200;
const remembered = new Map<string, Coloured[] | null>();

export function CodeBlock({ code, caret }: { code: Code; caret: boolean }) {
  const coloured = useColours(code);
  return (
    <figure className="codeblock" dir="ltr">
      <figcaption className="codeblock__bar">
        <span>{code.language || t("markdown.code")}</span>
        <CopyButton text={() => textOf(code)} />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, and the keyboard must reach them. */}
      <pre tabIndex={0}>
        <code>
          {coloured
            ? coloured.map((stretch, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: code keeps its place.
                <Stretch key={index} stretch={stretch} />
              ))
            : code.chunks.map((chunk, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: lines keep their place.
                <Chunk key={index} text={index === 0 ? chunk : `\n${chunk}`} />
              ))}
          {caret ? <span className="caret" aria-hidden="true" /> : null}
        </code>
      </pre>
    </figure>
  );
}

const Chunk = memo(function Chunk({ text }: { text: string }): ReactNode {
  return (
    <span>
      <Revealed text={text} />
    </span>
  );
});

function Stretch({ stretch }: { stretch: Coloured }): ReactNode {
  if (stretch.colour === null) return <Revealed text={stretch.text} />;
  return (
    <span className={`code-${stretch.colour}`}>
      <Revealed text={stretch.text} />
    </span>
  );
}

/** The colours of closed code, found after it is on screen. */
function useColours(code: Code): Coloured[] | null {
  const text = code.closed && code.language !== "" ? textOf(code) : "";
  const wanted = text !== "" && text.length <= LONGEST_COLOURED;
  const name = wanted ? `${code.language}\n${text}` : "";
  const [found, setFound] = useState<{ name: string; coloured: Coloured[] | null } | null>(null);
  useEffect(() => {
    if (name === "" || remembered.has(name)) return;
    let current = true;
    import("./highlight").then(
      ({ highlight }) => {
        const coloured = highlight(code.language, text);
        if (remembered.size >= MOST_REMEMBERED) remembered.delete(remembered.keys().next().value ?? "");
        remembered.set(name, coloured);
        if (current) setFound({ name, coloured });
      },
      // Without its colours the code is still whole; there is nothing for the reader to do.
      () => remembered.set(name, null),
    );
    return () => {
      current = false;
    };
  }, [name, text, code.language]);
  if (name === "") return null;
  return remembered.get(name) ?? (found?.name === name ? found.coloured : null);
}
