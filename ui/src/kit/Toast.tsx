/** Short messages about what the view does not already show, with an undo where there is one. F6 and Tab reach them. */
import { Toast as Base } from "@base-ui/react/toast";
import { t } from "../text";
import { Button, IconButton } from "./Button";

const manager = Base.createToastManager();

interface ToastContent {
  title: string;
  /** Takes the action back; the toast stays until `undoUntil`. */
  undo?: () => void;
  /** Milliseconds since 1970; ten seconds from now unless told. */
  undoUntil?: number;
}

/** Shows a message at the lower edge. */
export function toast({ title, undo, undoUntil }: ToastContent): void {
  const timeout = undoUntil === undefined ? 10_000 : Math.max(1000, undoUntil - Date.now());
  const id = manager.add({
    title,
    timeout,
    ...(undo
      ? {
          actionProps: {
            children: t("kit.undo"),
            onClick: () => {
              manager.close(id);
              undo();
            },
          },
        }
      : {}),
  });
}

function Toasts() {
  const { toasts } = Base.useToastManager();
  return toasts.map((each) => (
    <Base.Root key={each.id} toast={each} className="toast" swipeDirection={[]}>
      <Base.Content className="toast__in">
        <Base.Title className="toast__t" />
        {each.actionProps ? <Base.Action render={<Button size="s" />} /> : null}
        <Base.Close render={<IconButton size="s" icon="x" label={t("kit.dismiss")} />} />
      </Base.Content>
    </Base.Root>
  ));
}

/** Where toasts appear; once in the window. */
export function ToastRegion() {
  return (
    <Base.Provider toastManager={manager}>
      <Base.Portal>
        <Base.Viewport className="toasts" aria-label={t("kit.notifications")}>
          <Toasts />
        </Base.Viewport>
      </Base.Portal>
    </Base.Provider>
  );
}
