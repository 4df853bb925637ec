/** How much of something is used, as a bar; the figures stand beside it in words. */
interface MeterProps {
  label: string;
  value: number;
  max: number;
}

export function Meter({ label, value, max }: MeterProps) {
  const share = max > 0 ? Math.min(1, Math.max(0, value / max)) : 1;
  return (
    // biome-ignore lint/a11y/useSemanticElements: the element cannot be drawn the same everywhere.
    <div
      className={share >= 1 ? "meter meter--full" : "meter"}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={max}
      aria-valuenow={value}
    >
      <i style={{ width: `${share * 100}%` }} />
    </div>
  );
}
