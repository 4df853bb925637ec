//! Work that goes to its end whoever waits for it.
//!
//! It runs in place for as long as somebody waits, because a task of its own costs a wake-up on another core; only when nobody
//! waits any more, or there is more to wait for, it gets one.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;

/// A future that goes on, on a task, when it is dropped before its end.
pub(crate) struct Unbroken<F>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    future: Option<Pin<Box<F>>>,
    tasks: TaskTracker,
    runtime: Handle,
}

impl<F> Unbroken<F>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    pub(crate) fn new(future: F, tasks: &TaskTracker) -> Self {
        Self {
            future: Some(Box::pin(future)),
            tasks: tasks.clone(),
            runtime: Handle::current(),
        }
    }
}

impl<F> Future for Unbroken<F>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let Some(future) = &mut self.future else {
            // Nobody polls what has ended.
            return Poll::Pending;
        };
        let polled = future.as_mut().poll(cx);
        if polled.is_ready() {
            self.future = None;
        }
        polled
    }
}

impl<F> Drop for Unbroken<F>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    fn drop(&mut self) {
        // What has panicked cannot go on.
        if let Some(future) = self.future.take()
            && !std::thread::panicking()
        {
            self.tasks
                .spawn_on(async move { drop(future.await) }, &self.runtime);
        }
    }
}

/// Does work for which nobody waits: at once as far as it goes at once, and the rest on a task.
pub(crate) fn finish(
    work: impl Future<Output = ()> + Send + 'static,
    tasks: &TaskTracker,
    runtime: &Handle,
) {
    let mut work = Box::pin(work);
    // In the middle of a panic nothing is tried that could be a second one.
    if !std::thread::panicking() {
        let _inside = runtime.enter();
        let mut nobody = Context::from_waker(Waker::noop());
        if work.as_mut().poll(&mut nobody).is_ready() {
            return;
        }
    }
    tasks.spawn_on(work, runtime);
}
