// The yardstick of rendering: what is closed is parsed once and stays, the open end is parsed again, once a frame, without a
// framework. No sanitiser, no colours, no maths, no history: the least that a page can do with a growing answer.
import { marked } from "./marked.js";

const answer = document.getElementById("answer");
const field = document.querySelector("textarea");
let tail = "";
let open = null;

/** Where the last closed block ends: at a blank line outside of code. */
function closedUntil(text) {
  let inCode = false;
  let closed = 0;
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf("\n", at);
    if (end < 0) break;
    const line = text.slice(at, end);
    if (line.startsWith("```")) inCode = !inCode;
    else if (line === "" && !inCode) closed = end + 1;
    at = end + 1;
  }
  return closed;
}

function show(more) {
  tail += more;
  const closed = closedUntil(tail);
  open ??= answer.appendChild(document.createElement("div"));
  if (closed > 0) {
    open.innerHTML = marked.parse(tail.slice(0, closed));
    tail = tail.slice(closed);
    open = answer.appendChild(document.createElement("div"));
  }
  open.innerHTML = marked.parse(tail);
  answer.scrollTop = answer.scrollHeight;
}

/** Text that came since the last frame. */
let waiting = "";
let frame = 0;
function hear(text) {
  waiting += text;
  frame ||= requestAnimationFrame(() => {
    frame = 0;
    show(waiting);
    waiting = "";
  });
}

const SEND_MS = 33;

/** Sends as much as is due by the clock, as often as the application does. */
function feed({ text, charactersPerSecond }) {
  const begun = performance.now();
  let sent = 0;
  const send = () => {
    const due = Math.ceil(((performance.now() - begun + SEND_MS) / 1000) * charactersPerSecond);
    const more = text.slice(sent, due);
    sent += more.length;
    if (more !== "") hear(more);
    if (sent < text.length) setTimeout(send, SEND_MS);
  };
  send();
}

field.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  field.value = "";
  feed(globalThis.fake.nextAnswer);
});
globalThis.fake = { nextAnswer: null };
