/** Whose this computer is, in memory: trial, sign-in, licence, computers. */
import type { Backend } from "../backend";
import type { AccountView, LicenceState, LicenceView, SeatView, SignInProgress, StandingView } from "../bindings";
import { announce, refuse, type State } from "./state";

type AccountCommands = Pick<
  Backend,
  | "accountView"
  | "trialBegin"
  | Extract<keyof Backend, `signIn${string}`>
  | "signOut"
  | "accountClose"
  | "licenceCheck"
  | "seatsView"
  | "seatRelease"
>;

const DAY = 86_400_000;
const WHO = "ines@okafor.example";

/** A licence with everything usual. */
export function licence(standing: StandingView, more: Partial<LicenceView> = {}): LicenceView {
  const now = Date.now();
  return {
    state: { state: "active" },
    standing,
    plan: "byok_monthly",
    modes: ["byok"],
    end: now + 11 * DAY,
    checkedAt: now - 3 * 3_600_000,
    worksUntil: now + 14 * DAY,
    graceUntil: now + 28 * DAY,
    clock: "right",
    ...more,
  };
}

/** Nobody's computer. */
export const nobody: AccountView = {
  kind: "none",
  email: null,
  computer: "studio",
  licence: null,
  checking: false,
  checkFailed: null,
  signIn: null,
};

/** A computer in its trial. */
export const inTrial = (state: LicenceState = { state: "active" }): AccountView => ({
  ...nobody,
  kind: "trial",
  licence: licence("trial", { state }),
});

/** A person's computer. */
export const signedIn = (standing: StandingView, more: Partial<LicenceView> = {}): AccountView => ({
  ...nobody,
  kind: "signed_in",
  email: WHO,
  licence: licence(standing, more),
});

/** The computers of the account. */
export const seats = (): SeatView[] => [
  { id: "d-1", name: "studio", os: "linux", isThis: true, createdAt: Date.now() - 40 * DAY, seenAt: Date.now() },
  {
    id: "d-2",
    name: "Laptop",
    os: "macos",
    isThis: false,
    createdAt: Date.now() - 90 * DAY,
    seenAt: Date.now() - 6 * DAY,
  },
];

/** The account commands over `state`. */
export function accountCommands(state: State): AccountCommands {
  const change = (account: AccountView) => {
    state.account = account;
    announce(state, { what: "account" }, { what: "keys" });
    return account;
  };
  const reach = () => {
    if (state.isPlatformAway) refuse("platform_unreachable");
  };
  const prove = async (way: "browser" | "code") => {
    reach();
    const signIn: SignInProgress =
      way === "browser"
        ? { way, address: "https://id.brasskey.example/authorize?state=0b7c" }
        : {
            way,
            code: "BRSK-7Q2M",
            address: "https://id.brasskey.example/device",
            qr: ["1110111", "1010101", "1110111", "0001000", "1110110", "1010011", "1110101"],
            expiresAt: Date.now() + 600_000,
          };
    change({ ...state.account, signIn });
    if (state.signInEnds === "waits") {
      await new Promise<void>((resolve) => {
        state.endSignIn = resolve;
      });
      change({ ...state.account, signIn: null });
      refuse("stopped");
    }
    change({ ...state.account, signIn: null });
    if (state.signInEnds === "declined") refuse("sign_in_failed");
  };
  const enrol = () => {
    const { subscription } = state;
    const standing = subscription?.standing ?? state.account.licence?.standing ?? "trial";
    const modes = subscription?.mode ? [subscription.mode] : (["byok"] as const);
    change(signedIn(standing, { modes: [...modes], plan: subscription?.plan ?? "byok_monthly" }));
    announce(state, { what: "billing" });
    return { outcome: "signed_in" } as const;
  };
  return {
    accountView: async () => state.account,
    trialBegin: async () => {
      reach();
      if (state.isTrialUsed) refuse("trial_used");
      return change(inTrial());
    },
    signIn: async (way) => {
      await prove(way);
      if (state.signInEnds === "seats") return { outcome: "seats_taken", seats: seats() };
      return enrol();
    },
    signInReplace: async (id) => {
      reach();
      state.seats = state.seats.filter((seat) => seat.id !== id);
      return enrol();
    },
    signInCancel: async () => {
      state.endSignIn?.();
      state.endSignIn = null;
      return null;
    },
    signOut: async () => {
      state.keys = state.keys.filter(({ place }) => place === "none");
      return change(nobody);
    },
    accountClose: async (way, removeKeys) => {
      await prove(way);
      if (removeKeys) state.keys = state.keys.filter(({ place }) => place === "none");
      return change(nobody);
    },
    licenceCheck: async () => {
      if (state.isPlatformAway) {
        change({ ...state.account, checkFailed: "platform_unreachable" });
        refuse("platform_unreachable");
      }
      const { licence: held } = state.account;
      if (!held) refuse("sign_in_needed");
      if (state.billing.switching) {
        state.billing = { ...state.billing, mode: state.billing.switching, switching: null };
        announce(state, { what: "billing" });
      }
      const checked = { ...held, state: { state: "active" }, checkedAt: Date.now() } satisfies LicenceView;
      return change({ ...state.account, checkFailed: null, licence: checked });
    },
    seatsView: async () => {
      reach();
      return { seats: state.seats, max: 5 };
    },
    seatRelease: async (id) => {
      reach();
      state.seats = state.seats.filter((seat) => seat.id !== id);
      announce(state, { what: "account" });
      return { seats: state.seats, max: 5 };
    },
  };
}
