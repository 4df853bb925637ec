//! Deep links to the providers' own pages, where a failure is mended.
//!
//! It must hold fixed https addresses only: nothing here is built from what a provider answered.

use serde::{Deserialize, Serialize};

use crate::provider::Provider;

/// A page in a provider's console.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Page {
    /// Where keys are created and revoked.
    Keys,
    /// Where credit is bought and payment details are kept.
    Billing,
    /// Where rate and spending limits are shown and set.
    Limits,
    /// Where the provider shows what was used.
    Usage,
    /// Whether the provider is up.
    Status,
    /// Where a key's permissions are set.
    Permissions,
    /// Which countries are served.
    Regions,
}

impl Provider {
    /// The address of a page, where the provider has one.
    pub fn page(self, page: Page) -> Option<&'static str> {
        match self {
            Self::OpenAi => Some(openai(page)),
            Self::Anthropic => Some(anthropic(page)),
            Self::Gemini => Some(gemini(page)),
            Self::OpenRouter => openrouter(page),
            Self::OpenAiCompatible
            | Self::Ollama
            | Self::LmStudio
            | Self::LlamaCpp
            | Self::Vllm => None,
        }
    }
}

fn openai(page: Page) -> &'static str {
    match page {
        Page::Keys | Page::Permissions => "https://platform.openai.com/api-keys",
        Page::Billing => "https://platform.openai.com/settings/organization/billing",
        Page::Limits => "https://platform.openai.com/settings/organization/limits",
        Page::Usage => "https://platform.openai.com/usage",
        Page::Status => "https://status.openai.com",
        Page::Regions => "https://platform.openai.com/docs/supported-countries",
    }
}

fn anthropic(page: Page) -> &'static str {
    match page {
        Page::Keys | Page::Permissions => "https://platform.claude.com/settings/keys",
        Page::Billing => "https://platform.claude.com/settings/billing",
        Page::Limits => "https://platform.claude.com/settings/limits",
        Page::Usage => "https://platform.claude.com/usage",
        Page::Status => "https://status.claude.com",
        Page::Regions => "https://www.anthropic.com/supported-countries",
    }
}

fn gemini(page: Page) -> &'static str {
    match page {
        // Billing is set up per project, on the page that lists the keys.
        Page::Keys | Page::Permissions | Page::Billing => "https://aistudio.google.com/apikey",
        Page::Limits | Page::Usage => "https://aistudio.google.com/usage",
        Page::Status => "https://aistudio.google.com/status",
        Page::Regions => "https://ai.google.dev/gemini-api/docs/available-regions",
    }
}

fn openrouter(page: Page) -> Option<&'static str> {
    Some(match page {
        Page::Keys | Page::Limits | Page::Permissions => "https://openrouter.ai/settings/keys",
        Page::Billing => "https://openrouter.ai/credits",
        Page::Usage => "https://openrouter.ai/activity",
        Page::Status => "https://status.openrouter.ai",
        Page::Regions => return None,
    })
}
