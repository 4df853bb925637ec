//! Keys on their way in: held by the backend between entry and Save, shown as their last four characters, and wiped by Save,
//! Cancel, or after ten minutes. The secrets are zeroised when a slot is dropped. A key is held whatever its address is worth:
//! the address is resolved when something is to be sent there, and when the key is saved for it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use brasskey_ledger::Place;
use brasskey_providers::{Endpoint, Origin, guess, last_four};
use brasskey_vault::EntryId;
use secrecy::{ExposeSecret, SecretString};
use tokio_util::sync::CancellationToken;

use super::check::{is_about_the_key, is_savable};
use super::resolve;
use super::view::{HealthView, NewEndpoint, PendingView};
use crate::clock::{Clock, new_id};
use crate::error::Error;
use crate::models::StoredModel;

/// How long a pending key is kept.
pub(crate) const KEPT: Duration = Duration::from_secs(600);

/// What the last check proved.
#[derive(Clone)]
pub(crate) struct Checked {
    pub(crate) health: HealthView,
    /// Set when the provider listed its models.
    pub(crate) models: Option<Vec<StoredModel>>,
    pub(crate) at: i64,
}

/// A copy of a slot's contents, for one check or save.
#[derive(Clone)]
pub(crate) struct Slot {
    /// None for an endpoint without a key.
    pub(crate) secret: Option<SecretString>,
    /// Where it is for, as last entered.
    pub(crate) entered: NewEndpoint,
    /// The origin that the key was sent to, once it was: it is never sent to another.
    pub(crate) sent_to: Option<Origin>,
    pub(crate) checked: Option<Checked>,
    /// Stops the check under way.
    pub(crate) stop: CancellationToken,
    /// The slot is gone: whatever is being done with its secret ends. Parent of every `stop`.
    pub(crate) wiped: CancellationToken,
    /// The entry that a save has tried to write.
    entry: Option<(Place, EntryId)>,
    pub(crate) expires_at: i64,
}

static_assertions::assert_not_impl_any!(
    Slot: serde::Serialize, specta::Type, std::fmt::Debug, std::fmt::Display
);

/// All pending keys.
#[derive(Default)]
pub(crate) struct Pending {
    slots: Mutex<HashMap<String, Slot>>,
    clock: Clock,
    /// Held while a slot is being saved: a second press finds the slot gone, or tries again what failed.
    pub(crate) saving: tokio::sync::Mutex<()>,
}

impl Slot {
    /// Where it is for.
    ///
    /// # Errors
    /// `base_url_invalid`.
    pub(crate) fn endpoint(&self) -> Result<Endpoint, Error> {
        resolve(&self.entered)
    }

    /// What the last check found of the key: nothing when the provider could not be asked.
    pub(crate) fn finding(&self) -> Option<&Checked> {
        self.checked.as_ref().filter(|checked| {
            !matches!(&checked.health,
                HealthView::Failing { failure } if !is_about_the_key(failure.code))
        })
    }

    /// Refuses a key whose last check proved that it will never work.
    pub(crate) fn require_savable(&self) -> Result<(), Error> {
        match self.checked.as_ref().map(|checked| &checked.health) {
            Some(HealthView::Failing { failure }) if !is_savable(failure) => {
                Err(Error::Provider(Box::new(failure.clone())))
            }
            _ => Ok(()),
        }
    }
}

impl Pending {
    /// Nothing is pending; what will be is kept by this clock.
    pub(crate) fn by(clock: Clock) -> Self {
        Self {
            clock,
            ..Self::default()
        }
    }

    /// Takes a key (white space around it trimmed) or a keyless endpoint.
    pub(crate) fn take(
        &self,
        secret: Option<&SecretString>,
        entered: &NewEndpoint,
    ) -> Result<PendingView, Error> {
        let secret = match secret {
            Some(secret) => match secret.expose_secret().trim() {
                "" => return Err(Error::KeyEmpty),
                trimmed => Some(SecretString::from(trimmed)),
            },
            None => None,
        };
        let id = new_id();
        let expires_at = self.clock.now_ms() + i64::try_from(KEPT.as_millis()).unwrap_or(i64::MAX);
        let view = PendingView {
            id: id.clone(),
            provider: entered.provider,
            // Never what was typed and is no address: keys are pasted into the wrong field.
            base_url: entered
                .base_url
                .as_ref()
                .and_then(|_| resolve(entered).ok())
                .map(|endpoint| endpoint.base_url.as_str().to_owned()),
            last4: secret.as_ref().map(last_four),
            looks_like: secret.as_ref().and_then(guess),
            has_space: secret
                .as_ref()
                .is_some_and(|secret| secret.expose_secret().contains(char::is_whitespace)),
            expires_at,
        };
        let wiped = CancellationToken::new();
        let slot = Slot {
            secret,
            entered: entered.clone(),
            sent_to: None,
            checked: None,
            stop: wiped.child_token(),
            wiped,
            entry: None,
            expires_at,
        };
        self.lock().insert(id, slot);
        Ok(view)
    }

    /// The slot as it is now.
    pub(crate) fn get(&self, id: &str) -> Result<Slot, Error> {
        self.lock()
            .get(id)
            .filter(|slot| slot.expires_at > self.clock.now_ms())
            .cloned()
            .ok_or(Error::PendingExpired)
    }

    /// Readies a slot for a check at the address that is entered now; `sends` says that the key will leave this computer. An
    /// address that cannot be used is kept, too: the key must not be saved for the one before it.
    ///
    /// # Errors
    /// `pending_expired`, `base_url_invalid`, `origin_changed`.
    pub(crate) fn begin_check(
        &self,
        id: &str,
        entered: &NewEndpoint,
        sends: bool,
    ) -> Result<(Slot, Endpoint), Error> {
        let mut slots = self.lock();
        let slot = slots
            .get_mut(id)
            .filter(|slot| slot.expires_at > self.clock.now_ms())
            .ok_or(Error::PendingExpired)?;
        let endpoint = resolve(entered);
        if let (Ok(endpoint), Some(_), Some(sent_to)) = (&endpoint, &slot.secret, &slot.sent_to)
            && sent_to != endpoint.base_url.origin()
        {
            return Err(Error::OriginChanged);
        }
        slot.stop.cancel();
        slot.stop = slot.wiped.child_token();
        slot.entered = entered.clone();
        slot.checked = None;
        let endpoint = endpoint?;
        if sends {
            slot.sent_to = Some(endpoint.base_url.origin().clone());
        }
        Ok((slot.clone(), endpoint))
    }

    /// The entry that a save of the slot writes: the same one at every try, so that the try that succeeds settles what a
    /// refused one may have left. Another place is another entry: what is left in the first stays to be settled.
    ///
    /// # Errors
    /// `stopped` when the slot was wiped since the save began.
    pub(crate) fn entry(&self, id: &str, place: Place) -> Result<EntryId, Error> {
        let mut slots = self.lock();
        let slot = slots.get_mut(id).ok_or(Error::Stopped)?;
        if let Some((_, entry)) = slot.entry.as_ref().filter(|(of, _)| *of == place) {
            return Ok(entry.clone());
        }
        let entry = EntryId::new(&new_id()).map_err(|_| Error::InvalidInput("no entry id"))?;
        slot.entry = Some((place, entry.clone()));
        Ok(entry)
    }

    /// Keeps what the check of `slot` proved, unless another check or a stop took its place: that may be about another
    /// address.
    pub(crate) fn checked(&self, id: &str, slot: &Slot, checked: Checked) {
        if let Some(now) = self.lock().get_mut(id)
            && !slot.stop.is_cancelled()
        {
            now.checked = Some(checked);
        }
    }

    /// Stops a running check.
    pub(crate) fn stop(&self, id: &str) {
        if let Some(slot) = self.lock().get(id) {
            slot.stop.cancel();
        }
    }

    /// Wipes a slot and ends what is being done with its secret. Wiping one that is gone is no error.
    pub(crate) fn wipe(&self, id: &str) {
        if let Some(slot) = self.lock().remove(id) {
            slot.wiped.cancel();
        }
    }

    /// The secrets that wait, to be looked for.
    pub(crate) fn secrets(&self) -> Vec<SecretString> {
        let slots = self.lock();
        slots
            .values()
            .filter_map(|slot| slot.secret.clone())
            .collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::keys::view::ProviderId;

    fn endpoint(base_url: &str) -> NewEndpoint {
        NewEndpoint {
            provider: ProviderId::OpenAi,
            base_url: Some(base_url.to_owned()),
        }
    }

    #[test]
    fn white_space_around_a_key_is_trimmed_and_inside_it_is_told() {
        let pending = Pending::default();
        let take = |text: &str| {
            pending.take(
                Some(&SecretString::from(text)),
                &endpoint("https://api.openai.com/v1"),
            )
        };
        let view = take("  sk-proj-abcdefgh1234\n").unwrap();
        assert_eq!(view.last4.as_deref(), Some("1234"));
        assert!(!view.has_space);
        assert_eq!(
            pending
                .get(&view.id)
                .unwrap()
                .secret
                .unwrap()
                .expose_secret(),
            "sk-proj-abcdefgh1234"
        );
        assert!(take("two keys").unwrap().has_space);
        assert!(matches!(take(" \n\t"), Err(Error::KeyEmpty)));
    }

    #[test]
    fn a_key_that_was_sent_is_never_sent_to_another_origin() {
        let pending = Pending::default();
        let key = SecretString::from("sk-proj-abcdefgh1234");
        let id = pending
            .take(Some(&key), &endpoint("https://api.openai.com/v1"))
            .unwrap()
            .id;
        // Before anything was sent the address may still be corrected.
        pending
            .begin_check(&id, &endpoint("https://a.example/v1"), true)
            .unwrap();
        // Another path of the same origin is the same recipient.
        pending
            .begin_check(&id, &endpoint("https://a.example/v2"), true)
            .unwrap();
        for other in [
            "https://b.example/v1",
            "https://a.example:444/v1",
            "http://127.0.0.1/v1",
        ] {
            assert!(matches!(
                pending.begin_check(&id, &endpoint(other), true),
                Err(Error::OriginChanged)
            ));
        }
    }

    #[test]
    fn what_an_earlier_check_proved_is_not_said_of_another_address() {
        let pending = Pending::default();
        let key = SecretString::from("sk-proj-abcdefgh1234");
        let start = endpoint("https://a.example/v1");
        let id = pending.take(Some(&key), &start).unwrap().id;
        let (earlier, _) = pending.begin_check(&id, &start, true).unwrap();
        let other = endpoint("https://a.example/v2");
        let (later, _) = pending.begin_check(&id, &other, true).unwrap();
        let works = || Checked {
            health: HealthView::Working { model_count: 1 },
            models: None,
            at: 1,
        };
        pending.checked(&id, &earlier, works());
        assert!(pending.get(&id).unwrap().checked.is_none());
        pending.checked(&id, &later, works());
        assert!(pending.get(&id).unwrap().checked.is_some());
    }

    #[test]
    fn a_wiped_key_is_gone() {
        let pending = Pending::default();
        let id = pending
            .take(None, &endpoint("http://127.0.0.1:1234/v1"))
            .unwrap()
            .id;
        let slot = pending.get(&id).unwrap();
        pending.wipe(&id);
        assert!(matches!(pending.get(&id), Err(Error::PendingExpired)));
        assert!(slot.stop.is_cancelled() && slot.wiped.is_cancelled());
    }

    #[test]
    fn an_address_that_cannot_be_used_takes_the_place_of_the_one_before() {
        let pending = Pending::default();
        let key = SecretString::from("sk-proj-abcdefgh1234");
        let id = pending
            .take(Some(&key), &endpoint("https://a.example/v1"))
            .unwrap()
            .id;
        let refused = pending.begin_check(&id, &endpoint("http://a.example/v1"), true);
        assert!(matches!(refused, Err(Error::BaseUrl(_))));
        let slot = pending.get(&id).unwrap();
        assert!(matches!(slot.endpoint(), Err(Error::BaseUrl(_))));
        assert!(slot.sent_to.is_none(), "nothing was sent");
    }

    #[test]
    fn every_try_of_a_save_writes_the_same_entry_of_its_place() {
        let pending = Pending::default();
        let key = SecretString::from("sk-proj-abcdefgh1234");
        let id = pending
            .take(Some(&key), &endpoint("https://a.example/v1"))
            .unwrap()
            .id;
        let first = pending.entry(&id, Place::System).unwrap();
        assert_eq!(pending.entry(&id, Place::System).unwrap(), first);
        assert_ne!(pending.entry(&id, Place::Session).unwrap(), first);
        pending.wipe(&id);
        assert!(matches!(
            pending.entry(&id, Place::System),
            Err(Error::Stopped)
        ));
    }
}
