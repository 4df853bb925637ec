/** Every screen and state of the window. */
import { about } from "./about";
import { billingScreens } from "./billing";
import { chat } from "./chat";
import { failures } from "./failures";
import { firstRun } from "./first-run";
import { keys } from "./keys";
import type { Screen } from "./screen";
import { search } from "./search";
import { store } from "./store";
import { transfer } from "./transfer";

export type { Screen } from "./screen";

export const screens: Screen[] = [
  ...firstRun,
  ...keys,
  ...billingScreens,
  ...chat,
  ...search,
  ...failures,
  ...store,
  ...transfer,
  ...about,
];
