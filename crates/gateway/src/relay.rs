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
use tokio::time::{Instant, Sleep, sleep, sleep_until};
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
    /// Set as soon as something has come and there is more: an answer in one piece is over before it is watched.
    watch: Option<AbortHandle>,
    unread: Duration,
    tasks: TaskTracker,
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
    /// Set for the end of a silence; it may be that of an earlier one.
    timer: Option<Pin<Box<Sleep>>>,
    /// It is the provider that is waited for, since then.
    waiting_since: Option<Instant>,
    /// How often the caller's connection asked for more.
    polls: u64,
}

impl<A: Authority> Relay<A> {
    pub(crate) fn new(flow: Flow<A>, settings: &Settings, tasks: &TaskTracker) -> Self {
        Self {
            flow: Arc::new(Mutex::new(flow)),
            watch: None,
            unread: settings.unread,
            tasks: tasks.clone(),
        }
    }
}

impl<A: Authority> Drop for Relay<A> {
    fn drop(&mut self) {
        if let Some(watch) = &self.watch {
            watch.abort();
        }
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
        if flow.waiting_since.is_some() || flow.polls != seen {
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
            timer: None,
            waiting_since: None,
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
                self.waiting_since = None;
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
        let since = *self.waiting_since.get_or_insert_with(Instant::now);
        let due = since + self.silence;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(due)));
        while timer.as_mut().poll(cx).is_ready() {
            if Instant::now() >= due {
                return true;
            }
            timer.as_mut().reset(due);
        }
        false
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
        let this = self.get_mut();
        let mut flow = lock(&this.flow);
        let polled = flow.poll(cx);
        let is_more_to_come =
            polled.is_ready() && flow.upstream.is_some() && flow.remaining != Some(0);
        drop(flow);
        if is_more_to_come && this.watch.is_none() {
            let watching = watch(Arc::downgrade(&this.flow), this.unread);
            this.watch = Some(this.tasks.spawn(watching).abort_handle());
        }
        polled.map(|item| item.map(|bytes| bytes.map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        let remaining = lock(&self.flow).remaining;
        remaining.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
