/** Listens to the backend's changes and asks anew for what became stale. */
import { type QueryClient, type QueryKey, useQueryClient } from "@tanstack/react-query";
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

/** Asks anew, and once more for what is read for the first time meanwhile: invalidating waits for that first answer, which may be from before the change. */
function askAnew(client: QueryClient, queryKey: QueryKey): void {
  const first = client
    .getQueryCache()
    .findAll({ queryKey, fetchStatus: "fetching", predicate: ({ state }) => state.data === undefined });
  client.invalidateQueries({ queryKey });
  for (const query of first) {
    const again = () => client.invalidateQueries({ queryKey: query.queryKey, exact: true });
    query.promise?.then(again, again);
  }
}

export function useChanges(): void {
  const client = useQueryClient();
  useEffect(() => {
    const hear = (changed: Changed) => {
      for (const queryKey of staleAfter(changed)) askAnew(client, queryKey);
    };
    const listening = bridge.onChanged(hear);
    // From here on nothing is missed; what changed before is read again, once.
    listening.then(() => BY_ITSELF.forEach(hear));
    return () => {
      listening.then((stop) => stop());
    };
  }, [client]);
}
