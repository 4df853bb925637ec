//! The answers that are running: one for each conversation, each with its stop and its "try now".

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use brasskey_ledger::ConversationId;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::clock::new_id;
use crate::error::Error;

#[derive(Default)]
pub(crate) struct Turns {
    running: Arc<Mutex<HashMap<String, Running>>>,
}

#[derive(Clone)]
struct Running {
    conversation: ConversationId,
    stop: CancellationToken,
    try_now: Arc<Notify>,
}

/// A turn's place; dropping it frees the conversation for the next question.
pub(crate) struct TurnSlot {
    id: String,
    pub(crate) stop: CancellationToken,
    pub(crate) try_now: Arc<Notify>,
    running: Arc<Mutex<HashMap<String, Running>>>,
}

impl Turns {
    /// Takes the conversation for one turn.
    pub(crate) fn begin(&self, conversation: &ConversationId) -> Result<TurnSlot, Error> {
        let mut running = lock(&self.running);
        if running
            .values()
            .any(|turn| turn.conversation == *conversation)
        {
            return Err(Error::Busy);
        }
        let turn = Running {
            conversation: conversation.clone(),
            stop: CancellationToken::new(),
            try_now: Arc::new(Notify::new()),
        };
        let id = new_id();
        running.insert(id.clone(), turn.clone());
        Ok(TurnSlot {
            id,
            stop: turn.stop,
            try_now: turn.try_now,
            running: self.running.clone(),
        })
    }

    pub(crate) fn of(&self, conversation: &ConversationId) -> Option<String> {
        lock(&self.running)
            .iter()
            .find(|(_, turn)| turn.conversation == *conversation)
            .map(|(id, _)| id.clone())
    }

    pub(crate) fn stop(&self, id: &str) {
        if let Some(turn) = lock(&self.running).get(id) {
            turn.stop.cancel();
        }
    }

    pub(crate) fn try_now(&self, id: &str) {
        if let Some(turn) = lock(&self.running).get(id) {
            turn.try_now.notify_one();
        }
    }

    pub(crate) fn stop_all(&self) {
        for turn in lock(&self.running).values() {
            turn.stop.cancel();
        }
    }
}

impl TurnSlot {
    pub(crate) fn id(&self) -> &str {
        &self.id
    }
}

impl Drop for TurnSlot {
    fn drop(&mut self) {
        lock(&self.running).remove(&self.id);
    }
}

fn lock(running: &Mutex<HashMap<String, Running>>) -> MutexGuard<'_, HashMap<String, Running>> {
    running.lock().unwrap_or_else(PoisonError::into_inner)
}
