/** One state of one screen: how to get there, and what proves that one is there. */
import type { Act } from "../kit/steps";

export interface Screen {
  /** `SCREEN.STATE`; the screen's number is that of its mockup. */
  name: string;
  /** Of the in-memory backend. */
  scenario: string;
  act?: Act;
  /** Words that are on screen in this state and not before. */
  shows: string | RegExp;
}
