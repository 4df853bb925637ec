//! A streaming answer: bytes in, events out.
//!
//! It must never yield anything after `End`, nor end without it; dropping it closes the connection, which cancels the
//! request at the provider.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures::stream::{Stream, StreamExt};
use tokio::time::Sleep;

use crate::endpoint::Endpoint;
use crate::event::Event;
use crate::limits::RateLimit;
use crate::progress::{Parser, Progress};
use crate::provider::Protocol;
use crate::redact::Redactor;
use crate::sse::{Broken, Events};
use crate::{anthropic, compatible, gemini, openai};

/// How long the connection's end is waited for once the answer is known to be over.
const CLOSING: Duration = Duration::from_secs(2);

/// What the headers of an answer say.
#[derive(Default)]
pub(crate) struct Head {
    pub(crate) request_id: Option<String>,
    pub(crate) limits: Vec<RateLimit>,
}

/// The events of one answer. The last item is [`Event::End`], exactly once. Dropping the stream cancels the request.
pub struct AnswerStream {
    source: Option<Events>,
    parser: Box<dyn Parser>,
    progress: Progress,
    closing: Option<Pin<Box<Sleep>>>,
}

/// What reads the events of this endpoint's protocol.
pub(crate) fn parser(endpoint: &Endpoint) -> Box<dyn Parser> {
    match endpoint.protocol {
        Protocol::OpenAiResponses => Box::new(openai::stream::Responses::default()),
        Protocol::OpenAiChat => Box::new(compatible::stream::Chat::new(
            endpoint.profile().cache_writes,
        )),
        Protocol::AnthropicMessages => Box::new(anthropic::stream::Messages::default()),
        Protocol::Gemini => Box::new(gemini::stream::Generation::default()),
    }
}

impl AnswerStream {
    pub(crate) fn new<S>(endpoint: &Endpoint, head: Head, redactor: Redactor, body: S) -> Self
    where
        S: Stream<Item = io::Result<Bytes>> + Send + 'static,
    {
        let mut progress = Progress::new(
            endpoint.base_url.origin().authority(),
            head.request_id,
            redactor,
        )
        .with_limits(head.limits);
        // A host that serves one region says so by its name alone.
        progress.usage().region = endpoint.region().map(str::to_owned);
        Self {
            source: Some(Events::new(body)),
            parser: parser(endpoint),
            progress,
            closing: None,
        }
    }

    /// Reads a recorded body as if the endpoint had just sent it, in the given chunks. Nothing is sent anywhere.
    ///
    /// For transcripts in tests; a chunk may end at any byte.
    pub fn replay<S>(endpoint: &Endpoint, chunks: S) -> Self
    where
        S: Stream<Item = Vec<u8>> + Send + 'static,
    {
        let body = chunks.map(|chunk| Ok(Bytes::from(chunk)));
        Self::new(endpoint, Head::default(), Redactor::new(None), body)
    }

    /// Whether the answer is over and its connection takes too long to close.
    fn is_closed(&mut self, cx: &mut Context<'_>) -> bool {
        self.progress.is_closing()
            && self
                .closing
                .get_or_insert_with(|| Box::pin(tokio::time::sleep(CLOSING)))
                .as_mut()
                .poll(cx)
                .is_ready()
    }
}

impl Stream for AnswerStream {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        let this = &mut *self;
        loop {
            if let Some(event) = this.progress.next() {
                return Poll::Ready(Some(event));
            }
            let Some(source) = &mut this.source else {
                return Poll::Ready(None);
            };
            match Pin::new(source).poll_next(cx) {
                Poll::Ready(Some(Ok(payload))) => this.parser.event(&payload, &mut this.progress),
                Poll::Ready(None) => this.parser.close(&mut this.progress),
                Poll::Ready(Some(Err(_))) if this.progress.is_closing() => {
                    this.parser.close(&mut this.progress);
                }
                Poll::Ready(Some(Err(Broken::TooLarge))) => this.progress.broken("too_large"),
                Poll::Ready(Some(Err(Broken::Connection))) => {
                    this.progress.broken("connection_lost");
                }
                Poll::Pending if this.is_closed(cx) => this.parser.close(&mut this.progress),
                Poll::Pending => return Poll::Pending,
            }
            if this.progress.is_ended() {
                // Closes the connection: nothing that follows the end is read.
                this.source = None;
            }
        }
    }
}
