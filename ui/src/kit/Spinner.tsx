/** Turns after 400 ms of waiting; with reduced motion it stands still and the words beside it say what happens. */
import { Icon } from "./Icon";

export function Spinner() {
  return <Icon name="spin" size="s" className="spinner" />;
}
