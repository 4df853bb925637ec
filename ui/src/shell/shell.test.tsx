import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { bridge } from "../bridge";
import { state } from "../bridge/fake";
import type { ScenarioName } from "../bridge/fake/scenarios";
import { announce, refuse } from "../bridge/fake/state";
import { openSubmenu, openWindow } from "../test/window";

const side = () => screen.findByRole("navigation", { name: "Projects and conversations" });
const status = () => screen.findByRole("region", { name: "Status" });
const press = (key: string, more: KeyboardEventInit = {}) => fireEvent.keyDown(document.body, { key, ...more });

const plates: [scenario: ScenarioName, id: string | null, words: RegExp][] = [
  ["ready", null, /Your key.*Anthropic ··4f2a.*Anthropic bills you directly/],
  ["no-keys", null, /No key yet.*Nothing can be billed/],
  ["vendor", null, /Vendor-billed.*Brasskey bills you, \$6\.12 of \$15 left/],
  ["vendor-spent", null, /Vendor-billed.*Your limit is reached: messages wait/],
  ["trial-over", null, /Messages wait.*The licence is not in force/],
  ["store-locked", "c-export", /Keys locked.*Nothing can be billed/],
  ["store-absent", "c-export", /Keys out of reach.*Nothing can be billed/],
  ["working", "c-export", /Your key.*Anthropic ··4f2a.*This conversation \$0\.0482.*\$38\.20 and 2 unknown costs/],
];

test.each(plates)("in %s the status line says who pays", async (scenario, id, words) => {
  await openWindow(scenario, { route: id ? { screen: "conversation", id } : { screen: "new", projectId: null } });
  await waitFor(async () => expect((await status()).textContent).toMatch(words));
});

test("what changed before the window listened is read once it does", async () => {
  const listen = bridge.onChanged;
  vi.spyOn(bridge, "onChanged").mockImplementationOnce(async (listener) => {
    // What start-up mends in the background, just after the window has asked for everything.
    state.conversations = state.conversations.map((each) =>
      each.id === "c-letter" ? { ...each, title: "Mended meanwhile" } : each,
    );
    return listen(listener);
  });
  await openWindow("working");
  expect(await within(await side()).findByRole("button", { name: "Mended meanwhile" })).toBeInTheDocument();
});

test("what changes while it is read for the first time is read again", async () => {
  const usageTotals = bridge.usageTotals;
  const none = { amount: "0.0000", unknown: 0 };
  let isFirst = true;
  let answer = () => {};
  const slow = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const read = vi.spyOn(bridge, "usageTotals").mockImplementation(async (id) => {
    const totals = await usageTotals(id);
    if (id === null || !isFirst) return totals;
    isFirst = false;
    await slow;
    return { ...totals, conversation: none };
  });
  await openWindow("working", { route: { screen: "conversation", id: "c-export" } });
  await waitFor(() => expect(read).toHaveBeenCalledWith("c-export"));
  // The call is settled after its total was read, and before that answer has arrived.
  act(() => announce(state, { what: "usage" }));
  answer();
  await waitFor(async () => expect((await status()).textContent).toMatch(/This conversation \$0\.0482/));
});

test("a project is made, renamed with F2 and deleted, and deleting is undone", async () => {
  const user = await openWindow("working");
  await user.click(within(await side()).getByRole("button", { name: /New project/ }));
  await user.type(await screen.findByLabelText("Name of the project"), "Garden{Enter}");
  const made = await within(await side()).findByRole("button", { name: /^Garden/ });
  made.focus();
  await user.keyboard("{F2}");
  await user.clear(await screen.findByLabelText("Name of the project"));
  await user.keyboard("Allotment{Enter}");
  const renamed = await within(await side()).findByRole("button", { name: /^Allotment/ });
  renamed.focus();
  await user.keyboard("{Delete}");
  await waitFor(() => expect(state.projects.some(({ name }) => name === "Allotment")).toBe(false));
  await user.click(await screen.findByRole("button", { name: "Undo" }));
  await waitFor(() => expect(state.projects.some(({ name }) => name === "Allotment")).toBe(true));
});

test("a conversation is moved into another project, and moved back by undo", async () => {
  const user = await openWindow("working");
  await user.click(await screen.findByRole("button", { name: "Actions for Letter to the landlord" }));
  await openSubmenu(user, "Move to");
  (await screen.findByRole("menuitem", { name: "Household" })).focus();
  await user.keyboard("{Enter}");
  const project = () => state.conversations.find(({ id }) => id === "c-letter")?.projectId;
  await waitFor(() => expect(project()).toBe("p-household"));
  await user.click(await screen.findByRole("button", { name: "Undo" }));
  await waitFor(() => expect(project()).toBeNull());
});

test("deleting the open conversation leads to a new one, and undo brings it back", async () => {
  const user = await openWindow("working", { route: { screen: "conversation", id: "c-letter" } });
  await user.click(await screen.findByRole("button", { name: "Conversation actions" }));
  await user.click(await screen.findByRole("menuitem", { name: "Delete" }));
  expect(await screen.findByText("“Letter to the landlord” was deleted")).toBeInTheDocument();
  expect(screen.queryByRole("heading", { name: "Letter to the landlord" })).not.toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Undo" }));
  expect(await within(await side()).findByRole("button", { name: "Letter to the landlord" })).toBeInTheDocument();
});

test("a failed action is said and changes nothing", async () => {
  const user = await openWindow("working");
  const remove = vi.spyOn(bridge, "conversationsDelete").mockImplementation(async () => refuse("storage"));
  const row = await within(await side()).findByRole("button", { name: "Letter to the landlord" });
  row.focus();
  await user.keyboard("{Delete}");
  expect(await screen.findByText("This did not work: storage")).toBeInTheDocument();
  expect(row).toBeInTheDocument();
  remove.mockRestore();
});

test("the list is one tab stop with arrows inside", async () => {
  const user = await openWindow("working");
  const items = [...(await side()).querySelectorAll<HTMLElement>("[data-roving]")];
  expect(items.filter((item) => item.tabIndex === 0)).toHaveLength(1);
  items[0]?.focus();
  await user.keyboard("{ArrowDown}");
  expect(items[1]).toHaveFocus();
  expect(items.filter((item) => item.tabIndex === 0)).toEqual([items[1]]);
  await user.keyboard("{End}");
  expect(items.at(-1)).toHaveFocus();
  await user.keyboard("{ArrowRight}");
  expect(document.activeElement).toHaveAccessibleName("Actions for Letter to the landlord");
  await user.keyboard("{ArrowLeft}");
  expect(items.at(-1)).toHaveFocus();
});

test("of thousands of conversations the newest are listed, with the one on screen, and more at a press", async () => {
  const conversations = Array.from({ length: 3000 }, (_, at) => ({
    id: `c-${at}`,
    projectId: null,
    title: `Conversation ${at}`,
    messages: [],
    draft: "",
    model: null,
    turnId: null,
  }));
  const user = await openWindow("working", {
    route: { screen: "conversation", id: "c-2999" },
    world: { conversations, changedAt: new Map(conversations.map(({ id }, at) => [id, -at])) },
  });
  const list = within(await side());
  await list.findByText("Conversation 99");
  const titles = () => list.getAllByText(/^Conversation /).map(({ textContent }) => textContent);
  expect(titles()).toEqual([...Array.from({ length: 100 }, (_, at) => `Conversation ${at}`), "Conversation 2999"]);
  await user.click(list.getByText("Show 200 more of 2,899"));
  expect(titles()).toHaveLength(301);
  // The shortcuts go through all of them.
  press("ArrowUp", { altKey: true });
  expect(await screen.findByRole("heading", { name: "Conversation 2998" })).toBeInTheDocument();
});

test("a project folds and unfolds with the arrows", async () => {
  const user = await openWindow("working");
  const project = await within(await side()).findByRole("button", { name: /^Orders service/ });
  project.focus();
  await user.keyboard("{ArrowLeft}");
  expect(project).toHaveAttribute("aria-expanded", "false");
  expect(within(await side()).queryByRole("button", { name: "Refund rounding" })).not.toBeInTheDocument();
  await user.keyboard("{ArrowRight}");
  expect(within(await side()).getByRole("button", { name: "Refund rounding" })).toBeInTheDocument();
});

test("shortcuts work from anywhere: settings, back with Esc, next conversation, hiding the side bar", async () => {
  const user = await openWindow("working");
  await side();
  press(",", { ctrlKey: true });
  expect(await screen.findByRole("heading", { name: "Billing" })).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Keys" }));
  await screen.findByRole("heading", { name: "Keys" });
  await user.keyboard("{Escape}");
  expect(await side()).toBeInTheDocument();
  press("ArrowDown", { altKey: true });
  expect(await screen.findByRole("heading", { name: "Stream the nightly export" })).toBeInTheDocument();
  press("3", { ctrlKey: true });
  expect(await screen.findByRole("heading", { name: "Tighten the argument in 4.2" })).toBeInTheDocument();
  press("\\", { ctrlKey: true });
  await waitFor(() => expect(screen.queryByRole("navigation")).not.toBeInTheDocument());
  expect(state.preferences.sidebarHidden).toBe(true);
  await user.click(screen.getByRole("button", { name: "Show sidebar" }));
  expect(await side()).toBeInTheDocument();
});

test("the side bar is resized with the keyboard, within its limits", async () => {
  const user = await openWindow("working");
  const edge = await screen.findByRole("separator", { name: "Sidebar width" });
  edge.focus();
  await user.keyboard("{ArrowRight}");
  await waitFor(() => expect(state.preferences.sidebarWidth).toBe(260));
  await user.keyboard("{ArrowLeft>20/}");
  await waitFor(() => expect(state.preferences.sidebarWidth).toBe(200));
});

test("a preference that cannot be kept is taken back and said", async () => {
  const user = await openWindow("working", { route: { screen: "settings", section: "general" } });
  const keep = vi.spyOn(bridge, "preferencesSet").mockImplementation(async () => refuse("storage"));
  await user.click(await screen.findByRole("radio", { name: "Dark" }));
  expect(await screen.findByText("The setting could not be kept")).toBeInTheDocument();
  expect(screen.getByRole("radio", { name: "As the system" })).toBeChecked();
  keep.mockRestore();
});

test("preferences take effect on the window at once", async () => {
  const user = await openWindow("working", { route: { screen: "settings", section: "general" } });
  const root = document.documentElement;
  await user.click(await screen.findByRole("radio", { name: "Dark" }));
  await waitFor(() => expect(root.dataset.theme).toBe("dark"));
  await user.click(screen.getByRole("switch", { name: "Use the system font" }));
  await waitFor(() => expect(root).toHaveAttribute("data-system-font"));
  await user.click(screen.getByRole("radio", { name: "New line" }));
  expect(await screen.findByText("Ctrl+Return sends.")).toBeInTheDocument();
  expect(state.preferences).toMatchObject({ theme: "dark", systemFont: true, returnKey: "new_line" });
});

test("a start that fails says so with its code", async () => {
  const begin = vi.spyOn(bridge, "start").mockImplementation(async () => refuse("storage"));
  await openWindow("working");
  expect(await screen.findByRole("heading", { name: "Brasskey could not start" })).toBeInTheDocument();
  expect(screen.getByText("storage")).toBeInTheDocument();
  begin.mockRestore();
});

test("the caption buttons act on the window", async () => {
  const user = await openWindow("working");
  const close = vi.spyOn(bridge.window, "close");
  await user.click(await screen.findByRole("button", { name: "Close window" }));
  expect(close).toHaveBeenCalledOnce();
  close.mockRestore();
});
