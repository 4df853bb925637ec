//! Reads a model call as its provider would, and refuses what the provider would refuse: an unknown field, a missing one,
//! a role that does not exist. So a client that gets its answer here has sent what is documented.

use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::counts::count_tokens;
use super::fields;
use super::reply;
use super::wire::Wire;

/// The interface that a model call came through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Interface {
    Responses,
    Chat,
    Messages,
    /// Gemini has model and manner in the path.
    Generate {
        model: String,
        stream: bool,
    },
}

/// A model call as understood.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub(crate) model: String,
    /// The last thing that the user said.
    pub(crate) question: String,
    /// Of instructions and conversation.
    pub(crate) input_tokens: u64,
    pub(crate) max_output: Option<u64>,
    pub(crate) stream: bool,
    /// Chat Completions sends usage only to those who ask.
    pub(crate) include_usage: bool,
    /// OpenAI pads its events unless it is told not to.
    pub(crate) obfuscate: bool,
    pub(crate) names_stream_options: bool,
}

/// Why a call is refused: status and body, in the provider's own shape.
pub(crate) type Refused = (u16, Value);

/// Versions that Anthropic serves; the newer one refuses sampling parameters.
const ANTHROPIC_VERSIONS: [&str; 2] = ["2026-10-21", "2023-06-01"];

/// Reads `body` as `wire` would.
pub(crate) fn read(
    wire: Wire,
    interface: &Interface,
    headers: &HeaderMap,
    body: &Value,
) -> Result<Asked, Refused> {
    if !body.is_object() {
        return Err(invalid(
            wire,
            "The request body is not a JSON object.",
            None,
        ));
    }
    match interface {
        Interface::Responses => responses(wire, body),
        Interface::Chat => chat(wire, body),
        Interface::Messages => messages(wire, headers, body),
        Interface::Generate { model, stream } => generate(wire, model, *stream, body),
    }
}

fn responses(wire: Wire, body: &Value) -> Result<Asked, Refused> {
    fields::known(
        wire,
        body,
        fields::RESPONSES,
        &["temperature", "top_p", "max_tokens"],
    )?;
    let mut said = Said::default();
    said.add(
        "system",
        text_of(&body["instructions"], &[]).unwrap_or_default(),
    );
    match &body["input"] {
        Value::String(text) => said.add("user", text.clone()),
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                let role = one_of(wire, item, &["user", "assistant", "system", "developer"])?;
                let kind = if role == "assistant" {
                    "output_text"
                } else {
                    "input_text"
                };
                said.add(role, content(wire, &item["content"], &[kind])?);
            }
        }
        _ => {
            return Err(invalid(
                wire,
                "Missing required parameter: 'input'.",
                Some("input"),
            ));
        }
    }
    asked(wire, body, said, "max_output_tokens")
}

fn chat(wire: Wire, body: &Value) -> Result<Asked, Refused> {
    if wire == Wire::OpenAi {
        fields::known(
            wire,
            body,
            fields::CHAT,
            &["max_tokens", "temperature", "top_p"],
        )?;
    }
    let mut said = Said::default();
    for message in list(wire, body, "messages")? {
        let role = one_of(
            wire,
            message,
            &["system", "developer", "user", "assistant", "tool"],
        )?;
        said.add(role, content(wire, &message["content"], &["text"])?);
    }
    let limit = if body.get("max_completion_tokens").is_some() {
        "max_completion_tokens"
    } else {
        "max_tokens"
    };
    asked(wire, body, said, limit)
}

fn messages(wire: Wire, headers: &HeaderMap, body: &Value) -> Result<Asked, Refused> {
    let version = headers
        .get("anthropic-version")
        .and_then(|version| version.to_str().ok())
        .unwrap_or_default();
    if !ANTHROPIC_VERSIONS.contains(&version) {
        return Err(invalid(wire, "anthropic-version: header is required", None));
    }
    fields::known(wire, body, fields::MESSAGES, &[])?;
    if version == ANTHROPIC_VERSIONS[0] {
        for field in ["temperature", "top_p", "top_k"] {
            if body.get(field).is_some() {
                let message =
                    format!("{field}: parameter is not accepted by API version {version}");
                return Err(invalid(wire, &message, Some(field)));
            }
        }
    }
    let mut said = Said::default();
    said.add(
        "system",
        text_of(&body["system"], &["text"]).unwrap_or_default(),
    );
    for message in list(wire, body, "messages")? {
        let role = one_of(wire, message, &["user", "assistant"])?;
        let text = content(wire, &message["content"], &["text"])?;
        if text.is_empty() {
            return Err(invalid(
                wire,
                "messages: text content blocks must be non-empty",
                None,
            ));
        }
        said.add(role, text);
    }
    asked(wire, body, said, "max_tokens")
}

fn generate(wire: Wire, model: &str, stream: bool, body: &Value) -> Result<Asked, Refused> {
    fields::known(wire, body, fields::GENERATE, &[])?;
    let mut said = Said::default();
    let instruction = parts(&body["systemInstruction"]["parts"]).unwrap_or_default();
    said.add("system", instruction);
    for message in list(wire, body, "contents")? {
        let role = match message.get("role") {
            None => "user",
            Some(_) => one_of(wire, message, &["user", "model"])?,
        };
        let text = parts(&message["parts"])
            .ok_or_else(|| invalid(wire, "contents.parts must not be empty.", Some("contents")))?;
        said.add(role, text);
    }
    Ok(Asked {
        model: model.to_owned(),
        question: said.question,
        input_tokens: said.tokens,
        max_output: body["generationConfig"]["maxOutputTokens"].as_u64(),
        stream,
        include_usage: true,
        ..Asked::default()
    })
}

/// What was said so far.
#[derive(Default)]
struct Said {
    question: String,
    tokens: u64,
}

impl Said {
    fn add(&mut self, role: &str, text: String) {
        self.tokens = self.tokens.saturating_add(count_tokens(&text));
        if role == "user" {
            self.question = text;
        }
    }
}

fn asked(wire: Wire, body: &Value, said: Said, limit: &str) -> Result<Asked, Refused> {
    let model = body["model"].as_str().unwrap_or_default();
    if model.is_empty() {
        return Err(invalid(
            wire,
            "you must provide a model parameter",
            Some("model"),
        ));
    }
    let max_output = body.get(limit).and_then(Value::as_u64);
    let must_have = wire == Wire::Anthropic;
    if max_output == Some(0) || (must_have && max_output.is_none()) {
        let message = format!("{limit}: Field required, greater than 0");
        return Err(invalid(wire, &message, Some(limit)));
    }
    let options = &body["stream_options"];
    let stream = body["stream"].as_bool().unwrap_or(false);
    if wire == Wire::OpenAi && !stream && !options.is_null() {
        let message = "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
        return Err(invalid(wire, message, Some("stream_options")));
    }
    Ok(Asked {
        model: model.to_owned(),
        question: said.question,
        input_tokens: said.tokens,
        max_output,
        stream,
        include_usage: wire == Wire::OpenRouter || options["include_usage"] == json!(true),
        obfuscate: wire == Wire::OpenAi && options["include_obfuscation"] != json!(false),
        names_stream_options: !options.is_null(),
    })
}

fn list<'a>(wire: Wire, body: &'a Value, field: &str) -> Result<&'a [Value], Refused> {
    body[field]
        .as_array()
        .map(Vec::as_slice)
        .filter(|items| !items.is_empty())
        .ok_or_else(|| {
            let message = format!("{field}: at least one message is required");
            invalid(wire, &message, Some(field))
        })
}

fn one_of(wire: Wire, message: &Value, roles: &[&'static str]) -> Result<&'static str, Refused> {
    let role = message["role"].as_str().unwrap_or_default();
    roles
        .iter()
        .copied()
        .find(|known| *known == role)
        .ok_or_else(|| {
            let message = format!("Invalid value: '{role}'. Supported values are: {roles:?}.");
            invalid(wire, &message, Some("role"))
        })
}

fn content(wire: Wire, value: &Value, kinds: &[&str]) -> Result<String, Refused> {
    text_of(value, kinds).ok_or_else(|| {
        let message = format!("Invalid content: text or parts of type {kinds:?} expected.");
        invalid(wire, &message, Some("content"))
    })
}

/// Text that is a string or a list of parts of one of `kinds`.
fn text_of(value: &Value, kinds: &[&str]) -> Option<String> {
    if let Value::String(text) = value {
        return Some(text.clone());
    }
    value
        .as_array()?
        .iter()
        .map(|part| {
            let kind = part["type"].as_str()?;
            kinds.contains(&kind).then(|| part["text"].as_str())?
        })
        .collect()
}

fn parts(value: &Value) -> Option<String> {
    let parts = value.as_array().filter(|parts| !parts.is_empty())?;
    parts.iter().map(|part| part["text"].as_str()).collect()
}

fn invalid(wire: Wire, message: &str, param: Option<&str>) -> Refused {
    reply::error(wire, 400, message, param, "invalid_value")
}
