//! Paying for a plan for the first time, in the browser. What came of it the platform says, never the page.
//!
//! A payment is written down before the browser opens: whoever pays after the application has stopped waiting, or was quit, has the
//! plan in force here all the same.

use std::time::Duration;

use brasskey_client::Return;
use brasskey_client::views::{Checkout, CheckoutState, Invoice};
use serde::{Deserialize, Serialize};

use super::Open;
use super::view::{InvoiceLineView, InvoiceView, PaymentOutcome, PaymentView};
use crate::App;
use crate::account::page;
use crate::changed::Changed;
use crate::clock::new_id;
use crate::error::Error;

/// The setting: a payment that was begun.
const OPEN: &str = "payment";
/// How long a payment can be finished: as long as its link is good.
const OPEN_FOR_MS: i64 = 24 * 60 * 60 * 1000;

/// Between two looks while the person is in the browser: a window that is closed there tells nobody.
const LOOK: Duration = Duration::from_secs(3);
/// Between two looks once they are back.
const LOOK_SOON: Duration = Duration::from_millis(400);
/// Looks once they are back; then the billing provider has not decided.
const LOOKS: u32 = 25;

/// A payment that was begun.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct OpenPayment {
    id: String,
    plan: String,
    profile: String,
    begun_at: i64,
}

impl App {
    /// Pays for a plan: `open` opens the page in the system's browser. Answers when the person is done; once it is paid, the plan
    /// and its billing mode are in force.
    ///
    /// # Errors
    /// `plan_denied`, `sign_in_needed`, `platform_unreachable`, the credential store's states; what `open` says; `stopped` when
    /// nobody waits any more, which does not end the payment.
    pub async fn pay_plan<F>(
        &self,
        plan: &str,
        open: impl FnOnce(String) -> F + Send,
    ) -> Result<PaymentView, Error>
    where
        F: Future<Output = Result<(), Error>> + Send,
    {
        let stop = self.plans.begin_paying();
        let back = Return::open()
            .await
            .map_err(|_| Error::InvalidInput("this computer has no port to give"))?;
        let request = new_id();
        let begun = self
            .as_device(async |device| device.begin_checkout(plan, &back.url(), &request).await)
            .await?;
        let payment = OpenPayment {
            id: begun.id,
            plan: plan.to_owned(),
            profile: self.account.profile(),
            begun_at: self.clock.now_ms(),
        };
        self.ledger.settings().set(OPEN, &payment).await?;
        open(begun.url).await?;
        tokio::select! {
            biased;
            () = self.closing.cancelled() => Err(Error::Stopped),
            () = stop.cancelled() => {
                self.plans.wake();
                Err(Error::Stopped)
            }
            paid = self.wait_for(&payment, &back) => paid,
        }
    }

    /// Stops waiting for a payment. What is paid later takes effect all the same.
    pub fn stop_paying(&self) {
        self.plans.stop_paying();
    }

    async fn wait_for(&self, payment: &OpenPayment, back: &Return) -> Result<PaymentView, Error> {
        let page = page();
        let back = back.wait(&page);
        tokio::pin!(back);
        let mut looks = None;
        loop {
            match looks {
                None => tokio::select! {
                    _ = &mut back => looks = Some(LOOKS),
                    () = tokio::time::sleep(LOOK) => {}
                },
                Some(_) => tokio::time::sleep(LOOK_SOON).await,
            }
            match self.look_at(payment).await {
                Ok(Some(view)) => return Ok(view),
                Ok(None) => {}
                // The network comes back; the payment has an end of its own.
                Err(Error::PlatformUnreachable) => {}
                Err(error) => return Err(error),
            }
            if let Some(left) = &mut looks {
                *left -= 1;
                if *left == 0 {
                    self.plans.wake();
                    return Ok(PaymentView {
                        outcome: PaymentOutcome::Pending,
                        receipt: None,
                    });
                }
            }
        }
    }

    /// Looks what became of a payment for which nobody waits any more, also in a run before.
    pub(super) async fn resume_payment(&self) -> Result<Open, Error> {
        let payment: Option<OpenPayment> = self.ledger.settings().get(OPEN).await?;
        let ours = payment.filter(|payment| payment.profile == self.account.profile());
        let Some(payment) = ours else {
            return Ok(Open::Nothing);
        };
        if let Some(view) = self.look_at(&payment).await? {
            tracing::info!(outcome = ?view.outcome, "a payment has ended");
            return Ok(Open::Nothing);
        }
        if self.clock.now_ms().saturating_sub(payment.begun_at) > OPEN_FOR_MS {
            self.ledger.settings().clear(OPEN).await?;
            return Ok(Open::Nothing);
        }
        Ok(Open::Payment)
    }

    /// What became of a payment; none while nobody has decided. A paid plan takes effect here.
    async fn look_at(&self, payment: &OpenPayment) -> Result<Option<PaymentView>, Error> {
        let checkout = self
            .as_device(async |device| device.checkout(&payment.id).await)
            .await?;
        let Some(view) = payment_view(checkout) else {
            return Ok(None);
        };
        if view.outcome == PaymentOutcome::Paid {
            self.renew().await?;
            if let Some(mode) = self.offers.now().mode_of(&payment.plan) {
                self.put_in_force(mode).await?;
            }
        }
        self.ledger.settings().clear(OPEN).await?;
        self.announce(Changed::Billing);
        Ok(Some(view))
    }
}

fn payment_view(checkout: Checkout) -> Option<PaymentView> {
    let outcome = match checkout.state {
        CheckoutState::Pending | CheckoutState::Unknown => return None,
        CheckoutState::Paid => PaymentOutcome::Paid,
        CheckoutState::Declined => PaymentOutcome::Declined,
        CheckoutState::Abandoned => PaymentOutcome::Abandoned,
    };
    Some(PaymentView {
        outcome,
        receipt: checkout.receipt.map(invoice_view),
    })
}

fn invoice_view(invoice: Invoice) -> InvoiceView {
    let lines = invoice.lines.into_iter().map(|line| InvoiceLineView {
        text: line.text,
        amount: line.amount,
    });
    InvoiceView {
        number: invoice.number,
        issued_at: invoice.issued_at.as_millisecond(),
        total: invoice.total,
        lines: lines.collect(),
    }
}
