/** Every screen and state of the window. */
import { billingScreens } from "./billing";
import { chat } from "./chat";
import { failures } from "./failures";
import { firstRun } from "./first-run";
import { keys } from "./keys";
import type { Screen } from "./screen";
import { store } from "./store";

export type { Screen } from "./screen";

export const screens: Screen[] = [...firstRun, ...keys, ...billingScreens, ...chat, ...failures, ...store];
