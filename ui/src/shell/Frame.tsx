/** The window while working: side bar, title bar, screen, status line. */
import clsx from "clsx";
import { Suspense, useEffect, useRef } from "react";
import { LicenceNotice } from "../features/account";
import { TermsDue } from "../features/billing";
import { ChatScreen, NewConversationScreen } from "../features/chat";
import { Crumbs } from "../features/projects";
import { SearchLayer } from "../features/search";
import { SettingsScreen } from "../features/settings";
import { IconButton, layerIsOpen } from "../kit";
import { leaveSettings, navigate, type Route, useRoute } from "../route";
import { useShortcut } from "../shortcuts";
import { t } from "../text";
import { Captions } from "./Captions";
import { goToRegion } from "./regions";
import { SideBar } from "./SideBar";
import { StatusLine } from "./StatusLine";
import { useSideBar } from "./useSideBar";

export function Frame() {
  const route = useRoute();
  const { place, toggle, button } = useSideBar();
  const inSettings = route.screen === "settings";

  useShortcut("newConversation", () => navigate({ screen: "new", projectId: projectOf(route) }));
  useShortcut("settings", () => navigate({ screen: "settings", section: "billing" }));
  useShortcut("list", () => navigate({ screen: "settings", section: "shortcuts" }));
  useShortcut("sidebar", () => toggle?.());
  useShortcut("nextRegion", () => goToRegion(1));
  useShortcut("previousRegion", () => goToRegion(-1));
  useEscape(() => {
    if (place === "over") toggle?.();
    else if (inSettings) leaveSettings();
  });

  return (
    <div className={clsx("window", place !== "beside" && "window--wide", place === "over" && "window--over")}>
      {place === "hidden" ? null : <SideBar onHide={toggle} hideButton={button} />}
      {place === "over" && toggle ? (
        <button
          type="button"
          className="scrim scrim--sidebar"
          tabIndex={-1}
          aria-label={t("shell.hideSidebar")}
          onClick={toggle}
        />
      ) : null}
      <main className="main" inert={place === "over"}>
        <header
          className={route.screen === "conversation" ? "bar bar--lined" : "bar"}
          data-region
          data-tauri-drag-region
        >
          {place === "hidden" && toggle ? (
            <IconButton ref={button} icon="sidebar" label={t("shell.showSidebar")} onClick={toggle} />
          ) : null}
          {inSettings ? <span className="grow" data-tauri-drag-region /> : <Crumbs />}
          <Captions />
        </header>
        {inSettings && route.section === "billing" ? null : <LicenceNotice />}
        <TermsDue />
        <Screen route={route} />
      </main>
      <StatusLine />
      <SearchLayer />
    </div>
  );
}

function projectOf(route: Route): string | null {
  return route.screen === "new" ? route.projectId : null;
}

function Screen({ route }: { route: Route }) {
  switch (route.screen) {
    case "new":
      return <NewConversationScreen key={route.projectId ?? ""} projectId={route.projectId} />;
    case "conversation":
      return <ChatScreen key={route.id} conversationId={route.id} at={route.at ?? null} />;
    case "settings":
      return (
        <Suspense fallback={null}>
          <SettingsScreen section={route.section} sheet={route.sheet} />
        </Suspense>
      );
  }
}

/** Acts on Esc wherever the focus is, also where it is nowhere, unless a layer is open that it closes. */
function useEscape(act: () => void): void {
  const current = useRef(act);
  useEffect(() => {
    current.current = act;
  });
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented && !event.isComposing && !layerIsOpen()) current.current();
    };
    document.addEventListener("keydown", hear);
    return () => document.removeEventListener("keydown", hear);
  }, []);
}
