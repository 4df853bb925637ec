/** The backend's state as queries. Keys are listed here once; `changes.ts` says which of them a change makes stale. */
import { queryOptions } from "@tanstack/react-query";
import { bridge } from "#backend";
import type { ModelRef } from "./bindings";

/** Everything for the first paint; asked once. */
export const start = queryOptions({
  queryKey: ["start"],
  queryFn: () => bridge.start(),
});
/** The window's own preferences; known from the start on. */
export const preferences = queryOptions({
  queryKey: ["preferences"],
  queryFn: async () => (await bridge.start()).preferences,
});
/** Mode, plans and terms. */
export const billing = queryOptions({ queryKey: ["billing"], queryFn: () => bridge.billingView() });
/** Whose this computer is, and its licence. */
export const account = queryOptions({ queryKey: ["account"], queryFn: () => bridge.accountView() });
/** The plan, as the platform says now. */
export const subscription = queryOptions({ queryKey: ["subscription"], queryFn: () => bridge.subscriptionView() });
/** The computers of the account. */
export const seats = queryOptions({ queryKey: ["seats"], queryFn: () => bridge.seatsView() });
/** What is left of vendor-billed use. */
export const wallet = queryOptions({ queryKey: ["wallet"], queryFn: () => bridge.walletView() });
/** What last month's calls came to in each mode. */
export const lastMonth = queryOptions({ queryKey: ["lastMonth"], queryFn: () => bridge.lastMonth() });
/** Keys, local servers and the credential store. */
export const keys = queryOptions({ queryKey: ["keys"], queryFn: () => bridge.keysView() });
/** Where a key is and who got it. */
export const custody = (keyId: string) =>
  queryOptions({ queryKey: ["keys", "custody", keyId], queryFn: () => bridge.custodyView(keyId) });
/** Keys found in the environment, which does not change while the program runs. */
export const environmentKeys = queryOptions({ queryKey: ["environment"], queryFn: () => bridge.keysEnvironment() });
/** What the keys offer. */
export const models = queryOptions({ queryKey: ["models"], queryFn: () => bridge.modelsList() });
/** The side bar. */
export const workspace = queryOptions({ queryKey: ["workspace"], queryFn: () => bridge.workspaceView() });
/** One open conversation. */
export const conversation = (id: string) =>
  queryOptions({ queryKey: ["conversation", id], queryFn: () => bridge.conversationsOpen(id) });
/** What a search finds. Anything said meanwhile makes it old, so nothing of it is kept. */
export const search = (typed: string, limit: number) =>
  queryOptions({
    queryKey: ["search", typed, limit],
    queryFn: () => bridge.search(typed, limit),
    staleTime: 0,
    gcTime: 0,
  });
/** Running totals, of the month and of one conversation. */
export const totals = (conversationId: string | null) =>
  queryOptions({ queryKey: ["totals", conversationId], queryFn: () => bridge.usageTotals(conversationId) });
/** About what the next answer costs, for a text of this length. */
export const estimate = (conversationId: string | null, model: ModelRef, characters: number) =>
  queryOptions({
    queryKey: ["estimate", conversationId, model.keyId, model.model, characters],
    queryFn: () => bridge.chatEstimate(conversationId, characters, model),
    // Every length has its own; the last one is enough.
    gcTime: 0,
  });
