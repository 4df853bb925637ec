//! The body of an answer on its way to the caller: the provider's bytes as they come, read in passing.
//!
//! A stream that reaches its limit is cut behind a whole event and ends with an error of its protocol. A provider that
//! breaks off or falls silent breaks the caller's connection in the same place. It must never hold a byte back, nor keep
//! the provider's connection once the caller is gone: dropping it closes that. A caller that stays and does not read counts
//! as gone after a while, because its connection tells nobody.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use brasskey_providers::Protocol;
use bytes::Bytes;
use futures::stream::BoxStream;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::AbortHandle;
use tokio::time::{Instant, Sleep, sleep};
use tokio_util::task::TaskTracker;

use crate::admitted::Admitted;
use crate::authority::{Authority, Ending};
use crate::cut;
use crate::gateway::Settings;

/// The provider's bytes.
pub(crate) type Upstream = BoxStream<'static, io::Result<Bytes>>;

/// A body that relays.
pub(crate) struct Relay<A: Authority> {
    /// Shared with the watch over a caller that does not read. Nobody waits for the lock in any usual course.
    flow: Arc<Mutex<Flow<A>>>,
    watch: AbortHandle,
}

/// What flows, and what is known about it.
pub(crate) struct Flow<A: Authority> {
    /// None when nothing more is to come from it.
    upstream: Option<(Upstream, OwnedSemaphorePermit)>,
    admitted: Admitted<A>,
    protocol: Protocol,
    /// Bytes still to come, where the provider said how many.
    remaining: Option<u64>,
    /// What follows a cut.
    last: Option<Bytes>,
    is_stalled: bool,
    silence: Duration,
    timer: Pin<Box<Sleep>>,
    /// It is the provider that is waited for, and since when the timer runs.
    is_waiting: bool,
    /// How often the caller's connection asked for more.
    polls: u64,
}

impl<A: Authority> Relay<A> {
    pub(crate) fn new(flow: Flow<A>, settings: &Settings, tasks: &TaskTracker) -> Self {
        let flow = Arc::new(Mutex::new(flow));
        let watching = watch(Arc::downgrade(&flow), settings.unread);
        Self {
            watch: tasks.spawn(watching).abort_handle(),
            flow,
        }
    }
}

impl<A: Authority> Drop for Relay<A> {
    fn drop(&mut self) {
        self.watch.abort();
    }
}

/// Ends what a caller has not asked for more of for this long, although there was more.
async fn watch<A: Authority>(flow: Weak<Mutex<Flow<A>>>, unread: Duration) {
    let mut seen = 0;
    loop {
        sleep(unread).await;
        let Some(flow) = flow.upgrade() else {
            return;
        };
        let mut flow = lock(&flow);
        if flow.is_waiting || flow.polls != seen {
            seen = flow.polls;
        } else {
            flow.is_stalled = flow.upstream.take().is_some();
            return flow.admitted.settle(Ending::ClientLeft);
        }
    }
}

/// What a panic left behind is still settled when it is dropped.
fn lock<A: Authority>(flow: &Mutex<Flow<A>>) -> MutexGuard<'_, Flow<A>> {
    flow.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<A: Authority> Flow<A> {
    pub(crate) fn new(
        remaining: Option<u64>,
        upstream: (Upstream, OwnedSemaphorePermit),
        mut admitted: Admitted<A>,
        protocol: Protocol,
        silence: Duration,
    ) -> Self {
        if remaining == Some(0) {
            // A server does not ask an empty body for its bytes.
            admitted.end();
        }
        Self {
            upstream: Some(upstream),
            admitted,
            protocol,
            remaining,
            last: None,
            is_stalled: false,
            silence,
            timer: Box::pin(sleep(silence)),
            is_waiting: false,
            polls: 0,
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        self.polls += 1;
        let Some((upstream, _)) = &mut self.upstream else {
            return Poll::Ready(if self.is_stalled {
                Some(Err(io::ErrorKind::TimedOut.into()))
            } else {
                self.last.take().map(Ok)
            });
        };
        Poll::Ready(match upstream.as_mut().poll_next(cx) {
            Poll::Ready(Some(Ok(bytes))) => {
                self.is_waiting = false;
                Some(Ok(self.pass(bytes)))
            }
            Poll::Ready(Some(Err(error))) => Some(Err(self.broken(error))),
            Poll::Ready(None) => {
                self.upstream = None;
                self.admitted.end();
                None
            }
            Poll::Pending if self.is_silent(cx) => {
                Some(Err(self.broken(io::ErrorKind::TimedOut.into())))
            }
            Poll::Pending => return Poll::Pending,
        })
    }

    /// Reads a piece and returns what of it goes on.
    fn pass(&mut self, bytes: Bytes) -> Bytes {
        let boundary = self.admitted.read(&bytes);
        if let Some(end) = boundary
            && self.admitted.is_spent()
        {
            self.upstream = None;
            self.admitted.settle(Ending::CutAtLimit);
            self.last = Some(cut::event(self.protocol));
            return bytes.slice(..end);
        }
        if let Some(remaining) = &mut self.remaining {
            *remaining = remaining.saturating_sub(bytes.len() as u64);
            if *remaining == 0 {
                // A server that has sent the promised length does not ask again.
                self.admitted.end();
            }
        }
        bytes
    }

    fn is_silent(&mut self, cx: &mut Context<'_>) -> bool {
        if !self.is_waiting {
            self.is_waiting = true;
            self.timer.as_mut().reset(Instant::now() + self.silence);
        }
        self.timer.as_mut().poll(cx).is_ready()
    }

    fn broken(&mut self, error: io::Error) -> io::Error {
        self.upstream = None;
        self.admitted.settle(Ending::Broken);
        error
    }
}

impl<A: Authority> Body for Relay<A> {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let polled = lock(&self.flow).poll(cx);
        polled.map(|item| item.map(|bytes| bytes.map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        let remaining = lock(&self.flow).remaining;
        remaining.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
