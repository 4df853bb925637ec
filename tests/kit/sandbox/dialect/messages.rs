//! Anthropic Messages.

use serde_json::{Value, json};

use super::{Dialect, Finish, Turn, event};

/// What the stream is in the middle of.
#[derive(PartialEq, Eq)]
enum Block {
    None,
    Thinking,
    Text,
}

pub(super) struct Messages {
    turn: Turn,
    block: Block,
    index: u64,
}

impl Messages {
    pub(super) fn new(turn: Turn) -> Self {
        Self {
            turn,
            block: Block::None,
            index: 0,
        }
    }

    fn usage(&self, output: u64) -> Value {
        let counts = &self.turn.counts;
        json!({
            "input_tokens": counts.input_uncached,
            "cache_creation_input_tokens": counts.cache_write,
            "cache_read_input_tokens": counts.cache_read,
            "output_tokens": output,
        })
    }

    /// Usage at the start, with the split of what is written to the cache.
    fn first_usage(&self, output: u64) -> Value {
        let mut usage = self.usage(output);
        usage["cache_creation"] = json!({
            "ephemeral_5m_input_tokens": self.turn.counts.cache_write,
            "ephemeral_1h_input_tokens": 0,
        });
        usage["service_tier"] = json!("standard");
        usage["inference_geo"] = json!("global");
        usage
    }

    fn last_usage(&self) -> Value {
        let mut usage = self.usage(self.turn.counts.output);
        usage["output_tokens_details"] = json!({ "thinking_tokens": self.turn.counts.reasoning });
        usage
    }

    fn message(&self, content: Value, stop_reason: Option<&str>, usage: Value) -> Value {
        json!({
            "id": self.turn.id("msg_"),
            "type": "message",
            "role": "assistant",
            "model": self.turn.model.served,
            "content": content,
            "stop_reason": stop_reason,
            "stop_sequence": null,
            "usage": usage,
        })
    }

    fn open(&mut self, block: Block, content_block: Value) -> String {
        self.block = block;
        let start = json!({
            "type": "content_block_start",
            "index": self.index,
            "content_block": content_block,
        });
        event("content_block_start", &start)
    }

    fn close(&mut self) -> Vec<String> {
        let mut events = Vec::new();
        if self.block == Block::Thinking {
            events.push(
                self.delta(json!({ "type": "signature_delta", "signature": "c2FuZGJveA==" })),
            );
        }
        if self.block != Block::None {
            let stop = json!({ "type": "content_block_stop", "index": self.index });
            events.push(event("content_block_stop", &stop));
            self.index += 1;
            self.block = Block::None;
        }
        events
    }

    fn delta(&self, delta: Value) -> String {
        let delta = json!({ "type": "content_block_delta", "index": self.index, "delta": delta });
        event("content_block_delta", &delta)
    }

    fn stop_reason(&self) -> &'static str {
        match self.turn.finish {
            Finish::Complete => "end_turn",
            Finish::Length => "max_tokens",
            Finish::Refused => "refusal",
        }
    }
}

impl Dialect for Messages {
    fn opening(&mut self) -> Vec<String> {
        let message = self.message(json!([]), None, self.first_usage(1));
        vec![
            event(
                "message_start",
                &json!({ "type": "message_start", "message": message }),
            ),
            event("ping", &json!({ "type": "ping" })),
        ]
    }

    fn thinking(&mut self, token: &str) -> Vec<String> {
        let mut events = Vec::new();
        if self.block == Block::None {
            let block = json!({ "type": "thinking", "thinking": "", "signature": "" });
            events.push(self.open(Block::Thinking, block));
        }
        events.push(self.delta(json!({ "type": "thinking_delta", "thinking": token })));
        events
    }

    fn text(&mut self, token: &str) -> Vec<String> {
        // Anthropic reports a refusal by its stop reason alone.
        if self.turn.finish == Finish::Refused {
            return Vec::new();
        }
        let mut events = Vec::new();
        if self.block != Block::Text {
            events.extend(self.close());
            events.push(self.open(Block::Text, json!({ "type": "text", "text": "" })));
        }
        events.push(self.delta(json!({ "type": "text_delta", "text": token })));
        events
    }

    fn closing(&mut self) -> Vec<String> {
        let mut events = self.close();
        let details = (self.turn.finish == Finish::Refused).then(
            || json!({ "type": "refusal", "category": "cyber", "explanation": self.turn.text }),
        );
        let delta = json!({
            "type": "message_delta",
            "delta": {
                "stop_reason": self.stop_reason(),
                "stop_sequence": null,
                "stop_details": details,
            },
            "usage": self.last_usage(),
        });
        events.push(event("message_delta", &delta));
        events.push(event("message_stop", &json!({ "type": "message_stop" })));
        events
    }

    fn failure(&mut self, body: &Value) -> Vec<String> {
        vec![event("error", body)]
    }

    fn whole(&self) -> Value {
        let mut content = Vec::new();
        if !self.turn.thinking.is_empty() {
            let thinking = &self.turn.thinking;
            content.push(
                json!({ "type": "thinking", "thinking": thinking, "signature": "c2FuZGJveA==" }),
            );
        }
        if self.turn.finish != Finish::Refused {
            content.push(json!({ "type": "text", "text": self.turn.text }));
        }
        self.message(json!(content), Some(self.stop_reason()), self.last_usage())
    }
}
