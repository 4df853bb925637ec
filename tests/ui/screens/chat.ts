/** Asking and reading: 04, 04b, 09, links. */
import { ask, conversation, field, openModels, press, settings, steps } from "../kit/steps";
import type { Screen } from "./screen";

const EXPORT = conversation("Stream the nightly export");
const ENDS = conversation("How answers end");

/** A message of the thread, by its id. */
const reveal = (id: string) => async (page: Parameters<typeof ENDS>[0]) => {
  const log = page.getByRole("log");
  // Messages far from the view are not in the document; the wheel brings them there.
  for (let tries = 0; tries < 40 && (await page.locator(`[data-message="${id}"]`).count()) === 0; tries += 1) {
    await log.evaluate((element) => element.scrollBy(0, -300));
    await page.waitForTimeout(50);
  }
  await page.locator(`[data-message="${id}"]`).scrollIntoViewIfNeeded();
};

export const chat: Screen[] = [
  { name: "04-workspace.done", scenario: "working", act: EXPORT, shows: "Three things change" },
  {
    name: "04-workspace.streaming",
    scenario: "held",
    act: steps(EXPORT, ask("And if the connection drops?")),
    shows: "memory stays flat",
  },
  { name: "04-workspace.mac", scenario: "mac", act: EXPORT, shows: "Three things change" },
  { name: "04-workspace.windows", scenario: "windows", act: EXPORT, shows: "Three things change" },
  {
    name: "04-workspace.silent",
    scenario: "silent",
    act: steps(EXPORT, ask("And if the connection drops?"), (page) => page.getByText("Counting").waitFor()),
    shows: "Stop",
  },
  {
    name: "04-workspace.thinking",
    scenario: "answers",
    act: steps(ENDS, reveal("e2"), (page) => page.locator("summary").first().click()),
    shows: "COPY reads a snapshot, so it is enough",
  },
  { name: "04-workspace.versions", scenario: "answers", act: steps(ENDS, reveal("e2")), shows: "2 of 3" },
  { name: "04-workspace.free-local", scenario: "answers", act: steps(ENDS, reveal("e4")), shows: "On this computer" },
  { name: "04-workspace.cost-unknown", scenario: "answers", act: steps(ENDS, reveal("e6")), shows: "Cost unknown" },
  {
    name: "04-workspace.stopped",
    scenario: "answers",
    act: steps(ENDS, reveal("e8")),
    shows: "Stopped. What arrived is kept.",
  },
  { name: "04-workspace.interrupted", scenario: "answers", act: ENDS, shows: "Brasskey closed while this was written" },
  {
    name: "04-workspace.length",
    scenario: "answers",
    act: conversation("Cut at its length"),
    shows: "Stopped at the longest answer",
  },
  {
    name: "04-workspace.refused-part-way",
    scenario: "answers",
    act: conversation("Stopped by safety rules"),
    shows: "by its safety rules",
  },
  {
    name: "04-workspace.receipt",
    scenario: "working",
    act: steps(EXPORT, (page) => page.locator(".ledger--button").last().click()),
    shows: "First words after",
  },
  {
    name: "04-workspace.receipt-unknown",
    scenario: "answers",
    act: steps(ENDS, reveal("e6"), (page) => page.locator('[data-message="e6"] .ledger--button').click()),
    shows: "No price is known for this model.",
  },
  {
    name: "04-workspace.edit",
    scenario: "working",
    act: steps(EXPORT, (page) => page.getByRole("button", { name: "Edit and send again" }).last().click()),
    shows: "The earlier version is kept.",
  },
  {
    name: "04-workspace.draft",
    scenario: "working",
    act: steps(EXPORT, (page) => field(page).fill("Show me step 2 as a script.\nWith a dry run.")),
    shows: /^About \$/,
  },
  {
    name: "04-workspace.draft-at-risk",
    scenario: "disk-full",
    act: steps(EXPORT, (page) => field(page).fill("Show me step 2 as a script.")),
    shows: "Not saved: your draft is in memory only",
  },
  { name: "04-workspace.rich", scenario: "answers", act: conversation("Everything Markdown can"), shows: "the manual" },
  {
    name: "04-workspace.hostile",
    scenario: "answers",
    act: conversation("What someone who means harm sends"),
    shows: "Image from sink.example (not loaded)",
  },
  { name: "04-workspace.long", scenario: "long", act: conversation("Long"), shows: "Question 2500" },
  {
    name: "04-workspace.long-above",
    scenario: "long",
    act: steps(conversation("Long"), async (page) => {
      await page.getByText("Question 2500").waitFor();
      await page.getByRole("log").evaluate((element) => element.scrollBy(0, -4000));
    }),
    shows: "Jump to latest",
  },
  {
    name: "04-workspace.deleted-undo",
    scenario: "working",
    act: steps(EXPORT, press("Conversation actions"), (page) => page.getByRole("menuitem", { name: "Delete" }).click()),
    shows: "“Stream the nightly export” was deleted",
  },
  {
    name: "04-workspace.menu",
    scenario: "working",
    act: steps(EXPORT, press("Conversation actions"), async (page) => {
      await page.getByRole("menuitem", { name: "Move to" }).click();
      await page.getByRole("menuitem", { name: "No project" }).waitFor();
    }),
    shows: "Move to",
  },
  {
    name: "04-workspace.sidebar-hidden",
    scenario: "working",
    act: steps(EXPORT, press("Hide sidebar"), (page) => page.getByRole("button", { name: "Show sidebar" }).waitFor()),
    shows: "Three things change",
  },
  { name: "04b-model-picker.open", scenario: "working", act: steps(EXPORT, openModels), shows: "in / out per million" },
  {
    name: "04b-model-picker.search",
    scenario: "working",
    act: steps(EXPORT, openModels, (page) => page.getByRole("combobox", { name: "Filter models" }).fill("qwen")),
    shows: "qwen3:8b",
  },
  {
    name: "04b-model-picker.nothing",
    scenario: "working",
    act: steps(EXPORT, openModels, (page) => page.getByRole("combobox", { name: "Filter models" }).fill("zzz")),
    shows: "No model matches",
  },
  {
    name: "04-link.question",
    scenario: "answers",
    act: steps(conversation("Everything Markdown can"), press("the manual")),
    shows: "Open this link outside Brasskey?",
  },
  {
    name: "04-link.carries",
    scenario: "answers",
    act: steps(conversation("What someone who means harm sends"), press("Sign in again")),
    shows: "sink.example",
  },
  { name: "09-first-run.ready", scenario: "ready", shows: "Your key works. Ask it something." },
  { name: "09-first-run.offline", scenario: "ready", act: (page) => page.context().setOffline(true), shows: "Offline" },
  { name: "09b-empty.no-keys", scenario: "no-keys", shows: "Use models on this computer" },
  { name: "09b-empty.terms-due", scenario: "terms-due", shows: "The terms wait for you" },
  {
    name: "09b-empty.new-project",
    scenario: "ready",
    act: steps(press(/^New project/), (page) => page.getByRole("textbox", { name: "Name of the project" }).waitFor()),
    shows: "A project groups conversations and what they cost.",
  },
  { name: "12-settings.general", scenario: "working", act: settings("General"), shows: "Use the system font" },
  { name: "12-settings.shortcuts", scenario: "working", act: settings("Shortcuts"), shows: "Switch model" },
];
