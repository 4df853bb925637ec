//! Our question as a body for `:streamGenerateContent`.

use serde::Serialize;

use crate::request::{Base64, ChatRequest, Message, Role};

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
    parts: Vec<Part<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Part<'a> {
    Text(&'a str),
    InlineData(InlineData<'a>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InlineData<'a> {
    mime_type: &'static str,
    data: Base64<'a>,
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
            parts: vec![Part::Text(text)],
        }
    }

    fn of(message: &'a Message) -> Self {
        let shown = message.attachments.iter().map(|attachment| {
            Part::InlineData(InlineData {
                mime_type: attachment.media.as_str(),
                data: Base64(attachment),
            })
        });
        Self {
            role: Some(match message.role {
                Role::User => "user",
                Role::Assistant => "model",
            }),
            parts: shown.chain([Part::Text(&message.text)]).collect(),
        }
    }
}

impl<'a> Body<'a> {
    /// `extras` adds the optional parameters that a model may not know.
    pub(crate) fn new(request: &'a ChatRequest, extras: bool) -> Self {
        Self {
            contents: request.messages.iter().map(Content::of).collect(),
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
