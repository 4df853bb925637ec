//! Plays one streamed answer: event by event, at the script's pace, to its end or to where its fault ends it.
//!
//! The playing is part of the response's body. When the client goes away the server drops the body, the playing ends where
//! it is, and the record reads "cancelled".

use std::future::pending;
use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use futures::{FutureExt, StreamExt, stream};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};

use super::counts::TOKEN_CHARACTERS;
use super::dialect::Dialect;
use super::record::Entry;
use super::script::Fault;

/// Time for what was written to leave before the connection is broken.
const FLUSH: Duration = Duration::from_millis(20);

/// An answer ready to be sent.
pub(crate) struct Play {
    pub(crate) dialect: Box<dyn Dialect>,
    pub(crate) thinking: String,
    pub(crate) text: String,
    pub(crate) tokens_per_second: Option<u32>,
    pub(crate) first_token_delay: Duration,
    pub(crate) fault: Option<Fault>,
    /// What [`Fault::ErrorInStream`] reports.
    pub(crate) error: Option<Value>,
    pub(crate) entry: Entry,
}

/// The script's fault is due.
struct Due;

impl Play {
    /// The body that plays the answer while it is sent.
    pub(crate) fn into_body(self) -> Body {
        let (sender, mut chunks) = mpsc::channel(1);
        let chunks = stream::poll_fn(move |context| chunks.poll_recv(context));
        let playing = self.perform(sender).into_stream();
        let playing = playing.filter_map(async |()| None);
        Body::from_stream(stream::select(chunks, Box::pin(playing)))
    }

    async fn perform(mut self, sender: mpsc::Sender<io::Result<Bytes>>) {
        let left = self.fault.as_ref().and_then(events_before);
        let mut outlet = Outlet {
            sender,
            left: left.unwrap_or(usize::MAX),
        };
        if let Err(Due) = self.answer(&mut outlet).await {
            self.go_wrong(&mut outlet).await;
        }
        self.entry.finish();
    }

    async fn answer(&mut self, outlet: &mut Outlet) -> Result<(), Due> {
        outlet.send(self.dialect.opening()).await?;
        sleep(self.first_token_delay).await;
        let mut pace = Pace::new(self.tokens_per_second);
        for token in tokens(&self.thinking) {
            pace.keep().await;
            outlet.send(self.dialect.thinking(token)).await?;
        }
        loop {
            for token in tokens(&self.text) {
                pace.keep().await;
                outlet.send(self.dialect.text(token)).await?;
                self.entry.sent(token);
            }
            if self.fault != Some(Fault::Endless) || self.text.is_empty() {
                break;
            }
        }
        if self.fault.as_ref().and_then(events_before).is_some() {
            return Err(Due);
        }
        outlet.send(self.dialect.closing()).await
    }

    async fn go_wrong(&mut self, outlet: &mut Outlet) {
        match &self.fault {
            Some(Fault::CutAfter { .. }) => {
                sleep(FLUSH).await;
                outlet
                    .chunk(Err(io::ErrorKind::ConnectionReset.into()))
                    .await;
            }
            Some(Fault::StallAfter { .. }) => pending().await,
            Some(Fault::ErrorInStream { .. }) => {
                let error = self.error.take().unwrap_or_default();
                for event in self.dialect.failure(&error) {
                    outlet.chunk(Ok(Bytes::from(event))).await;
                }
            }
            Some(Fault::Garbage) => {
                for bytes in GARBAGE {
                    outlet.chunk(Ok(Bytes::from_static(bytes))).await;
                }
            }
            Some(Fault::EndlessEvent) => {
                outlet
                    .chunk(Ok(Bytes::from_static(b"data: {\"x\":\"")))
                    .await;
                loop {
                    outlet
                        .chunk(Ok(Bytes::from_static(&[b'x'; 32 * 1024])))
                        .await;
                }
            }
            // The rest of the faults either end here, without closing events, or never come to a stream.
            _ => {}
        }
    }
}

const GARBAGE: [&[u8]; 5] = [
    b"data: {\"choices\":[{\"delta\":\n\n",
    b"\xff\xfe\x00\x01 not text \xc3\x28\r\r\n",
    b"data: [1,2,{\"type\":17,\"candidates\":\"none\"}]\n\n",
    b"event: \xf0\x9f\ndata: null\n\n",
    b"<html>data: }</html>\n\n",
];

/// How many events come before the fault; `None` when it is not one that interrupts a stream.
fn events_before(fault: &Fault) -> Option<usize> {
    match fault {
        Fault::CutAfter { events }
        | Fault::StallAfter { events }
        | Fault::ErrorInStream { events, .. } => Some(*events),
        Fault::Garbage | Fault::EndlessEvent => Some(1),
        Fault::NoTerminalEvent => Some(usize::MAX),
        _ => None,
    }
}

/// The way into the body.
struct Outlet {
    sender: mpsc::Sender<io::Result<Bytes>>,
    /// Events until the fault.
    left: usize,
}

impl Outlet {
    async fn send(&mut self, events: Vec<String>) -> Result<(), Due> {
        for event in events {
            if self.left == 0 {
                return Err(Due);
            }
            self.left -= 1;
            self.chunk(Ok(Bytes::from(event))).await;
        }
        Ok(())
    }

    async fn chunk(&self, chunk: io::Result<Bytes>) {
        if self.sender.send(chunk).await.is_err() {
            // The body has ended; it is about to be dropped, and this with it.
            pending().await
        }
    }
}

/// When each token is due. Counted from the start, so that a late token does not delay those after it.
struct Pace {
    start: Instant,
    tokens_per_second: Option<u32>,
    sent: u32,
}

impl Pace {
    fn new(tokens_per_second: Option<u32>) -> Self {
        Self {
            start: Instant::now(),
            tokens_per_second: tokens_per_second.filter(|pace| *pace > 0),
            sent: 0,
        }
    }

    /// Waits until the next token is due.
    async fn keep(&mut self) {
        if let Some(pace) = self.tokens_per_second {
            sleep_until(self.start + Duration::from_secs(1) * self.sent / pace).await;
        }
        self.sent = self.sent.saturating_add(1);
    }
}

/// `text` in tokens of four characters.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let size = usize::try_from(TOKEN_CHARACTERS).unwrap_or(1);
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest
            .char_indices()
            .nth(size)
            .map_or(rest.len(), |(at, _)| at);
        let (token, after) = rest.split_at(end);
        rest = after;
        Some(token)
    })
}
