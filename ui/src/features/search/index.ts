/** Search over messages, titles and projects. */
export { SearchLayer } from "./SearchLayer";
export { openSearch } from "./search";
