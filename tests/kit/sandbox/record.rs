//! What arrived at the sandbox provider, in order, and what became of it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

/// As much of an answer as is kept.
const RECORDED_TEXT: usize = 1 << 20;

/// One request as it arrived and how it was answered.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Since the sandbox started.
    pub at: Duration,
    /// `GET`, `POST`, ...
    pub method: String,
    /// Path with query, to the letter.
    pub path: String,
    /// The `Host` header.
    pub host: String,
    /// Names of the headers, lower case, in order.
    pub headers: Vec<String>,
    /// The credential it carried, whatever header it came in.
    pub key: Option<String>,
    /// The body as JSON; null without one, a string when it is not JSON.
    pub body: Value,
    /// The id by which the response named the request: a header's, or Gemini's `responseId`.
    pub request_id: Option<String>,
    /// The status of the response; 0 before it was decided.
    pub status: u16,
    /// The visible answer sent so far (about 1 MiB of it at most).
    pub text_sent: String,
    /// The response was sent to its end, or to where its fault ended it.
    pub finished: bool,
    /// The client went away before.
    pub cancelled: bool,
}

/// All requests of one sandbox.
#[derive(Debug)]
pub(crate) struct Journal {
    started: Instant,
    entries: Mutex<Vec<Arc<Mutex<Recorded>>>>,
}

impl Journal {
    pub(crate) fn new(started: Instant) -> Self {
        Self {
            started,
            entries: Mutex::new(Vec::new()),
        }
    }

    /// Writes `recorded` down with the time of now.
    pub(crate) fn add(&self, mut recorded: Recorded) -> Entry {
        recorded.at = self.started.elapsed();
        let recorded = Arc::new(Mutex::new(recorded));
        lock(&self.entries).push(Arc::clone(&recorded));
        Entry(Arc::new(Line { recorded }))
    }

    pub(crate) fn all(&self) -> Vec<Recorded> {
        lock(&self.entries)
            .iter()
            .map(|recorded| lock(recorded).clone())
            .collect()
    }

    pub(crate) fn clear(&self) {
        lock(&self.entries).clear();
    }
}

/// The record of one request, held by all that answer it.
#[derive(Clone, Debug)]
pub(crate) struct Entry(Arc<Line>);

#[derive(Debug)]
struct Line {
    recorded: Arc<Mutex<Recorded>>,
}

impl Entry {
    pub(crate) fn answered(&self, status: u16, request_id: Option<String>) {
        let mut recorded = lock(&self.0.recorded);
        recorded.status = status;
        recorded.request_id = request_id;
    }

    /// `text` of the visible answer has been sent.
    pub(crate) fn sent(&self, text: &str) {
        let mut recorded = lock(&self.0.recorded);
        if recorded.text_sent.len() < RECORDED_TEXT {
            recorded.text_sent.push_str(text);
        }
    }

    pub(crate) fn finish(&self) {
        lock(&self.0.recorded).finished = true;
    }
}

/// Whoever answers gives up before the end only when the server drops the answer, and that it does when its client has gone.
impl Drop for Line {
    fn drop(&mut self) {
        let mut recorded = lock(&self.recorded);
        recorded.cancelled = !recorded.finished;
    }
}

/// A panic elsewhere does not make a list of requests wrong.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
