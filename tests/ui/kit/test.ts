/**
 * The window to test: opened at a scenario of the in-memory backend, at a fixed time. Whatever a test looks at, it fails when
 * the console shows an error, the content security policy was violated, or a request left this computer's own server.
 */
import { test as base, expect, type Page } from "@playwright/test";
import { serve } from "./server";

/** When every test takes place. */
export const NOW = new Date("2026-11-21T14:20:00Z");

export interface OpenOptions {
  theme?: "light" | "dark";
  width?: number;
  height?: number;
  /** Timers and frames as well as the time stand still until the test lets them run. */
  heldClock?: boolean;
}

export type Open = (scenario: string, options?: OpenOptions) => Promise<Page>;

interface Fixtures {
  open: Open;
  complaints: string[];
}

export const test = base.extend<Fixtures, { origin: string }>({
  origin: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of what a fixture needs from its pattern.
    async ({}, use) => {
      const { origin, server } = await serve();
      await use(origin);
      server.closeAllConnections();
      server.close();
    },
    { scope: "worker" },
  ],
  complaints: [
    // biome-ignore lint/correctness/noEmptyPattern: see above.
    async ({}, use) => {
      const complaints: string[] = [];
      await use(complaints);
      expect(complaints, "console errors, violations of the policy, requests to elsewhere").toEqual([]);
    },
    { auto: true },
  ],
  open: async ({ page, origin, complaints }, use) => {
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(`${message.text()} ${message.location().url}`);
    });
    page.on("pageerror", (error) => complaints.push(error.stack ?? error.message));
    page.on("request", (request) => {
      if (!request.url().startsWith(`${origin}/`)) complaints.push(`asked ${request.url()}`);
    });
    await page.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sample }) => {
        console.error(`policy violated: ${violatedDirective} ${blockedURI} ${sample}`);
      });
    });
    await use(async (scenario, { theme = "light", width, height, heldClock = false } = {}) => {
      if (width !== undefined && height !== undefined) await page.setViewportSize({ width, height });
      if (heldClock) await page.clock.install({ time: NOW });
      else await page.clock.setFixedTime(NOW);
      await page.goto(`${origin}/index.html?scenario=${scenario}&theme=${theme}`);
      await page.locator(".window").waitFor();
      await page.evaluate(() => document.fonts.ready);
      return page;
    });
  },
});

export { expect };
