//! The providers that Brasskey knows, the protocol each one speaks, and what is fixed about them.
//!
//! It must never decide anything from the form of a key: prefixes are hints, vendors change them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

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

/// Who runs the model and bills for it, or the kind of server on this computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// OpenAI, through the Responses protocol.
    #[serde(rename = "openai")]
    OpenAi,
    /// Anthropic.
    Anthropic,
    /// Google Gemini (AI Studio keys).
    Gemini,
    /// OpenRouter.
    #[serde(rename = "openrouter")]
    OpenRouter,
    /// Any endpoint that speaks Chat Completions, at a base URL of the user's own.
    #[serde(rename = "openai_compatible")]
    OpenAiCompatible,
    /// Ollama on this computer.
    Ollama,
    /// LM Studio on this computer.
    LmStudio,
    /// llama.cpp's server on this computer.
    LlamaCpp,
    /// vLLM, usually on this computer.
    Vllm,
}

/// A word that names no provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a provider")]
pub struct UnknownProvider;

const ALL: &[Provider] = &[
    Provider::OpenAi,
    Provider::Anthropic,
    Provider::Gemini,
    Provider::OpenRouter,
    Provider::OpenAiCompatible,
    Provider::Ollama,
    Provider::LmStudio,
    Provider::LlamaCpp,
    Provider::Vllm,
];

impl Provider {
    /// Every provider, in the order in which they are offered.
    pub fn all() -> &'static [Provider] {
        ALL
    }

    /// The stable identifier: what serde, the database and the command line write.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
            Self::OpenRouter => "openrouter",
            Self::OpenAiCompatible => "openai_compatible",
            Self::Ollama => "ollama",
            Self::LmStudio => "lm_studio",
            Self::LlamaCpp => "llama_cpp",
            Self::Vllm => "vllm",
        }
    }

    /// The name to show.
    pub fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "OpenAI",
            Self::Anthropic => "Anthropic",
            Self::Gemini => "Google Gemini",
            Self::OpenRouter => "OpenRouter",
            Self::OpenAiCompatible => "OpenAI-compatible",
            Self::Ollama => "Ollama",
            Self::LmStudio => "LM Studio",
            Self::LlamaCpp => "llama.cpp",
            Self::Vllm => "vLLM",
        }
    }

    /// The protocol used unless the endpoint says otherwise.
    pub fn protocol(self) -> Protocol {
        match self {
            Self::OpenAi => Protocol::OpenAiResponses,
            Self::Anthropic => Protocol::AnthropicMessages,
            Self::Gemini => Protocol::Gemini,
            _ => Protocol::OpenAiChat,
        }
    }

    /// Whether it is a model server that usually runs on this computer and needs no key.
    pub fn is_local(self) -> bool {
        matches!(
            self,
            Self::Ollama | Self::LmStudio | Self::LlamaCpp | Self::Vllm
        )
    }

    /// The documented base URL; none where the user has to name one.
    pub fn default_base_url(self) -> Option<&'static str> {
        Some(match self {
            Self::OpenAi => "https://api.openai.com/v1",
            Self::Anthropic => "https://api.anthropic.com/v1",
            Self::Gemini => "https://generativelanguage.googleapis.com/v1beta",
            Self::OpenRouter => "https://openrouter.ai/api/v1",
            Self::OpenAiCompatible => return None,
            Self::Ollama => "http://127.0.0.1:11434/v1",
            Self::LmStudio => "http://127.0.0.1:1234/v1",
            Self::LlamaCpp => "http://127.0.0.1:8080/v1",
            Self::Vllm => "http://127.0.0.1:8000/v1",
        })
    }

    /// What its keys begin with at present: a placeholder for the key field, never a check.
    pub fn key_prefix(self) -> Option<&'static str> {
        match self {
            Self::OpenAi => Some("sk-"),
            Self::Anthropic => Some("sk-ant-"),
            Self::Gemini => Some("AQ."),
            Self::OpenRouter => Some("sk-or-v1-"),
            _ => None,
        }
    }

    /// The environment variables in which people keep its key, the usual one first.
    pub fn environment_variable(self) -> &'static [&'static str] {
        match self {
            Self::OpenAi => &["OPENAI_API_KEY"],
            Self::Anthropic => &["ANTHROPIC_API_KEY"],
            Self::Gemini => &["GEMINI_API_KEY", "GOOGLE_API_KEY"],
            Self::OpenRouter => &["OPENROUTER_API_KEY"],
            _ => &[],
        }
    }

    /// The price list's family for calls to this provider at this base URL; none where no list applies.
    ///
    /// A compatible endpoint is known by its host. A provider with a list of its own keeps it behind a base URL of
    /// the user's (a company proxy), unless the host belongs to another family, as Azure's do. Servers on this
    /// computer have no price list.
    pub fn price_family(self, base_url: &BaseUrl) -> Option<&'static str> {
        if self.is_local() {
            return None;
        }
        family_of_host(base_url.host()).or(match self {
            Self::OpenAi => Some("openai"),
            Self::Anthropic => Some("anthropic"),
            Self::Gemini => Some("gemini"),
            Self::OpenRouter => Some("openrouter"),
            _ => None,
        })
    }
}

/// The family that a well-known host belongs to. Sub-domains count (regional hosts, one host per Azure resource).
pub(crate) fn family_of_host(host: &str) -> Option<&'static str> {
    const FAMILIES: &[(&str, &str)] = &[
        ("api.openai.com", "openai"),
        ("api.anthropic.com", "anthropic"),
        ("generativelanguage.googleapis.com", "gemini"),
        ("openrouter.ai", "openrouter"),
        ("api.mistral.ai", "mistral"),
        ("api.groq.com", "groq"),
        ("api.deepseek.com", "deepseek"),
        ("api.x.ai", "xai"),
        ("api.together.ai", "together"),
        ("api.together.xyz", "together"),
        ("api.fireworks.ai", "fireworks"),
        ("api.cohere.ai", "cohere"),
        ("api.cohere.com", "cohere"),
        ("api.perplexity.ai", "perplexity"),
        ("openai.azure.com", "azure"),
        ("cognitiveservices.azure.com", "azure"),
        ("services.ai.azure.com", "azure"),
        ("aiplatform.googleapis.com", "vertex"),
    ];
    if let Some((_, family)) = FAMILIES
        .iter()
        .find(|(name, _)| host == *name || is_sub_domain(host, name))
    {
        return Some(family);
    }
    // Regional hosts that put the region into the first label or into the middle.
    let bedrock = (host.starts_with("bedrock-runtime.") && host.ends_with(".amazonaws.com"))
        || (host.starts_with("bedrock-mantle.") && host.ends_with(".api.aws"));
    if bedrock {
        return Some("bedrock");
    }
    host.ends_with("-aiplatform.googleapis.com")
        .then_some("vertex")
}

fn is_sub_domain(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain)
        .is_some_and(|rest| rest.ends_with('.'))
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
