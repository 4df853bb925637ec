/** About Brasskey, and the report of a problem. */
export { AboutScreen } from "./AboutScreen";
