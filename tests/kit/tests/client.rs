//! A bare HTTP/1.1 client: it sees the bytes, the end of the body and a broken connection as they are.

use std::collections::BTreeMap;
use std::time::Duration;

use brasskey_tests::sandbox::keys;
use brasskey_tests::{Sandbox, Wire};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A response, read to the end of its connection.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
    /// The body came to its proper end.
    pub(crate) whole: bool,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }

    /// The data of every event.
    pub(crate) fn data(&self) -> Vec<String> {
        self.text()
            .split("\n\n")
            .flat_map(|event| event.lines())
            .filter_map(|line| line.strip_prefix("data: "))
            .map(str::to_owned)
            .collect()
    }

    pub(crate) fn events(&self) -> Vec<Value> {
        self.data()
            .iter()
            .filter(|data| *data != "[DONE]")
            .map(|data| serde_json::from_str(data).expect("JSON in every event"))
            .collect()
    }
}

/// Sends one request and reads until the server closes.
pub(crate) async fn exchange(
    sandbox: &Sandbox,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let mut stream = open(sandbox, method, path, headers, body).await;
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(30), async {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match stream.read(&mut buffer).await {
                Ok(0) | Err(_) => break,
                Ok(count) => bytes.extend_from_slice(&buffer[..count]),
            }
        }
    });
    read.await.expect("the server closes");
    parse(&bytes)
}

/// Sends one request and returns the open connection.
pub(crate) async fn open(
    sandbox: &Sandbox,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> TcpStream {
    let mut stream = TcpStream::connect(sandbox.addr()).await.unwrap();
    let mut request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {}\r\n",
        sandbox.addr(),
        body.len()
    );
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    request.push_str(body);
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

fn parse(bytes: &[u8]) -> Answer {
    let split = bytes.windows(4).position(|window| window == b"\r\n\r\n");
    let split = split.expect("a response head");
    let head = std::str::from_utf8(&bytes[..split]).unwrap();
    let mut lines = head.lines();
    let status = lines
        .next()
        .unwrap()
        .split(' ')
        .nth(1)
        .unwrap()
        .parse()
        .unwrap();
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let rest = &bytes[split + 4..];
    let (body, whole) = if headers
        .get("transfer-encoding")
        .is_some_and(|encoding| encoding == "chunked")
    {
        unchunk(rest)
    } else {
        let length: usize = headers
            .get("content-length")
            .map_or(0, |length| length.parse().unwrap());
        (rest.to_vec(), rest.len() == length)
    };
    Answer {
        status,
        headers,
        body,
        whole,
    }
}

fn unchunk(mut rest: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    loop {
        let Some(end) = rest.windows(2).position(|window| window == b"\r\n") else {
            return (body, false);
        };
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
        let chunk = &rest[end + 2..];
        if size == 0 {
            return (body, true);
        }
        if chunk.len() < size + 2 {
            body.extend_from_slice(&chunk[..chunk.len().min(size)]);
            return (body, false);
        }
        body.extend_from_slice(&chunk[..size]);
        rest = &chunk[size + 2..];
    }
}

/// The interfaces that answer questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interface {
    Responses,
    OpenAiChat,
    Messages,
    Gemini,
    Compatible,
    OpenRouter,
    Ollama,
}

impl Interface {
    pub(crate) const ALL: [Interface; 7] = [
        Interface::Responses,
        Interface::OpenAiChat,
        Interface::Messages,
        Interface::Gemini,
        Interface::Compatible,
        Interface::OpenRouter,
        Interface::Ollama,
    ];

    pub(crate) fn wire(self) -> Wire {
        match self {
            Interface::Responses | Interface::OpenAiChat => Wire::OpenAi,
            Interface::Messages => Wire::Anthropic,
            Interface::Gemini => Wire::Gemini,
            Interface::Compatible => Wire::Compatible,
            Interface::OpenRouter => Wire::OpenRouter,
            Interface::Ollama => Wire::Ollama,
        }
    }

    fn path(self) -> String {
        let end = match self {
            Interface::Responses => "/responses",
            Interface::Messages => "/messages",
            Interface::Gemini => "/models/gemini-3.6-flash:streamGenerateContent?alt=sse",
            _ => "/chat/completions",
        };
        format!("{}{end}", self.wire().path())
    }

    pub(crate) fn request(self, question: &str) -> Value {
        let messages = json!([{ "role": "user", "content": question }]);
        let options = json!({ "include_usage": true });
        match self {
            Interface::Responses => json!({
                "model": "gpt-6.1-sol",
                "input": [{ "role": "user", "content": [{ "type": "input_text", "text": question }] }],
                "stream": true,
                "store": false,
                "stream_options": { "include_obfuscation": false },
            }),
            Interface::OpenAiChat => json!({
                "model": "gpt-6-luna",
                "messages": messages,
                "stream": true,
                "stream_options": { "include_usage": true, "include_obfuscation": false },
            }),
            Interface::Messages => json!({
                "model": "claude-opus-5-5",
                "max_tokens": 8192,
                "messages": messages,
                "stream": true,
            }),
            Interface::Gemini => json!({
                "contents": [{ "role": "user", "parts": [{ "text": question }] }],
                "generationConfig": { "thinkingConfig": { "includeThoughts": true } },
            }),
            Interface::Compatible => json!({
                "model": "openai/gpt-oss-20b", "messages": messages, "stream": true, "stream_options": options,
            }),
            Interface::OpenRouter => json!({
                "model": "anthropic/claude-opus-5.5", "messages": messages, "stream": true,
            }),
            Interface::Ollama => json!({
                "model": "qwen3:8b", "messages": messages, "stream": true, "stream_options": options,
            }),
        }
    }

    /// Sends `request` with `key` as this interface's providers expect it.
    pub(crate) async fn send(self, sandbox: &Sandbox, key: &str, request: &Value) -> Answer {
        let headers = key_headers(self.wire(), key);
        let headers: Vec<(&str, &str)> = headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        exchange(
            sandbox,
            "POST",
            &self.path(),
            &headers,
            &request.to_string(),
        )
        .await
    }

    pub(crate) async fn ask(self, sandbox: &Sandbox, question: &str) -> Answer {
        self.send(sandbox, keys::key(self.wire()), &self.request(question))
            .await
    }

    /// Asks and leaves the answer unread.
    pub(crate) async fn open(self, sandbox: &Sandbox, question: &str) -> TcpStream {
        let headers = key_headers(self.wire(), keys::key(self.wire()));
        let headers: Vec<(&str, &str)> = headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        open(
            sandbox,
            "POST",
            &self.path(),
            &headers,
            &self.request(question).to_string(),
        )
        .await
    }

    /// The visible answer in a stream, read as the providers' documentation says.
    pub(crate) fn visible(self, answer: &Answer) -> String {
        answer
            .events()
            .iter()
            .filter_map(|event| {
                let text = match self {
                    Interface::Responses => {
                        (event["type"] == "response.output_text.delta").then(|| &event["delta"])?
                    }
                    Interface::Messages => &event["delta"]["text"],
                    Interface::Gemini => {
                        let part = &event["candidates"][0]["content"]["parts"][0];
                        (part["thought"] != true).then(|| &part["text"])?
                    }
                    _ => &event["choices"][0]["delta"]["content"],
                };
                text.as_str().map(str::to_owned)
            })
            .collect()
    }

    /// The last usage of a stream, where the wire puts it.
    pub(crate) fn usage(self, answer: &Answer) -> Value {
        let name = if self == Interface::Gemini {
            "usageMetadata"
        } else {
            "usage"
        };
        answer
            .events()
            .into_iter()
            .rev()
            .map(|event| {
                let inside = event["response"][name].clone();
                if inside.is_null() {
                    event[name].clone()
                } else {
                    inside
                }
            })
            .find(|usage| !usage.is_null())
            .unwrap_or_default()
    }

    /// The stream holds the event without which an answer is not complete.
    pub(crate) fn is_complete(self, answer: &Answer) -> bool {
        let last = answer.data().last().cloned().unwrap_or_default();
        match self {
            Interface::Responses => last.contains("\"type\":\"response.completed\""),
            Interface::Messages => last.contains("\"type\":\"message_stop\""),
            Interface::Gemini => last.contains("\"finishReason\":"),
            _ => last == "[DONE]",
        }
    }
}

/// The headers that carry `key` to `wire`, and the version that Anthropic wants.
pub(crate) fn key_headers(wire: Wire, key: &str) -> Vec<(&'static str, String)> {
    match wire {
        Wire::Anthropic => vec![
            ("x-api-key", key.to_owned()),
            ("anthropic-version", "2026-10-21".to_owned()),
        ],
        Wire::Gemini => vec![("x-goog-api-key", key.to_owned())],
        _ => vec![("authorization", format!("Bearer {key}"))],
    }
}

/// Lists the models of `wire`.
pub(crate) async fn models(sandbox: &Sandbox, wire: Wire, key: &str) -> Answer {
    get(sandbox, wire, "/models", key).await
}

pub(crate) async fn get(sandbox: &Sandbox, wire: Wire, path: &str, key: &str) -> Answer {
    let headers = key_headers(wire, key);
    let headers: Vec<(&str, &str)> = headers
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    exchange(
        sandbox,
        "GET",
        &format!("{}{path}", wire.path()),
        &headers,
        "",
    )
    .await
}
