//! Our question as a body for `POST /messages`.

use serde::Serialize;

use crate::request::{Base64, ChatRequest, Media, Message, Role};

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
    content: Content<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Content<'a> {
    Text(&'a str),
    Blocks(Vec<Block<'a>>),
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case", tag = "type")]
enum Block<'a> {
    Text { text: &'a str },
    Image { source: Source<'a> },
    Document { source: Source<'a>, title: &'a str },
}

#[derive(Serialize)]
struct Source<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    media_type: &'static str,
    data: Base64<'a>,
}

impl<'a> Content<'a> {
    fn of(message: &'a Message) -> Self {
        if message.attachments.is_empty() {
            return Self::Text(&message.text);
        }
        let shown = message.attachments.iter().map(|attachment| {
            let source = Source {
                kind: "base64",
                media_type: attachment.media.as_str(),
                data: Base64(attachment),
            };
            match attachment.media {
                Media::Pdf => Block::Document {
                    source,
                    title: &attachment.name,
                },
                Media::Jpeg | Media::Png | Media::Gif | Media::Webp => Block::Image { source },
            }
        });
        let text = Block::Text {
            text: &message.text,
        };
        Self::Blocks(shown.chain([text]).collect())
    }
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
                    content: Content::of(message),
                })
                .collect(),
            stream: true,
        }
    }
}
