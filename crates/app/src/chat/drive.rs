//! A turn from its first request to its receipt: send, wait and send again where that is allowed, relay, close.

use std::ops::ControlFlow;
use std::pin::pin;
use std::time::Duration;

use brasskey_ledger::{
    Closing, ConversationId, EarlyEnd, LedgerError, MessageId, Outcome, Settlement,
};
use brasskey_metering::{Cost, UnknownCost, Usage, UsageStatus};
use brasskey_providers::{self as providers, ChatRequest, Failure, Finish, Payer};

use super::Sink;
use super::relay::{Relayed, Try, relay};
use super::retry::{ATTEMPTS, Next, next};
use super::turns::TurnSlot;
use super::view::TurnEvent;
use crate::App;
use crate::billing::route::{Route, Source};
use crate::changed::Changed;
use crate::error::{Billed, ErrorCode, FailureView, Heard, Verdict};
use crate::keys::pending::Checked;
use crate::keys::view::HealthView;
use crate::plan::of_the_gateway;

/// The pause between two attempts to store an answer that the disk refused.
const STORE_AGAIN: Duration = Duration::from_secs(2);
/// The pause between two looks whether the connection is back.
const CONNECT_AGAIN: Duration = Duration::from_secs(5);

/// Everything one turn needs.
pub(crate) struct Job {
    pub(crate) app: App,
    pub(crate) slot: TurnSlot,
    pub(crate) route: Route,
    pub(crate) request: ChatRequest,
    pub(crate) conversation: ConversationId,
    pub(crate) answer: MessageId,
    pub(crate) sink: Sink,
}

/// How a turn ended.
struct Ended {
    outcome: Outcome,
    failure: Option<FailureView>,
    relayed: Relayed,
    /// What is known of the last try's bill.
    billed: Billed,
    /// The last try, and how long it took, in milliseconds.
    sent: Try,
    took_ms: u64,
}

impl Job {
    pub(crate) async fn run(self) {
        let mut more_billed = false;
        let ended = self.tries(&mut more_billed).await;
        let refused = ended.failure.as_ref().map(|failure| failure.code);
        self.app.doubt_licence(&self.route.payer, refused);
        self.keep_health(&ended).await;
        self.close(ended, more_billed).await;
    }

    /// Sends until an answer or a failure that is to be told; `more_billed` becomes true when a try before the last may have
    /// been billed.
    async fn tries(&self, more_billed: &mut bool) -> Ended {
        let clock = &self.app.clock;
        let asked_on = clock.today();
        let mut attempt = 1;
        let mut offline = false;
        loop {
            let sent = Try::at(clock.now_ms());
            let sending = providers::send(
                &self.app.wire,
                self.route.endpoint(),
                &self.route.payer,
                &self.request,
            );
            let stream = tokio::select! {
                biased;
                () = self.slot.stop.cancelled() => {
                    return Ended::stopped(Relayed::default(), Billed::Unknown, sent);
                }
                stream = sending => stream,
            };
            let (failure, relayed) = match stream {
                Ok(stream) => {
                    if offline {
                        (self.sink)(TurnEvent::Sending);
                    }
                    let mut relayed = relay(self, stream, sent).await;
                    if relayed.stopped {
                        return Ended::stopped(relayed, Billed::Unknown, sent);
                    }
                    match relayed.failure.take() {
                        None => return Ended::done(relayed, sent),
                        Some(failure) => (failure, relayed),
                    }
                }
                Err(failure) => (failure, Relayed::default()),
            };
            let shown = failure_view(&failure, &relayed, sent, attempt);
            let shown = match &self.route.payer {
                Payer::Plan { .. } => of_the_gateway(shown),
                Payer::UserKey { .. } | Payer::Nobody => shown,
            };
            let ended = Ended::failed(shown.clone(), relayed, sent);
            let next = next(&failure, attempt, ended.relayed.has_output());
            let waited = match next {
                Next::End => return ended,
                Next::After(wait) => {
                    attempt += 1;
                    self.wait(shown, attempt, wait).await
                }
                Next::WhenOnline => {
                    // Told once: the looks that follow change nothing on screen.
                    let told = (!offline).then_some(TurnEvent::Offline { failure: shown });
                    self.rest(CONNECT_AGAIN, told).await
                }
            };
            offline = next == Next::WhenOnline;
            if waited.is_break() {
                return Ended::stopped(ended.relayed, ended.billed, sent);
            }
            let goes_on = if offline {
                // Nothing has been sent: where the payer or the day with its prices has changed, the user decides.
                clock.today() == asked_on && self.app.stands(&self.route).await
            } else {
                // Removed or replaced during the wait: the key is out of use, and no other pays in its place.
                self.app.is_in_use(&self.route).await
            };
            if !goes_on {
                return ended;
            }
            *more_billed |= matches!(ended.billed, Billed::Unknown | Billed::Yes);
        }
    }

    /// Waits as the provider asked, visibly; the user may stop it or try at once.
    async fn wait(&self, failure: FailureView, attempt: u32, wait: Duration) -> ControlFlow<()> {
        let wait_ms = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
        let told = TurnEvent::Waiting {
            failure,
            attempt,
            attempts: ATTEMPTS,
            retry_at: self.app.clock.now_ms().saturating_add(wait_ms),
        };
        self.rest(wait, Some(told)).await?;
        (self.sink)(TurnEvent::Sending);
        ControlFlow::Continue(())
    }

    /// Tells, and rests until the time is over or the user says "try now"; breaks off when the user stops the turn.
    async fn rest(&self, wait: Duration, told: Option<TurnEvent>) -> ControlFlow<()> {
        // Heard from here on: a "try now" from before this rest was said of something else.
        let mut try_now = pin!(self.slot.try_now.notified());
        if try_now.as_mut().enable() {
            try_now.set(self.slot.try_now.notified());
            try_now.as_mut().enable();
        }
        if let Some(told) = told {
            (self.sink)(told);
        }
        tokio::select! {
            biased;
            () = self.slot.stop.cancelled() => ControlFlow::Break(()),
            () = try_now => ControlFlow::Continue(()),
            () = tokio::time::sleep(wait) => ControlFlow::Continue(()),
        }
    }

    /// What an answer proved about its key.
    async fn keep_health(&self, ended: &Ended) {
        let Source::Key(key) = &self.route.source else {
            return;
        };
        let health = match &ended.failure {
            None if ended.outcome == Outcome::Done => HealthView::Working {
                model_count: u32::try_from(key.models.len()).unwrap_or(u32::MAX),
            },
            Some(failure) if failure.code.verdict() != Verdict::Nothing => HealthView::Failing {
                failure: failure.clone(),
            },
            _ => return,
        };
        if health == key.health || !self.app.is_current(key).await {
            return;
        }
        let checked = Checked {
            health,
            models: None,
            // An answer is no check: what the list of models is as of stays.
            at: key
                .last_checked_at
                .unwrap_or_else(|| self.app.clock.now_ms()),
        };
        if let Err(error) = self.app.keep_health(key, &checked).await {
            tracing::warn!(code = error.code().as_str(), "a key's health was not kept");
        }
    }

    async fn close(self, ended: Ended, more_billed: bool) {
        let at = self.app.clock.now_ms();
        let settlement = self.settlement(&ended, more_billed);
        let closing = Closing {
            answer_id: self.answer.clone(),
            outcome: ended.outcome,
            text: ended.relayed.text,
            thinking: ended.relayed.thinking,
            failure_json: ended
                .failure
                .as_ref()
                .and_then(|failure| serde_json::to_string(failure).ok()),
            ending: ended.relayed.finish.as_ref().and_then(early),
            settlement,
            at,
        };
        let kept = self.store(&closing).await;
        let Self {
            app,
            slot,
            conversation,
            answer,
            sink,
            ..
        } = self;
        // The conversation is free for the next question before the window hears of the end.
        drop(slot);
        match app.message_view(&answer).await {
            Ok(mut view) => {
                if !kept {
                    view.text = closing.text;
                    view.thinking = closing.thinking;
                    view.state = super::view::MessageState::Failed;
                    view.failure = Some(FailureView {
                        billed: Billed::Unknown,
                        ..FailureView::not_sent(ErrorCode::Storage, "")
                    });
                }
                sink(TurnEvent::Ended {
                    answer: Box::new(view),
                });
            }
            Err(error) => tracing::error!(
                code = error.code().as_str(),
                "an answer could not be read back"
            ),
        }
        if kept {
            // Otherwise the database holds less than the window.
            app.announce(Changed::Conversation(conversation.as_str().to_owned()));
        }
        app.announce(Changed::Usage);
        app.announce(Changed::Workspace);
    }

    /// Stores the answer and its receipt. While the disk is full or busy it is tried again and again, visibly, so that making
    /// room is enough; only quitting ends that.
    async fn store(&self, closing: &Closing) -> bool {
        let mut told = false;
        loop {
            match self.app.ledger.turns().close(closing).await {
                Ok(_) | Err(LedgerError::AlreadyClosed) => return true,
                Err(error @ (LedgerError::Full | LedgerError::Busy | LedgerError::Io { .. })) => {
                    tracing::warn!(%error, "an answer could not be stored yet");
                }
                Err(error) => {
                    tracing::error!(%error, "an answer could not be stored");
                    return false;
                }
            }
            if !std::mem::replace(&mut told, true) {
                (self.sink)(TurnEvent::Unsaved);
            }
            tokio::select! {
                () = self.app.closing.cancelled() => return false,
                () = self.slot.try_now.notified() => {}
                () = tokio::time::sleep(STORE_AGAIN) => {}
            }
        }
    }

    fn settlement(&self, ended: &Ended, more_billed: bool) -> Option<Settlement> {
        if ended.billed == Billed::NotSent && !more_billed {
            return None;
        }
        let relayed = &ended.relayed;
        let usage = relayed.usage.clone().unwrap_or(Usage {
            status: UsageStatus::Missing,
            ..Usage::default()
        });
        let free = self.route.is_free();
        let refused = matches!(ended.billed, Billed::No | Billed::NotSent)
            && usage.status == UsageStatus::Missing;
        let model = relayed
            .served_model
            .as_deref()
            .unwrap_or(&self.request.model);
        let cost = match refused {
            // Turned away before any work: the provider bills nothing for it.
            true => Cost::Free,
            false => {
                let books = self.app.books_of(&self.route);
                books.cost(self.route.endpoint(), free, model, ended.sent.at, &usage)
            }
        };
        let cost = match more_billed && !free {
            true => at_least(cost),
            false => cost,
        };
        Some(Settlement {
            served_model: relayed.served_model.clone(),
            usage,
            cost,
            request_id: relayed.request_id.clone().or_else(|| {
                ended
                    .failure
                    .as_ref()
                    .and_then(|failure| failure.request_id.clone())
            }),
            ttft_ms: relayed.first_output_ms,
            duration_ms: Some(ended.took_ms),
        })
    }
}

impl Ended {
    fn done(relayed: Relayed, sent: Try) -> Self {
        Self::new(Outcome::Done, None, relayed, Billed::Yes, sent)
    }

    fn stopped(relayed: Relayed, billed: Billed, sent: Try) -> Self {
        Self::new(Outcome::Stopped, None, relayed, billed, sent)
    }

    fn failed(failure: FailureView, relayed: Relayed, sent: Try) -> Self {
        let billed = failure.billed.clone();
        Self::new(Outcome::Failed, Some(failure), relayed, billed, sent)
    }

    fn new(
        outcome: Outcome,
        failure: Option<FailureView>,
        relayed: Relayed,
        billed: Billed,
        sent: Try,
    ) -> Self {
        Self {
            outcome,
            failure,
            relayed,
            billed,
            took_ms: sent.elapsed_ms(),
            sent,
        }
    }
}

fn failure_view(failure: &Failure, relayed: &Relayed, sent: Try, attempt: u32) -> FailureView {
    let heard = Heard {
        begun: relayed.begun,
        shown: relayed.has_output(),
        counted: relayed
            .usage
            .as_ref()
            .is_some_and(|usage| usage.status == UsageStatus::Exact),
    };
    FailureView {
        tries: attempt,
        waited_ms: Some(sent.elapsed_ms()),
        ..FailureView::of(failure, heard, sent.now())
    }
}

/// Why an answer is done although its model was not.
fn early(finish: &Finish) -> Option<EarlyEnd> {
    match finish {
        Finish::Complete => None,
        Finish::Length => Some(EarlyEnd::Length),
        Finish::Refused => Some(EarlyEnd::Refused),
        Finish::Other(_) => Some(EarlyEnd::Other),
    }
}

/// The cost when an earlier try may have been billed besides: what is known of it is a lower bound.
fn at_least(cost: Cost) -> Cost {
    match cost {
        Cost::Known { amount, .. } => Cost::Unknown {
            reason: UnknownCost::EarlierTry,
            at_least: Some(amount),
        },
        Cost::Free => Cost::Unknown {
            reason: UnknownCost::EarlierTry,
            at_least: None,
        },
        unknown @ Cost::Unknown { .. } => unknown,
    }
}
