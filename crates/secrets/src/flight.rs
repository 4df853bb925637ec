//! One secret in the cache: what is held, how the last read ended, and that only one read is under way.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::audit::Why;
use crate::cache::Policy;
use crate::error::FetchError;
use crate::secret::Secret;

/// What is known of one reference.
#[derive(Default)]
pub(crate) struct Entry {
    state: Mutex<State>,
    /// Whose turn it is to ask the manager.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    /// Why the last read brought nothing.
    failure: Option<FetchError>,
    /// How many reads have ended.
    landed: u64,
    /// Until then nobody asks again.
    pause_until_ms: i64,
    /// Whether a read in the background was started and has not ended.
    behind: bool,
}

struct Held {
    secret: Secret,
    read_ms: i64,
}

/// What a look into the cache finds.
pub(crate) enum Look {
    /// It can be used.
    Fresh(Secret),
    /// It can be used, and a read in the background is to be started.
    Old(Secret),
    /// The last read failed just now.
    Failed(FetchError),
    /// The manager has to be asked.
    Nothing,
}

impl Entry {
    /// What there is at this time. A secret that is too old is wiped.
    pub(crate) fn look(&self, policy: &Policy, now_ms: i64) -> Look {
        let mut state = self.state();
        state.drop_too_old(policy, now_ms);
        let pausing = now_ms < state.pause_until_ms;
        let Some(held) = &state.held else {
            return match &state.failure {
                Some(failure) if pausing => Look::Failed(failure.clone()),
                _ => Look::Nothing,
            };
        };
        let secret = held.secret.clone();
        if policy.is_fresh(held.read_ms, now_ms) || pausing || state.behind {
            return Look::Fresh(secret);
        }
        state.behind = true;
        Look::Old(secret)
    }

    /// What there is for somebody whose secret was refused.
    pub(crate) fn look_for_newer(&self, refused: &Secret, now_ms: i64) -> Look {
        let state = self.state();
        match (&state.held, &state.failure) {
            (Some(held), _) if !held.secret.same_value(refused) => Look::Fresh(held.secret.clone()),
            _ if now_ms >= state.pause_until_ms => Look::Nothing,
            (_, Some(failure)) => Look::Failed(failure.clone()),
            (Some(held), None) => Look::Fresh(held.secret.clone()),
            (None, None) => Look::Nothing,
        }
    }

    /// How many reads have ended.
    pub(crate) fn landed(&self) -> u64 {
        self.state().landed
    }

    /// Waits for the turn to ask, or for the outcome of whoever had it: of any read that ended after `before` had.
    pub(crate) async fn fly<F>(&self, before: u64, read: F) -> Result<Secret, FetchError>
    where
        F: AsyncFnOnce() -> Result<Secret, FetchError>,
    {
        let turn = self.turn.lock().await;
        let outcome = {
            let state = self.state();
            (state.landed != before).then(|| state.outcome())
        };
        match outcome.flatten() {
            Some(outcome) => Ok(outcome?),
            None => {
                let outcome = read().await;
                drop(turn);
                outcome
            }
        }
    }

    /// Keeps how a read ended.
    pub(crate) fn land(
        &self,
        outcome: &Result<Secret, FetchError>,
        why: Why,
        policy: &Policy,
        now_ms: i64,
    ) {
        let mut state = self.state();
        state.landed += 1;
        state.behind = false;
        state.pause_until_ms = i64::MIN;
        match outcome {
            Ok(secret) => {
                let same = state
                    .held
                    .as_ref()
                    .is_some_and(|held| held.secret.same_value(secret));
                // Whoever was refused finds the same key again: the next hundred need not all ask.
                if same && why == Why::Refused {
                    state.pause_until_ms = policy.paused_until(now_ms);
                }
                state.failure = None;
                state.held = Some(Held {
                    secret: secret.clone(),
                    read_ms: now_ms,
                });
            }
            Err(failure) => {
                if failure.is_final() {
                    state.held = None;
                }
                state.drop_too_old(policy, now_ms);
                state.pause_until_ms = policy.paused_until(now_ms);
                state.failure = Some(failure.clone());
            }
        }
    }

    /// Nothing here can be left half done, so a panic elsewhere does no harm.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn drop_too_old(&mut self, policy: &Policy, now_ms: i64) {
        if let Some(held) = &self.held
            && !policy.is_usable(held.read_ms, now_ms)
        {
            self.held = None;
        }
    }

    fn outcome(&self) -> Option<Result<Secret, FetchError>> {
        match (&self.failure, &self.held) {
            (Some(failure), _) => Some(Err(failure.clone())),
            (None, Some(held)) => Some(Ok(held.secret.clone())),
            (None, None) => None,
        }
    }
}
