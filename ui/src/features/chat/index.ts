/** Conversations: asking, reading the answer as it comes, and what it cost. */
import type { ModelRef } from "../../bridge";
import type { Route } from "../../route";
import { useModelChoice } from "../models";

export { ChatScreen } from "./ChatScreen";
export { openModelPicker } from "./Composer";
export { NewConversationScreen } from "./NewConversationScreen";

/** The model that answers next on a screen: who pays follows from it. */
export const useChosenModel = (route: Route): ModelRef | null =>
  useModelChoice(route.screen === "conversation" ? route.id : null);
