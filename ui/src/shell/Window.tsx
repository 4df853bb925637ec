/** The whole window: what every screen needs around it, then the first run or the frame. */
import { CSPProvider } from "@base-ui/react/csp-provider";
import { type QueryClient, QueryClientProvider, useQuery, useQueryClient } from "@tanstack/react-query";
import { Suspense, useEffect } from "react";
import { queries, type StartView } from "../bridge";
import { SignInLayer } from "../features/account";
import { ErrorNote } from "../features/failures";
import { LinkDialog } from "../features/links";
import { Onboarding } from "../features/onboarding";
import { TransferLayer } from "../features/transfer";
import { ToastRegion } from "../kit";
import { t } from "../text";
import { useAppearance } from "./appearance";
import { Boundary } from "./Boundary";
import { useChanges } from "./changes";
import { Frame } from "./Frame";
import { PlainFrame } from "./PlainFrame";

export function Window({ client }: { client: QueryClient }) {
  return (
    // The content security policy allows no style elements; what they would hold is in the style sheets.
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={client}>
        <Boundary>
          <Start />
          <LinkDialog />
          <SignInLayer />
          <TransferLayer />
        </Boundary>
        <ToastRegion />
      </QueryClientProvider>
    </CSPProvider>
  );
}

/** Asks once for everything that the first paint needs. */
function Start() {
  const client = useQueryClient();
  const { data: start, error, refetch } = useQuery(queries.start);
  if (error) {
    return (
      <PlainFrame>
        <div className="startfailed">
          <h1>{t("shell.startFailed")}</h1>
          <ErrorNote error={error} onRetry={refetch} />
        </div>
      </PlainFrame>
    );
  }
  if (!start) return null;
  if (!client.getQueryData(queries.billing.queryKey)) seed(client, start);
  return <Started start={start} />;
}

function seed(client: QueryClient, start: StartView): void {
  client.setQueryData(queries.preferences.queryKey, start.preferences);
  client.setQueryData(queries.billing.queryKey, start.billing);
  client.setQueryData(queries.keys.queryKey, start.keys);
  client.setQueryData(queries.workspace.queryKey, start.workspace);
}

function Started({ start }: { start: StartView }) {
  useAppearance(start.os);
  useChanges();
  const { data: billing = start.billing } = useQuery(queries.billing);
  useEffect(() => {
    document.title = t("shell.brasskey");
  }, []);
  // The first run lasts until its own last step, not until a mode is in force: a key may still have to be saved.
  if (!billing.setUp) {
    return (
      <PlainFrame>
        <Suspense fallback={null}>
          <Onboarding start={start} />
        </Suspense>
      </PlainFrame>
    );
  }
  return <Frame />;
}
