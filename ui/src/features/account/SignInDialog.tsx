/** Signing in, from wherever it is asked for. Closing it ends the sign-in; nothing has changed then. */
import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { create } from "zustand";
import { BackendError, bridge, queries, type SeatView, type SignInOutcome, type SignInWay } from "../../bridge";
import { useCommand } from "../../command";
import { Button, Dialog, toast } from "../../kit";
import { format, t } from "../../text";
import { CauseNote } from "../failures";
import { osName } from "./licence";
import { SignInProgress } from "./SignInProgress";

/** Who asked, and hears whether the person is signed in. */
const useAsked = create<{ settle: ((isSignedIn: boolean) => void) | null }>(() => ({ settle: null }));

/** Opens the dialog; settles when it is closed. */
export function askToSignIn(): Promise<boolean> {
  useAsked.getState().settle?.(false);
  return new Promise((resolve) => useAsked.setState({ settle: resolve }));
}

/** Where the dialog appears; once in the window. */
export function SignInLayer() {
  const settle = useAsked((state) => state.settle);
  if (!settle) return null;
  return (
    <SignInDialog
      onClose={(isSignedIn) => {
        useAsked.setState({ settle: null });
        settle(isSignedIn);
      }}
    />
  );
}

/** A sign-in that the person stopped needs no words. */
const isStopped = (error: unknown): boolean => error instanceof BackendError && error.code === "stopped";

function SignInDialog({ onClose }: { onClose: (isSignedIn: boolean) => void }) {
  const { data: account } = useQuery(queries.account);
  const [seats, setSeats] = useState<SeatView[] | null>(null);
  // What came of a way that was left for another is not waited for any more.
  const turn = useRef(0);
  const begin = useCommand(async (ask: () => Promise<SignInOutcome>) => {
    turn.current += 1;
    const mine = turn.current;
    setSeats(null);
    try {
      const outcome = await ask();
      if (mine !== turn.current) return;
      if (outcome.outcome === "seats_taken") {
        setSeats(outcome.seats);
        return;
      }
      const { email } = await bridge.accountView();
      toast({ title: email ? t("account.signedInAs", { email }) : t("account.signedIn") });
      onClose(true);
    } catch (error) {
      if (mine === turn.current && !isStopped(error)) throw error;
    }
  });
  const { run, busy, error } = begin;
  const signIn = useCallback((way: SignInWay) => run(() => bridge.signIn(way)), [run]);
  useEffect(() => {
    signIn("browser");
  }, [signIn]);
  const close = () => {
    turn.current += 1;
    bridge.signInCancel();
    onClose(false);
  };
  const goOnWithCode = async () => {
    turn.current += 1;
    await bridge.signInCancel();
    signIn("code");
  };
  return (
    <Dialog
      open
      onClose={close}
      title={seats ? t("account.seatsTaken") : t("account.signIn")}
      foot={
        <>
          <span className="grow" />
          <Button onClick={close}>{t("account.cancel")}</Button>
        </>
      }
    >
      {error ? <CauseNote error={error} onRetry={() => signIn("browser")} /> : null}
      {seats ? (
        <Seats seats={seats} busy={busy} onReplace={(seat) => run(() => bridge.signInReplace(seat))} />
      ) : error ? null : (
        <SignInProgress progress={account?.signIn ?? null} onUseCode={goOnWithCode} />
      )}
    </Dialog>
  );
}

interface SeatsProps {
  seats: readonly SeatView[];
  busy: boolean;
  onReplace: (id: string) => void;
}

function Seats({ seats, busy, onReplace }: SeatsProps) {
  return (
    <>
      <p className="quiet">{t("account.seatsTakenText", { count: seats.length })}</p>
      <ul className="plainlist">
        {seats.map((seat) => (
          <li key={seat.id} className="row">
            <span className="grow">
              {t("account.computerOn", { name: seat.name, os: osName(seat.os) })}
              <small className="hint">{t("account.lastSeen", { ago: format.ago(seat.seenAt, Date.now()) })}</small>
            </span>
            <Button size="s" busy={busy} onClick={() => onReplace(seat.id)}>
              {t("account.takeSeat")}
            </Button>
          </li>
        ))}
      </ul>
    </>
  );
}
