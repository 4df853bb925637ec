/** Links out of the window: nothing opens before its address was shown and confirmed. */
export { askToOpen, LinkDialog } from "./LinkDialog";
