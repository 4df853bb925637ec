/**
 * A text that grows, in which what the reader selected stays selected. The document's rules take a selection's ends back to the
 * beginning of a piece of text that is written anew; where the piece only grew, they are put back to where they were.
 */
import { Component, createRef, type ReactNode } from "react";

interface Ends {
  anchor: Node;
  anchorOffset: number;
  focus: Node;
  focusOffset: number;
}

interface GrowingTextProps {
  as: "div" | "p";
  className?: string;
  children: ReactNode;
}

export class GrowingText extends Component<GrowingTextProps> {
  private readonly box = createRef<HTMLDivElement & HTMLParagraphElement>();

  override getSnapshotBeforeUpdate(): Ends | null {
    const selection = document.getSelection();
    if (!selection?.anchorNode || !selection.focusNode || selection.isCollapsed) return null;
    const { anchorNode: anchor, anchorOffset, focusNode: focus, focusOffset } = selection;
    const isHere = this.box.current?.contains(anchor) || this.box.current?.contains(focus);
    return isHere ? { anchor, anchorOffset, focus, focusOffset } : null;
  }

  override componentDidUpdate(_props: unknown, _state: unknown, before: Ends | null): void {
    const selection = document.getSelection();
    if (!before || !selection) return;
    const { anchor, anchorOffset, focus, focusOffset } = before;
    const isAsBefore =
      selection.anchorNode === anchor &&
      selection.anchorOffset === anchorOffset &&
      selection.focusNode === focus &&
      selection.focusOffset === focusOffset;
    if (isAsBefore || !holds(anchor, anchorOffset) || !holds(focus, focusOffset)) return;
    selection.setBaseAndExtent(anchor, anchorOffset, focus, focusOffset);
  }

  override render() {
    const { as: Element, className, children } = this.props;
    return (
      <Element ref={this.box} className={className} dir="auto">
        {children}
      </Element>
    );
  }
}

/** Whether this place is still there. */
function holds(node: Node, offset: number): boolean {
  const length = node instanceof CharacterData ? node.length : node.childNodes.length;
  return node.isConnected && offset <= length;
}
