/** A message that could not be sent at all: it stays in the field, and this says why and what mends it. */
import { useQuery } from "@tanstack/react-query";
import { BackendError, type ModelRef, queries } from "../../bridge";
import { Button, Note, TextButton } from "../../kit";
import { navigate } from "../../route";
import { t } from "../../text";
import { type Act, actLabel, causeTitle, causeWhy, errors } from "../../text/errors";
import { askToSignIn } from "../account";
import { ErrorNote } from "../failures";
import { answererOf, findModel, useModelGroups } from "../models";
import { StorePanel } from "../store";
import { openModelPicker } from "./Composer";

interface RefusalProps {
  error: unknown;
  /** The model that was asked. */
  model: ModelRef | null;
  onDismiss: () => void;
}

export function Refusal({ error, model, onDismiss }: RefusalProps) {
  const { groups } = useModelGroups();
  const { data: keys } = useQuery(queries.keys);
  if (!(error instanceof BackendError)) return <ErrorNote error={error} />;
  const { code, view } = error;
  if (code === "credential_store" && keys) {
    // Once the store answers, the message is still in the field: it goes out when it is sent again, never by itself.
    return (
      <StorePanel
        compact
        store={keys.store}
        state={view.store}
        keyId={model?.keyId ?? null}
        onReady={onDismiss}
        onLeave={onDismiss}
      />
    );
  }
  const offered = model && findModel(groups, model);
  const parts = {
    provider: offered ? answererOf(offered.payer) : "",
    last4: offered?.payer.kind === "user_key" ? offered.payer.last4 : null,
    model: offered?.model.name ?? model?.model ?? null,
  };
  const { primary, tone, icon } = errors[code];
  const act = placeOf(primary);
  return (
    <Note
      tone={tone}
      icon={icon}
      role="alert"
      title={causeTitle(code, parts, view.failure)}
      actions={
        <>
          {act ? (
            <Button variant={tone === "bad" ? "primary" : "plain"} onClick={act}>
              {actLabel(primary, parts)}
            </Button>
          ) : null}
          <TextButton onClick={onDismiss}>{t("kit.dismiss")}</TextButton>
        </>
      }
    >
      <p>{causeWhy(code, parts, view.failure)}</p>
      <p className="note__code">
        <code>{[code, view.store, view.failure?.status].filter(Boolean).join(" ")}</code>
      </p>
    </Note>
  );
}

/** Where an action leads from here; sending again is what the field below does. */
function placeOf(act: Act): (() => void) | null {
  switch (act.kind) {
    case "openKeys":
    case "setBaseUrl":
    case "replaceKey":
      return () => navigate({ screen: "settings", section: "keys" });
    case "openBilling":
    case "openTerms":
      return () => navigate({ screen: "settings", section: "billing" });
    case "signIn":
      return askToSignIn;
    case "chooseModel":
      return openModelPicker;
    default:
      return null;
  }
}
