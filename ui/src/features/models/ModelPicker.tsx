/**
 * The list of models behind a button. It is loaded after the first paint; until then the button stands alone, and a press on it
 * opens the list as soon as it is there.
 */
import { cloneElement, lazy, type ReactElement, Suspense, useState } from "react";
import type { ModelPickerProps } from "./ModelList";

const ModelList = lazy(() => import("./ModelList"));

export function ModelPicker(props: Omit<ModelPickerProps, "defaultOpen">) {
  const [isAwaited, setAwaited] = useState(false);
  const press = () => {
    setAwaited(true);
    props.onOpenChange?.(true);
  };
  const trigger = props.trigger as ReactElement<{ onClick: () => void; onPointerDown: () => void }>;
  return (
    // The list may take the button's place while it is held down: then no click follows.
    <Suspense fallback={cloneElement(trigger, { onClick: press, onPointerDown: press })}>
      <ModelList {...props} defaultOpen={isAwaited} />
    </Suspense>
  );
}
