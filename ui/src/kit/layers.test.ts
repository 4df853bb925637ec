import { afterEach, expect, test } from "vitest";
import { layerIsOpen } from "./layers";

afterEach(() => {
  document.body.innerHTML = "";
});

test.each(["dialog", "sheet", "popover"])("a %s lies above the window until it begins to close", (layer) => {
  expect(layerIsOpen()).toBe(false);
  document.body.innerHTML = `<div class="${layer}" data-open></div>`;
  expect(layerIsOpen()).toBe(true);
  document.body.innerHTML = `<div class="${layer}" data-closed data-ending-style></div>`;
  expect(layerIsOpen()).toBe(false);
});
