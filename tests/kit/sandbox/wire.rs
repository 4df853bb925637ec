//! Which provider a request is meant for, told by the first part of its path.

/// One of the providers that the sandbox plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wire {
    /// OpenAI: Responses and Chat Completions.
    OpenAi,
    /// Anthropic Messages.
    Anthropic,
    /// Google Gemini, `generateContent` family.
    Gemini,
    /// Any OpenAI-compatible server; answers without a key, too.
    Compatible,
    /// OpenRouter.
    OpenRouter,
    /// A local Ollama, at the root of the server; needs no key.
    Ollama,
}

impl Wire {
    /// Every provider that the sandbox plays.
    pub const ALL: [Wire; 6] = [
        Wire::OpenAi,
        Wire::Anthropic,
        Wire::Gemini,
        Wire::Compatible,
        Wire::OpenRouter,
        Wire::Ollama,
    ];

    /// The path of the base URL. The version is part of it, as in the providers' own base URLs.
    pub fn path(self) -> &'static str {
        match self {
            Wire::OpenAi => "/openai/v1",
            Wire::Anthropic => "/anthropic/v1",
            Wire::Gemini => "/gemini/v1beta",
            Wire::Compatible => "/compatible/v1",
            Wire::OpenRouter => "/openrouter/api/v1",
            Wire::Ollama => "/v1",
        }
    }

    /// The providers of `errors.json` whose responses fit this wire, best first.
    pub(crate) fn fixture_providers(self) -> &'static [&'static str] {
        match self {
            Wire::OpenAi => &["openai"],
            Wire::Anthropic => &["anthropic"],
            Wire::Gemini => &["gemini", "vertex"],
            Wire::OpenRouter => &["openrouter"],
            Wire::Compatible => &[
                "openai_compatible",
                "groq",
                "mistral",
                "deepseek",
                "together",
                "fireworks",
                "vllm",
                "xai",
                "cohere",
                "perplexity",
                "azure_openai",
                "bedrock",
                "openai",
            ],
            Wire::Ollama => &["ollama", "vllm", "openai_compatible", "openai"],
        }
    }

    /// Splits a path into the provider it is meant for and what is asked of it.
    pub(crate) fn of_path(path: &str) -> Option<(Wire, &str)> {
        Wire::ALL.into_iter().find_map(|wire| {
            let rest = path.strip_prefix(wire.path())?;
            rest.starts_with('/').then_some((wire, rest))
        })
    }
}
