//! The keys that the sandbox accepts, and what the end of a key makes it do.
//!
//! A key is accepted where it begins as the provider's keys do, followed by `sandbox`; one that begins with `sk-sandbox`
//! is accepted everywhere. Any other is refused with the provider's own words. A key may end in the name of a situation or
//! of a failure cause (`sk-proj-sandbox-out_of_credit`; hyphens do for underscores): then every call with it is answered
//! so. Further ends: `captive` (a web page instead of an answer), `echo` (an error text that repeats the key),
//! `redirect` (to another host), `silent` (no answer at all), `list_only` (Gemini: lists models and generates nothing),
//! `management` (OpenRouter: a key of the other kind).

use axum::http::HeaderMap;

use super::script::{Fault, Situation};
use super::situations::Situations;
use super::wire::Wire;

/// Accepted by OpenAI.
pub const OPENAI_KEY: &str = "sk-proj-sandbox-0123456789abcdefghijklmnop-OA01";
/// Accepted by Anthropic.
pub const ANTHROPIC_KEY: &str = "sk-ant-api03-sandbox-0123456789abcdefghijklmnop-AN02";
/// Accepted by Gemini.
pub const GEMINI_KEY: &str = "AQ.sandbox-0123456789abcdefghijklmnop-GE03";
/// Accepted by the compatible server, which takes calls without a key, too.
pub const COMPATIBLE_KEY: &str = "sk-sandbox-0123456789abcdefghijklmnop-CO04";
/// Accepted by OpenRouter.
pub const OPENROUTER_KEY: &str = "sk-or-v1-sandbox-0123456789abcdefghijklmnop-OR05";

/// Where a redirecting key sends its caller. The name cannot exist.
pub const REDIRECT_TARGET: &str = "https://elsewhere.invalid/v1/models";

/// A key that `wire` accepts. Ollama accepts any, and none.
pub fn key(wire: Wire) -> &'static str {
    match wire {
        Wire::OpenAi => OPENAI_KEY,
        Wire::Anthropic => ANTHROPIC_KEY,
        Wire::Gemini => GEMINI_KEY,
        Wire::OpenRouter => OPENROUTER_KEY,
        Wire::Compatible | Wire::Ollama => COMPATIBLE_KEY,
    }
}

/// A key of `wire` with an end that chooses a behaviour, such as `out_of_credit` or `captive`.
pub fn key_that(wire: Wire, behaviour: &str) -> String {
    format!("{}-{behaviour}", beginnings(wire)[0])
}

/// What the key of a request leads to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    Accepted,
    /// Lists models; generating is forbidden.
    ListOnly,
    /// A management key of OpenRouter.
    Management,
    /// The key's end asks for this.
    Misbehave(Fault),
    /// No key, or one that the sandbox did not give out: the situation to answer with.
    Refused(&'static str),
    /// More than one credential.
    TwoCredentials,
}

/// Judges the credential in `headers`.
pub(crate) fn admit(wire: Wire, headers: &HeaderMap, situations: &Situations) -> Admission {
    let carried = credentials(headers);
    if carried.len() > 1 {
        return Admission::TwoCredentials;
    }
    let readable = carried
        .into_iter()
        .next()
        .filter(|(header, _)| header_is_read(wire, header));
    let Some((_, key)) = readable else {
        return match wire {
            Wire::Compatible | Wire::Ollama => Admission::Accepted,
            Wire::OpenAi => Admission::Refused("key_missing"),
            Wire::Anthropic | Wire::Gemini | Wire::OpenRouter => {
                Admission::Refused("key_malformed")
            }
        };
    };
    if key.starts_with("sk-ant-admin") && wire == Wire::Anthropic {
        return Admission::Refused("key_wrong_kind");
    }
    let known = wire == Wire::Ollama
        || beginnings(wire)
            .iter()
            .any(|beginning| key.starts_with(beginning));
    if !known {
        return Admission::Refused(match wire {
            Wire::OpenRouter => "key_revoked",
            Wire::Compatible => "groq/key_malformed",
            _ => "key_malformed",
        });
    }
    behaviour(&key.replace('-', "_"), situations)
}

/// Every credential of a request with the header it came in, for the record as well.
pub(crate) fn credentials(headers: &HeaderMap) -> Vec<(&'static str, String)> {
    ["authorization", "x-api-key", "x-goog-api-key", "api-key"]
        .into_iter()
        .flat_map(|name| {
            headers.get_all(name).into_iter().filter_map(move |value| {
                let value = value.to_str().ok()?;
                let key = value.strip_prefix("Bearer ").unwrap_or(value);
                Some((name, key.to_owned()))
            })
        })
        .collect()
}

fn header_is_read(wire: Wire, header: &str) -> bool {
    match wire {
        Wire::Anthropic => header == "authorization" || header == "x-api-key",
        Wire::Gemini => header == "x-goog-api-key",
        _ => header == "authorization",
    }
}

fn beginnings(wire: Wire) -> &'static [&'static str] {
    match wire {
        Wire::OpenAi => &["sk-proj-sandbox", "sk-svcacct-sandbox", "sk-sandbox"],
        Wire::Anthropic => &["sk-ant-api03-sandbox", "sk-sandbox"],
        Wire::Gemini => &["AQ.sandbox", "AIzasandbox", "sk-sandbox"],
        Wire::OpenRouter => &["sk-or-v1-sandbox", "sk-sandbox"],
        Wire::Compatible | Wire::Ollama => &["sk-sandbox", "sandbox"],
    }
}

fn behaviour(key: &str, situations: &Situations) -> Admission {
    let end = |name: &str| key.ends_with(name);
    if end("_captive") {
        Admission::Misbehave(Fault::Html200)
    } else if end("_echo") {
        Admission::Misbehave(Fault::KeyEcho)
    } else if end("_silent") {
        Admission::Misbehave(Fault::Silence)
    } else if end("_redirect") {
        Admission::Misbehave(Fault::Redirect {
            status: 307,
            to: REDIRECT_TARGET.to_owned(),
        })
    } else if end("_list_only") {
        Admission::ListOnly
    } else if end("_management") {
        Admission::Management
    } else if let Some(name) = situations.named_at_end_of(key) {
        Admission::Misbehave(Fault::Error(Situation::from(name)))
    } else {
        Admission::Accepted
    }
}
