/** Going back to the system's store did not work: what was found there. Keys stay where they are. */
import { useQuery } from "@tanstack/react-query";
import { queries, type StoreView } from "../../bridge";
import { Note } from "../../kit";
import { t } from "../../text";
import { needsAttention, wordsOf } from "./states";

/** `found` is the view that the attempt returned; nothing is said of a store that was taken into use. */
export function StoreRefusal({ found, inVault = false }: { found: StoreView; inVault?: boolean }) {
  const { data: start } = useQuery(queries.start);
  if (!needsAttention(found.state)) return null;
  const words = wordsOf(found.state, found, start?.os ?? "linux");
  return (
    <Note tone="warn" icon={words.icon} role="status" title={words.title}>
      <p>{t(inVault ? "store.staysInVault" : "store.staysInMemory", { name: found.name })}</p>
    </Note>
  );
}
