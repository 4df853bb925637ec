/** Puts text on the clipboard through the backend and says so for a moment. */
import { useEffect, useState } from "react";
import { bridge } from "../../bridge";
import { Button, toast } from "../../kit";
import { t } from "../../text";

interface CopyButtonProps {
  /** Asked when it is pressed. */
  text: () => string;
}

const SHOWN_MS = 2000;

export function CopyButton({ text }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () => {
    bridge.clipboardCopy(text()).then(
      () => setCopied(true),
      () => toast({ title: t("markdown.copyFailed") }),
    );
  };
  return (
    <Button variant="ghost" size="s" icon={copied ? "check" : "copy"} onClick={copy}>
      <span aria-live="polite">{copied ? t("kit.copied") : t("kit.copy")}</span>
    </Button>
  );
}
