/**
 * The interface icons: 16 px grid, 1.35 px round strokes, in the text's colour. Drawn by `Icon`; no other file draws one.
 */
export const glyphs = {
  search: (
    <>
      <circle cx="7" cy="7" r="4.25" />
      <path d="m10.2 10.2 3.3 3.3" />
    </>
  ),
  plus: <path d="M8 3.5v9M3.5 8h9" />,
  sidebar: (
    <>
      <rect x="2" y="3" width="12" height="10" rx="2" />
      <path d="M6.2 3v10" />
    </>
  ),
  "chev-d": <path d="M4.75 6.5 8 9.75l3.25-3.25" />,
  "chev-r": <path d="M6.5 4.75 9.75 8 6.5 11.25" />,
  "chev-ud": <path d="M5.2 6.2 8 3.5l2.8 2.7M5.2 9.8 8 12.5l2.8-2.7" />,
  back: <path d="M9.75 3.75 5.5 8l4.25 4.25" />,
  key: (
    <>
      <path d="M4.9 1.9v8.9M4.9 2.6h4M4.9 5.4h2.9" />
      <circle cx="8.3" cy="10.8" r="3.4" />
    </>
  ),
  receipt: <path d="M3.8 2.4h8.4v11.2l-1.7-1.1-1.25 1.1L8 12.5l-1.25 1.1-1.25-1.1-1.7 1.1zM6.1 5.6h3.8M6.1 8.3h3.8" />,
  clip: (
    <path d="m12.6 7.4-4.9 4.8a2.7 2.7 0 0 1-3.8-3.8l5.2-5.2a1.8 1.8 0 0 1 2.6 2.6L6.6 10.9a.9.9 0 0 1-1.3-1.3l4.5-4.4" />
  ),
  stop: <rect x="4.5" y="4.5" width="7" height="7" rx="1.2" fill="currentColor" stroke="none" />,
  up: <path d="M8 12.5v-9M4.2 7.2 8 3.5l3.8 3.7" />,
  copy: (
    <>
      <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
      <path d="M3.6 10.5A1.4 1.4 0 0 1 2.5 9.2V4A1.5 1.5 0 0 1 4 2.5h5.2a1.4 1.4 0 0 1 1.3 1.1" />
    </>
  ),
  check: <path d="M3.4 8.5 6.5 11.6l6.1-7" />,
  x: <path d="m4.2 4.2 7.6 7.6M11.8 4.2l-7.6 7.6" />,
  warn: <path d="M8 2.5 14 13H2zM8 6.4v3.2M8 11.3v.01" />,
  clock: (
    <>
      <circle cx="8" cy="8" r="5.6" />
      <path d="M8 4.9V8l2.1 1.5" />
    </>
  ),
  offline: (
    <path d="m2.5 2.5 11 11M2 6.4a9.2 9.2 0 0 1 2.6-1.7M7.4 4a9 9 0 0 1 6.6 2.4M4.4 8.9a5.6 5.6 0 0 1 2.6-1.4M11.6 8.9l-.7-.5M8 12v.01" />
  ),
  ban: (
    <>
      <circle cx="8" cy="8" r="5.6" />
      <path d="m4.1 4.1 7.8 7.8" />
    </>
  ),
  card: (
    <>
      <rect x="2" y="3.7" width="12" height="8.8" rx="1.6" />
      <path d="M2 6.7h12M4.6 10h2.2" />
    </>
  ),
  gauge: <path d="M3.4 12a5.8 5.8 0 1 1 9.2 0M8 8.6l2.3-2.7" />,
  server: (
    <>
      <rect x="2.5" y="3" width="11" height="4.3" rx="1.2" />
      <rect x="2.5" y="8.7" width="11" height="4.3" rx="1.2" />
      <path d="M5 5.15h.01M5 10.85h.01" />
    </>
  ),
  folder: <path d="M2.2 11.9V4.3c0-.6.4-1 1-1h2.9l1.5 1.8h5.2c.6 0 1 .4 1 1v5.8c0 .6-.4 1-1 1H3.2c-.6 0-1-.4-1-1z" />,
  sliders: (
    <>
      <path d="M2.5 5h6M12 5h1.5M2.5 11H4M7.6 11h5.9" />
      <circle cx="10.2" cy="5" r="1.75" />
      <circle cx="5.8" cy="11" r="1.75" />
    </>
  ),
  chart: <path d="M3 13V8.7M6.4 13V4M9.8 13V6.7M13.2 13v-2.8" />,
  plug: <path d="M6 2.2v2.6M10 2.2v2.6M4 4.8h8v2.7a4 4 0 0 1-8 0zM8 11.5V14" />,
  more: <path d="M3.5 8h.01M8 8h.01M12.5 8h.01" strokeWidth="2" />,
  ext: (
    <path d="M6.6 3.6H4.5A1.5 1.5 0 0 0 3 5.1v6.4A1.5 1.5 0 0 0 4.5 13h6.4a1.5 1.5 0 0 0 1.5-1.5V9.4M9.2 3H13v3.8M13 3 7.6 8.4" />
  ),
  lock: (
    <>
      <rect x="3.4" y="7" width="9.2" height="6.4" rx="1.5" />
      <path d="M5.5 7V5a2.5 2.5 0 0 1 5 0v2" />
    </>
  ),
  down: <path d="M8 2.8v7M4.8 7 8 10.2 11.2 7M3 13h10" />,
  refresh: <path d="M13 8a5 5 0 1 1-1.5-3.6M13 2.6v2.9h-2.9" />,
  trash: <path d="M3 4.6h10M6.2 4.6V3h3.6v1.6M4.3 4.6l.6 8.4h6.2l.6-8.4" />,
  file: <path d="M4 2.5h4.9L12 5.6v7.9H4zM8.8 2.6v3.1h3.1" />,
  terminal: (
    <>
      <rect x="2" y="3" width="12" height="10" rx="1.7" />
      <path d="m4.8 6.2 2 1.8-2 1.8M8.4 10h2.8" />
    </>
  ),
  info: (
    <>
      <circle cx="8" cy="8" r="5.6" />
      <path d="M8 7.5v3.2M8 5.2v.01" />
    </>
  ),
  user: (
    <>
      <circle cx="8" cy="5.4" r="2.6" />
      <path d="M3 13.3c.6-2.5 2.6-3.8 5-3.8s4.4 1.3 5 3.8" />
    </>
  ),
  keyboard: (
    <>
      <rect x="1.8" y="4" width="12.4" height="8" rx="1.5" />
      <path d="M4.4 6.7h.01M6.8 6.7h.01M9.2 6.7h.01M11.6 6.7h.01M5.4 9.4h5.2" />
    </>
  ),
  edit: (
    <path d="M12.9 8.7v3.4a1.4 1.4 0 0 1-1.4 1.4H3.9a1.4 1.4 0 0 1-1.4-1.4V4.5a1.4 1.4 0 0 1 1.4-1.4h3.4M6.2 9.9l.5-2.1 5.6-5.6 1.6 1.6-5.6 5.6z" />
  ),
  shield: <path d="M8 2.1 13 4v3.8c0 2.9-2.1 5-5 6.1-2.9-1.1-5-3.2-5-6.1V4z" />,
  spin: <path d="M8 2.4A5.6 5.6 0 1 1 2.4 8" />,
  min: <path d="M2.5 8h11" />,
  max: <rect x="3" y="3" width="10" height="10" rx="1" />,
  chat: (
    <path d="M2.6 4.6c0-.8.7-1.5 1.5-1.5h7.8c.8 0 1.5.7 1.5 1.5v5c0 .8-.7 1.5-1.5 1.5H7.4l-2.9 2.3v-2.3h-.4c-.8 0-1.5-.7-1.5-1.5z" />
  ),
  swap: <path d="M2.8 5.6h9.6M9.8 2.9l2.6 2.7-2.6 2.7M13.2 10.9H3.6M6.2 8.2l-2.6 2.7 2.6 2.7" />,
  tag: <path d="M2.6 2.6h4.9l6 6-4.9 4.9-6-6zM5.5 5.5h.01" />,
  laptop: (
    <>
      <rect x="3.2" y="3.4" width="9.6" height="6.8" rx="1.2" />
      <path d="M1.8 12.6h12.4" />
    </>
  ),
} as const;

/** The name of an icon. */
export type GlyphName = keyof typeof glyphs;
