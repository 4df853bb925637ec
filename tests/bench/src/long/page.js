// Conversations of two lengths over the in-memory backend, opened, scrolled through and closed, timed from inside the page.
(() => {
  /** Runs once the frame that is being made is on its way to the screen. */
  const afterPaint = (then) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => then(performance.now());
    port2.postMessage(null);
  };
  const log = () => document.querySelector('[role="log"]');
  const entry = (title) => [...document.querySelectorAll("nav button[data-roving]")].find((each) => each.textContent.includes(title));

  globalThis.long = {
    /** What the last thing that was begun came to. */
    found: null,
    /** `part` is the text of an answer; each round opens conversations that were never open before. */
    fill(part, lengths) {
      const [whole] = fake.conversations;
      const last = ({ id, role }) => (role === "user" ? {} : { text: part.replaceAll("NUMBER", id) });
      const messages = whole.messages.map((message) => ({ ...message, ...last(message) }));
      fake.conversations = Object.entries(lengths).map(([title, length]) => ({
        ...whole,
        id: title,
        title,
        messages: messages.slice(-length).map((message) => ({ ...message, id: `${title}-${message.id}`, versions: [`${title}-${message.id}`] })),
      }));
      for (const hear of fake.listeners) hear({ what: "workspace" });
    },
    isThere: (title) => entry(title) !== undefined,
    open(title) {
      this.found = null;
      const begun = performance.now();
      entry(title).click();
      const look = () => {
        const last = log()?.querySelector(`[data-message^="${title}-"][data-message$="-l4999"]`);
        if (!last) requestAnimationFrame(look);
        else
          afterPaint((at) => {
            this.found = at - begun;
          });
      };
      requestAnimationFrame(look);
    },
    /** Frames while the view moves up by most of a screen with each, and the most elements that there were. */
    scroll(frames) {
      this.found = null;
      const times = [];
      let nodes = 0;
      let before = null;
      const step = (now) => {
        if (before !== null) times.push(now - before);
        before = now;
        nodes = Math.max(nodes, document.querySelectorAll("*").length);
        if (times.length === frames) {
          this.found = { times, nodes };
          return;
        }
        log().scrollBy(0, -500);
        requestAnimationFrame(step);
      };
      requestAnimationFrame(step);
    },
    /** Bytes of what lives, where the browser tells. */
    heap() {
      globalThis.gc?.();
      return performance.memory?.usedJSHeapSize ?? null;
    },
  };
})();
