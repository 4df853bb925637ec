/** The side bar: projects in the workspace, sections in the settings. It can be hidden and resized. */
import { type KeyboardEvent, type PointerEvent, type Ref, useEffect, useRef } from "react";
import { ProjectList } from "../features/projects";
import { SettingsNav } from "../features/settings";
import { Icon, IconButton } from "../kit";
import { useChangePreferences, usePreferences } from "../preferences";
import { navigate, useRoute } from "../route";
import { keyLabel, shortcuts } from "../shortcuts";
import { t } from "../text";
import { AppTitle } from "./Captions";

const MIN = 200;
const MAX = 360;
const DEFAULT = 244;

const within = (width: number) => Math.min(MAX, Math.max(MIN, Math.round(width)));

interface SideBarProps {
  /** Null where it stays. */
  onHide: (() => void) | null;
  hideButton: Ref<HTMLButtonElement>;
}

export function SideBar({ onHide, hideButton }: SideBarProps) {
  const route = useRoute();
  const inSettings = route.screen === "settings";
  return (
    <nav className="sidebar" data-region aria-label={inSettings ? t("shell.settingsNav") : t("shell.sidebar")}>
      <div className="sidebar__top" data-tauri-drag-region>
        <AppTitle />
        {onHide ? <IconButton ref={hideButton} icon="sidebar" label={t("shell.hideSidebar")} onClick={onHide} /> : null}
      </div>
      {inSettings ? <SettingsNav section={route.section} /> : <ProjectList />}
      {inSettings ? null : (
        <div className="side__foot">
          <button
            type="button"
            className="side__item"
            onClick={() => navigate({ screen: "settings", section: "billing" })}
          >
            <Icon name="sliders" />
            <span>{t("shell.settings")}</span>
            <kbd className="kbd">{keyLabel(shortcuts.settings.keys)}</kbd>
          </button>
        </div>
      )}
      <Edge />
    </nav>
  );
}

/** The edge that resizes the side bar: by pointer or by arrow keys; a double press goes back to the usual width. */
function Edge() {
  const { sidebarWidth } = usePreferences();
  const change = useChangePreferences();
  const dragged = useRef<number | null>(null);
  const root = document.documentElement;

  useEffect(() => {
    if (sidebarWidth === DEFAULT) root.style.removeProperty("--sidebar");
    else root.style.setProperty("--sidebar", `${sidebarWidth}px`);
  }, [sidebarWidth]);

  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    dragged.current = within(event.clientX);
    root.style.setProperty("--sidebar", `${dragged.current}px`);
  };
  const onPointerUp = () => {
    if (dragged.current !== null) change({ sidebarWidth: dragged.current });
    dragged.current = null;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -16, ArrowRight: 16 }[event.key];
    if (by !== undefined) change({ sidebarWidth: within(sidebarWidth + by) });
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a focusable separator is a window splitter, which <hr> cannot be.
    <div
      className="sidebar__edge"
      role="separator"
      aria-orientation="vertical"
      aria-label={t("shell.resizeSidebar")}
      aria-valuemin={MIN}
      aria-valuemax={MAX}
      aria-valuenow={sidebarWidth}
      tabIndex={0}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onDoubleClick={() => change({ sidebarWidth: DEFAULT })}
      onKeyDown={onKeyDown}
    />
  );
}
