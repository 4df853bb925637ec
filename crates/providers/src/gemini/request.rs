//! Our question as a body for `:streamGenerateContent`.

use serde::Serialize;

use crate::request::{ChatRequest, Role};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Body<'a> {
    contents: Vec<Content<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    system_instruction: Option<Content<'a>>,
    generation_config: GenerationConfig,
}

#[derive(Serialize)]
pub(crate) struct Content<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    parts: [Part<'a>; 1],
}

#[derive(Serialize)]
struct Part<'a> {
    text: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GenerationConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u32>,
    /// Models that do not think refuse it.
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_config: Option<ThinkingConfig>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ThinkingConfig {
    include_thoughts: bool,
}

impl<'a> Content<'a> {
    pub(crate) fn new(role: Option<&'static str>, text: &'a str) -> Self {
        Self {
            role,
            parts: [Part { text }],
        }
    }
}

impl<'a> Body<'a> {
    /// `extras` adds the optional parameters that a model may not know.
    pub(crate) fn new(request: &'a ChatRequest, extras: bool) -> Self {
        Self {
            contents: request
                .messages
                .iter()
                .map(|message| {
                    let role = match message.role {
                        Role::User => "user",
                        Role::Assistant => "model",
                    };
                    Content::new(Some(role), &message.text)
                })
                .collect(),
            system_instruction: request
                .system
                .as_deref()
                .map(|text| Content::new(None, text)),
            generation_config: GenerationConfig {
                max_output_tokens: request.max_output,
                thinking_config: extras.then_some(ThinkingConfig {
                    include_thoughts: true,
                }),
            },
        }
    }
}

/// A body for `:countTokens`.
#[derive(Serialize)]
pub(crate) struct Count<'a> {
    contents: [Content<'a>; 1],
}

impl<'a> Count<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            contents: [Content::new(Some("user"), text)],
        }
    }
}
