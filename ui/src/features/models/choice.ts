/**
 * Which model answers next. A conversation's choice is kept by the backend; that of a conversation not begun yet lives as
 * long as the window. A choice that is no longer offered stays the choice: nothing is swapped silently.
 */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { create } from "zustand";
import { bridge, type ModelGroupView, type ModelRef, queries } from "../../bridge";
import { toast } from "../../kit";
import { t } from "../../text";
import { firstModel } from "./offer";

const useNewChoice = create<{ model: ModelRef | null }>(() => ({ model: null }));

/** The model chosen for the next answer of a conversation, or of one not begun yet. */
export function useModelChoice(conversationId: string | null): ModelRef | null {
  const chosen = useNewChoice((state) => state.model);
  const { data: groups } = useQuery(queries.models);
  const { data: conversation } = useQuery({
    ...queries.conversation(conversationId ?? ""),
    enabled: conversationId !== null,
  });
  if (conversation?.model) return conversation.model;
  return chosen ?? firstModel(groups ?? []);
}

/** Chooses the model for the next answer. */
export function useChooseModel(conversationId: string | null): (model: ModelRef) => void {
  const client = useQueryClient();
  return (model) => {
    useNewChoice.setState({ model });
    if (conversationId === null) return;
    const { queryKey } = queries.conversation(conversationId);
    client.setQueryData(queryKey, (conversation) => conversation && { ...conversation, model });
    bridge.conversationsChooseModel(conversationId, model).catch(() => {
      toast({ title: t("models.notKept") });
      client.invalidateQueries({ queryKey });
    });
  };
}

/** What the keys offer; empty until it is known. */
export function useModelGroups(): { groups: readonly ModelGroupView[]; isKnown: boolean } {
  const { data } = useQuery(queries.models);
  return { groups: data ?? [], isKnown: data !== undefined };
}
