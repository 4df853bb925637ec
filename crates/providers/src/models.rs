//! Reads model lists, whose items differ per provider, into one shape.
//!
//! It must never claim more than the list says: an unknown size is absent, and `chat` is false only with a reason.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The most models kept of a list; a longer one is no provider's.
const MOST: usize = 10_000;

/// A model that a key or a server offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    /// The identifier to ask for.
    pub id: String,
    /// The name to show.
    pub name: String,
    /// The most tokens of input and output together, or of input where the provider counts so.
    pub context_window: Option<u64>,
    /// The most output tokens.
    pub max_output: Option<u64>,
    /// Whether it can answer a chat, as far as the list tells.
    pub chat: bool,
    /// What else it can do, as far as the list tells.
    pub abilities: Abilities,
}

/// What a model can do besides answering text with text; none where the list does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default)]
pub struct Abilities {
    /// It reads pictures.
    pub images: Option<bool>,
    /// It reads PDF documents.
    pub documents: Option<bool>,
    /// It thinks before it answers.
    pub thinking: Option<bool>,
    /// It calls tools.
    pub tools: Option<bool>,
}

/// The models of one page of a list: `{data:[…]}`, `{models:[…]}` or a bare array; none for any other shape.
pub(crate) fn of_page(page: &Value) -> Option<Vec<Model>> {
    let items = page
        .as_array()
        .or_else(|| page.get("data")?.as_array())
        .or_else(|| page.get("models")?.as_array())?;
    let models: Vec<Model> = items.iter().take(MOST).filter_map(model).collect();
    // A list of something else is not a model list.
    (items.is_empty() || !models.is_empty()).then_some(models)
}

fn model(item: &Value) -> Option<Model> {
    let text = |name: &str| item.get(name)?.as_str().filter(|text| !text.is_empty());
    let id = text("id").or_else(|| text("name"))?;
    let id = id.strip_prefix("models/").unwrap_or(id);
    let name = text("display_name")
        .or_else(|| text("displayName"))
        .or_else(|| text("name").filter(|_| text("id").is_some()))
        .unwrap_or(id);
    Some(Model {
        id: id.to_owned(),
        name: name.to_owned(),
        context_window: number(
            item,
            &[
                "/context_window",
                "/context_length",
                "/max_context_length",
                "/max_model_len",
                "/max_input_tokens",
                "/inputTokenLimit",
                "/meta/n_ctx_train",
            ],
        ),
        max_output: number(
            item,
            &[
                "/max_tokens",
                "/max_completion_tokens",
                "/outputTokenLimit",
                "/top_provider/max_completion_tokens",
            ],
        ),
        chat: chats(item, id),
        abilities: abilities(item),
    })
}

/// In the words of Anthropic and Mistral (`capabilities`), of OpenRouter (`architecture`, `supported_parameters`), of xAI
/// (`input_modalities`), of Cohere (`features`) and of Google (`thinking`).
fn abilities(item: &Value) -> Abilities {
    let capability = |names: &[&str]| {
        names.iter().find_map(|name| {
            let said = item.get("capabilities")?.get(name)?;
            said.as_bool().or_else(|| said.get("supported")?.as_bool())
        })
    };
    let listed = |places: &[&str], words: &[&str]| {
        let list = places
            .iter()
            .find_map(|place| item.pointer(place)?.as_array())?;
        let has = |entry: &Value| entry.as_str().is_some_and(|entry| words.contains(&entry));
        Some(list.iter().any(has))
    };
    const TAKEN: &[&str] = &["/architecture/input_modalities", "/input_modalities"];
    const DONE: &[&str] = &["/supported_parameters", "/features"];
    Abilities {
        images: capability(&["image_input", "vision"])
            .or_else(|| listed(TAKEN, &["image"]))
            .or_else(|| listed(&["/features"], &["vision"])),
        documents: capability(&["pdf_input"])
            .or_else(|| listed(&["/architecture/input_modalities"], &["file", "pdf"])),
        thinking: capability(&["thinking", "reasoning"])
            .or_else(|| item.get("thinking")?.as_bool())
            .or_else(|| listed(DONE, &["reasoning"])),
        tools: capability(&["function_calling"]).or_else(|| listed(DONE, &["tools"])),
    }
}

fn number(item: &Value, places: &[&str]) -> Option<u64> {
    places
        .iter()
        .find_map(|place| item.pointer(place)?.as_u64().filter(|count| *count > 0))
}

/// What the list says about chat; where it says nothing, what the name does.
fn chats(item: &Value, id: &str) -> bool {
    let names = |place: &str, word: &str| {
        let list = item.pointer(place)?.as_array()?;
        Some(list.iter().any(|entry| entry.as_str() == Some(word)))
    };
    // Google: the methods that a model has. Mistral: its capabilities. OpenRouter: what comes out. Together: its type.
    let said = names("/supportedGenerationMethods", "generateContent")
        .or_else(|| item.pointer("/capabilities/completion_chat")?.as_bool())
        .or_else(|| names("/architecture/output_modalities", "text"))
        .or_else(|| {
            let kind = item.get("type")?.as_str()?;
            (kind != "model")
                .then_some(matches!(kind, "chat" | "language" | "code" | "llm" | "vlm"))
        });
    said != Some(false) && !is_named_otherwise(id)
}

/// Names of families that do something else; OpenAI's list has nothing but names.
fn is_named_otherwise(id: &str) -> bool {
    const OTHERS: &[&str] = &[
        "embed",
        "whisper",
        "tts",
        "dall-e",
        "image",
        "imagen",
        "moderation",
        "transcribe",
        "realtime",
        "audio",
        "sora",
        "veo",
        "rerank",
        "babbage",
        "davinci",
        "aqa",
    ];
    let id = id.to_ascii_lowercase();
    id.split(['-', '/', ':', '_', '.'])
        .any(|word| OTHERS.iter().any(|other| word.starts_with(other)))
        || id.contains("dall-e")
        || id.contains("embed")
}
