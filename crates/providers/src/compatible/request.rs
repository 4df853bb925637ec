//! Our question as a body for `POST /chat/completions`.

use serde::Serialize;

use crate::endpoint::Endpoint;
use crate::request::{ChatRequest, Role};

#[derive(Serialize)]
pub(crate) struct Body<'a> {
    model: &'a str,
    messages: Vec<Item<'a>>,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
    /// The older name, known to nearly every endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    /// OpenAI's newer models refuse the older name.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
}

#[derive(Serialize)]
struct Item<'a> {
    role: &'static str,
    content: &'a str,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
    /// OpenAI's padding against traffic analysis; others may refuse the word.
    #[serde(skip_serializing_if = "Option::is_none")]
    include_obfuscation: Option<bool>,
}

impl<'a> Body<'a> {
    /// `extras` adds the optional parameters that an endpoint may not know.
    pub(crate) fn new(endpoint: &Endpoint, request: &'a ChatRequest, extras: bool) -> Self {
        let family = endpoint.provider.price_family(&endpoint.base_url);
        let openai = matches!(family, Some("openai" | "azure"));
        let system = request.system.iter().map(|text| Item {
            role: "system",
            content: text,
        });
        let messages = request.messages.iter().map(|message| Item {
            role: match message.role {
                Role::User => "user",
                Role::Assistant => "assistant",
            },
            content: &message.text,
        });
        let asks_for_usage = extras && endpoint.takes_usage_option();
        Self {
            model: &request.model,
            messages: system.chain(messages).collect(),
            stream: true,
            stream_options: asks_for_usage.then_some(StreamOptions {
                include_usage: true,
                include_obfuscation: (family == Some("openai")).then_some(false),
            }),
            max_tokens: request.max_output.filter(|_| !openai),
            max_completion_tokens: request.max_output.filter(|_| openai),
        }
    }
}
