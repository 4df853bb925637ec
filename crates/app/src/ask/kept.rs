//! A question from the command that is kept: with the keys, the plan, the conversations and the receipts of the window.

use brasskey_ledger::MessageId;
use brasskey_providers::{Attachment, Protocol};
use tokio::sync::mpsc::unbounded_channel;

use super::view::{AskEvent, OutcomeWord, VERSION};
use super::{failure_line, tell_cost, tell_failed, tell_use};
use crate::App;
use crate::chat::view::{Ask, EndingView, MessageState, MessageView, NewTurn, TurnEvent};
use crate::error::{Error, ErrorCode};
use crate::keys::view::ProviderId;
use crate::models::view::ModelRef;

/// What goes with one question and is not kept with it.
#[derive(Default)]
pub struct Extras {
    /// Instructions that stand before the conversation.
    pub system: Option<String>,
    /// What is shown with the question.
    pub attachments: Vec<Attachment>,
    /// The most output tokens.
    pub max_output: Option<u32>,
}

impl App {
    /// Asks in a conversation of its own, and tells line by line what comes. Failed calls go out again by themselves as in the
    /// window.
    ///
    /// # Errors
    /// As [`App::send`], before anything was told; a provider's refusal is told, and comes back as its code.
    pub async fn ask(
        &self,
        model: ModelRef,
        text: String,
        extras: Extras,
        mut tell: impl FnMut(AskEvent),
    ) -> Result<Result<(), ErrorCode>, Error> {
        let (provider, protocol, host) = self.endpoint_asked(&model).await?;
        let (events, mut received) = unbounded_channel();
        let turn = NewTurn {
            ask: Ask::First {
                project_id: None,
                text,
            },
            model: model.clone(),
        };
        // Nobody receives any more: whoever asked has gone, and the answer is kept.
        let sink = Box::new(move |event| events.send(event).unwrap_or_default());
        let turn = self.send_with(turn, extras, sink).await?;
        let _stops = Stops {
            app: self,
            turn: turn.id,
        };
        tell(AskEvent::Start {
            version: VERSION,
            provider,
            protocol: protocol.as_str().to_owned(),
            host,
            model: model.model,
        });
        while let Some(event) = received.recv().await {
            match event {
                TurnEvent::Delta { text, thinking, .. } => {
                    if !thinking.is_empty() {
                        tell(AskEvent::Thinking { text: thinking });
                    }
                    if !text.is_empty() {
                        tell(AskEvent::Text { text });
                    }
                }
                TurnEvent::Waiting {
                    failure,
                    attempt,
                    retry_at,
                    ..
                } => tell(AskEvent::Waiting {
                    cause: failure.code,
                    attempt,
                    after_ms: u64::try_from(retry_at - self.clock.now_ms()).unwrap_or(0),
                }),
                TurnEvent::Offline { failure } => {
                    // The window waits for the connection; whoever runs a command wants to know.
                    let code = failure.code;
                    tell_failed(failure, &mut tell);
                    return Ok(Err(code));
                }
                TurnEvent::Sending | TurnEvent::Unsaved => {}
                TurnEvent::Ended { answer } => return self.tell_kept(*answer, tell).await,
            }
        }
        Err(Error::Stopped)
    }

    async fn endpoint_asked(
        &self,
        model: &ModelRef,
    ) -> Result<(ProviderId, Protocol, String), Error> {
        let endpoint = match self.plan_endpoint(&model.key_id)? {
            Some(plan) => plan.endpoint,
            None => self.key(&model.key_id).await?.endpoint,
        };
        Ok((
            endpoint.provider,
            endpoint.protocol,
            endpoint.base_url.origin().authority(),
        ))
    }

    /// The answer as it is kept, with its receipt.
    async fn tell_kept(
        &self,
        answer: MessageView,
        mut tell: impl FnMut(AskEvent),
    ) -> Result<Result<(), ErrorCode>, Error> {
        let receipts = self.ledger.receipts();
        let receipt = receipts.by_message(&MessageId::new(&answer.id)).await?;
        let settlement = receipt.map(|receipt| receipt.settlement);
        if let Some(settlement) = &settlement {
            tell_use(&settlement.usage, &mut tell);
            tell_cost(settlement.cost.clone(), &mut tell);
        }
        let request_id = settlement.as_ref().and_then(|it| it.request_id.clone());
        let (outcome, result) = match (answer.state, answer.failure, answer.ending) {
            (MessageState::Failed, Some(failure), _) => {
                let code = failure.code;
                tell(failure_line(failure, request_id.clone()));
                (OutcomeWord::Failed, Err(code))
            }
            (MessageState::Done, _, None) => (OutcomeWord::Complete, Ok(())),
            (MessageState::Done, _, Some(EndingView::Length)) => (OutcomeWord::Length, Ok(())),
            (MessageState::Done, _, Some(EndingView::Refused)) => (OutcomeWord::Refused, Ok(())),
            (MessageState::Done, _, Some(EndingView::Other)) => (OutcomeWord::Other, Ok(())),
            _ => (OutcomeWord::Failed, Err(ErrorCode::Stopped)),
        };
        tell(AskEvent::End {
            finish: None,
            outcome,
            served_model: settlement.and_then(|it| it.served_model),
            request_id,
            limits: Vec::new(),
        });
        Ok(result)
    }
}

/// Stops the turn when nobody waits for it any more; one that has ended is not changed by it.
struct Stops<'a> {
    app: &'a App,
    turn: String,
}

impl Drop for Stops<'_> {
    fn drop(&mut self) {
        self.app.stop_turn(&self.turn);
    }
}
