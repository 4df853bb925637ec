import { screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { bridge } from "../../bridge";
import { state } from "../../bridge/fake";
import { signedIn } from "../../bridge/fake/account";
import { refuse } from "../../bridge/fake/state";
import { openWindow } from "../../test/window";

const billing = { screen: "settings", section: "billing" } as const;
const signIn = () => screen.findAllByRole("button", { name: "Sign in" });

test("a sign-in tells what to do in the browser, and ends by itself", async () => {
  const user = await openWindow("trial", { route: billing, world: { signInEnds: "waits" } });
  const [first] = await signIn();
  await user.click(first as HTMLElement);
  const dialog = await screen.findByRole("dialog", { name: "Sign in" });
  expect(await within(dialog).findByText("Brasskey opened your browser. Sign in there and come back.")).toBeVisible();
  state.signInEnds = "done";
  await user.click(within(dialog).getByRole("button", { name: "Use a code" }));
  await waitFor(() => expect(screen.queryByRole("dialog", { name: "Sign in" })).not.toBeInTheDocument());
  expect(state.account).toMatchObject({ kind: "signed_in", email: "ines@okafor.example" });
  expect(await screen.findByText("Signed in as ines@okafor.example")).toBeInTheDocument();
});

test("where no browser opens, a code and its picture are shown", async () => {
  const user = await openWindow("trial", { route: billing, world: { signInEnds: "waits" } });
  const [first] = await signIn();
  await user.click(first as HTMLElement);
  await user.click(await screen.findByRole("button", { name: "Use a code" }));
  expect(await screen.findByText("BRSK-7Q2M")).toBeInTheDocument();
  expect(screen.getByRole("img", { name: "QR code of the page with the code in it" })).toBeInTheDocument();
  expect(screen.getByText(/^Good for \d+:\d\d$/)).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Cancel" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
  expect(state.account.signIn).toBeNull();
});

test("closing the dialog ends the sign-in without a word", async () => {
  const user = await openWindow("trial", { route: billing, world: { signInEnds: "waits" } });
  const [first] = await signIn();
  await user.click(first as HTMLElement);
  await screen.findByText("Brasskey opened your browser. Sign in there and come back.");
  await user.keyboard("{Escape}");
  await waitFor(() => expect(state.account.signIn).toBeNull());
  expect(screen.queryByRole("alert")).not.toBeInTheDocument();
});

test("a sign-in that is refused says so and can be tried again", async () => {
  const user = await openWindow("trial", { route: billing, world: { signInEnds: "declined" } });
  const [first] = await signIn();
  await user.click(first as HTMLElement);
  expect(await screen.findByText("Nobody was signed in")).toBeInTheDocument();
  state.signInEnds = "done";
  await user.click(screen.getByRole("button", { name: "Try again" }));
  await waitFor(() => expect(state.account.kind).toBe("signed_in"));
});

test("without a free seat one of the others gives its own", async () => {
  const user = await openWindow("trial", { route: billing, world: { signInEnds: "seats" } });
  const [first] = await signIn();
  await user.click(first as HTMLElement);
  const dialog = await screen.findByRole("dialog", { name: "All computers of your plan are taken" });
  const laptop = within(dialog).getByText("Laptop, macOS").closest("li") as HTMLElement;
  await user.click(within(laptop).getByRole("button", { name: "Use its seat" }));
  await waitFor(() => expect(state.account.kind).toBe("signed_in"));
  expect(state.seats.map(({ id }) => id)).toEqual(["d-1"]);
});

test("signing out says what stays where", async () => {
  const user = await openWindow("working", { route: billing });
  await user.click(await screen.findByRole("button", { name: "Sign out" }));
  const dialog = await screen.findByRole("dialog", { name: "Sign out on this computer?" });
  expect(within(dialog).getByText(/Your keys stay in Secret Service/)).toBeInTheDocument();
  await waitFor(() => expect(within(dialog).getByRole("button", { name: "Stay signed in" })).toHaveFocus());
  await user.click(within(dialog).getByRole("button", { name: "Sign out" }));
  await waitFor(() => expect(state.account.kind).toBe("none"));
  expect(await screen.findByText("New messages wait for a licence")).toBeInTheDocument();
});

test("a seat is taken back after it was asked once more", async () => {
  const user = await openWindow("working", { route: billing });
  expect(await screen.findByText("2 of 5 computers on this licence")).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Computers on this licence" }));
  await user.click(await screen.findByRole("button", { name: "Take seat back: Laptop" }));
  expect(state.seats).toHaveLength(2);
  await user.click(screen.getByRole("button", { name: "Take it back now" }));
  await waitFor(() => expect(state.seats).toHaveLength(1));
});

test("closing the account offers to remove the keys and asks for a last sign-in", async () => {
  const user = await openWindow("working", { route: billing });
  await user.click(await screen.findByRole("button", { name: "Close account" }));
  const dialog = await screen.findByRole("dialog", { name: "Close your account for good?" });
  await waitFor(() => expect(within(dialog).getByRole("button", { name: "Keep my account" })).toHaveFocus());
  await user.click(within(dialog).getByRole("checkbox", { name: /Also remove my keys/ }));
  await user.click(within(dialog).getByRole("button", { name: "Sign in and close" }));
  await waitFor(() => expect(state.account.kind).toBe("none"));
  expect(state.keys.every(({ place }) => place === "none")).toBe(true);
});

test.each([
  ["trial-ends", "The trial ends in 2 days"],
  ["trial-over", "The trial is over"],
  ["past-due", "The last payment failed"],
  ["revoked", "This computer lost its seat"],
  ["licence-limited", "The licence could not be renewed in time"],
  ["signed-out", "New messages wait for a licence"],
] as const)("%s is said in the workspace", async (scenario, title) => {
  await openWindow(scenario);
  expect(await screen.findByText(title)).toBeInTheDocument();
});

test("grace is counted down, and a check that reaches nobody says so", async () => {
  const user = await openWindow("grace", { route: billing });
  expect(await screen.findByText("Offline grace, 9 days left")).toBeInTheDocument();
  const [check] = screen.getAllByRole("button", { name: "Check now" });
  await user.click(check as HTMLElement);
  expect((await screen.findAllByText("Brasskey’s service does not answer")).length).toBeGreaterThan(0);
  expect(screen.getByText("Offline grace, 9 days left")).toBeInTheDocument();
});

test("an ordinary day says nothing", async () => {
  await openWindow("working");
  expect(await screen.findByRole("navigation", { name: "Projects and conversations" })).toBeInTheDocument();
  expect(screen.queryByRole("button", { name: "Check now" })).not.toBeInTheDocument();
});

test("the trial of this computer begins where it is offered", async () => {
  const user = await openWindow("signed-out");
  const begin = vi.spyOn(bridge, "trialBegin").mockImplementationOnce(async () => refuse("trial_used"));
  await user.click(await screen.findByRole("button", { name: "Begin the trial" }));
  expect(await screen.findByText("This computer had its trial")).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Begin the trial" }));
  await waitFor(() => expect(state.account.kind).toBe("trial"));
  begin.mockRestore();
});

test.each([
  ["behind", "This computer’s clock is behind by more than a day. Set it right, or check online."],
  ["ahead", "This computer’s clock is ahead by more than a day. Set it right, then check again."],
] as const)("a clock that is %s is told beside the licence", async (clock, text) => {
  await openWindow("working", { route: billing, world: { account: signedIn("active", { clock }) } });
  expect(await screen.findByText(text)).toBeInTheDocument();
});
