/** English, the source language: one record per part of the window, joined here. Keys begin with the part's name. */
import { account } from "./en/account";
import { billing } from "./en/billing";
import { causes } from "./en/causes";
import { chat } from "./en/chat";
import { failures } from "./en/failures";
import { keys } from "./en/keys";
import { kit } from "./en/kit";
import { onboarding } from "./en/onboarding";
import { projects } from "./en/projects";
import { settings } from "./en/settings";
import { shell } from "./en/shell";
import { store } from "./en/store";

export const en = {
  ...kit,
  ...shell,
  ...failures,
  ...projects,
  ...onboarding,
  ...account,
  ...billing,
  ...keys,
  ...store,
  ...settings,
  ...chat,
  ...causes,
} as const;
