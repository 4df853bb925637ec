//! Chat Completions as OpenAI, OpenRouter, Ollama and the compatible servers write them.

use serde_json::{Value, json};

use super::super::wire::Wire;
use super::{CREATED, Dialect, Finish, Turn, data};

pub(super) struct Chat {
    turn: Turn,
}

impl Chat {
    pub(super) fn new(turn: Turn) -> Self {
        Self { turn }
    }

    fn id(&self) -> String {
        self.turn.id(if self.turn.wire == Wire::OpenRouter {
            "gen-"
        } else {
            "chatcmpl-"
        })
    }

    fn base(&self, object: &str) -> Value {
        let mut base = json!({
            "id": self.id(),
            "object": object,
            "created": CREATED,
            "model": self.turn.model.served,
        });
        match self.turn.wire {
            Wire::OpenAi => base["service_tier"] = json!("default"),
            Wire::OpenRouter => base["provider"] = json!("Sandbox"),
            Wire::Ollama => base["system_fingerprint"] = json!("fp_ollama"),
            _ => {}
        }
        base
    }

    fn chunk(&self, choices: Value) -> Value {
        let mut chunk = self.base("chat.completion.chunk");
        chunk["choices"] = choices;
        if self.turn.wire == Wire::OpenAi && self.turn.include_usage {
            chunk["usage"] = Value::Null;
        }
        if self.turn.obfuscate {
            chunk["obfuscation"] = json!("k3");
        }
        chunk
    }

    fn delta(&self, delta: Value, finish: Option<&str>) -> String {
        data(&self.chunk(json!([{ "index": 0, "delta": delta, "finish_reason": finish }])))
    }

    fn finish_reason(&self) -> &'static str {
        match self.turn.finish {
            Finish::Complete => "stop",
            Finish::Length => "length",
            Finish::Refused => "content_filter",
        }
    }

    fn usage(&self) -> Value {
        let counts = &self.turn.counts;
        let mut usage = json!({
            "prompt_tokens": counts.input(),
            "completion_tokens": counts.output,
            "total_tokens": counts.input() + counts.output,
        });
        if self.turn.wire == Wire::Ollama {
            return usage;
        }
        usage["prompt_tokens_details"] = json!({
            "cached_tokens": counts.cache_read,
            "cache_write_tokens": counts.cache_write,
            "audio_tokens": 0,
        });
        usage["completion_tokens_details"] = json!({ "reasoning_tokens": counts.reasoning });
        if let (Wire::OpenRouter, Some(rates)) = (self.turn.wire, self.turn.model.rates) {
            usage["cost"] = json!(dollars(rates.cost(counts)));
            usage["is_byok"] = json!(false);
        }
        usage
    }
}

/// The nearest double prints as the exact decimal for any cost below 1,000 dollars.
#[expect(
    clippy::cast_precision_loss,
    reason = "the wire's own number is a double"
)]
fn dollars(pico: u64) -> f64 {
    pico as f64 / 1e12
}

impl Dialect for Chat {
    fn opening(&mut self) -> Vec<String> {
        let mut events = Vec::new();
        if self.turn.wire == Wire::OpenRouter {
            events.push(": OPENROUTER PROCESSING\n\n".to_owned());
        }
        let mut delta = json!({ "role": "assistant", "content": "" });
        if self.turn.wire == Wire::OpenAi {
            delta["refusal"] = Value::Null;
        }
        events.push(self.delta(delta, None));
        events
    }

    fn thinking(&mut self, token: &str) -> Vec<String> {
        let delta = match self.turn.wire {
            Wire::OpenAi => return Vec::new(),
            Wire::OpenRouter => json!({
                "content": "",
                "reasoning": token,
                "reasoning_details": [{ "type": "reasoning.text", "text": token, "index": 0 }],
            }),
            Wire::Ollama => json!({ "content": "", "reasoning": token }),
            _ => json!({ "reasoning_content": token }),
        };
        vec![self.delta(delta, None)]
    }

    fn text(&mut self, token: &str) -> Vec<String> {
        let field = if self.turn.finish == Finish::Refused && self.turn.wire == Wire::OpenAi {
            "refusal"
        } else {
            "content"
        };
        vec![self.delta(json!({ field: token }), None)]
    }

    fn closing(&mut self) -> Vec<String> {
        let mut events = vec![self.delta(json!({}), Some(self.finish_reason()))];
        if self.turn.include_usage {
            let choices = match self.turn.wire {
                Wire::OpenRouter => json!([{
                    "index": 0,
                    "delta": { "role": "assistant", "content": "" },
                    "finish_reason": null,
                }]),
                _ => json!([]),
            };
            let mut chunk = self.chunk(choices);
            chunk["usage"] = self.usage();
            events.push(data(&chunk));
        }
        events.push("data: [DONE]\n\n".to_owned());
        events
    }

    fn failure(&mut self, body: &Value) -> Vec<String> {
        if self.turn.wire != Wire::OpenRouter {
            return vec![data(body)];
        }
        let mut chunk = self.chunk(json!([{
            "index": 0,
            "delta": { "content": "" },
            "finish_reason": "error",
            "native_finish_reason": null,
        }]));
        chunk["error"] = body["error"].clone();
        vec![data(&chunk)]
    }

    fn whole(&self) -> Value {
        let mut answer = self.base("chat.completion");
        let refused = self.turn.finish == Finish::Refused && self.turn.wire == Wire::OpenAi;
        let message = if refused {
            json!({ "role": "assistant", "content": null, "refusal": self.turn.text })
        } else {
            json!({ "role": "assistant", "content": self.turn.text })
        };
        answer["choices"] = json!([{
            "index": 0,
            "message": message,
            "finish_reason": self.finish_reason(),
        }]);
        answer["usage"] = self.usage();
        answer
    }
}
