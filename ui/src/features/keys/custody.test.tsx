/** Where a key is, and the search for it: progress, stop, what was looked at, what was found. */
import { screen, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { bridge } from "../../bridge";
import { pace } from "../../bridge/fake";
import { keysRoute, openWindow } from "../../test/window";

async function open(scenario: Parameters<typeof openWindow>[0]) {
  const user = await openWindow(scenario, { route: keysRoute });
  await screen.findByText("··Qx91");
  await user.click(screen.getByRole("button", { name: "Actions for OpenAI ··Qx91" }));
  await user.click(await screen.findByRole("menuitem", { name: "Where is my key?" }));
  return { user, sheet: within(await screen.findByRole("dialog")) };
}

afterEach(() => {
  vi.restoreAllMocks();
  pace.checkMs = 0;
});

test("it says where a key is, and which hosts got it how often", async () => {
  const { sheet } = await open("working");
  await sheet.findByText(/^In Secret Service\. Brasskey reads it/);
  sheet.getByText("https://api.openai.com, and to no other host");
  sheet.getByText(/^https:\/\/api\.openai\.com: 214 calls, the last one/);
  sheet.getByText(/^aider, with brasskey run, /);
});

test("a key that is reached by a way of its own says so", async () => {
  vi.spyOn(bridge, "custodyView").mockResolvedValue({
    place: "system",
    boundTo: "https://api.openai.com",
    way: { proxy: "http://proxy.example:3128", ownCertificates: true, headers: ["openai-project"] },
    recipients: [],
    handovers: [],
    lastCheckedAt: null,
  });
  const { sheet } = await open("working");
  await sheet.findByText("Through the proxy http://proxy.example:3128, which sees the host and not the key");
  sheet.getByText(/^Certificates that you added are believed/);
  sheet.getByText("With these headers: openai-project");
});

test("a search says what it looked at", async () => {
  const { user, sheet } = await open("working");
  await user.click(sheet.getByRole("button", { name: "Check for leaks" }));
  await sheet.findByText("The key is in none of these files");
  sheet.getByText("Looked at 50 files, 18.6 MB, in:");
  sheet.getByText("/home/ada/.cache/app.brasskey.desktop, 41 files");
});

test("a search that is stopped claims nothing", async () => {
  const { user, sheet } = await open("working");
  pace.checkMs = 60_000;
  await user.click(sheet.getByRole("button", { name: "Check for leaks" }));
  await sheet.findByText("3 files, 4.2 MB so far");
  await user.click(sheet.getByRole("button", { name: "Stop" }));
  await sheet.findByText("The search was stopped");
  expect(sheet.queryByText("The key is in none of these files")).toBeNull();
});

test("what is found is named with what to do", async () => {
  const { user, sheet } = await open("leaked");
  await user.click(sheet.getByRole("button", { name: "Check for leaks" }));
  await sheet.findByText("The key is in 1 place");
  sheet.getByText("/home/ada/.local/share/app.brasskey.desktop/notes.txt, 2 times");
  sheet.getByText(/^Replace the key at OpenAI/);
});
