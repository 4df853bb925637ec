//! Our question as a body for `POST /messages`.

use serde::Serialize;

use crate::request::{ChatRequest, Role};

/// The protocol demands a limit. This one is within what every current model may produce; a caller that knows the
/// model's own maximum says so in the request.
const DEFAULT_MAX_TOKENS: u32 = 8192;

#[derive(Serialize)]
pub(crate) struct Body<'a> {
    model: &'a str,
    max_tokens: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    system: Option<&'a str>,
    messages: Vec<Item<'a>>,
    stream: bool,
}

#[derive(Serialize)]
struct Item<'a> {
    role: &'static str,
    content: &'a str,
}

impl<'a> Body<'a> {
    pub(crate) fn new(request: &'a ChatRequest) -> Self {
        Self {
            model: &request.model,
            max_tokens: request.max_output.unwrap_or(DEFAULT_MAX_TOKENS),
            system: request.system.as_deref(),
            messages: request
                .messages
                .iter()
                .map(|message| Item {
                    role: match message.role {
                        Role::User => "user",
                        Role::Assistant => "assistant",
                    },
                    content: &message.text,
                })
                .collect(),
            stream: true,
        }
    }
}
