/** English, the source language: one record per part of the window, joined here. Keys begin with the part's name. */
import { account } from "./en/account";
import { billing } from "./en/billing";
import { causes } from "./en/causes";
import { chat } from "./en/chat";
import { custody } from "./en/custody";
import { failures } from "./en/failures";
import { keys } from "./en/keys";
import { kit } from "./en/kit";
import { onboarding } from "./en/onboarding";
import { projects } from "./en/projects";
import { report } from "./en/report";
import { search } from "./en/search";
import { settings } from "./en/settings";
import { shell } from "./en/shell";
import { store } from "./en/store";
import { transfer } from "./en/transfer";

export const en = {
  ...kit,
  ...shell,
  ...failures,
  ...projects,
  ...search,
  ...transfer,
  ...report,
  ...onboarding,
  ...account,
  ...billing,
  ...keys,
  ...custody,
  ...store,
  ...settings,
  ...chat,
  ...causes,
} as const;
