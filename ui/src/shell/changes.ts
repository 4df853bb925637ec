/** Listens to the backend's changes and asks anew for what became stale. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { bridge, type Changed, staleAfter } from "../bridge";

/** What the backend changes by itself, also while the window starts and does not listen yet. */
const BY_ITSELF: readonly Changed[] = [
  { what: "account" },
  { what: "keys" },
  { what: "store" },
  { what: "workspace" },
  { what: "usage" },
];

export function useChanges(): void {
  const client = useQueryClient();
  useEffect(() => {
    const hear = (changed: Changed) => {
      for (const queryKey of staleAfter(changed)) client.invalidateQueries({ queryKey });
    };
    const listening = bridge.onChanged(hear);
    // From here on nothing is missed; what changed before is read again, once.
    listening.then(() => BY_ITSELF.forEach(hear));
    return () => {
      listening.then((stop) => stop());
    };
  }, [client]);
}
