/** Where the question before a link is opened appears; once in the window, loaded when it is first asked. */
import { lazy, Suspense } from "react";
import { create } from "zustand";

const Question = lazy(() => import("./Question"));

const useAsked = create<{ address: string | null }>(() => ({ address: null }));

/** Asks whether to open an address; opens nothing. */
export function askToOpen(address: string): void {
  useAsked.setState({ address });
}

export function LinkDialog() {
  const address = useAsked((state) => state.address);
  const close = () => useAsked.setState({ address: null });
  if (address === null) return null;
  return (
    <Suspense fallback={null}>
      <Question key={address} address={address} onClose={close} />
    </Suspense>
  );
}
