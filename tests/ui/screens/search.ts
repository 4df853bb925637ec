/** Search: 08, 09b. */
import { conversation, press, steps } from "../kit/steps";
import type { Screen } from "./screen";

const searching = (text = "") =>
  steps(press(/^Search/), async (page) => {
    await page.getByRole("combobox", { name: "Search messages, titles and projects" }).fill(text);
  });

export const search: Screen[] = [
  { name: "08-search.recent", scenario: "working", act: searching(), shows: "Recent" },
  { name: "08-search.found", scenario: "working", act: searching("export"), shows: "Which index does the nightly" },
  { name: "08-search.many", scenario: "long", act: searching("question"), shows: "Show older messages" },
  { name: "08-search.none", scenario: "working", act: searching("refnud"), shows: "Nothing matches “refnud”" },
  { name: "08-search.empty", scenario: "ready", act: searching(), shows: "Nothing to find yet" },
  { name: "08-search.error", scenario: "search-broken", act: searching("export"), shows: "Try again" },
  {
    name: "08-search.unindexed",
    scenario: "search-unindexed",
    act: searching("export"),
    shows: "Older messages are still being read",
  },
  {
    name: "08-search.opened",
    scenario: "long",
    act: steps(conversation("Long"), searching("question 1201"), async (page) => {
      await page.getByRole("option").first().click();
    }),
    shows: "Question 1201",
  },
];
