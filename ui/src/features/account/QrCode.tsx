/** A QR code, drawn dark on light whatever the theme is: that is how cameras read one. */
interface QrCodeProps {
  /** Row by row; `1` is dark. */
  rows: readonly string[];
  label: string;
}

/** The margin that a reader needs, in modules. */
const QUIET = 4;

export function QrCode({ rows, label }: QrCodeProps) {
  const side = rows.length + 2 * QUIET;
  const dark = rows
    .flatMap((row, y) => [...row].map((each, x) => (each === "1" ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : "")))
    .join("");
  return (
    <svg className="qr" viewBox={`0 0 ${side} ${side}`} role="img" aria-label={label}>
      <path className="qr__light" d={`M0 0h${side}v${side}H0z`} />
      <path className="qr__dark" d={dark} />
    </svg>
  );
}
