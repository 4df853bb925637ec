/** The window's own buttons where the system draws none: 44 px on Windows, header-bar circles on Linux. */
import { bridge } from "../bridge";
import { Icon } from "../kit";
import { t } from "../text";

export function Captions() {
  // Out of the tab order like the system's own; every system has keys for them.
  return (
    <div className="caption">
      <button type="button" tabIndex={-1} aria-label={t("shell.minimise")} onClick={() => bridge.window.minimise()}>
        <Icon name="min" />
      </button>
      <button
        type="button"
        tabIndex={-1}
        aria-label={t("shell.maximise")}
        onClick={() => bridge.window.toggleMaximise()}
      >
        <Icon name="max" />
      </button>
      <button
        type="button"
        tabIndex={-1}
        className="caption__close"
        aria-label={t("shell.closeWindow")}
        onClick={() => bridge.window.close()}
      >
        <Icon name="x" />
      </button>
    </div>
  );
}

/** The product's name where the title bar has room for it. */
export function AppTitle() {
  return (
    <span className="apptitle" data-tauri-drag-region>
      <Icon name="key" /> {t("shell.brasskey")}
    </span>
  );
}
