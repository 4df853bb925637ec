/** A picture of every screen and state: `npm run shots`, into `target/shots` or where BRASSKEY_SHOTS says. */
import { defineConfig } from "@playwright/test";
import { chromium } from "./kit/browser";

export default defineConfig({
  testDir: "screens",
  testMatch: "shots.ts",
  outputDir: "test-results",
  fullyParallel: true,
  workers: 2,
  retries: 0,
  timeout: 60_000,
  reporter: "list",
  use: { ...chromium, actionTimeout: 10_000 },
});
