/** Whether the search is open, and what is done with what it found. */
import type { QueryClient } from "@tanstack/react-query";
import { create } from "zustand";
import { bridge, type FoundMessageView, queries } from "../../bridge";
import { toast } from "../../kit";
import { navigate } from "../../route";
import { t } from "../../text";
import { codeOf } from "../failures";

/** Whether the search stands over the window. */
export const useSearch = create<{ isOpen: boolean }>(() => ({ isOpen: false }));

export const openSearch = (): void => useSearch.setState({ isOpen: true });
export const closeSearch = (): void => useSearch.setState({ isOpen: false });

/** Shows a message in its conversation, on whatever path it stands. */
export async function showMessage(client: QueryClient, { id, conversationId }: FoundMessageView): Promise<void> {
  try {
    const shown = await bridge.searchOpen(id);
    client.setQueryData(queries.conversation(conversationId).queryKey, shown);
    navigate({ screen: "conversation", id: conversationId, at: { messageId: id } });
  } catch (error) {
    const code = codeOf(error);
    if (code === "not_found") toast({ title: t("search.gone") });
    else if (code === "busy") toast({ title: t("search.otherVersion") });
    else toast({ title: t("search.failed", { code }) });
  }
}
