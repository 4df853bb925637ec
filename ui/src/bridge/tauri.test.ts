/** The real bridge over a mocked IPC. */
import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { afterEach, expect, test } from "vitest";
import { BackendError } from "./backend";
import { bridge } from "./tauri";

afterEach(clearMocks);

/** What the command's promise is refused with. */
async function refusal(answer: Promise<unknown>): Promise<BackendError> {
  try {
    await answer;
  } catch (error) {
    if (error instanceof BackendError) return error;
  }
  throw new Error("it was not refused");
}

test("what is refused before a command begins keeps no word of what it met", async () => {
  mockIPC(() => {
    throw 'invalid args `endpoint` for command `keys_submit`: invalid type: string "sk-proj-CANARY"';
  });
  const error = await refusal(bridge.keysRename("k", "sk-proj-CANARY"));
  expect(error.code).toBe("invalid_input");
  expect(`${error} ${error.stack} ${JSON.stringify(error)}`).not.toContain("CANARY");
});

test("a command's own refusal arrives as it is", async () => {
  const view = { code: "not_found", message: "no such key", failure: null, store: null, baseUrl: null };
  mockIPC(() => {
    throw view;
  });
  const error = await refusal(bridge.keysRename("k", "Personal"));
  expect(error.view).toEqual(view);
});
