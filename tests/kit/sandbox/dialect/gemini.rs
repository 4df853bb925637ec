//! Google Gemini: every event is a whole `GenerateContentResponse`, with the usage so far.

use serde_json::{Value, json};

use super::super::counts::TOKEN_CHARACTERS;
use super::{Dialect, Finish, Turn, data};

pub(super) struct Gemini {
    turn: Turn,
    /// Characters of reasoning and of answer sent so far, for the running usage.
    thought: u64,
    said: u64,
}

impl Gemini {
    pub(super) fn new(turn: Turn) -> Self {
        Self {
            turn,
            thought: 0,
            said: 0,
        }
    }

    /// Usage with this much output; Gemini counts reasoning beside the answer, not inside.
    fn usage(&self, visible: u64, thoughts: u64) -> Value {
        // Gemini knows no charge for writing to the cache.
        let counts = &self.turn.counts;
        let prompt = counts.input_uncached + counts.cache_read;
        let mut usage = json!({
            "promptTokenCount": prompt,
            "candidatesTokenCount": visible,
            "totalTokenCount": prompt + visible + thoughts,
            "promptTokensDetails": [{ "modality": "TEXT", "tokenCount": prompt }],
        });
        if thoughts > 0 {
            usage["thoughtsTokenCount"] = json!(thoughts);
        }
        if counts.cache_read > 0 {
            usage["cachedContentTokenCount"] = json!(counts.cache_read);
            usage["cacheTokensDetails"] =
                json!([{ "modality": "TEXT", "tokenCount": counts.cache_read }]);
        }
        usage
    }

    fn final_usage(&self) -> Value {
        let counts = &self.turn.counts;
        self.usage(counts.visible_output(), counts.reasoning)
    }

    fn running_usage(&self) -> Value {
        let counts = &self.turn.counts;
        self.usage(
            self.said
                .div_ceil(TOKEN_CHARACTERS)
                .min(counts.visible_output()),
            self.thought
                .div_ceil(TOKEN_CHARACTERS)
                .min(counts.reasoning),
        )
    }

    fn response(&self, mut fields: Value, usage: Value) -> Value {
        fields["usageMetadata"] = usage;
        fields["modelVersion"] = json!(self.turn.model.served);
        fields["responseId"] = json!(self.turn.id(""));
        fields
    }

    fn part(&self, part: Value) -> String {
        let content = json!({ "parts": [part], "role": "model" });
        let fields = json!({ "candidates": [{ "content": content, "index": 0 }] });
        data(&self.response(fields, self.running_usage()))
    }

    fn finish_reason(&self) -> &'static str {
        match self.turn.finish {
            Finish::Complete => "STOP",
            Finish::Length => "MAX_TOKENS",
            Finish::Refused => "PROHIBITED_CONTENT",
        }
    }

    fn blocked(&self) -> Value {
        json!({ "promptFeedback": { "blockReason": self.finish_reason() } })
    }
}

impl Dialect for Gemini {
    fn opening(&mut self) -> Vec<String> {
        Vec::new()
    }

    fn thinking(&mut self, token: &str) -> Vec<String> {
        self.thought += characters(token);
        vec![self.part(json!({ "text": token, "thought": true }))]
    }

    fn text(&mut self, token: &str) -> Vec<String> {
        // A blocked prompt has no candidates at all.
        if self.turn.finish == Finish::Refused {
            return Vec::new();
        }
        self.said += characters(token);
        vec![self.part(json!({ "text": token }))]
    }

    fn closing(&mut self) -> Vec<String> {
        let fields = if self.turn.finish == Finish::Refused {
            self.blocked()
        } else {
            let content = json!({
                "parts": [{ "text": "", "thoughtSignature": "c2FuZGJveA==" }],
                "role": "model",
            });
            json!({ "candidates": [{
                "content": content,
                "index": 0,
                "finishReason": self.finish_reason(),
            }]})
        };
        vec![data(&self.response(fields, self.final_usage()))]
    }

    fn failure(&mut self, body: &Value) -> Vec<String> {
        vec![data(body)]
    }

    fn whole(&self) -> Value {
        let fields = if self.turn.finish == Finish::Refused {
            self.blocked()
        } else {
            let mut parts = Vec::new();
            if !self.turn.thinking.is_empty() {
                parts.push(json!({ "text": self.turn.thinking, "thought": true }));
            }
            parts.push(json!({ "text": self.turn.text }));
            json!({ "candidates": [{
                "content": { "parts": parts, "role": "model" },
                "index": 0,
                "finishReason": self.finish_reason(),
            }]})
        };
        self.response(fields, self.final_usage())
    }
}

fn characters(token: &str) -> u64 {
    u64::try_from(token.chars().count()).unwrap_or(u64::MAX)
}
