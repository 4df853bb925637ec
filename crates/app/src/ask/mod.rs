//! One question to an endpoint that is named with it. Nothing that is stored is needed, read or written: no key, no licence, no
//! conversation and no receipt. For scripts, which keep their own books.

mod kept;
pub mod view;

use std::time::Duration;

use brasskey_metering::{Cost, Usage};
use brasskey_providers::{
    self as providers, Access, ChatRequest, Credential, Ending, Endpoint, Event, Failure, Finish,
    Payer, RateLimit, Wire,
};
use futures::StreamExt;
use secrecy::SecretString;

use crate::chat::{Next, next};
use crate::clock::Clock;
use crate::error::{Billed, Error, ErrorCode, FailureView, Heard};
use crate::prices::Books;
pub use kept::Extras;
use view::{AskEvent, BilledWord, CountStatus, OutcomeWord, PricedBy, TokenCounts, VERSION};

/// A question, and who is asked it.
pub struct Question {
    /// Whom.
    pub endpoint: Endpoint,
    /// With which key; none for a server on this computer.
    pub key: Option<SecretString>,
    /// In which way the endpoint is reached.
    pub access: Access,
    /// What.
    pub request: ChatRequest,
    /// Whether a failed call goes out again by itself where that is allowed.
    pub retries: bool,
}

/// Asks questions. One a program: it shares its connections.
pub struct Asker {
    wire: Wire,
    clock: Clock,
}

impl Asker {
    /// Sets up TLS.
    ///
    /// # Errors
    /// `invalid_input` when TLS or its certificates are not available on this computer.
    pub fn new() -> Result<Self, Error> {
        let wire =
            Wire::new().map_err(|_| Error::InvalidInput("the HTTP client cannot be built"))?;
        Ok(Self {
            wire,
            clock: Clock::default(),
        })
    }

    /// Asks, and tells line by line what comes. Dropping it cancels the request at the provider.
    ///
    /// # Errors
    /// Why it failed; the lines have told it already.
    pub async fn ask(
        &self,
        question: Question,
        mut tell: impl FnMut(AskEvent),
    ) -> Result<(), ErrorCode> {
        let Question {
            endpoint,
            key,
            access,
            request,
            retries,
        } = question;
        let payer = match key {
            Some(secret) => Payer::UserKey {
                key_id: String::new(),
                credential: Credential::new(secret, endpoint.base_url.origin().clone())
                    .reached_by(access),
            },
            None => Payer::Nobody,
        };
        tell(AskEvent::Start {
            version: VERSION,
            provider: endpoint.provider,
            protocol: endpoint.protocol.as_str().to_owned(),
            host: endpoint.base_url.origin().authority(),
            model: request.model.clone(),
        });
        let mut attempt = 1;
        // Whether a try before the last may have been billed: then nobody knows what all of them cost.
        let mut more_billed = false;
        loop {
            let at = self.clock.now_ms();
            let mut heard = Heard::default();
            let mut limits = Vec::new();
            let ending = match providers::send(&self.wire, &endpoint, &payer, &request).await {
                Ok(mut stream) => {
                    let mut last = None;
                    while let Some(event) = stream.next().await {
                        heard.begun = true;
                        match event {
                            Event::End(ending) => last = Some(ending),
                            Event::Text(text) => {
                                heard.shown = true;
                                tell(AskEvent::Text { text });
                            }
                            Event::Thinking(text) => {
                                heard.shown = true;
                                tell(AskEvent::Thinking { text });
                            }
                            Event::ToolCall(call) => {
                                heard.shown = true;
                                tell(AskEvent::ToolCall {
                                    id: call.id,
                                    name: call.name,
                                    arguments: call.arguments,
                                });
                            }
                            Event::Started { limits: told, .. } => limits = told,
                            Event::Usage(_) => {}
                        }
                    }
                    last.unwrap_or_else(|| {
                        failed(Failure::new(
                            providers::Cause::StreamBroken,
                            endpoint.base_url.origin().authority(),
                        ))
                    })
                }
                Err(failure) => failed(failure),
            };
            if let Err(failure) = &ending.result
                && retries
                && let Next::After(wait) = next(failure, attempt, heard.shown)
            {
                attempt += 1;
                let billed = FailureView::of(failure, heard, at).billed;
                more_billed |= matches!(billed, Billed::Unknown | Billed::Yes);
                tell(AskEvent::Waiting {
                    cause: failure.cause.into(),
                    attempt,
                    after_ms: millis(wait),
                });
                tokio::time::sleep(wait).await;
                continue;
            }
            let served = ending.served_model.as_deref().unwrap_or(&request.model);
            let free = matches!(payer, Payer::Nobody);
            heard.counted = CountStatus::of(ending.usage.status) == Some(CountStatus::Exact);
            tell_use(&ending.usage, &mut tell);
            let cost = Books::LISTED.cost(&endpoint, free, served, at, &ending.usage);
            if !more_billed {
                tell_cost(cost, &mut tell);
            }
            return tell_end(ending, heard, at, &limits, tell);
        }
    }
}

fn tell_end(
    ending: Ending,
    heard: Heard,
    at: i64,
    limits: &[RateLimit],
    mut tell: impl FnMut(AskEvent),
) -> Result<(), ErrorCode> {
    let mut request_id = ending.request_id;
    let (outcome, result) = match ending.result {
        Ok(Finish::Complete) => (OutcomeWord::Complete, Ok(())),
        Ok(Finish::Length) => (OutcomeWord::Length, Ok(())),
        Ok(Finish::Refused) => (OutcomeWord::Refused, Ok(())),
        Ok(Finish::Other(_)) => (OutcomeWord::Other, Ok(())),
        Err(failure) => {
            request_id = failure.request_id.clone().or(request_id);
            let view = FailureView::of(&failure, heard, at);
            let code = view.code;
            tell(failure_line(view, request_id.clone()));
            (OutcomeWord::Failed, Err(code))
        }
    };
    tell(AskEvent::End {
        finish: ending.finish_raw,
        outcome,
        served_model: ending.served_model,
        request_id,
        limits: limits.iter().map(Into::into).collect(),
    });
    result
}

/// A failure of this computer's own, as lines: nothing was sent.
pub fn tell_refusal(
    code: ErrorCode,
    host: &str,
    message: Option<String>,
    mut tell: impl FnMut(AskEvent),
) {
    let view = FailureView {
        provider_message: message,
        ..FailureView::not_sent(code, host)
    };
    tell_failed(view, &mut tell);
}

/// The last two lines where nothing came of it.
fn tell_failed(view: FailureView, tell: &mut impl FnMut(AskEvent)) {
    tell(failure_line(view, None));
    tell(AskEvent::End {
        finish: None,
        outcome: OutcomeWord::Failed,
        served_model: None,
        request_id: None,
        limits: Vec::new(),
    });
}

fn failed(failure: Failure) -> Ending {
    Ending {
        result: Err(failure),
        finish_raw: None,
        usage: Usage::default(),
        served_model: None,
        request_id: None,
    }
}

fn failure_line(view: FailureView, request_id: Option<String>) -> AskEvent {
    AskEvent::Failure {
        cause: view.code,
        retry: view.retry,
        retry_after_ms: view.retry_after_ms,
        billed: match view.billed {
            Billed::NotSent | Billed::No => BilledWord::No,
            Billed::Yes => BilledWord::Yes,
            Billed::Unknown => BilledWord::Unknown,
        },
        action: view.code.action(),
        request_id: request_id.or(view.request_id),
        message: view.provider_message,
        status: view.status,
        provider_code: view.provider_code,
        scopes: view.scopes,
    }
}

fn tell_use(usage: &Usage, tell: &mut impl FnMut(AskEvent)) {
    if let Some(status) = CountStatus::of(usage.status) {
        tell(AskEvent::Usage {
            tokens: TokenCounts::from(&usage.tokens),
            status,
        });
    }
}

fn tell_cost(cost: Cost, tell: &mut impl FnMut(AskEvent)) {
    let (usd, price) = match cost {
        Cost::Known { amount, source } => (
            amount.to_string(),
            PricedBy {
                list: source.list,
                as_of: Some(source.as_of),
                row: Some(source.row).filter(|row| !row.is_empty()),
                to_be_confirmed: source.to_be_confirmed,
            },
        ),
        Cost::Free => (
            "0".to_owned(),
            PricedBy {
                list: "free".to_owned(),
                as_of: None,
                row: None,
                to_be_confirmed: false,
            },
        ),
        Cost::Unknown { .. } => return,
    };
    tell(AskEvent::Cost { usd, price });
}

fn millis(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)
}
