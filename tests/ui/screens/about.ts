/** About, and the report of a problem. */
import { press, settings, steps } from "../kit/steps";
import type { Screen } from "./screen";

const REPORT = steps(settings("About"), press("Report a problem…"));

export const about: Screen[] = [
  { name: "10-about", scenario: "working", act: settings("About"), shows: "Version 0.1.0" },
  { name: "10-about.report", scenario: "working", act: REPORT, shows: "support@brasskey.app" },
];
