//! One request, from the judgement of its key to the answer that its script asks for.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::answers;
use super::asked::{self, Asked, Interface};
use super::catalogue::{self, Model};
use super::checks;
use super::commands;
use super::counts::{Counts, TOKEN_CHARACTERS, count_tokens};
use super::dialect::{self, Finish, Turn};
use super::keys::{self, Admission};
use super::play::Play;
use super::record::Entry;
use super::reply;
use super::route::Action;
use super::script::{Fault, Script, Situation};
use super::serve::Provider;
use super::wire::Wire;

/// A request, read.
pub(crate) struct Exchange<'a> {
    pub(crate) provider: &'a Provider,
    pub(crate) wire: Wire,
    pub(crate) key: Option<String>,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: &'a Value,
    /// The how-manieth request this is; ids end in it.
    pub(crate) number: u64,
    pub(crate) entry: &'a Entry,
}

/// What OpenRouter tells apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum KeyKind {
    Ordinary,
    Management,
}

/// What becomes of a request.
pub(crate) enum Outcome {
    Reply(Response),
    /// A response whose body itself writes its end into the record.
    Streaming(Response),
    /// Nothing, until the client goes away.
    Silence,
}

impl Exchange<'_> {
    /// What the request leads to.
    pub(crate) fn run(&self, action: Action) -> Outcome {
        match self.admitted(action) {
            Ok(outcome) => outcome,
            Err(refusal) => *refusal,
        }
    }

    fn admitted(&self, action: Action) -> Result<Outcome, Box<Outcome>> {
        Ok(match action {
            Action::About => self.about(),
            Action::Root => Outcome::Reply("Ollama is running".into_response()),
            Action::Version => self.check(&json!({ "version": "0.14.2" })),
            Action::Tags => self.check(&checks::ollama_tags()),
            Action::Models => {
                self.admission(false)?;
                self.check(&checks::models(self.wire, &self.query))
            }
            Action::Key => {
                let kind = self.admission(false)?;
                self.check(&checks::openrouter_key(kind == KeyKind::Management))
            }
            Action::Count { model } => {
                self.admission(true)?;
                self.count(model.as_deref())
            }
            Action::Ask(interface) => match self.admission(true)? {
                KeyKind::Ordinary => self.ask(&interface),
                KeyKind::Management => {
                    let message = "Management keys cannot be used for completions.";
                    let code = "permission_denied";
                    self.refuse(reply::error(self.wire, 403, message, None, code))
                }
            },
        })
    }

    fn about(&self) -> Outcome {
        Outcome::Reply(reply::json(
            200,
            json!({ "name": "Brasskey sandbox provider", "version": env!("CARGO_PKG_VERSION") }),
        ))
    }

    /// Judges the key. `generates` is what a list-only key may not do.
    fn admission(&self, generates: bool) -> Result<KeyKind, Box<Outcome>> {
        let refusal = match keys::admit(self.wire, self.headers, &self.provider.situations) {
            Admission::Accepted => return Ok(KeyKind::Ordinary),
            Admission::Management => return Ok(KeyKind::Management),
            Admission::ListOnly if !generates => return Ok(KeyKind::Ordinary),
            Admission::ListOnly => self.fail(&"permission_missing".into()),
            Admission::Refused(situation) => self.fail(&situation.into()),
            Admission::Misbehave(fault) => self.misbehave(&fault),
            Admission::TwoCredentials => {
                let message = "Received multiple authentication credentials. Send one.";
                self.refuse(reply::error(self.wire, 400, message, None, "invalid_value"))
            }
        };
        Err(Box::new(refusal))
    }

    fn check(&self, answer: &Value) -> Outcome {
        let Some(fault) = self.provider.scripts().checks.pop_front() else {
            return Outcome::Reply(reply::json(200, answer.clone()));
        };
        match checks::faulty(&fault, answer, self.entry) {
            Some(response) => Outcome::Streaming(response),
            None => self.misbehave(&fault),
        }
    }

    fn count(&self, model: Option<&str>) -> Outcome {
        let model = model
            .or_else(|| self.body["model"].as_str())
            .unwrap_or_default();
        match catalogue::find(self.wire, model) {
            None => self.unknown_model(None),
            Some(_) => self.check(&checks::counted(self.wire, self.body)),
        }
    }

    fn ask(&self, interface: &Interface) -> Outcome {
        let asked = match asked::read(self.wire, interface, self.headers, self.body) {
            Ok(asked) => asked,
            Err(refused) => return self.refuse(refused),
        };
        let Some(model) = catalogue::find(self.wire, &asked.model) else {
            let status = match interface {
                Interface::Responses => Some(400),
                Interface::Chat if self.wire == Wire::OpenAi => Some(404),
                _ => None,
            };
            return self.unknown_model(status);
        };
        if asked.input_tokens > model.context_window {
            return self.fail(&"context_too_long".into());
        }
        let script = self.next_script(&asked);
        match &script.fault {
            Some(Fault::RateLimitedOnce { .. }) => {
                let without = Script {
                    fault: None,
                    ..script.clone()
                };
                self.provider.scripts().queue.push_front(without);
            }
            Some(Fault::NoStreamOptions) if asked.names_stream_options => {
                self.provider.scripts().queue.push_front(script.clone());
            }
            Some(Fault::NoStreamOptions) => return self.answer(interface, &asked, model, script),
            _ => {}
        }
        match &script.fault {
            Some(fault) if comes_instead_of_an_answer(fault) => self.misbehave(fault),
            _ => self.answer(interface, &asked, model, script),
        }
    }

    fn next_script(&self, asked: &Asked) -> Script {
        let mut scripts = self.provider.scripts();
        if let Some(script) = scripts.queue.pop_front() {
            return script;
        }
        commands::script(&asked.question, &scripts.standing)
            .unwrap_or_else(|| scripts.standing.clone())
    }

    fn answer(
        &self,
        interface: &Interface,
        asked: &Asked,
        model: &'static Model,
        script: Script,
    ) -> Outcome {
        let error = match &script.fault {
            Some(Fault::ErrorInStream { situation, .. }) => {
                match self.provider.situations.find(self.wire, situation) {
                    Some(response) => Some(response.body.clone()),
                    None => return self.fail(situation),
                }
            }
            _ => None,
        };
        let mut turn = Turn::new(self.wire, model, self.number, asked);
        turn.thinking = script.thinking.unwrap_or_default();
        turn.text = script.answer;
        if script.fault == Some(Fault::Refusal) {
            turn.finish = Finish::Refused;
            turn.thinking.clear();
            turn.text = answers::REFUSAL.to_owned();
        }
        let thought = count_tokens(&turn.thinking);
        let limits = [asked.max_output, script.longest];
        if let Some(limit) = limits.into_iter().flatten().min()
            && thought.saturating_add(count_tokens(&turn.text)) > limit
        {
            let room = limit
                .saturating_sub(thought)
                .saturating_mul(TOKEN_CHARACTERS);
            let room = usize::try_from(room).unwrap_or(usize::MAX);
            turn.text = turn.text.chars().take(room).collect();
            turn.finish = Finish::Length;
        }
        turn.counts = script.usage.unwrap_or(Counts {
            input_uncached: asked.input_tokens,
            output: thought + count_tokens(&turn.text),
            reasoning: thought,
            ..Counts::default()
        });
        let (thinking, text) = (turn.thinking.clone(), turn.text.clone());
        let dialect = dialect::of(interface, turn);
        if !asked.stream {
            self.entry.sent(&text);
            return Outcome::Reply(self.with_request_id(reply::json(200, dialect.whole())));
        }
        let play = Play {
            dialect,
            thinking,
            text,
            tokens_per_second: script.tokens_per_second,
            first_token_delay: script.first_token_delay,
            fault: script.fault,
            error,
            entry: self.entry.clone(),
        };
        let head = [
            (CONTENT_TYPE, "text/event-stream; charset=utf-8"),
            (CACHE_CONTROL, "no-cache"),
        ];
        let response = (StatusCode::OK, head, play.into_body()).into_response();
        Outcome::Streaming(self.with_request_id(response))
    }

    /// A fault that needs no answer to go wrong.
    fn misbehave(&self, fault: &Fault) -> Outcome {
        Outcome::Reply(match fault {
            Fault::Error(situation) => return self.fail(situation),
            Fault::Silence => return Outcome::Silence,
            Fault::Html200 => reply::captive_portal(),
            Fault::Redirect { status, to } => reply::redirect(*status, to),
            Fault::KeyEcho => self.with_request_id(reply::key_echo(
                self.wire,
                self.key.as_deref().unwrap_or_default(),
            )),
            Fault::KeyEchoEncoded => self.with_request_id(reply::key_echo_encoded(
                self.wire,
                self.key.as_deref().unwrap_or_default(),
            )),
            Fault::KeyEchoMalformed => {
                reply::key_echo_malformed(self.key.as_deref().unwrap_or_default())
            }
            Fault::RateLimitedOnce { retry_after } => {
                self.with_request_id(reply::rate_limited(self.wire, *retry_after))
            }
            Fault::NoStreamOptions => {
                let message = "Unrecognized request argument supplied: stream_options";
                return self.refuse(reply::error(
                    self.wire,
                    400,
                    message,
                    Some("stream_options"),
                    "unknown_parameter",
                ));
            }
            other => reply::not_in_the_sandbox(&format!("a check of a key cannot meet {other:?}")),
        })
    }

    fn fail(&self, situation: &Situation) -> Outcome {
        let situations = &self.provider.situations;
        Outcome::Reply(match situations.find(self.wire, situation) {
            Some(response) => response.response(),
            None => reply::not_in_the_sandbox(&format!(
                "{:?} cannot answer {situation:?}. It knows: {}",
                self.wire,
                situations.names(self.wire).join(", ")
            )),
        })
    }

    fn unknown_model(&self, status: Option<u16>) -> Outcome {
        match self.provider.situations.unknown_model(self.wire, status) {
            Some(response) => Outcome::Reply(response.response()),
            None => self.refuse(reply::error(
                self.wire,
                404,
                "model not found",
                Some("model"),
                "not_found",
            )),
        }
    }

    fn refuse(&self, (status, body): asked::Refused) -> Outcome {
        Outcome::Reply(self.with_request_id(reply::json(status, body)))
    }

    /// Adds the request id where the wire sends one in a header.
    fn with_request_id(&self, mut response: Response) -> Response {
        let (name, prefix) = match self.wire {
            Wire::OpenAi | Wire::Compatible => ("x-request-id", "req_"),
            Wire::Anthropic => ("request-id", "req_"),
            Wire::OpenRouter => ("x-generation-id", "gen-"),
            Wire::Gemini | Wire::Ollama => return response,
        };
        if let Ok(id) = HeaderValue::try_from(dialect::id(prefix, self.number)) {
            response.headers_mut().insert(name, id);
        }
        response
    }
}

fn comes_instead_of_an_answer(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::Error(_)
            | Fault::Silence
            | Fault::Html200
            | Fault::Redirect { .. }
            | Fault::KeyEcho
            | Fault::KeyEchoEncoded
            | Fault::KeyEchoMalformed
            | Fault::RateLimitedOnce { .. }
            | Fault::NoStreamOptions
    )
}
