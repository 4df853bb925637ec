/** Every cause of failure in the thread, where it was asked: 05 and 05b. */
import { ask, conversation, field, steps } from "../kit/steps";
import type { Screen } from "./screen";

/** The causes a provider or the way to it can have, and the title of each. */
const causes: Record<string, string> = {
  key_invalid: "Anthropic does not know this key",
  key_invalid_or_quota: "Anthropic refused the key or its balance",
  key_disabled: "Your Anthropic key was revoked",
  key_expired: "Your Anthropic key has expired",
  key_wrong_kind: "This key cannot be used for models",
  permission_missing: "This key cannot be used for that",
  ip_not_allowed: "Anthropic refuses this network",
  org_mismatch: "Key and organisation do not match",
  account_disabled: "Your Anthropic account is on hold",
  out_of_credit: "Your Anthropic account is out of funds",
  billing_problem: "Anthropic could not charge you",
  billing_required: "Anthropic wants billing turned on",
  spend_limit: "You reached your limit at Anthropic",
  usage_limit: "You reached a limit of Anthropic",
  daily_quota: "Today’s use at Anthropic is spent",
  rate_limited: "Anthropic asks us to slow down",
  request_too_large_for_limit: "This is longer than your limit allows",
  model_unavailable: "Claude Sonnet 4.5 is not available to this key",
  context_too_long: "This is longer than Claude Sonnet 4.5 can read",
  payload_too_large: "This message is too large to send",
  content_blocked: "Anthropic declined to answer",
  region_unsupported: "Not available from your location",
  overloaded: "Anthropic is overloaded",
  server_error: "Anthropic had an internal error",
  timeout: "Anthropic did not answer in 60 s",
  bad_request: "Anthropic refused the form of this",
  proxy_or_network: "A secure connection could not be made",
  offline: "You are offline",
  stream_broken: "The answer stopped part way",
};

export const failures: Screen[] = [
  {
    name: "05-error.draft-kept",
    scenario: "failures",
    act: steps(conversation("out_of_credit"), (page) => field(page).fill("Also show how to stop it halfway.")),
    shows: "Your Anthropic account is out of funds",
  },
  {
    name: "05-error.waiting",
    scenario: "limited",
    act: steps(conversation("Stream the nightly export"), ask("Show me step 2 as a script.")),
    shows: "Try now",
  },
  {
    name: "05-error.offline-waiting",
    scenario: "disconnected",
    act: steps(conversation("Stream the nightly export"), ask("Show me step 2 as a script.")),
    shows: "goes out when the connection returns",
  },
  {
    name: "05-error.no-room",
    scenario: "unsaved",
    act: steps(conversation("Stream the nightly export"), ask("Show me step 2 as a script.")),
    shows: "There is no room to save",
  },
  {
    name: "05-error.after-the-first-words",
    scenario: "failures",
    act: conversation("after the first words"),
    shows: "It broke the answer off",
  },
  ...Object.entries(causes).map(
    ([code, title]): Screen => ({
      name: `05b-error.${code}`,
      scenario: "failures",
      act: conversation(code),
      shows: title,
    }),
  ),
];
