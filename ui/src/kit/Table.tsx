/** A table with a name; its head and body are plain rows. */
import type { ReactNode } from "react";

interface TableProps {
  /** Its name for screen readers. */
  caption: string;
  head: ReactNode;
  children: ReactNode;
}

export function Table({ caption, head, children }: TableProps) {
  return (
    <div className="table__scroll">
      <table className="table">
        <caption className="vh">{caption}</caption>
        <thead>
          <tr>{head}</tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
