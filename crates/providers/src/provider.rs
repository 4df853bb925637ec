//! What is asked of a provider; what is fixed about each is in `catalogue`.
//!
//! It must never decide anything from the form of a key: prefixes are hints, vendors change them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use crate::catalogue::Provider;
use crate::catalogue::{ALL, Profile};
use crate::endpoint::BaseUrl;

/// A wire protocol: how a question is written and how its answer streams back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// OpenAI's `POST /responses`.
    #[serde(rename = "openai_responses")]
    OpenAiResponses,
    /// `POST /chat/completions`, spoken by OpenAI and nearly everybody else.
    #[serde(rename = "openai_chat")]
    OpenAiChat,
    /// Anthropic's `POST /messages`.
    AnthropicMessages,
    /// Google's `:streamGenerateContent`.
    Gemini,
}

impl Protocol {
    /// The stable identifier: what serde, the database and the command line write.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenAiResponses => "openai_responses",
            Self::OpenAiChat => "openai_chat",
            Self::AnthropicMessages => "anthropic_messages",
            Self::Gemini => "gemini",
        }
    }
}

/// A word that names no provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a provider")]
pub struct UnknownProvider;

impl Provider {
    /// Every provider, in the order in which they are offered.
    #[must_use]
    pub fn all() -> &'static [Provider] {
        ALL
    }

    /// The name to show.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.profile().name
    }

    /// The protocol used unless the endpoint says otherwise.
    #[must_use]
    pub fn protocol(self) -> Protocol {
        self.profile().protocol
    }

    /// Whether it is a model server that usually runs on this computer and needs no key.
    #[must_use]
    pub fn is_local(self) -> bool {
        self.profile().is_local
    }

    /// Whether it is nobody in particular: any endpoint of the user's own that speaks this protocol.
    #[must_use]
    pub fn is_compatible(self) -> bool {
        matches!(
            self,
            Self::OpenAiCompatible | Self::AnthropicCompatible | Self::GeminiCompatible
        )
    }

    /// The documented base URL; none where the user has to name one.
    #[must_use]
    pub fn default_base_url(self) -> Option<&'static str> {
        self.profile().base_url
    }

    /// How a base URL looks where the user has to name one.
    #[must_use]
    pub fn base_url_example(self) -> Option<&'static str> {
        self.profile().base_url_example
    }

    /// What its keys begin with at present: a placeholder for the key field, never a check.
    #[must_use]
    pub fn key_prefix(self) -> Option<&'static str> {
        self.profile().key_beginnings.first().copied()
    }

    /// The environment variables in which people keep its key, the usual one first.
    #[must_use]
    pub fn environment_variable(self) -> &'static [&'static str] {
        self.profile().environment
    }

    /// Its family in the price list, where it has one.
    #[must_use]
    pub fn family(self) -> Option<&'static str> {
        self.profile().prices
    }

    /// The price list's family for calls to this provider at this base URL; none where no list applies.
    ///
    /// A compatible endpoint is known by its host. A provider with a list of its own keeps it behind a base URL of
    /// the user's (a company proxy), unless the host belongs to another family, as Azure's do. Servers on this
    /// computer have no price list.
    #[must_use]
    pub fn price_family(self, base_url: &BaseUrl) -> Option<&'static str> {
        if self.is_local() {
            return None;
        }
        self.at(base_url).prices
    }

    /// What holds for calls to this provider at this base URL: what is fixed about whoever the host belongs to, whatever the
    /// user called it, and else about the provider itself.
    pub(crate) fn at(self, base_url: &BaseUrl) -> &'static Profile {
        of_host(base_url.host()).unwrap_or_else(|| self.profile())
    }
}

/// The entry of the provider that a well-known host belongs to.
pub(crate) fn of_host(host: &str) -> Option<&'static Profile> {
    ALL.iter()
        .map(|provider| provider.profile())
        .find(|profile| profile.hosts.iter().any(|known| is_at(host, known)))
}

/// Whether a host is the known one or below it: there are regional hosts, and one host for each Azure resource. Where a region
/// stands in the middle, a `*` does in the known name.
fn is_at(host: &str, known: &str) -> bool {
    match known.split_once('*') {
        None => host
            .strip_suffix(known)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.')),
        Some((start, end)) => host
            .strip_prefix(start)
            .and_then(|rest| rest.strip_suffix(end))
            .is_some_and(|region| !region.is_empty()),
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Provider {
    type Err = UnknownProvider;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        ALL.iter()
            .copied()
            .find(|provider| provider.as_str() == word)
            .ok_or(UnknownProvider)
    }
}
