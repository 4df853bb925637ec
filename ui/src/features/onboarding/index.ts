/** The first run. Loaded only then. */
import { lazy } from "react";

export const Onboarding = lazy(() => import("./Onboarding"));
