//! Server-sent events from a body, within limits.
//!
//! Framing is the `sse-stream` crate's (line ends of all three kinds, splits anywhere, byte order mark, comments, an
//! unterminated last event dropped). It has no limits of its own: they are set here on the bytes that it is given. It must
//! never buffer more than one event.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::stream::{BoxStream, Stream, StreamExt};
use sse_stream::SseByteStream;

/// The most bytes of one event.
const LONGEST_EVENT: usize = 1024 * 1024;
/// The most bytes of one answer.
const LONGEST_ANSWER: usize = 64 * 1024 * 1024;

/// Why no further event comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// The connection failed or the bytes are not text.
    Connection,
    /// An event or the answer is larger than any real one.
    TooLarge,
}

/// The payloads of the events of a body.
pub(crate) struct Events {
    inner: SseByteStream<BoxStream<'static, io::Result<Bytes>>>,
    since_event: Arc<AtomicUsize>,
}

impl Events {
    pub(crate) fn new<S>(body: S) -> Self
    where
        S: Stream<Item = io::Result<Bytes>> + Send + 'static,
    {
        let since_event = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&since_event);
        let mut total = 0_usize;
        let limited = body.map(move |chunk| {
            let chunk = chunk?;
            total = total.saturating_add(chunk.len());
            // All events of earlier chunks were taken out before another chunk is asked for, so that this is the
            // length of the event under way, give or take a chunk.
            let since = counted.fetch_add(chunk.len(), Ordering::Relaxed) + chunk.len();
            if total > LONGEST_ANSWER || since - chunk.len() > LONGEST_EVENT {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            Ok(chunk)
        });
        Self {
            inner: SseByteStream::new(limited.boxed()),
            since_event,
        }
    }
}

impl Stream for Events {
    type Item = Result<String, Broken>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let Some(event) = std::task::ready!(Pin::new(&mut self.inner).poll_next(cx)) else {
                return Poll::Ready(None);
            };
            match event {
                Ok(event) => {
                    self.since_event.store(0, Ordering::Relaxed);
                    // Payloads carry their own type, so the event's name is not needed.
                    if let Some(data) = event.data {
                        return Poll::Ready(Some(Ok(data)));
                    }
                }
                Err(error) => return Poll::Ready(Some(Err(broken(&error)))),
            }
        }
    }
}

fn broken(error: &sse_stream::Error) -> Broken {
    match error {
        sse_stream::Error::Body(error)
            if error
                .downcast_ref::<io::Error>()
                .is_some_and(|error| error.kind() == io::ErrorKind::FileTooLarge) =>
        {
            Broken::TooLarge
        }
        _ => Broken::Connection,
    }
}
