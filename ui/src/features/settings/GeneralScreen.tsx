/** Settings > General: how the window looks and what Return does. Everything takes effect at once. */
import { type ReactNode, useId } from "react";
import { Segments, Select, Switch } from "../../kit";
import { useChangePreferences, usePreferences } from "../../preferences";
import { keyLabel } from "../../shortcuts";
import { t } from "../../text";

const SIZES = [85, 90, 100, 110, 125, 150];

export function GeneralScreen() {
  const preferences = usePreferences();
  const change = useChangePreferences();
  const name = useId();
  const sizes = SIZES.includes(preferences.textSize) ? SIZES : [...SIZES, preferences.textSize].sort((a, b) => a - b);
  return (
    <div className="page__in">
      <header className="page__head">
        <h1>{t("settings.general")}</h1>
      </header>
      <section className="sect sect--first">
        <h2>{t("settings.appearance")}</h2>
        <dl className="rows rows--controls">
          <Row label={t("settings.theme")}>
            <Segments
              label={t("settings.theme")}
              name={`${name}-theme`}
              value={preferences.theme}
              options={[
                { value: "system", label: t("settings.themeSystem") },
                { value: "light", label: t("settings.themeLight") },
                { value: "dark", label: t("settings.themeDark") },
              ]}
              onChange={(theme) => change({ theme })}
            />
          </Row>
          <Row label={t("settings.textSize")} hint={t("settings.textSizeHint")}>
            <div className="rows__select">
              <Select
                label={t("settings.textSize")}
                value={String(preferences.textSize)}
                options={sizes.map((size) => ({ value: String(size), label: t("settings.percent", { value: size }) }))}
                onChange={(size) => change({ textSize: Number(size) })}
              />
            </div>
          </Row>
          <Row label={t("settings.systemFont")} hint={t("settings.systemFontHint")}>
            <Switch
              label={t("settings.systemFont")}
              checked={preferences.systemFont}
              onChange={(systemFont) => change({ systemFont })}
            />
          </Row>
        </dl>
      </section>
      <section className="sect">
        <h2>{t("settings.writing")}</h2>
        <dl className="rows rows--controls">
          <Row
            label={t("settings.returnKey")}
            hint={
              preferences.returnKey === "sends"
                ? t("settings.returnSendsHint", { newLine: keyLabel("shift+enter") })
                : t("settings.returnNewLineHint", { send: keyLabel("mod+enter") })
            }
          >
            <Segments
              label={t("settings.returnKey")}
              name={`${name}-return`}
              value={preferences.returnKey}
              options={[
                { value: "sends", label: t("settings.returnSends") },
                { value: "new_line", label: t("settings.returnNewLine") },
              ]}
              onChange={(returnKey) => change({ returnKey })}
            />
          </Row>
        </dl>
      </section>
    </div>
  );
}

function Row({ label, hint, children }: { label: string; hint?: string; children: ReactNode }) {
  return (
    <div className="r">
      <dt>{label}</dt>
      <dd className="r__v">
        {children}
        {hint ? <small>{hint}</small> : null}
      </dd>
    </div>
  );
}
