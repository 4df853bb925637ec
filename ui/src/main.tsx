/** The window's first lines: styles, the first round trip, the first paint. */
import "./styles/index.css";
import { createRoot } from "react-dom/client";
import { queryClient } from "./queryClient";
import { Window } from "./shell/Window";

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(<Window client={queryClient()} />);
}
