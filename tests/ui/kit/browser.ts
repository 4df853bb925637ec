/** Which Chromium is driven, and the person in front of it: one language, one time zone, no moving parts. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { PlaywrightTestOptions, PlaywrightWorkerOptions } from "@playwright/test";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** The browser that BRASSKEY_BROWSER names, the system's own, or else the one that Playwright keeps. */
function executable(): string | undefined {
  if (process.env.BRASSKEY_BROWSER) return process.env.BRASSKEY_BROWSER;
  const folders = (process.env.PATH ?? "").split(delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const path = executable();

export const chromium: Partial<PlaywrightTestOptions & PlaywrightWorkerOptions> = {
  viewport: { width: 1280, height: 820 },
  locale: "en-US",
  timezoneId: "UTC",
  contextOptions: { reducedMotion: "reduce" },
  launchOptions: {
    ...(path ? { executablePath: path } : {}),
    // No name but this computer's own is resolved: the tests need no network and must not use one.
    args: ["--disable-gpu", "--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
  },
};
