//! The providers as a user has them.

use brasskey_app::keys::view::ProviderId;
use brasskey_tests::Wire;
use brasskey_tests::sandbox::keys;

/// A provider as a user has it: an account with a key, and a model to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) provider: ProviderId,
    pub(crate) wire: Wire,
    pub(crate) model: &'static str,
}

pub(crate) const OPENAI: Account = Account {
    provider: ProviderId::OpenAi,
    wire: Wire::OpenAi,
    model: "gpt-6.1-sol",
};
pub(crate) const ANTHROPIC: Account = Account {
    provider: ProviderId::Anthropic,
    wire: Wire::Anthropic,
    model: "claude-opus-5-5",
};
pub(crate) const GEMINI: Account = Account {
    provider: ProviderId::Gemini,
    wire: Wire::Gemini,
    model: "gemini-3.6-flash",
};
pub(crate) const OPENROUTER: Account = Account {
    provider: ProviderId::OpenRouter,
    wire: Wire::OpenRouter,
    model: "anthropic/claude-opus-5.5",
};
pub(crate) const COMPATIBLE: Account = Account {
    provider: ProviderId::OpenAiCompatible,
    wire: Wire::Compatible,
    model: "openai/gpt-oss-20b",
};
pub(crate) const OLLAMA: Account = Account {
    provider: ProviderId::Ollama,
    wire: Wire::Ollama,
    model: "qwen3:8b",
};

impl Account {
    /// The key that the sandbox provider gave out for it.
    pub(crate) fn key(self) -> &'static str {
        keys::key(self.wire)
    }

    /// A key that makes the sandbox provider behave in a special way.
    pub(crate) fn key_that(self, behaviour: &str) -> String {
        keys::key_that(self.wire, behaviour)
    }
}
