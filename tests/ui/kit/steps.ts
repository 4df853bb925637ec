/** What a person does, in words: the steps that lead to a screen. */
import type { Page } from "@playwright/test";

export type Act = (page: Page) => Promise<void>;

/** One after the other. */
export const steps =
  (...acts: Act[]): Act =>
  async (page) => {
    for (const act of acts) await act(page);
  };

export const press =
  (name: string | RegExp, exact = true): Act =>
  (page) =>
    page.getByRole("button", typeof name === "string" ? { name, exact } : { name }).first().click();

export const settings = (section: "Billing" | "Keys" | "General" | "Your data" | "Shortcuts" | "About"): Act =>
  steps(press(/^Settings/), (page) =>
    page.getByRole("navigation", { name: "Settings" }).getByText(section, { exact: true }).click(),
  );

/** Opens a conversation from the side bar. */
export const conversation = (title: string): Act =>
  async (page) => {
    // Its accessible name says also when an answer is being written; its text does not.
    const text = new RegExp(`^${title}$`);
    await page.getByRole("navigation").locator("button[data-roving]").filter({ hasText: text }).click();
    await page.getByRole("log").waitFor();
  };

export const field = (page: Page) => page.getByRole("textbox", { name: "Your message" });

export const ask = (text: string): Act =>
  async (page) => {
    await field(page).fill(text);
    await field(page).press("Enter");
  };

/** The button that says which model answers and opens the list of models. */
export const modelButton = (page: Page) => page.getByLabel(/^Model: /);

export const openModels: Act = (page) => modelButton(page).click();

/** The key field of the form on screen. */
export const keyField = (page: Page) => page.locator('input[name="api-key"]');

/** Types a key and presses Return. */
export const typeKey = (key: string): Act =>
  async (page) => {
    await keyField(page).fill(key);
    await keyField(page).press("Enter");
  };

/** Settings, Keys, Add a key; with a key, also types it. */
export const addKey = (key?: string): Act =>
  steps(settings("Keys"), press("Add a key"), ...(key ? [typeKey(key)] : []));

export const keyMenu = (item?: string): Act =>
  steps(settings("Keys"), press("Actions for OpenAI ··Qx91"), async (page) => {
    const menu = page.getByRole("menu");
    await menu.waitFor();
    if (item) await menu.getByRole("menuitem", { name: item }).click();
  });
