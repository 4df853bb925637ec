/** Reports of problems in memory: a text as the backend makes it; nothing is saved. */
import type { Backend } from "../backend";
import { refuse, type State } from "./state";

type ReportCommands = Pick<Backend, "reportView" | "reportSave">;

const TEXT = `Brasskey
version: 0.1.0
build: release
made: 2026-11-21 14:20
system: linux
processor: x86_64
desktop: Debian 12, GNOME
credential store: Secret Service
its state: ready
its detail: none
window: returnKey sends, sidebarHidden false, sidebarWidth 244, systemFont false, textSize 100, theme system

Billing and licence
mode: byok
first run over: true
switch under way: none
terms terms: 2026-10-01.1, accepted: true
terms byok: 2026-10-01.1, accepted: true
last renewal failed: none
licence: state active
account: active
plan: byok_monthly
checked: 2026-11-21 09:12
clock: right

Keys
looked for in this report: 2 of 2
anthropic: system, working, 12 models
openai: system, failing, out_of_credit

Last failures of answers
2026-11-21 13:58: out_of_credit, status 429
2026-11-20 10:02: overloaded, status 529

Log
2026-11-21T09:12:03.118Z  INFO brasskey_app: the database is ~/.local/share/app.brasskey.desktop/brasskey.db
2026-11-21T13:58:40.552Z  WARN brasskey_app::chat: an answer failed code="out_of_credit"
`;

/** The commands of reports over `state`. */
export function reportCommands(state: State): ReportCommands {
  return {
    reportView: async () => ({ text: TEXT, sendTo: "support@brasskey.app" }),
    reportSave: async () => {
      if (state.isDiskFull) refuse("storage");
      return { kind: "saved", name: "Brasskey report 2026-11-21.txt" };
    },
  };
}
