//! What Kinde's webhooks tell, taken in and worked off: the first in a moment, because Kinde waits; the second when it is due.
//!
//! An event is a reason to look, no news by itself: the account that it is about is compared with Kinde. Payments alone count by
//! what the event says, at the time that it says. Nothing is dropped: what fails is tried again, and at last waits for a person.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use crate::billing::kinde::Event;
use crate::service::Service;
use crate::store::{ClaimedEvent, NewEvent, StoreError};
use crate::subscriptions::{self, PaymentOutcome, SubscriptionError};

/// How old an event may be. Kinde repeats for 36 hours and may keep the first time; what is older was replayed by somebody.
const OLDEST: SignedDuration = SignedDuration::from_hours(48);
/// How long an event that was dealt with is remembered: far longer than it would be taken in again.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How many events are claimed at once.
const BATCH: i64 = 50;
/// After this time a claimed event is somebody else's, because its replica must have died.
const CLAIM: SignedDuration = SignedDuration::from_mins(10);
/// How often an event is tried: with the pauses between, for a day and a half.
const MOST_ATTEMPTS: i64 = 40;
/// How often an event about somebody who has no account is tried: the account may be just being linked.
const MOST_ATTEMPTS_FOR_NOBODY: i64 = 4;
/// When an account is looked at again after an event.
const SECOND_LOOK: SignedDuration = SignedDuration::from_mins(1);
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(10);
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(1);

/// Why an event could not be dealt with.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Subscription(#[from] SubscriptionError),
    #[error("no account is linked to its customer or user")]
    Nobody,
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Subscription(error.into())
    }
}

impl Service {
    /// Takes a webhook in. One that is too old is acknowledged and left: refusing it would only make Kinde repeat it.
    pub(crate) async fn take_in(&self, event: Event) -> Result<(), StoreError> {
        let now = self.now();
        let oldest = now.checked_sub(OLDEST).unwrap_or(Timestamp::MIN);
        if event.occurred_at < oldest {
            tracing::warn!(event = event.id, kind = event.kind, "an old event was left");
            return Ok(());
        }
        let event = NewEvent {
            id: event.id,
            kind: event.kind,
            occurred_at: event.occurred_at,
            customer_id: event.customer_id,
            user_id: event.user_id,
        };
        self.store().keep_event(&event, now).await
    }

    /// Deals with the events that are due.
    pub(crate) async fn work_off_inbox(&self) -> Result<(), StoreError> {
        loop {
            let now = self.now();
            let again = now.checked_add(CLAIM).unwrap_or(Timestamp::MAX);
            let events = self.store().claim_events(now, again, BATCH).await?;
            if events.is_empty() {
                break;
            }
            // All that is claimed happened before the look that follows, so that one look an account is enough.
            let mut looked_at = HashSet::new();
            for event in events {
                let done = self.deal_with(&event, &mut looked_at).await;
                self.note(&event, done).await?;
            }
        }
        let before = self.now().checked_sub(REMEMBERED).unwrap_or(Timestamp::MIN);
        self.store().forget_events(before).await
    }

    async fn deal_with(
        &self,
        event: &ClaimedEvent,
        looked_at: &mut HashSet<String>,
    ) -> Result<(), Failure> {
        let kind = event.kind.as_str();
        if !kind.starts_with("customer.") && kind != "user.deleted" {
            return Ok(());
        }
        let account = self
            .store()
            .account_at_billing(event.customer_id.as_deref(), event.user_id.as_deref())
            .await?
            .ok_or(Failure::Nobody)?;
        if kind == "user.deleted" {
            return self.close(&account).await;
        }
        if let Some(customer_id) = &event.customer_id {
            self.store().link_customer(&account, customer_id).await?;
        }
        let looked = if looked_at.contains(&account) {
            Ok(())
        } else {
            subscriptions::sync(self, &account).await.map(|_| ())
        };
        if looked.is_ok() {
            looked_at.insert(account.clone());
        }
        let outcome = match kind {
            "customer.payment_failed" | "customer.invoice_overdue" => Some(PaymentOutcome::Failed),
            "customer.payment_succeeded" => Some(PaymentOutcome::Succeeded),
            _ => None,
        };
        // Kinde's lists lag behind its events: one more look, soon.
        let soon = self
            .now()
            .checked_add(SECOND_LOOK)
            .unwrap_or(Timestamp::MAX);
        self.store().want_sync(&account, soon).await?;
        // A payment counts although Kinde does not answer now.
        if let Some(outcome) = outcome {
            subscriptions::payment_event(self, &account, event.occurred_at, outcome).await?;
        }
        Ok(looked?)
    }

    /// Closes the account of somebody who is gone. Nothing may be charged any more; where Kinde has forgotten the person, nothing is.
    async fn close(&self, account: &str) -> Result<(), Failure> {
        let Some(customer) = self.store().customer(account).await? else {
            return Ok(());
        };
        match subscriptions::change::let_go(self, account).await {
            Ok(()) => {}
            Err(error @ SubscriptionError::Store(_)) => return Err(error.into()),
            Err(error) if error.is_unavailable() => return Err(error.into()),
            Err(error) => {
                tracing::error!(account, %error, "somebody is gone whose agreement could not be ended: look at Kinde");
            }
        }
        self.store()
            .close_account(&customer.identity, self.now())
            .await?;
        Ok(())
    }

    async fn note(
        &self,
        event: &ClaimedEvent,
        done: Result<(), Failure>,
    ) -> Result<(), StoreError> {
        let store = self.store();
        let failure = match done {
            Ok(()) => return store.finish_event(&event.id, None).await,
            Err(failure) => failure,
        };
        let attempts = event.attempts + 1;
        let says = failure.to_string();
        if matches!(failure, Failure::Nobody) && attempts >= MOST_ATTEMPTS_FOR_NOBODY {
            // Whoever is linked later is compared with Kinde as a whole then.
            tracing::warn!(
                event = event.id,
                kind = event.kind,
                "an event is about nobody here"
            );
            return store.finish_event(&event.id, Some(&says)).await;
        }
        if attempts >= MOST_ATTEMPTS {
            tracing::error!(
                event = event.id,
                kind = event.kind,
                attempts,
                error = says,
                "an event is parked: look at it, then set it to waiting"
            );
            return store.put_event_off(&event.id, &says, None).await;
        }
        tracing::warn!(
            event = event.id,
            kind = event.kind,
            attempts,
            error = says,
            "an event is tried again"
        );
        let again = self
            .now()
            .checked_add(pause(attempts))
            .unwrap_or(Timestamp::MAX);
        store.put_event_off(&event.id, &says, Some(again)).await
    }
}

/// How long to wait after so many attempts: twice as long each time.
fn pause(attempts: i64) -> SignedDuration {
    let doublings = u32::try_from(attempts - 1).unwrap_or(0).min(16);
    FIRST_PAUSE
        .checked_mul(1 << doublings)
        .map_or(LONGEST_PAUSE, |pause| pause.min(LONGEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_tried_for_longer_than_kinde_may_be_down_for_a_day() {
        let all = (1..MOST_ATTEMPTS).map(pause).sum::<SignedDuration>();
        assert!(all > SignedDuration::from_hours(24), "{all:?}");
        assert_eq!(pause(1), FIRST_PAUSE);
        assert_eq!(pause(MOST_ATTEMPTS), LONGEST_PAUSE);
        assert!(REMEMBERED > OLDEST);
    }
}
