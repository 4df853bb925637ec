/** Asking, for a screen. What reads an answer is loaded with the first question, not with the window. */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import type { Ask, ModelRef, TurnView } from "../../bridge";

/** Sends a question, another answer or an edited question; settles when the backend has begun. */
export function useAsk(): (ask: Ask, model: ModelRef) => Promise<TurnView> {
  const client = useQueryClient();
  return useCallback(
    async (ask, model) => {
      const { asker } = await import("./ask");
      return asker(client)(ask, model);
    },
    [client],
  );
}
