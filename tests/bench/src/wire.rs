//! What travels: the request that every load makes and the answer that the provider gives, in the shape and size of the
//! stored examples of Chat Completions.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The model that is asked for; it has a price.
pub(crate) const MODEL: &str = "gpt-5-mini";
/// The caller's token, which the gateway takes.
pub(crate) const TOKEN: &str =
    "bkd_be0cbe0cbe0cbe0cbe0cbe0cbe0cbe0cbe0cbe0cbe0cbe0cbe0cbe0cbe0cbe0c";
/// The key, which the provider takes.
pub(crate) const KEY: &str = "sk-bench-0000000000000000000000000000000000000000";
/// Where it is asked.
pub(crate) const PATH: &str = "/v1/chat/completions";
/// Pieces of a streamed answer that is not paced, and tokens of one that is not streamed.
pub(crate) const PIECES: u32 = 64;

/// What the provider reads of a request.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    pub(crate) model: String,
    #[serde(default)]
    pub(crate) stream: bool,
    #[serde(default = "pieces")]
    pub(crate) max_completion_tokens: u32,
    #[serde(default)]
    pub(crate) metadata: Pace,
}

fn pieces() -> u32 {
    PIECES
}

/// How the provider is to send: OpenAI's `metadata` holds texts that it gives no meaning.
#[derive(Default, Deserialize, Serialize)]
pub(crate) struct Pace {
    /// Microseconds between two pieces; none sends all at once.
    #[serde(default)]
    pub(crate) every_us: String,
    /// A name under which the end of the stream can be waited for.
    #[serde(default)]
    pub(crate) name: String,
}

/// A model that writes at a pace, and in each piece of its text when that piece was sent: `clock-PER_SECOND-PIECES`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clocked {
    pub(crate) per_second: u32,
    pub(crate) pieces: u32,
}

/// About 20,000 tokens in 20 seconds: a piece is four of them long.
pub(crate) const LONG_ANSWER: Clocked = Clocked {
    per_second: 250,
    pieces: 5_000,
};
/// A few lines, at once.
pub(crate) const SHORT_ANSWER: Clocked = Clocked {
    per_second: 1_000,
    pieces: 20,
};

impl Clocked {
    /// The name of one that writes so long.
    pub(crate) fn for_seconds(per_second: u32, seconds: u32) -> String {
        let pieces = per_second * seconds;
        Self { per_second, pieces }.name()
    }

    pub(crate) fn name(self) -> String {
        format!("clock-{}-{}", self.per_second, self.pieces)
    }

    /// The one of this name.
    pub(crate) fn of(model: &str) -> Option<Self> {
        let (per_second, pieces) = model.strip_prefix("clock-")?.split_once('-')?;
        Some(Self {
            per_second: per_second.parse().ok().filter(|rate| *rate > 0)?,
            pieces: pieces.parse().ok()?,
        })
    }

    /// A piece that is sent now.
    pub(crate) fn piece(sent_ns: i64) -> Bytes {
        text(&format!(" {}", sent_ns / 1000), "9f2a")
    }

    /// When the pieces of a text were sent, in microseconds since 1970; the last may be cut.
    pub(crate) fn sent_us(text: &str) -> impl Iterator<Item = i64> {
        let pieces = text.split_whitespace();
        pieces.filter_map(|piece| piece.parse().ok().filter(|us| *us > 1_000_000_000_000_000))
    }
}

/// A request of about 700 bytes.
pub(crate) fn request(stream: bool, pieces: u32, pace: &Pace) -> Bytes {
    const QUESTION: &str = "Where does Paris lie, how many people live there, and since when has the river that it lies on \
        been navigable for barges of the size that carry gravel and grain today? Answer in three sentences, name the \
        sources of the two figures, and say which of the two is the less certain one. Do not use a list, do not repeat the \
        question, and do not apologise for anything that is not known to you.";
    let mut body = json!({
        "model": MODEL,
        "max_completion_tokens": pieces,
        "messages": [
            {"role": "system", "content": "You are a careful geographer."},
            {"role": "user", "content": QUESTION},
        ],
        "metadata": pace,
    });
    if stream {
        body["stream"] = true.into();
        body["stream_options"] = json!({"include_usage": true});
    }
    Bytes::from(body.to_string())
}

fn chunk(choices: &Value, usage: &Value, obfuscation: &str) -> Bytes {
    let chunk = json!({
        "id": "chatcmpl-Be01", "object": "chat.completion.chunk", "created": 1_795_424_400, "model": MODEL,
        "service_tier": "default", "choices": choices, "usage": usage, "obfuscation": obfuscation,
    });
    Bytes::from(format!("data: {chunk}\n\n"))
}

/// A piece of a streamed answer. The moment of its sending stands where OpenAI puts filling.
pub(crate) fn piece(number: u32, sent_ns: Option<i64>) -> Bytes {
    let filling = sent_ns.map_or_else(|| "9f2a".to_owned(), |ns| ns.to_string());
    text(&format!(" word{number:03}"), &filling)
}

fn text(content: &str, filling: &str) -> Bytes {
    let choices = json!([{"index": 0, "delta": {"content": content}, "finish_reason": null}]);
    chunk(&choices, &Value::Null, filling)
}

/// What follows the last piece.
pub(crate) fn ending(pieces: u32) -> Vec<Bytes> {
    let stop = json!([{"index": 0, "delta": {}, "finish_reason": "stop"}]);
    vec![
        chunk(&stop, &Value::Null, ""),
        chunk(&json!([]), &usage(pieces), "h1"),
        Bytes::from_static(b"data: [DONE]\n\n"),
    ]
}

fn usage(pieces: u32) -> Value {
    json!({
        "prompt_tokens": 120, "completion_tokens": pieces, "total_tokens": 120 + pieces,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0,
            "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0},
    })
}

/// An answer in one piece.
pub(crate) fn whole(pieces: u32) -> Bytes {
    let text: String = (0..pieces)
        .map(|number| format!(" word{number:03}"))
        .collect();
    let answer = json!({
        "id": "chatcmpl-Be01", "object": "chat.completion", "created": 1_795_424_400, "model": MODEL,
        "service_tier": "default",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text, "refusal": null, "annotations": []},
            "logprobs": null, "finish_reason": "stop"}],
        "usage": usage(pieces),
    });
    Bytes::from(answer.to_string())
}

/// The list of models.
pub(crate) fn models() -> Value {
    let clocked = [LONG_ANSWER, SHORT_ANSWER].map(Clocked::name);
    let names = std::iter::once(MODEL.to_owned()).chain(clocked);
    let data: Vec<_> = names
        .map(|id| json!({"id": id, "object": "model", "created": 1_795_424_400, "owned_by": "bench"}))
        .collect();
    json!({"object": "list", "data": data})
}

/// When a piece was sent, where it says so.
pub(crate) fn sent_ns(event: &[u8]) -> Option<i64> {
    const BEFORE: &[u8] = b"\"obfuscation\":\"";
    let start = event
        .windows(BEFORE.len())
        .position(|window| window == BEFORE)?
        + BEFORE.len();
    let rest = event.get(start..)?;
    let end = rest.iter().position(|byte| *byte == b'"')?;
    // Real filling is shorter than a time.
    std::str::from_utf8(rest.get(..end)?)
        .ok()
        .filter(|digits| digits.len() > 15)?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_clocked_model_is_read_back_from_its_name_and_its_text() {
        let clocked = Clocked::of(&Clocked::for_seconds(100, 8)).unwrap();
        let (per_second, pieces) = (100, 800);
        assert_eq!(clocked, Clocked { per_second, pieces });
        assert_eq!(Clocked::of(MODEL), None);
        let text = " 1795424400000001 1795424400010002 17954";
        let sent: Vec<_> = Clocked::sent_us(text).collect();
        assert_eq!(sent, [1_795_424_400_000_001, 1_795_424_400_010_002]);
    }
}
