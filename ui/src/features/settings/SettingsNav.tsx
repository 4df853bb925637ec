/** The side bar of the settings. */
import { type GlyphName, Icon, useRoving } from "../../kit";
import { leaveSettings, navigate, type SettingsSection } from "../../route";
import { keyLabel } from "../../shortcuts";
import { t } from "../../text";

export function SettingsNav({ section }: { section: SettingsSection }) {
  const roving = useRoving<HTMLDivElement>();
  const item = (to: SettingsSection, icon: GlyphName, label: string) => (
    <button
      type="button"
      data-roving
      className="side__item"
      aria-current={to === section ? "page" : undefined}
      onClick={() => navigate({ screen: "settings", section: to })}
    >
      <Icon name={icon} />
      <span>{label}</span>
    </button>
  );
  return (
    <div className="side" {...roving}>
      <button type="button" data-roving className="side__item" onClick={leaveSettings}>
        <Icon name="back" />
        <span>{t("shell.backToWorkspace")}</span>
        <kbd className="kbd">{keyLabel("escape")}</kbd>
      </button>
      <h2 className="side__head">{t("shell.account")}</h2>
      {item("billing", "card", t("settings.billing"))}
      {item("keys", "key", t("settings.keys"))}
      <h2 className="side__head">{t("shell.thisApp")}</h2>
      {item("general", "sliders", t("settings.general"))}
      {item("data", "file", t("transfer.data"))}
      {item("shortcuts", "keyboard", t("settings.shortcuts"))}
      {item("about", "info", t("report.about"))}
    </div>
  );
}
