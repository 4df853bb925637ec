/** One pattern for everything that needs an answer: an icon, a title, one or two sentences, up to three actions. */
import clsx from "clsx";
import type { ReactNode } from "react";
import type { GlyphName } from "./glyphs";
import { Icon } from "./Icon";
import { Spinner } from "./Spinner";

/** What a note is about: information, it works, it needs you soon, it stopped, it is yours. */
export type NoteTone = "info" | "ok" | "warn" | "bad" | "brass";

interface NoteProps {
  tone: NoteTone;
  title: ReactNode;
  icon?: GlyphName;
  /** Without a frame, under a field. */
  bare?: boolean;
  /** Something is under way. */
  busy?: boolean;
  /** `status` speaks politely when it appears, `alert` at once; none for what was there all along. */
  role?: "status" | "alert";
  id?: string;
  children?: ReactNode;
  actions?: ReactNode;
}

const toneIcon: Record<NoteTone, GlyphName> = { info: "info", ok: "check", warn: "warn", bad: "warn", brass: "key" };

export function Note({ tone, title, icon, bare = false, busy = false, role, id, children, actions }: NoteProps) {
  return (
    <div className={clsx("note", `note--${tone}`, bare && "note--bare")} role={role} id={id}>
      {busy ? <Spinner /> : <Icon name={icon ?? toneIcon[tone]} />}
      <span className="note__t">{title}</span>
      {children ? <div className="note__body">{children}</div> : null}
      {actions ? <div className="note__acts">{actions}</div> : null}
    </div>
  );
}
