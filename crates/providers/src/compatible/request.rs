//! Our question as a body for `POST /chat/completions`.

use serde::Serialize;

use crate::endpoint::Endpoint;
use crate::request::{ChatRequest, DataUrl, Media, Message, Role};

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
    content: Content<'a>,
}

/// A list only where there is something to list: not every endpoint reads one.
#[derive(Serialize)]
#[serde(untagged)]
enum Content<'a> {
    Text(&'a str),
    Parts(Vec<Part<'a>>),
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case", tag = "type")]
enum Part<'a> {
    Text { text: &'a str },
    ImageUrl { image_url: ImageUrl<'a> },
    File { file: File<'a> },
}

#[derive(Serialize)]
struct ImageUrl<'a> {
    url: DataUrl<'a>,
}

#[derive(Serialize)]
struct File<'a> {
    filename: &'a str,
    file_data: DataUrl<'a>,
}

impl<'a> Content<'a> {
    fn of(message: &'a Message) -> Self {
        if message.attachments.is_empty() {
            return Self::Text(&message.text);
        }
        let shown = message.attachments.iter().map(|attachment| {
            let data = DataUrl(attachment);
            match attachment.media {
                Media::Pdf => Part::File {
                    file: File {
                        filename: &attachment.name,
                        file_data: data,
                    },
                },
                Media::Jpeg | Media::Png | Media::Gif | Media::Webp => Part::ImageUrl {
                    image_url: ImageUrl { url: data },
                },
            }
        });
        let text = Part::Text {
            text: &message.text,
        };
        Self::Parts(shown.chain([text]).collect())
    }
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
        let profile = endpoint.profile();
        let system = request.system.iter().map(|text| Item {
            role: "system",
            content: Content::Text(text),
        });
        let messages = request.messages.iter().map(|message| Item {
            role: match message.role {
                Role::User => "user",
                Role::Assistant => "assistant",
            },
            content: Content::of(message),
        });
        let asks_for_usage = extras && endpoint.takes_usage_option();
        Self {
            model: &request.model,
            messages: system.chain(messages).collect(),
            stream: true,
            stream_options: asks_for_usage.then_some(StreamOptions {
                include_usage: true,
                include_obfuscation: profile.pads.then_some(false),
            }),
            max_tokens: request.max_output.filter(|_| !profile.new_limit_name),
            max_completion_tokens: request.max_output.filter(|_| profile.new_limit_name),
        }
    }
}
