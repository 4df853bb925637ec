/** Settings > Shortcuts: what the keyboard does. */
import { Table } from "../../kit";
import { usePreferences } from "../../preferences";
import { keyLabel, shortcuts } from "../../shortcuts";
import { t } from "../../text";

export function ShortcutsScreen() {
  const { returnKey } = usePreferences();
  const sends = returnKey === "sends";
  const everywhere = Object.values(shortcuts).map(({ keys, label }) => [keyLabel(keys), t(label)] as const);
  const writing = [
    [keyLabel(sends ? "enter" : "mod+enter"), t("settings.list.send")],
    [keyLabel(sends ? "shift+enter" : "enter"), t("settings.list.newLine")],
    ["↑", t("settings.list.editLast")],
    [keyLabel("escape"), t("settings.list.stop")],
  ] as const;
  const inList = [
    ["↑ ↓", t("settings.list.move")],
    ["→ ←", t("settings.list.open")],
    ["F2", t("settings.list.rename")],
    ["Delete", t("settings.list.delete")],
  ] as const;
  return (
    <div className="page__in">
      <header className="page__head">
        <div>
          <h1>{t("settings.shortcuts")}</h1>
          <p className="page__lede">{t("settings.shortcutsLede")}</p>
        </div>
      </header>
      <List title={t("settings.shortcuts")} rows={everywhere} />
      <section className="sect">
        <h2>{t("settings.writing")}</h2>
        <List title={t("settings.writing")} rows={writing} />
      </section>
      <section className="sect">
        <h2>{t("settings.inList")}</h2>
        <List title={t("settings.inList")} rows={inList} />
      </section>
    </div>
  );
}

function List({ title, rows }: { title: string; rows: readonly (readonly [keys: string, does: string])[] }) {
  return (
    <Table
      caption={title}
      head={
        <>
          <th scope="col" className="shortcuts__keys">
            {t("settings.shortcutKeys")}
          </th>
          <th scope="col">{t("settings.shortcutDoes")}</th>
        </>
      }
    >
      {rows.map(([keys, does]) => (
        <tr key={does}>
          <td>
            <kbd className="kbd kbd--boxed">{keys}</kbd>
          </td>
          <td>{does}</td>
        </tr>
      ))}
    </Table>
  );
}
