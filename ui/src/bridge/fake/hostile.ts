/**
 * What someone who means harm makes a model say: one list for the tests of the Markdown view, of the window in Chromium and of
 * the real window. A script that ran would set `window.__hostile`; whatever loads would ask `sink.example`.
 */
import messages from "../../../../tests/kit/fixtures/hostile.json";

interface HostileMessage {
  kind: string;
  name: string;
  text: string;
}

type Part = string | { times: number; of: string };

const textOf = (parts: readonly Part[]): string =>
  parts.map((part) => (typeof part === "string" ? part : part.of.repeat(part.times))).join("");

export const hostileMessages: readonly HostileMessage[] = messages.map(({ kind, name, text }) => ({
  kind,
  name,
  text: textOf(text),
}));
