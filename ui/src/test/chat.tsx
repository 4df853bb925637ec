/** The screens of conversations over the in-memory backend, without the rest of the window. */
import { QueryClientProvider, useQueryClient } from "@tanstack/react-query";
import { act, render, screen } from "@testing-library/react";
import { useEffect } from "react";
import { bridge, queries, staleAfter } from "../bridge";
import { loadScenario, state } from "../bridge/fake";
import type { ScenarioName } from "../bridge/fake/scenarios";
import type { State } from "../bridge/fake/state";
import { ChatScreen, NewConversationScreen } from "../features/chat";
import { forgetDrafts } from "../features/chat/drafts";
import { ToastRegion } from "../kit";
import { queryClient } from "../queryClient";
import { navigate, useRoute } from "../route";

function Screen() {
  const route = useRoute();
  const client = useQueryClient();
  useEffect(() => {
    const listening = bridge.onChanged((changed) => {
      for (const queryKey of staleAfter(changed)) client.invalidateQueries({ queryKey });
    });
    return () => {
      listening.then((stop) => stop());
    };
  }, [client]);
  if (route.screen === "conversation")
    return <ChatScreen key={route.id} conversationId={route.id} at={route.at ?? null} />;
  if (route.screen === "new") return <NewConversationScreen projectId={route.projectId} />;
  return <p>settings {JSON.stringify(route)}</p>;
}

/** Opens a conversation, or one that has not begun. */
export async function show(scenario: ScenarioName, conversationId: string | null, more: Partial<State> = {}) {
  loadScenario(scenario, more);
  forgetDrafts();
  navigate(conversationId ? { screen: "conversation", id: conversationId } : { screen: "new", projectId: null });
  const client = queryClient();
  client.setQueryData(queries.start.queryKey, await bridge.start());
  render(
    <QueryClientProvider client={client}>
      <Screen />
      <ToastRegion />
    </QueryClientProvider>,
  );
  return client;
}

/** The field for the next message. */
export const field = () => screen.findByRole("textbox", { name: "Your message" });

/** A conversation as the backend keeps it. */
export const conversation = (id: string) => state.conversations.find((each) => each.id === id);

/** Ends every running answer, so that no test hears of another's. */
export function stopAll(): void {
  act(() => {
    for (const turn of [...state.turns.values()]) turn.stop();
  });
}
