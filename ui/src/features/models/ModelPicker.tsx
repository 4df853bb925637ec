/**
 * The list of models behind a button. It is loaded after the first paint; until then the button stands alone, and a press on it
 * opens the list as soon as it is there.
 */
import { cloneElement, type ReactElement, useEffect, useRef, useState } from "react";
import type ModelList from "./ModelList";
import type { ModelPickerProps } from "./ModelList";

type List = typeof ModelList;

let loaded: List | null = null;
async function load(): Promise<List> {
  loaded ??= (await import("./ModelList")).default;
  return loaded;
}

export function ModelPicker(props: Omit<ModelPickerProps, "defaultOpen">) {
  const [Loaded, setLoaded] = useState<List | null>(() => loaded);
  const [isAwaited, setAwaited] = useState(false);
  // The list never takes the button's place while it is held down: the press would be lost.
  const isHeld = useRef(false);
  useEffect(() => {
    if (Loaded) return;
    let isHere = true;
    load().then((list) => {
      if (isHere && !isHeld.current) setLoaded(() => list);
    });
    return () => {
      isHere = false;
    };
  }, [Loaded]);
  if (Loaded) return <Loaded {...props} defaultOpen={isAwaited} />;

  const release = () => {
    isHeld.current = false;
    if (loaded) setLoaded(() => loaded);
  };
  return cloneElement(props.trigger as ReactElement<Record<string, () => void>>, {
    onPointerDown: () => {
      isHeld.current = true;
    },
    // The click comes after it.
    onPointerUp: () => setTimeout(release),
    onPointerLeave: release,
    onPointerCancel: release,
    onClick: () => {
      setAwaited(true);
      props.onOpenChange?.(true);
    },
  });
}
