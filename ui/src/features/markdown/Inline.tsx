/** Text of the tree as elements. A link is a button that asks; an image is a word about where it would have come from. */
import { Fragment, type ReactNode } from "react";
import { Icon } from "../../kit";
import { t } from "../../text";
import { askToOpen } from "../links";
import { revealHidden } from "./hidden";
import { Maths } from "./Maths";
import type { Inline } from "./tree";

export function Inlines({ inlines }: { inlines: Inline[] }): ReactNode {
  return inlines.map((inline, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: text keeps its place.
    <Fragment key={index}>{inlineOf(inline, false)}</Fragment>
  ));
}

function inlineOf(inline: Inline, revealed: boolean): ReactNode {
  const children = (nodes: Inline[], reveal = revealed) =>
    nodes.map((node, index) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: text keeps its place.
      <Fragment key={index}>{inlineOf(node, reveal)}</Fragment>
    ));
  switch (inline.kind) {
    case "text":
      return revealed ? <Revealed text={inline.text} /> : inline.text;
    case "strong":
      return <strong>{children(inline.children)}</strong>;
    case "emphasis":
      return <em>{children(inline.children)}</em>;
    case "deleted":
      return <del>{children(inline.children)}</del>;
    case "code":
      return (
        <code dir="ltr">
          <Revealed text={inline.text} />
        </code>
      );
    case "maths":
      return <Maths tex={inline.tex} display={inline.display} inline />;
    case "break":
      return <br />;
    case "link":
      return (
        <button type="button" className="prose__link" title={inline.href} onClick={() => askToOpen(inline.href)}>
          {children(inline.children, true)}
        </button>
      );
    case "image":
      return (
        <span className="prose__image">
          <Icon name="file" size="s" />
          {inline.host === null
            ? t("markdown.imageEmbedded", { alt: inline.alt })
            : t("markdown.imageRemote", { host: inline.host, alt: inline.alt })}
        </span>
      );
    default:
      return inline satisfies never;
  }
}

/** Text in which hidden characters are seen. */
export function Revealed({ text }: { text: string }): ReactNode {
  return revealHidden(text).map((stretch, index) =>
    "text" in stretch ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: text keeps its place.
      <Fragment key={index}>{stretch.text}</Fragment>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: text keeps its place.
      <span key={index} className="prose__hidden" title={t("markdown.hidden")}>
        {stretch.hidden}
      </span>
    ),
  );
}
