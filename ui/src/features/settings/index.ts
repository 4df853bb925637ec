/** Settings. Loaded when first opened: the first paint does not need them. */
import { lazy } from "react";

export { SettingsNav } from "./SettingsNav";
export const SettingsScreen = lazy(() => import("./SettingsScreen"));
