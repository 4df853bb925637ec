//! OpenAI Responses.

use serde_json::{Value, json};

use super::{CREATED, Dialect, Finish, Turn, event};

/// What the stream is in the middle of.
#[derive(PartialEq, Eq)]
enum Part {
    None,
    Reasoning,
    Message,
}

pub(super) struct Responses {
    turn: Turn,
    part: Part,
    sequence: u64,
    output_index: u64,
}

impl Responses {
    pub(super) fn new(turn: Turn) -> Self {
        Self {
            turn,
            part: Part::None,
            sequence: 0,
            output_index: 0,
        }
    }

    /// One event: `type` and `sequence_number` are added to `fields`.
    fn emit(&mut self, kind: &str, mut fields: Value) -> String {
        fields["type"] = json!(kind);
        fields["sequence_number"] = json!(self.sequence);
        self.sequence += 1;
        event(kind, &fields)
    }

    /// One event about the item in hand.
    fn item_event(&mut self, kind: &str, mut fields: Value) -> String {
        fields["item_id"] = json!(self.item_id());
        fields["output_index"] = json!(self.output_index);
        self.emit(kind, fields)
    }

    fn item_id(&self) -> String {
        self.turn.id(if self.part == Part::Reasoning {
            "rs_"
        } else {
            "msg_"
        })
    }

    fn reasoning_item(&self, summary: Value) -> Value {
        json!({ "id": self.turn.id("rs_"), "type": "reasoning", "summary": summary })
    }

    fn message_item(&self, status: &str, content: Value) -> Value {
        json!({
            "id": self.turn.id("msg_"),
            "type": "message",
            "status": status,
            "role": "assistant",
            "content": content,
        })
    }

    /// The content part of the message: the answer, or the refusal.
    fn content(&self, text: &str) -> Value {
        if self.turn.finish == Finish::Refused {
            json!({ "type": "refusal", "refusal": text })
        } else {
            json!({ "type": "output_text", "text": text, "annotations": [] })
        }
    }

    fn open_message(&mut self) -> Vec<String> {
        self.part = Part::Message;
        let item = self.message_item("in_progress", json!([]));
        let added = json!({ "output_index": self.output_index, "item": item });
        let part = json!({ "content_index": 0, "part": self.content("") });
        vec![
            self.emit("response.output_item.added", added),
            self.item_event("response.content_part.added", part),
        ]
    }

    fn close_reasoning(&mut self) -> Vec<String> {
        let text = self.turn.thinking.clone();
        let part = json!({ "type": "summary_text", "text": text });
        let item = self.reasoning_item(json!([part]));
        let done = json!({ "output_index": self.output_index, "item": item });
        let events = vec![
            self.item_event(
                "response.reasoning_summary_text.done",
                json!({ "summary_index": 0, "text": text }),
            ),
            self.item_event(
                "response.reasoning_summary_part.done",
                json!({ "summary_index": 0, "part": part }),
            ),
            self.emit("response.output_item.done", done),
        ];
        self.output_index += 1;
        self.part = Part::None;
        events
    }

    fn response(&self, status: &str, error: Value, usage: Value) -> Value {
        let mut output = Vec::new();
        if status != "in_progress" && error.is_null() {
            if !self.turn.thinking.is_empty() {
                let part = json!({ "type": "summary_text", "text": self.turn.thinking });
                output.push(self.reasoning_item(json!([part])));
            }
            output.push(self.message_item(status, json!([self.content(&self.turn.text)])));
        }
        let reason = (status == "incomplete").then(|| json!({ "reason": "max_output_tokens" }));
        json!({
            "id": self.turn.id("resp_"),
            "object": "response",
            "created_at": CREATED,
            "status": status,
            "error": error,
            "incomplete_details": reason,
            "model": self.turn.model.served,
            "output": output,
            "service_tier": if status == "in_progress" { "auto" } else { "default" },
            "usage": usage,
        })
    }

    fn usage(&self) -> Value {
        let counts = &self.turn.counts;
        json!({
            "input_tokens": counts.input(),
            "input_tokens_details": {
                "cached_tokens": counts.cache_read,
                "cache_write_tokens": counts.cache_write,
                "cache_write_tokens_details": {
                    "ttl_30m_tokens": counts.cache_write,
                    "ttl_12h_tokens": 0,
                },
            },
            "output_tokens": counts.output,
            "output_tokens_details": { "reasoning_tokens": counts.reasoning },
            "total_tokens": counts.input() + counts.output,
        })
    }

    fn final_status(&self) -> &'static str {
        match self.turn.finish {
            Finish::Length => "incomplete",
            Finish::Complete | Finish::Refused => "completed",
        }
    }
}

impl Dialect for Responses {
    fn opening(&mut self) -> Vec<String> {
        let response = self.response("in_progress", Value::Null, Value::Null);
        vec![
            self.emit("response.created", json!({ "response": response })),
            self.emit("response.in_progress", json!({ "response": response })),
        ]
    }

    fn thinking(&mut self, token: &str) -> Vec<String> {
        let mut events = Vec::new();
        if self.part == Part::None {
            self.part = Part::Reasoning;
            let item = self.reasoning_item(json!([]));
            let added = json!({ "output_index": self.output_index, "item": item });
            events.push(self.emit("response.output_item.added", added));
            let part = json!({ "type": "summary_text", "text": "" });
            events.push(self.item_event(
                "response.reasoning_summary_part.added",
                json!({ "summary_index": 0, "part": part }),
            ));
        }
        events.push(self.item_event(
            "response.reasoning_summary_text.delta",
            json!({ "summary_index": 0, "delta": token }),
        ));
        events
    }

    fn text(&mut self, token: &str) -> Vec<String> {
        let mut events = Vec::new();
        if self.part == Part::Reasoning {
            events.extend(self.close_reasoning());
        }
        if self.part == Part::None {
            events.extend(self.open_message());
        }
        let mut delta = json!({ "content_index": 0, "delta": token });
        let kind = if self.turn.finish == Finish::Refused {
            "response.refusal.delta"
        } else {
            delta["logprobs"] = json!([]);
            "response.output_text.delta"
        };
        if self.turn.obfuscate {
            delta["obfuscation"] = json!("x7");
        }
        events.push(self.item_event(kind, delta));
        events
    }

    fn closing(&mut self) -> Vec<String> {
        let mut events = Vec::new();
        if self.part == Part::Reasoning {
            events.extend(self.close_reasoning());
        }
        let status = self.final_status();
        if self.part == Part::Message {
            let text = self.turn.text.clone();
            let part = self.content(&text);
            let (kind, done) = if self.turn.finish == Finish::Refused {
                (
                    "response.refusal.done",
                    json!({ "content_index": 0, "refusal": text }),
                )
            } else {
                let done = json!({ "content_index": 0, "text": text, "logprobs": [] });
                ("response.output_text.done", done)
            };
            events.push(self.item_event(kind, done));
            events.push(self.item_event(
                "response.content_part.done",
                json!({ "content_index": 0, "part": part }),
            ));
            let item = self.message_item(status, json!([part]));
            let done = json!({ "output_index": self.output_index, "item": item });
            events.push(self.emit("response.output_item.done", done));
        }
        let response = self.response(status, Value::Null, self.usage());
        let kind = format!("response.{status}");
        events.push(self.emit(&kind, json!({ "response": response })));
        events
    }

    fn failure(&mut self, body: &Value) -> Vec<String> {
        let error = &body["error"];
        let response = self.response(
            "failed",
            json!({ "code": error["code"], "message": error["message"] }),
            Value::Null,
        );
        vec![
            self.emit("error", json!({ "error": error })),
            self.emit("response.failed", json!({ "response": response })),
        ]
    }

    fn whole(&self) -> Value {
        self.response(self.final_status(), Value::Null, self.usage())
    }
}
