/** The tests of the window in Chromium. `npm test` builds the window over the in-memory backend first. */
import { defineConfig } from "@playwright/test";
import { chromium } from "./kit/browser";

export default defineConfig({
  testDir: "specs",
  outputDir: "test-results",
  fullyParallel: true,
  workers: 2,
  forbidOnly: true,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: "list",
  use: { ...chromium, actionTimeout: 10_000, trace: "off" },
});
