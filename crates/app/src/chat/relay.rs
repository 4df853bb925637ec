//! Relays a stream to the window and to the disk: to the window at most about once a frame, to the disk a few times a
//! second and off the stream's path.

use std::time::{Duration, Instant};

use brasskey_ledger::MessageId;
use brasskey_metering::Usage;
use brasskey_providers::{AnswerStream, Event, Failure, Finish};
use futures::StreamExt;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::drive::Job;
use super::so_far::Meter;
use super::view::TurnEvent;
use crate::App;

/// Two frames at 60 Hz: more messages would only cost the window renders.
const FRAME: Duration = Duration::from_millis(33);

/// How often what arrived is committed: with the frame that it waits for before, a sudden end takes less than 250 ms of text.
const COMMIT: Duration = Duration::from_millis(200);

/// One try: when its request left.
#[derive(Clone, Copy)]
pub(crate) struct Try {
    /// For durations.
    started: Instant,
    /// Milliseconds since 1970: what prices go by.
    pub(crate) at: i64,
}

impl Try {
    /// One whose request leaves now, which is this time of day.
    pub(crate) fn at(at: i64) -> Self {
        Self {
            started: Instant::now(),
            at,
        }
    }

    /// Milliseconds since 1970, as the time since the request left has it.
    pub(crate) fn now(&self) -> i64 {
        self.at.saturating_add_unsigned(self.elapsed_ms())
    }

    /// Milliseconds since the request left.
    pub(crate) fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// What came of a stream.
#[derive(Default)]
pub(crate) struct Relayed {
    pub(crate) text: String,
    pub(crate) thinking: String,
    /// The last count that the provider sent.
    pub(crate) usage: Option<Usage>,
    pub(crate) served_model: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) first_output_ms: Option<u64>,
    pub(crate) failure: Option<Failure>,
    /// Why the model stopped, where it did.
    pub(crate) finish: Option<Finish>,
    /// The provider began to answer, visibly or not.
    pub(crate) begun: bool,
    /// The user stopped it.
    pub(crate) stopped: bool,
}

impl Relayed {
    /// Whether the user has seen anything of the answer.
    pub(crate) fn has_output(&self) -> bool {
        !self.text.is_empty() || !self.thinking.is_empty()
    }
}

/// Relays until the stream's end or the user's stop. Dropping the stream cancels the request.
pub(crate) async fn relay(job: &Job, mut stream: AnswerStream, sent: Try) -> Relayed {
    let mut relayed = Relayed::default();
    let meter = Meter::new(
        &job.route,
        &job.request,
        job.app.books_of(&job.route),
        sent.at,
    );
    let mut shown = Shown::default();
    let (chunks, received) = unbounded_channel();
    let ended = CancellationToken::new();
    let writer = job.app.jobs.spawn(write(
        job.app.clone(),
        job.answer.clone(),
        received,
        ended.clone(),
    ));
    let mut frame = tokio::time::interval(FRAME);
    frame.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            () = job.slot.stop.cancelled() => {
                relayed.stopped = true;
                break;
            }
            _ = frame.tick(), if shown.is_behind(&relayed) => show(job, &meter, &mut shown, &relayed, &chunks),
            event = stream.next() => match event {
                Some(Event::End(ending)) => {
                    relayed.usage = Some(ending.usage);
                    relayed.served_model = ending.served_model.or(relayed.served_model);
                    relayed.request_id = ending.request_id.or(relayed.request_id);
                    match ending.result {
                        Ok(finish) => relayed.finish = Some(finish),
                        Err(failure) => relayed.failure = Some(failure),
                    }
                    break;
                }
                Some(event) => take(event, &mut relayed, sent),
                None => break,
            },
        }
    }
    drop(stream);
    if shown.is_behind(&relayed) {
        show(job, &meter, &mut shown, &relayed, &chunks);
    }
    // Closing stores the whole answer, so the writer need not catch up: only its commit under way is waited for.
    ended.cancel();
    if writer.await.is_err() {
        tracing::error!("the writer of a streaming answer panicked");
    }
    relayed
}

fn take(event: Event, relayed: &mut Relayed, sent: Try) {
    relayed.begun = true;
    match event {
        Event::Started {
            request_id,
            served_model,
            ..
        } => {
            relayed.request_id = request_id.or(relayed.request_id.take());
            relayed.served_model = served_model.or(relayed.served_model.take());
        }
        Event::Text(text) => {
            relayed.text.push_str(&text);
            mark_first(relayed, sent);
        }
        Event::Thinking(text) => {
            relayed.thinking.push_str(&text);
            mark_first(relayed, sent);
        }
        Event::Usage(usage) => relayed.usage = Some(usage),
        // No tool is offered here, so that none is asked for.
        Event::ToolCall(_) => {}
        // Taken by the caller, which ends with it.
        Event::End(_) => {}
    }
}

fn mark_first(relayed: &mut Relayed, sent: Try) {
    if relayed.first_output_ms.is_none() {
        relayed.first_output_ms = Some(sent.elapsed_ms());
    }
}

/// How much of an answer the window has.
#[derive(Default)]
struct Shown {
    text: usize,
    thinking: usize,
}

impl Shown {
    fn is_behind(&self, relayed: &Relayed) -> bool {
        self.text < relayed.text.len() || self.thinking < relayed.thinking.len()
    }
}

fn show(
    job: &Job,
    meter: &Meter<'_>,
    shown: &mut Shown,
    relayed: &Relayed,
    chunks: &UnboundedSender<(String, String)>,
) {
    let text = relayed.text[shown.text..].to_owned();
    let thinking = relayed.thinking[shown.thinking..].to_owned();
    *shown = Shown {
        text: relayed.text.len(),
        thinking: relayed.thinking.len(),
    };
    if chunks.send((text.clone(), thinking.clone())).is_err() {
        tracing::warn!("the writer of a streaming answer has ended");
    }
    let so_far = meter.read(relayed);
    (job.sink)(TurnEvent::Delta {
        text,
        thinking,
        tokens: so_far.tokens,
        cost_so_far: so_far.cost,
        cost_is_estimate: so_far.is_estimate,
    });
}

/// Commits what arrived, a few times a second, until the stream ends. A full disk costs no text: closing stores all of it.
async fn write(
    app: App,
    answer: MessageId,
    mut received: UnboundedReceiver<(String, String)>,
    ended: CancellationToken,
) {
    let (mut text, mut thinking) = (String::new(), String::new());
    loop {
        tokio::select! {
            biased;
            () = ended.cancelled() => return,
            more = received.recv() => match more {
                Some((more_text, more_thinking)) => {
                    text.push_str(&more_text);
                    thinking.push_str(&more_thinking);
                }
                None => return,
            },
        }
        while let Ok((more_text, more_thinking)) = received.try_recv() {
            text.push_str(&more_text);
            thinking.push_str(&more_thinking);
        }
        match app.ledger.turns().append(&answer, &text, &thinking).await {
            Ok(()) => {
                text.clear();
                thinking.clear();
            }
            Err(error) => tracing::warn!(%error, "part of a streaming answer is not on disk yet"),
        }
        tokio::select! {
            () = ended.cancelled() => return,
            () = tokio::time::sleep(COMMIT) => {}
        }
    }
}
