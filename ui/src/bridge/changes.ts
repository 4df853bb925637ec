/** What the backend says became stale, as query keys. */
import type { QueryKey } from "@tanstack/react-query";
import type { Changed } from "./bindings";

/** The query keys that a change makes stale; every kind of change is answered. */
export function staleAfter(changed: Changed): QueryKey[] {
  switch (changed.what) {
    case "keys":
      return [["keys"], ["models"], ["estimate"]];
    case "store":
      // Whether a key's models can answer depends on the store that holds it.
      return [["keys"], ["models"]];
    case "workspace":
      return [["workspace"], ["search"]];
    case "conversation":
      return [["conversation", changed.id], ["estimate", changed.id], ["workspace"]];
    case "usage":
      return [["totals"], ["keys"], ["workspace"], ["wallet"], ["lastMonth"]];
    case "account":
      // Which keys are listed, and what may be asked, depends on whose this computer is.
      return [["account"], ["seats"], ["billing"], ["subscription"], ["wallet"], ["keys"], ["models"]];
    case "billing":
      return [["billing"], ["subscription"], ["wallet"], ["lastMonth"], ["models"]];
    case "preferences":
      return [["preferences"]];
    case "everything":
      // The empty key begins every key.
      return [[]];
    default:
      return changed satisfies never;
  }
}
