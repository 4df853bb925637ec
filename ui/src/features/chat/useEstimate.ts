/** About what the next answer costs, asked for when typing pauses. An estimate is always called one. */
import { type QueryKey, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type EstimateView, type ModelRef, queries } from "../../bridge";

const PAUSE_MS = 250;
const NO_MODEL: ModelRef = { keyId: "", model: "" };

/** The estimate for a text of this length, or null while there is none. */
export function useEstimate(
  conversationId: string | null,
  characters: number,
  model: ModelRef | null,
): EstimateView | null {
  const rested = useRested(characters);
  const options = queries.estimate(conversationId, model ?? NO_MODEL, rested ?? 0);
  const { data } = useQuery({
    ...options,
    enabled: model !== null && rested !== null,
    // While the next one is asked for, the last one of the same conversation and model stands.
    placeholderData: (last: EstimateView | undefined, query) =>
      query && isOfSame(query.queryKey, options.queryKey) ? last : undefined,
  });
  // Without an estimate the place stays empty; sending says what is wrong.
  return (model && data) ?? null;
}

const isOfSame = (a: QueryKey, b: QueryKey): boolean => a.slice(0, -1).every((part, at) => part === b[at]);

/** The value once it has not changed for a moment. */
function useRested(value: number): number | null {
  const [rested, setRested] = useState<number | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return rested;
}
