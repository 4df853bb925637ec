//! Our question as a body for `POST /responses`.
//!
//! No reasoning parameters: models without reasoning refuse them, and summaries need a verified organisation.

use serde::Serialize;

use crate::request::{ChatRequest, DataUrl, Media, Message, Role};

#[derive(Serialize)]
pub(crate) struct Body<'a> {
    model: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    instructions: Option<&'a str>,
    input: Vec<Item<'a>>,
    stream: bool,
    /// Padding against traffic analysis inside TLS; it only costs bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
    store: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u32>,
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
    Parts(Vec<Part<'a>>),
}

#[derive(Serialize)]
#[serde(tag = "type")]
enum Part<'a> {
    #[serde(rename = "input_text")]
    Text { text: &'a str },
    #[serde(rename = "input_image")]
    Image { image_url: DataUrl<'a> },
    #[serde(rename = "input_file")]
    File {
        filename: &'a str,
        file_data: DataUrl<'a>,
    },
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
                    filename: &attachment.name,
                    file_data: data,
                },
                Media::Jpeg | Media::Png | Media::Gif | Media::Webp => {
                    Part::Image { image_url: data }
                }
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
    include_obfuscation: bool,
}

impl<'a> Body<'a> {
    /// `extras` adds the optional parameters that an endpoint may not know.
    pub(crate) fn new(request: &'a ChatRequest, extras: bool) -> Self {
        Self {
            model: &request.model,
            instructions: request.system.as_deref(),
            input: request
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
            stream_options: extras.then_some(StreamOptions {
                include_obfuscation: false,
            }),
            store: false,
            max_output_tokens: request.max_output,
        }
    }
}
