/** A conversation that has not begun: what is known of the key, and the field for the first message. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { bridge, type KeyView, type ModelRef, type PayerView, queries } from "../../bridge";
import { useCommand } from "../../command";
import { Button, Icon, toast } from "../../kit";
import { navigate } from "../../route";
import { t } from "../../text";
import { NoPlan } from "../billing";
import { ErrorNote } from "../failures";
import { findModel, useModelChoice, useModelGroups } from "../models";
import { Composer } from "./Composer";
import { takeAlong } from "./drafts";
import { Refusal } from "./Refusal";
import { useAsk } from "./useAsk";
import "./chat.css";

interface Refused {
  error: unknown;
  model: ModelRef;
}

export function NewConversationScreen({ projectId }: { projectId: string | null }) {
  const { data: keys } = useQuery(queries.keys);
  const draft = useQuery({
    queryKey: ["draft"],
    queryFn: () => bridge.draftsRead(null),
    gcTime: 0,
  });
  const { groups, isKnown } = useModelGroups();
  if (!keys || !isKnown || draft.isPending) return null;
  const isNothingThere = keys.keys.length === 0 && groups.length === 0;
  return (
    <div className="begin">
      <div className="begin__in">
        {isNothingThere ? <NoKeys /> : <Begin projectId={projectId} keys={keys.keys} stored={draft.data ?? ""} />}
      </div>
    </div>
  );
}

function Begin({ projectId, keys, stored }: { projectId: string | null; keys: KeyView[]; stored: string }) {
  const ask = useAsk();
  const { data: workspace } = useQuery(queries.workspace);
  const { groups } = useModelGroups();
  const model = useModelChoice(null);
  const [refused, setRefused] = useState<Refused | null>(null);
  const [isSending, setSending] = useState(false);
  const isFirst = workspace?.conversations.length === 0;
  const { title, lede } = heading(
    keys.find(({ id }) => id === model?.keyId),
    model && findModel(groups, model)?.payer,
    isFirst,
  );

  const send = async (text: string, of: ModelRef): Promise<boolean> => {
    setRefused(null);
    setSending(true);
    try {
      const { conversationId } = await ask({ kind: "first", projectId, text }, of);
      // The composer empties the draft while it leaves; the conversation takes over.
      takeAlong(text, conversationId);
      queueMicrotask(() => navigate({ screen: "conversation", id: conversationId }));
      return true;
    } catch (error) {
      setRefused({ error, model: of });
      return false;
    } finally {
      setSending(false);
    }
  };

  return (
    <>
      <h1 className="begin__title">{title}</h1>
      {lede === null ? null : <p className="begin__lede">{lede}</p>}
      {refused ? (
        <div className="begin__note">
          <Refusal error={refused.error} model={refused.model} onDismiss={() => setRefused(null)} />
        </div>
      ) : null}
      <Composer
        conversationId={null}
        stored={stored}
        placeholder={t("chat.askOrPaste")}
        onSend={send}
        isSending={isSending}
        onStop={null}
        autoFocus
        rows={2}
      />
    </>
  );
}

/** Claims only what a check proved. */
function heading(
  key: KeyView | undefined,
  payer: PayerView | null | undefined,
  isFirst: boolean,
): { title: string; lede: string | null } {
  const title = t("begin.ask");
  if (payer?.kind === "plan") return { title, lede: t("begin.plan", { provider: payer.providerName }) };
  if (!key) return { title, lede: null };
  if (key.onThisComputer && key.place === "none") return { title, lede: t("begin.local", { name: key.label }) };
  const named = { provider: key.providerName, last4: key.last4 ?? "" };
  switch (key.health.state) {
    case "working":
      return {
        title: isFirst ? t("begin.keyWorks") : title,
        lede: t("begin.models", { ...named, count: key.health.modelCount }),
      };
    case "unchecked":
      return { title, lede: t("begin.unchecked", named) };
    case "failing":
      return { title, lede: null };
  }
}

function NoKeys() {
  const { data: billing } = useQuery(queries.billing);
  const find = useCommand(async () => {
    const servers = await bridge.keysFindLocal();
    if (!servers.some(({ running }) => running !== null)) toast({ title: t("begin.noneRunning") });
    return servers;
  });
  const localOffer = (
    <Button variant="ghost" busy={find.busy} onClick={find.run}>
      {t("begin.useLocal")}
    </Button>
  );
  if (billing?.mode === "vendor_billed") return <NoPlan>{localOffer}</NoPlan>;
  return (
    <section className="empty">
      <Icon name="key" size="l" />
      <h1>{t("begin.noKeys")}</h1>
      <p className="quiet">{t("begin.noKeysWhy")}</p>
      {find.error ? <ErrorNote error={find.error} bare /> : null}
      <div className="empty__acts">
        <Button
          variant="primary"
          onClick={() => navigate({ screen: "settings", section: "keys", sheet: { kind: "add" } })}
        >
          {t("begin.addKey")}
        </Button>
        {localOffer}
      </div>
    </section>
  );
}
