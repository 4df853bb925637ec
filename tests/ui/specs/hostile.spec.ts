/**
 * What someone who means harm makes a model say, in a real browser: while it is streamed in pieces that cut it anywhere, and as
 * history afterwards, nothing runs, nothing is fetched, nothing navigates, and the window goes on answering. (That the console
 * stays silent and nobody is asked, every test makes sure of: `kit/test.ts`.)
 */
import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { ask, conversation, field, press } from "../kit/steps";
import { expect, test } from "../kit/test";

const FILE = new URL("../../kit/fixtures/hostile.json", import.meta.url);
const messages = JSON.parse(readFileSync(FILE, "utf8")) as { kind: string; name: string }[];
const kinds = [...new Set(messages.map(({ kind }) => kind))];
/** So many messages share a page. */
const MESSAGES_A_PAGE = 14;

/** What is on the page that a message must add nothing to. The window's own parts come by links as they are needed. */
const census = (page: Page) =>
  page.evaluate(() =>
    "script img image iframe object embed style video audio base meta form a link:not([rel=modulepreload],[rel=stylesheet])"
      .split(" ")
      .map((selector) => document.querySelectorAll(selector).length),
  );

interface Watch {
  /** So many changes of the page were looked at. */
  looks: number;
  /** What could run, load or lead somewhere. */
  armed: string[];
}

/** Looks at whatever comes into a message, at the moment at which it comes. */
const watch = (page: Page) =>
  page.evaluate(() => {
    const seen: Watch = { looks: 0, armed: [] };
    const isArmed = (name: string) =>
      name.startsWith("on") || /^(src|href|action|style|srcset|poster|background|formaction|ping|id|name)$/.test(name);
    const look = (element: Element) => {
      if (element.closest(".prose") && element.getAttributeNames().some(isArmed))
        seen.armed.push(element.outerHTML.slice(0, 200));
    };
    new MutationObserver((changes) => {
      seen.looks += 1;
      for (const { target, addedNodes } of changes) {
        if (target instanceof Element) look(target);
        for (const node of addedNodes) {
          if (!(node instanceof Element)) continue;
          look(node);
          for (const each of node.querySelectorAll("*")) look(each);
        }
      }
    }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
    Reflect.set(window, "watch", seen);
  });

const watched = (page: Page) => page.evaluate(() => Reflect.get(window, "watch") as Watch);

async function isHarmless(page: Page, before: { address: string; census: number[] }): Promise<void> {
  expect(await page.evaluate(() => "__hostile" in window)).toBe(false);
  expect((await watched(page)).armed).toEqual([]);
  expect(await census(page)).toEqual(before.census);
  expect(page.url()).toBe(before.address);
}

for (const kind of kinds) {
  const names = messages.filter((each) => each.kind === kind).map(({ name }) => name);
  for (let from = 0; from < names.length; from += MESSAGES_A_PAGE) {
    const some = names.slice(from, from + MESSAGES_A_PAGE);
    test(`hostile messages are text: ${kind}, from ${some[0]}`, async ({ open, page, context }) => {
      test.setTimeout(120_000);
      await open("hostile");
      let windows = 0;
      context.on("page", () => {
        windows += 1;
      });
      await press(/^New conversation Ctrl/)(page);
      await watch(page);
      const before = { address: page.url(), census: await census(page) };
      for (const name of some) {
        await test.step(name, async () => {
          await press(/^New conversation Ctrl/)(page);
          await ask(name)(page);
          await page.getByRole("log").waitFor();
          // The window answers while it is written, and afterwards.
          await field(page).fill(`while ${name}`);
          await expect(page.locator("button.ledger")).toBeVisible({ timeout: 30_000 });
          await expect(field(page)).toHaveValue(`while ${name}`);
          await isHarmless(page, before);
          // As history.
          await press(/^New conversation Ctrl/)(page);
          await conversation(name)(page);
          await expect(page.locator(".prose").last()).toBeAttached();
          await isHarmless(page, before);
        });
      }
      expect((await watched(page)).looks).toBeGreaterThan(20 * some.length);
      expect(windows).toBe(0);
      expect(context.pages()).toHaveLength(1);
    });
  }
}
