/** "2 of 3": the versions of a question or an answer; the others stay kept. */
import type { MessageView } from "../../bridge";
import { IconButton } from "../../kit";
import { t } from "../../text";
import { useConversation } from "./conversation";

export function VersionSwitcher({ message }: { message: MessageView }) {
  const { showVersion } = useConversation();
  const { version, versions } = message;
  if (versions.length < 2) return null;
  const go = (to: number) => {
    const id = versions[to];
    if (id !== undefined) showVersion(id);
  };
  return (
    <fieldset className="versions" aria-label={t("chat.versions")}>
      <IconButton
        size="s"
        icon="back"
        label={t("chat.previousVersion")}
        disabledReason={version === 0 ? t("chat.firstVersion") : null}
        onClick={() => go(version - 1)}
      />
      <span className="num">{t("chat.versionOf", { version: version + 1, count: versions.length })}</span>
      <IconButton
        size="s"
        icon="chev-r"
        label={t("chat.nextVersion")}
        disabledReason={version === versions.length - 1 ? t("chat.lastVersion") : null}
        onClick={() => go(version + 1)}
      />
    </fieldset>
  );
}
