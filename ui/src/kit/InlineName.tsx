/** A name edited where it stands: Return keeps it, Esc leaves it as it was, leaving the field keeps it. */
import { useRef } from "react";

interface InlineNameProps {
  label: string;
  value: string;
  onKeep: (name: string) => void;
  onLeave: () => void;
}

export function InlineName({ label, value, onKeep, onLeave }: InlineNameProps) {
  const settled = useRef(false);
  const settle = (name: string | null) => {
    if (settled.current) return;
    settled.current = true;
    const trimmed = name?.trim() ?? "";
    if (trimmed !== "" && trimmed !== value) onKeep(trimmed);
    onLeave();
  };
  return (
    <input
      className="input inlinename"
      aria-label={label}
      defaultValue={value}
      maxLength={200}
      // The user asked to name the thing; the caret belongs here.
      ref={(field) => {
        if (field && document.activeElement !== field && !settled.current) {
          field.focus();
          field.select();
        }
      }}
      onBlur={(event) => settle(event.target.value)}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Enter" && !event.nativeEvent.isComposing) settle(event.currentTarget.value);
        if (event.key === "Escape") settle(null);
      }}
    />
  );
}
