//! Looks after the keys that are in use: once a day each is checked again in its cheapest way, so that one that was revoked shows
//! before it is needed.
//!
//! It must never ask at the start, wake a credential store that is locked, or check a key that nobody uses.

use std::time::Duration;

use super::record::Key;
use crate::App;

/// Not at the start, which asks nobody.
const FIRST: Duration = Duration::from_secs(15 * 60);
/// How often it is looked whether a check is due.
const LOOK: Duration = Duration::from_secs(60 * 60);
/// The pause between two checks: a list of keys must not be seen as one burst.
const APART: Duration = Duration::from_secs(20);

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// A key that paid for nothing for so long is not in use.
const IN_USE_MS: i64 = 7 * DAY_MS;

/// Whether a key is to be checked again now.
fn is_due(key: &Key, now: i64) -> bool {
    let is_used = key
        .last_used_at
        .is_some_and(|at| now.saturating_sub(at) < IN_USE_MS);
    let is_old = key
        .last_checked_at
        .is_none_or(|at| now.saturating_sub(at) >= DAY_MS);
    key.secret.is_some() && is_used && is_old
}

impl App {
    /// Runs until the program ends.
    pub(crate) async fn watch_keys(&self) {
        let mut pause = FIRST;
        loop {
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.closing.cancelled() => return,
            }
            pause = LOOK;
            self.check_due_keys().await;
        }
    }

    async fn check_due_keys(&self) {
        let Ok(keys) = self.keys_in_use().await else {
            return;
        };
        let now = self.clock.now_ms();
        for key in keys.iter().filter(|key| is_due(key, now)) {
            // A store that is locked, or the other billing mode: it is looked again in an hour.
            if let Err(error) = self.recheck_key(key.id.as_str()).await {
                tracing::debug!(code = error.code().as_str(), "a key was not checked again");
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(APART) => {}
                () = self.closing.cancelled() => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use brasskey_ledger::{KeyId, Place};
    use brasskey_providers::{Access, Endpoint, Provider};
    use brasskey_vault::EntryId;

    use super::*;
    use crate::keys::record::SecretPlace;
    use crate::keys::view::HealthView;

    const NOW: i64 = 1_795_000_000_000;

    fn key(last_used_at: Option<i64>, last_checked_at: Option<i64>) -> Key {
        Key {
            id: KeyId::new("k"),
            label: String::new(),
            endpoint: Endpoint::of(Provider::OpenAi).unwrap(),
            secret: Some(SecretPlace {
                entry: EntryId::new("0191e5a0-0000-7000-8000-000000000000").unwrap(),
                last4: "7QeA".to_owned(),
                place: Place::System,
            }),
            is_default: true,
            health: HealthView::Unchecked,
            models: Vec::new(),
            access: Access::default(),
            added_at: 0,
            last_used_at,
            last_checked_at,
        }
    }

    #[test]
    fn a_key_in_use_is_checked_once_a_day() {
        let hours = |hours: i64| NOW - hours * 60 * 60 * 1000;
        assert!(is_due(&key(Some(hours(1)), Some(hours(24))), NOW));
        assert!(is_due(&key(Some(hours(1)), None), NOW));
        assert!(!is_due(&key(Some(hours(1)), Some(hours(23))), NOW));
    }

    #[test]
    fn a_key_that_nobody_uses_and_an_endpoint_without_one_are_left_alone() {
        assert!(!is_due(&key(None, None), NOW));
        assert!(!is_due(&key(Some(NOW - IN_USE_MS), None), NOW));
        let mut keyless = key(Some(NOW), None);
        keyless.secret = None;
        assert!(!is_due(&keyless, NOW));
        // A clock that was set back makes nothing due at once.
        assert!(!is_due(&key(Some(NOW), Some(NOW + DAY_MS)), NOW));
    }
}
