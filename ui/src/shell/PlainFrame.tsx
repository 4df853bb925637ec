/** A window without side bar and status line: the first run, and what stands before it. */
import type { ReactNode } from "react";
import { AppTitle, Captions } from "./Captions";

export function PlainFrame({ children }: { children: ReactNode }) {
  return (
    <div className="window window--plain">
      <header className="bar bar--plain" data-tauri-drag-region>
        <AppTitle />
        <span className="grow" data-tauri-drag-region />
        <Captions />
      </header>
      <main className="plain">{children}</main>
    </div>
  );
}
