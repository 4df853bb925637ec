/** A button: label first, one job. Busy keeps the label and its width; disabled always says why. */
import clsx from "clsx";
import { type ComponentProps, useId } from "react";
import type { GlyphName } from "./glyphs";
import { Icon } from "./Icon";
import { Spinner } from "./Spinner";

export interface ButtonProps extends Omit<ComponentProps<"button">, "disabled"> {
  variant?: "plain" | "primary" | "ghost" | "danger";
  size?: "s" | "m" | "l";
  icon?: GlyphName;
  /** At work: keeps its label, shows a spinner, ignores presses. */
  busy?: boolean;
  /** Why it cannot be pressed now; said to screen readers and shown as a tooltip. Also put it in words nearby. */
  disabledReason?: string | null | undefined;
}

export function Button({
  variant = "plain",
  size = "m",
  icon,
  busy = false,
  disabledReason,
  className,
  children,
  onClick,
  type = "button",
  ...rest
}: ButtonProps) {
  const reasonId = useId();
  const blocked = busy || Boolean(disabledReason);
  const button = (
    <button
      {...rest}
      type={blocked && type === "submit" ? "button" : type}
      className={clsx("btn", variant !== "plain" && `btn--${variant}`, size !== "m" && `btn--${size}`, className)}
      aria-disabled={blocked || undefined}
      aria-busy={busy || undefined}
      aria-describedby={disabledReason ? reasonId : rest["aria-describedby"]}
      title={disabledReason ?? rest.title}
      onClick={blocked ? (event) => event.preventDefault() : onClick}
    >
      {busy ? <Spinner /> : icon ? <Icon name={icon} size="s" /> : null}
      {children}
    </button>
  );
  if (!disabledReason) return button;
  return (
    <>
      {button}
      <span className="vh" id={reasonId}>
        {disabledReason}
      </span>
    </>
  );
}

interface IconButtonProps extends Omit<ButtonProps, "icon" | "children"> {
  /** What it does; its accessible name and tooltip. */
  label: string;
  icon: GlyphName;
}

/** A button that shows only an icon. */
export function IconButton({ label, icon, variant = "ghost", size = "m", className, busy, ...rest }: IconButtonProps) {
  return (
    <Button
      variant={variant}
      size={size}
      className={clsx("btn--icon", className)}
      aria-label={label}
      title={label}
      busy={busy ?? false}
      {...rest}
    >
      {busy ? null : <Icon name={icon} />}
    </Button>
  );
}

/** A quiet action inside a sentence or beside a button. */
export function TextButton({ className, type = "button", ...rest }: ComponentProps<"button">) {
  return <button {...rest} type={type} className={clsx("textbtn", className)} />;
}
