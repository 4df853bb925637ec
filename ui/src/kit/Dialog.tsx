/** Dialogs decide, sheets make. Both trap the focus, give it back, and close on Esc without any effect. */
import { Dialog as Base } from "@base-ui/react/dialog";
import { type ReactNode, type RefObject, useRef } from "react";
import { t } from "../text";
import { IconButton } from "./Button";

interface LayerProps {
  open: boolean;
  /** Esc, a press outside, or a close button. */
  onClose: () => void;
  title: ReactNode;
  children: ReactNode;
  /** Stays in view below the scrolling body. */
  foot?: ReactNode;
  /** Receives the focus first; otherwise the first control does. */
  initialFocus?: RefObject<HTMLElement | null>;
}

interface DialogProps extends LayerProps {
  size?: "m" | "l";
  /** The body begins with a heading of its own; the title is for screen readers. */
  isTitleHidden?: boolean;
}

/** A dialog in the centre: only for a decision that moves money, destroys something, or must be read. */
export function Dialog({
  open,
  onClose,
  title,
  children,
  foot,
  initialFocus,
  size = "m",
  isTitleHidden = false,
}: DialogProps) {
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="scrim" />
        <Base.Popup
          className={size === "l" ? "dialog dialog--l" : "dialog"}
          {...(initialFocus ? { initialFocus } : {})}
        >
          <div className="dialog__body">
            <Base.Title className={isTitleHidden ? "vh" : undefined}>{title}</Base.Title>
            {children}
          </div>
          {foot ? <div className="dialog__foot">{foot}</div> : null}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

/** A sheet at the right edge, for making something. It never covers the status line. */
export function Sheet({ open, onClose, title, children, foot, initialFocus }: LayerProps) {
  const body = useRef<HTMLDivElement>(null);
  const firstField = () => body.current?.querySelector<HTMLElement>("input, textarea, select, button") ?? null;
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="scrim scrim--sheet" />
        <Base.Popup className="sheet" initialFocus={initialFocus ?? firstField}>
          <div className="sheet__head">
            <Base.Title>{title}</Base.Title>
            <IconButton icon="x" label={t("kit.close")} onClick={onClose} />
          </div>
          <div className="sheet__body" ref={body}>
            {children}
          </div>
          {foot ? <div className="sheet__foot">{foot}</div> : null}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
