/** Where the window stands. A handful of screens in memory; a reload begins anew with the first of them. */
import { create } from "zustand";

/** A page of the settings. */
export type SettingsSection = "billing" | "keys" | "general" | "data" | "shortcuts" | "about";

/** What stands open beside the list of keys. */
export type KeySheet = { kind: "add" } | { kind: "replace" | "custody"; keyId: string };

/** A screen. */
export type Route =
  | { screen: "new"; projectId: string | null }
  | { screen: "conversation"; id: string; at?: { messageId: string } }
  | { screen: "settings"; section: SettingsSection; sheet?: KeySheet | undefined };

interface Navigation {
  route: Route;
  /** Where "Back to workspace" leads. */
  workspace: Route;
}

const start: Route = { screen: "new", projectId: null };
const useNavigation = create<Navigation>(() => ({ route: start, workspace: start }));

/** The current screen. */
export const useRoute = (): Route => useNavigation((state) => state.route);

/** Goes to a screen. */
export function navigate(route: Route): void {
  useNavigation.setState((state) => ({ route, workspace: route.screen === "settings" ? state.workspace : route }));
}

/** Leaves the settings for the screen that stood there before. */
export function leaveSettings(): void {
  useNavigation.setState((state) => ({ route: state.workspace }));
}
