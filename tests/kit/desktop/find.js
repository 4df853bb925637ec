// Finds visible elements by role and accessible name, by label, by text or by selector. A plain reading of the rules of
// accessible names (aria-labelledby, aria-label, label, alt, title, text), enough for a page that is written to be read aloud.
const [how, first, second] = arguments;

const fold = (text) => (text ?? "").replace(/\s+/g, " ").trim();

const visible = (element) => {
  if (!element.isConnected || element.closest("[hidden], [inert], [aria-hidden='true']")) return false;
  const style = getComputedStyle(element);
  if (style.visibility !== "visible" || style.display === "none") return false;
  return element.getClientRects().length > 0;
};

const INPUT_ROLES = {
  button: "button", submit: "button", reset: "button", image: "button", checkbox: "checkbox", radio: "radio",
  range: "slider", number: "spinbutton", search: "searchbox",
};

const TAG_ROLES = {
  A: "link", ARTICLE: "article", ASIDE: "complementary", BUTTON: "button", DIALOG: "dialog", FIELDSET: "group",
  FORM: "form", H1: "heading", H2: "heading", H3: "heading", H4: "heading", H5: "heading", H6: "heading",
  HEADER: "banner", FOOTER: "contentinfo", HR: "separator", IMG: "img", LI: "listitem", MAIN: "main", NAV: "navigation",
  OL: "list", UL: "list", OPTION: "option", OUTPUT: "status", PROGRESS: "progressbar", METER: "meter",
  SECTION: "region", SELECT: "combobox", TABLE: "table", TR: "row", TD: "cell", TH: "columnheader",
  TEXTAREA: "textbox", DETAILS: "group", SUMMARY: "button",
};

const roleOf = (element) => {
  const explicit = element.getAttribute("role");
  if (explicit) return explicit.trim().split(/\s+/)[0];
  if (element.tagName === "INPUT") return INPUT_ROLES[element.type] ?? "textbox";
  return TAG_ROLES[element.tagName] ?? "";
};

// The text without what is hidden from screen readers.
const spoken = (node) => {
  if (node.nodeType === Node.TEXT_NODE) return node.data;
  if (node.nodeType !== Node.ELEMENT_NODE || node.getAttribute("aria-hidden") === "true") return "";
  return [...node.childNodes].map(spoken).join("");
};

const nameOf = (element) => {
  const by = element.getAttribute("aria-labelledby");
  if (by) {
    const parts = by.split(/\s+/).map((id) => fold(document.getElementById(id)?.textContent));
    if (parts.some(Boolean)) return fold(parts.join(" "));
  }
  const label = fold(element.getAttribute("aria-label"));
  if (label) return label;
  if (element.labels?.length) return fold([...element.labels].map((one) => one.textContent).join(" "));
  if (element.tagName === "INPUT" && ["button", "submit", "reset"].includes(element.type)) return fold(element.value);
  const own = fold(element.getAttribute("alt") ?? spoken(element));
  return own || fold(element.getAttribute("title") ?? element.getAttribute("placeholder"));
};

const all = (selector) => [...document.querySelectorAll(selector)].filter(visible);

switch (how) {
  case "css":
    return all(first);
  case "role":
    return all("*").filter((element) => roleOf(element) === first && nameOf(element) === fold(second));
  case "label":
    return all("input, textarea, select, [role], [contenteditable]").filter((element) => nameOf(element) === fold(first));
  case "text": {
    const wanted = fold(first);
    const holders = all("body *").filter((element) => fold(element.innerText).includes(wanted));
    return holders.filter((element) => !holders.some((other) => other !== element && element.contains(other)));
  }
}
return [];
