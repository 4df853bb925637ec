/** What support needs of a failure: codes and ids, never a secret; every text in it was redacted by the backend. */
import { BackendError } from "../../bridge";

/** The failure's code; `unexpected` for what is not a refusal of the backend. */
export function codeOf(error: unknown): string {
  return error instanceof BackendError ? error.code : "unexpected";
}

/** The failure as lines of text for support. */
export function detailsOf(error: unknown): string {
  if (!(error instanceof BackendError)) return error instanceof Error ? `unexpected\n${error.message}` : "unexpected";
  const { code, message, failure, store, baseUrl } = error.view;
  const lines = [
    code,
    message,
    store && `store: ${store}`,
    baseUrl && `base URL: ${baseUrl}`,
    failure && `host: ${failure.host}`,
    failure?.status && `status: ${failure.status}`,
    failure?.providerCode && `provider code: ${failure.providerCode}`,
    failure?.providerMessage && `provider says: ${failure.providerMessage}`,
    failure?.requestId && `request id: ${failure.requestId}`,
  ];
  return lines.filter(Boolean).join("\n");
}
