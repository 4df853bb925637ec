/** The whole window over the in-memory backend, as a person meets it. */
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent, { type UserEvent } from "@testing-library/user-event";
import { expect } from "vitest";
import { loadScenario, pace } from "../bridge/fake";
import type { ScenarioName } from "../bridge/fake/scenarios";
import type { State } from "../bridge/fake/state";
import { queryClient } from "../queryClient";
import { navigate, type Route } from "../route";
import { Window } from "../shell/Window";

/** Opens the window on a screen and waits for its first paint. */
export async function openWindow(
  scenario: ScenarioName,
  { route = { screen: "new", projectId: null }, world = {} }: { route?: Route; world?: Partial<State> } = {},
): Promise<UserEvent> {
  pace.checkMs = 0;
  loadScenario(scenario, world);
  navigate(route);
  render(<Window client={queryClient()} />);
  await screen.findAllByText("Brasskey");
  return userEvent.setup();
}

/**
 * Opens a submenu with the keyboard. A menu that has just opened moves the focus to itself and then to its first entry, each
 * in a frame of its own: a key pressed between the two goes to another entry, so it is pressed until the submenu is there.
 */
export async function openSubmenu(user: UserEvent, name: string): Promise<void> {
  const menu = await screen.findByRole("menu");
  const entry = within(menu).getByRole("menuitem", { name });
  await waitFor(async () => {
    if (entry.getAttribute("aria-expanded") === "true") return;
    entry.focus();
    await user.keyboard("{ArrowRight}");
    expect(entry).toHaveAttribute("aria-expanded", "true");
  });
}

/** Settings > Keys. */
export const keysRoute: Route = { screen: "settings", section: "keys" };
