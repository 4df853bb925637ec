//! The models that the sandbox lists: real ids that stand in the price list, so that costs are real ones.

use super::counts::Counts;
use super::wire::Wire;

/// One listed model.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) id: &'static str,
    /// For people.
    pub(crate) name: &'static str,
    /// The id that answers report, where the provider resolves an alias to a dated model.
    pub(crate) served: &'static str,
    pub(crate) context_window: u64,
    pub(crate) max_output: u64,
    /// Answers questions. The lists of the real providers hold other models, too.
    pub(crate) chat: bool,
    /// What OpenRouter charges.
    pub(crate) rates: Option<Rates>,
}

/// Pico-dollars for one token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rates {
    pub(crate) input: u64,
    pub(crate) cache_read: u64,
    pub(crate) cache_write: u64,
    pub(crate) output: u64,
}

impl Rates {
    /// The cost of a call in pico-dollars.
    pub(crate) fn cost(self, counts: &Counts) -> u64 {
        [
            (counts.input_uncached, self.input),
            (counts.cache_read, self.cache_read),
            (counts.cache_write, self.cache_write),
            (counts.output, self.output),
        ]
        .into_iter()
        .fold(0, |sum: u64, (tokens, rate)| {
            sum.saturating_add(tokens.saturating_mul(rate))
        })
    }
}

const fn chat(id: &'static str, name: &'static str, context_window: u64, max_output: u64) -> Model {
    Model {
        id,
        name,
        served: id,
        context_window,
        max_output,
        chat: true,
        rates: None,
    }
}

const fn other(id: &'static str, name: &'static str, context_window: u64) -> Model {
    Model {
        chat: false,
        ..chat(id, name, context_window, 0)
    }
}

const fn dated(served: &'static str, model: Model) -> Model {
    Model { served, ..model }
}

const fn priced(input: u64, cache_read: u64, cache_write: u64, output: u64, model: Model) -> Model {
    Model {
        rates: Some(Rates {
            input,
            cache_read,
            cache_write,
            output,
        }),
        ..model
    }
}

static OPENAI: &[Model] = &[
    chat("gpt-6-astra", "GPT-6 Astra", 922_000, 128_000),
    dated(
        "gpt-6.1-sol-2026-09-30",
        chat("gpt-6.1-sol", "GPT-6.1 Sol", 922_000, 128_000),
    ),
    chat("gpt-6.1-terra", "GPT-6.1 Terra", 922_000, 128_000),
    chat("gpt-6-luna", "GPT-6 Luna", 922_000, 128_000),
    chat("gpt-5-mini", "GPT-5 mini", 272_000, 128_000),
    chat("gpt-4o-mini", "GPT-4o mini", 128_000, 16_384),
    other("text-embedding-3-large", "Text Embedding 3 Large", 8_192),
    other("whisper-1", "Whisper", 0),
];

static ANTHROPIC: &[Model] = &[
    chat("claude-opus-5-5", "Claude Opus 5.5", 1_000_000, 128_000),
    chat("claude-sonnet-5-5", "Claude Sonnet 5.5", 1_000_000, 128_000),
    chat("claude-haiku-5-5", "Claude Haiku 5.5", 1_000_000, 128_000),
    chat("claude-haiku-4-5", "Claude Haiku 4.5", 200_000, 64_000),
];

static GEMINI: &[Model] = &[
    chat("gemini-3.8-flash", "Gemini 3.8 Flash", 1_048_576, 65_536),
    chat("gemini-3.6-flash", "Gemini 3.6 Flash", 1_048_576, 65_536),
    chat(
        "gemini-3.5-flash-lite",
        "Gemini 3.5 Flash-Lite",
        1_048_576,
        65_536,
    ),
    chat(
        "gemini-3.1-pro-preview",
        "Gemini 3.1 Pro Preview",
        1_048_576,
        65_536,
    ),
    chat("gemini-2.5-pro", "Gemini 2.5 Pro", 1_048_576, 65_536),
    other("gemini-embedding-001", "Gemini Embedding 001", 2_048),
];

static COMPATIBLE: &[Model] = &[
    chat("openai/gpt-oss-120b", "gpt-oss 120B", 131_072, 65_536),
    chat("openai/gpt-oss-20b", "gpt-oss 20B", 131_072, 65_536),
    chat("mistral-small-latest", "Mistral Small", 262_144, 262_144),
];

static OPENROUTER: &[Model] = &[
    priced(
        4_000_000,
        200_000,
        5_000_000,
        20_000_000,
        chat(
            "anthropic/claude-opus-5.5",
            "Anthropic: Claude Opus 5.5",
            1_000_000,
            128_000,
        ),
    ),
    priced(
        2_000_000,
        100_000,
        2_500_000,
        10_000_000,
        chat(
            "openai/gpt-6.1-sol",
            "OpenAI: GPT-6.1 Sol",
            922_000,
            128_000,
        ),
    ),
    priced(
        750_000,
        75_000,
        750_000,
        3_750_000,
        chat(
            "google/gemini-3.6-flash",
            "Google: Gemini 3.6 Flash",
            1_048_576,
            65_536,
        ),
    ),
];

static OLLAMA: &[Model] = &[
    chat("qwen3:8b", "qwen3:8b", 40_960, 40_960),
    chat("llama3.2:3b", "llama3.2:3b", 131_072, 131_072),
];

/// The models of one wire, in the order in which it lists them.
pub(crate) fn models(wire: Wire) -> &'static [Model] {
    match wire {
        Wire::OpenAi => OPENAI,
        Wire::Anthropic => ANTHROPIC,
        Wire::Gemini => GEMINI,
        Wire::Compatible => COMPATIBLE,
        Wire::OpenRouter => OPENROUTER,
        Wire::Ollama => OLLAMA,
    }
}

/// The model of that id, a dated id included.
pub(crate) fn find(wire: Wire, id: &str) -> Option<&'static Model> {
    models(wire)
        .iter()
        .find(|model| model.chat && (model.id == id || model.served == id))
}
