/** The one form for a key: in the first run in a line, in the sheet from top to bottom. */
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useId, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { BackendError, type BaseUrlProblem, bridge, type ProviderView, queries } from "../../bridge";
import { useCommand } from "../../command";
import { Button, Field, Select, TextButton } from "../../kit";
import { rich, t } from "../../text";
import { ErrorNote } from "../failures";
import { CheckNote } from "./CheckNote";
import { handOver, KeyField } from "./KeyField";
import type { KeyEntry } from "./useKeyEntry";

interface KeyFormProps {
  entry: KeyEntry;
  providers: ProviderView[];
  layout: "inline" | "sheet";
  /** Another key of the same endpoint: provider and address stay. */
  fixedEndpoint?: boolean;
  /** Saves at once; without it the key is saved later, and the form says so. */
  onSave?: () => void;
  /** The field for the key's name, below the provider. */
  name?: ReactNode;
  /** Other ways to begin, beside those of the form itself. */
  more?: ReactNode;
}

const urlProblems: Record<BaseUrlProblem, () => string> = {
  empty: () => t("keys.url.empty"),
  not_a_url: () => t("keys.url.notAUrl"),
  insecure_http: () => t("keys.url.insecure"),
  bad_scheme: () => t("keys.url.scheme"),
  has_user_info: () => t("keys.url.userInfo"),
  has_query_or_fragment: () => t("keys.url.query"),
  link_local: () => t("keys.url.linkLocal"),
  needed: () => t("keys.url.needed"),
};

function urlProblem(error: unknown): string | undefined {
  const problem = error instanceof BackendError ? error.view.baseUrl : null;
  return problem ? urlProblems[problem]() : undefined;
}

export function KeyForm({ entry, providers, layout, fixedEndpoint = false, onSave, name, more }: KeyFormProps) {
  const id = useId();
  const keyRef = useRef<HTMLInputElement>(null);
  const urlRef = useRef<HTMLInputElement>(null);
  const openKeys = useCommand(() => bridge.providerPageOpen(entry.provider, "keys"));
  const [hasOtherAddress, setOtherAddress] = useState(entry.baseUrl !== "");
  const provider = providers.find((each) => each.id === entry.provider) ?? providers[0];
  if (!provider) return null;

  const nameOf = (wanted: ProviderView["id"]) => providers.find((each) => each.id === wanted)?.name ?? wanted;
  const problem = urlProblem(entry.error);
  const needsUrl = provider.defaultBaseUrl === null;
  const showsUrl = !fixedEndpoint && (needsUrl || hasOtherAddress || entry.baseUrl !== "" || problem !== undefined);
  const keyless = entry.keyless && provider.keyless;
  const failed = entry.result?.outcome === "failed";
  const invalid = (failed && !entry.checking) || Boolean(entry.pending?.hasSpace && !entry.result && !entry.checking);

  const checkNow = () => {
    if (keyless) return void entry.takeKeyless();
    if (keyRef.current?.value === "" && entry.pending) return void entry.check();
    handOver(keyRef.current, entry);
  };
  const editBaseUrl = () => {
    // At once: a focus that moves a frame later would take a key that is being typed into a field that shows it.
    flushSync(() => setOtherAddress(true));
    urlRef.current?.focus();
  };

  const providerSelect = (selectId?: string) => (
    <Select
      {...(selectId ? { id: selectId } : { label: t("keys.provider") })}
      value={provider.id}
      options={providers.map((each) => ({ value: each.id, label: each.name }))}
      onChange={(next) => entry.choose({ provider: next, baseUrl: "", keyless: false })}
    />
  );
  const urlField = showsUrl ? (
    <Field label={t("keys.baseUrl")} hint={t("keys.baseUrlHint")} problem={problem}>
      {(control) => (
        <input
          {...control}
          ref={urlRef}
          className="input input--mono"
          type="url"
          inputMode="url"
          autoComplete="off"
          spellCheck={false}
          placeholder={provider.defaultBaseUrl ?? provider.baseUrlExample ?? "https://"}
          value={entry.baseUrl}
          onChange={(event) => entry.choose({ baseUrl: event.target.value })}
        />
      )}
    </Field>
  ) : null;
  const keylessChoice =
    provider.keyless && !fixedEndpoint ? (
      <label className="choice">
        <input
          className="check"
          type="checkbox"
          checked={keyless}
          onChange={(event) => entry.choose({ keyless: event.target.checked })}
        />
        <span>{t("keys.keyless")}</span>
      </label>
    ) : null;
  const keyField = (control?: Parameters<typeof KeyField>[0]["control"]) => (
    <KeyField
      entry={entry}
      provider={provider}
      fieldRef={keyRef}
      {...(control ? { control } : {})}
      invalid={invalid}
      describedBy={`${id}-hint ${id}-note`}
    />
  );
  const checkButton = (
    <Button className="btn--field" busy={entry.checking} onClick={checkNow}>
      {keyless ? t("keys.checkServer") : t("keys.check")}
    </Button>
  );
  const note = (
    <div className="keynote" id={`${id}-note`}>
      <CheckNote
        entry={entry}
        provider={provider}
        nameOf={nameOf}
        isFixed={fixedEndpoint}
        onSave={onSave}
        onEditBaseUrl={editBaseUrl}
      />
    </div>
  );
  const hint = (
    <>
      <p className="hint" id={`${id}-hint`}>
        {provider.pages.includes("keys")
          ? rich("keys.hint", {
              provider: provider.name,
              where: (chunks) => (
                <TextButton key="where" className="textbtn--inline" onClick={openKeys.run}>
                  {chunks}
                </TextButton>
              ),
            })
          : t("keys.hintPlain")}
      </p>
      {openKeys.error ? <ErrorNote bare error={openKeys.error} onDismiss={openKeys.dismiss} /> : null}
    </>
  );
  const offers = entry.pending ? null : (
    <div className="offers">
      {keyless ? null : <TextButton onClick={entry.paste}>{t("keys.paste")}</TextButton>}
      {!fixedEndpoint && !showsUrl ? <TextButton onClick={editBaseUrl}>{t("keys.otherAddress")}</TextButton> : null}
      {more}
      {fixedEndpoint || keyless ? null : <EnvironmentOffers entry={entry} />}
    </div>
  );

  if (layout === "inline") {
    return (
      <div className="stack">
        <div className="keyline">
          {providerSelect()}
          {keyless ? <span className="grow" /> : keyField()}
          {checkButton}
        </div>
        {urlField}
        {keylessChoice}
        {hint}
        {note}
        {offers}
      </div>
    );
  }
  return (
    <>
      {fixedEndpoint ? null : (
        <div className="field">
          <label htmlFor={`${id}-provider`}>{t("keys.provider")}</label>
          {providerSelect(`${id}-provider`)}
        </div>
      )}
      {name}
      {urlField}
      {keylessChoice}
      {keyless ? (
        <div>{checkButton}</div>
      ) : (
        <Field label={t("keys.apiKey")}>
          {(control) => (
            <div className="keyline">
              {keyField(control)}
              {checkButton}
            </div>
          )}
        </Field>
      )}
      {note}
      {hint}
      {offers}
    </>
  );
}

function EnvironmentOffers({ entry }: { entry: KeyEntry }) {
  const { data } = useQuery(queries.environmentKeys);
  if (!data || data.length === 0) return null;
  return (
    <span className="offers">
      <span className="hint">{t("keys.environment")}</span>
      {data.map(({ variable, last4, provider }) => (
        <TextButton key={variable} onClick={() => entry.takeEnvironment(variable, provider)}>
          {t("keys.environmentUse", { variable, last4 })}
        </TextButton>
      ))}
    </span>
  );
}
