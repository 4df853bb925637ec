//! An admitted call, from the authority's leave to its settlement.
//!
//! It settles exactly once whatever happens: when it is dropped unsettled, because the client left, a task was cancelled or
//! something panicked, it settles then. It must never be forgotten or cloned.

use std::sync::Arc;

use brasskey_metering::{Money, Usage};
use brasskey_providers::{Credential, Meter};
use tokio::runtime::Handle;

use crate::authority::{Authority, Ending, Outcome};
use crate::gateway::Shared;
use crate::tally::{Tally, Total};
use crate::unbroken::finish;

/// Leave to make one call.
pub(crate) struct Admitted<A: Authority> {
    shared: Arc<Shared<A>>,
    /// Taken by the settlement.
    hold: Option<A::Hold>,
    tally: Tally,
    /// The answer's, once there is one.
    meter: Option<Meter>,
    request_id: Option<String>,
    /// The provider may have seen the call.
    is_sent: bool,
    /// A body may be dropped outside of the runtime.
    runtime: Handle,
}

impl<A: Authority> Admitted<A> {
    pub(crate) fn new(shared: Arc<Shared<A>>, hold: A::Hold, tally: Tally) -> Self {
        Self {
            shared,
            hold: Some(hold),
            tally,
            meter: None,
            request_id: None,
            is_sent: false,
            runtime: Handle::current(),
        }
    }

    /// From now on the provider may see the call.
    pub(crate) fn sending(&mut self) {
        self.is_sent = true;
    }

    pub(crate) fn named(&mut self, request_id: Option<String>) {
        self.request_id = request_id;
    }

    /// From now on the answer is metered.
    pub(crate) fn answered(&mut self, meter: Meter) {
        self.meter = Some(meter);
    }

    /// Another key from the authority, in the place of one that the provider refused.
    // Not by a shared borrow: a hold need not be `Sync`.
    pub(crate) async fn another_key(&mut self, refused: &Credential) -> Option<Credential> {
        let authority = self.shared.gateway.authority.clone();
        let asking = {
            let hold = self.hold.as_ref()?;
            authority.another_key(hold, refused)
        };
        asking.await
    }

    /// Reads bytes of the answer in passing and settles as soon as it is over. See [`Meter::read`].
    pub(crate) fn read(&mut self, bytes: &[u8]) -> Option<usize> {
        let meter = self.meter.as_mut()?;
        let boundary = meter.read(bytes);
        if let Some(whole) = meter.whole() {
            self.settle(ending(whole));
        }
        boundary
    }

    /// Whether the call is still to be settled and what passed reaches its limit.
    pub(crate) fn is_spent(&self) -> bool {
        self.hold.is_some()
            && self
                .meter
                .as_ref()
                .is_some_and(|meter| self.tally.is_spent(meter))
    }

    /// The answer's body came to its end.
    pub(crate) fn end(&mut self) {
        if let Some(meter) = &mut self.meter {
            meter.close();
            let whole = meter.whole() == Some(true);
            self.settle(ending(whole));
        }
    }

    /// Settles, the first time that it is called.
    pub(crate) fn settle(&mut self, ending: Ending) {
        let Some(hold) = self.hold.take() else {
            return;
        };
        let outcome = self.outcome(ending);
        let authority = self.shared.gateway.authority.clone();
        let settling = async move { authority.settle(hold, outcome).await };
        finish(settling, &self.shared.gateway.tasks, &self.runtime);
    }

    fn outcome(&self, ending: Ending) -> Outcome {
        let nothing = |is_estimated| Total {
            usage: Usage::default(),
            cost: Money::ZERO,
            is_estimated,
        };
        let total = match ending {
            Ending::NotSent | Ending::Refused(_) => nothing(false),
            Ending::ClientLeft if !self.is_sent => nothing(false),
            // Nobody knows whether a provider that never answered counts anything. That is not the caller's to pay.
            Ending::Broken if self.meter.is_none() => nothing(true),
            _ => self.tally.total(self.meter.as_ref()),
        };
        let from_body = || Some(self.meter.as_ref()?.request_id()?.to_owned());
        Outcome {
            ending,
            usage: total.usage,
            cost: total.cost,
            is_estimated: total.is_estimated,
            request_id: self.request_id.clone().or_else(from_body),
        }
    }
}

fn ending(whole: bool) -> Ending {
    if whole {
        Ending::Complete
    } else {
        Ending::Broken
    }
}

impl<A: Authority> Drop for Admitted<A> {
    fn drop(&mut self) {
        self.settle(if std::thread::panicking() {
            Ending::Broken
        } else {
            Ending::ClientLeft
        });
    }
}
