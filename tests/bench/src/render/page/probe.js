// What is seen of a page from inside it, the same in every page and browser: how late timers are, how long keys take to be
// painted, tasks that hold the page up, and when the last word of the answer is painted.
(() => {
  const TICK_MS = 50;
  const lags = [];
  const keys = [];
  const longTasks = [];
  const seen = { begunAt: null, paintedAt: null };

  /** Runs once the frame that is being made is on its way to the screen. */
  const afterPaint = (then) =>
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => then(performance.now());
      port2.postMessage(null);
    });

  const tick = (due) => {
    const now = performance.now();
    if (seen.begunAt !== null && seen.paintedAt === null) lags.push(now - due);
    setTimeout(tick, TICK_MS, now + TICK_MS);
  };
  setTimeout(tick, TICK_MS, performance.now() + TICK_MS);

  if (globalThis.PerformanceObserver?.supportedEntryTypes.includes("longtask")) {
    new PerformanceObserver((list) => {
      for (const { duration, startTime } of list.getEntries())
        if (seen.begunAt !== null && startTime >= seen.begunAt && seen.paintedAt === null) longTasks.push(duration);
    }).observe({ type: "longtask" });
  }

  globalThis.probe = {
    /** Begins with the next Enter: the answer's last word is `mark`, and it comes after `afterMs` at the earliest. */
    arm(mark, afterMs) {
      addEventListener(
        "keydown",
        ({ key, timeStamp }) => {
          if (key !== "Enter") {
            afterPaint((at) => keys.push(at - timeStamp));
            return;
          }
          if (seen.begunAt !== null) return;
          seen.begunAt = timeStamp;
          setTimeout(() => watch(mark), afterMs);
        },
        { capture: true },
      );
    },
    read: () => ({
      ...seen,
      lags,
      keys,
      longTasks,
      nodes: document.querySelectorAll("*").length,
    }),
  };

  function watch(mark) {
    const has = (node) => node.textContent.includes(mark);
    const observer = new MutationObserver((records) => {
      if (!records.some(({ target, addedNodes }) => [...addedNodes].some(has) || (target.nodeType === 3 && has(target))))
        return;
      observer.disconnect();
      afterPaint((at) => {
        seen.paintedAt = at;
      });
    });
    observer.observe(document.body, { subtree: true, childList: true, characterData: true });
  }
})();
