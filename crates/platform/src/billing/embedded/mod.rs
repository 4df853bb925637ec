//! The billing that comes with the service: everything that a provider does, on one machine, but for the money. Its cards are
//! simulated, its pages say so. Agreements, proration, invoices, retries and renewals are real.

mod change;
mod invoice;
mod pages;
mod payment;
mod renewal;

use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::{
    Agreement, Billing, BillingError, CheckoutOutcome, Customer, Invoice, OfferedPlan, PortalArea,
    Quote, UsageTotal, money,
};
use crate::catalogue::{Catalogue, Plan};
use crate::clock::{Clock, random};
use crate::credential;
use crate::store::{Page, Store, StoreError};

/// How long a link to a checkout is good for.
const CHECKOUT_FOR: SignedDuration = SignedDuration::from_hours(24);
/// How long a link to the account's page is good for.
const PORTAL_FOR: SignedDuration = SignedDuration::from_mins(30);

/// The embedded billing. Clones are handles to the same books.
#[derive(Clone)]
pub struct Embedded {
    store: Store,
    catalogue: Arc<Catalogue>,
    clock: Clock,
    url: Url,
}

impl From<StoreError> for BillingError {
    fn from(error: StoreError) -> Self {
        Self::Unavailable {
            detail: error.to_string(),
            retry_after: None,
        }
    }
}

impl Embedded {
    /// Billing whose books are in the service's database and whose pages are reached under `url`.
    #[must_use]
    pub fn new(store: Store, catalogue: Catalogue, clock: Clock, url: Url) -> Self {
        Self {
            store,
            catalogue: Arc::new(catalogue),
            clock,
            url,
        }
    }

    /// What it offers: what the catalogue has a price for and sells.
    #[must_use]
    pub fn offers(catalogue: &Catalogue, now: Timestamp) -> Vec<OfferedPlan> {
        catalogue
            .plans
            .iter()
            .filter(|plan| plan.price.is_some() && plan.is_sold(now))
            .map(|plan| OfferedPlan {
                code: plan.code.clone(),
                interval: Some(plan.interval),
                price: plan.price.clone(),
            })
            .collect()
    }

    /// A plan with its price in cents, whether it is sold any longer or not.
    fn priced(&self, code: &str) -> Result<(&Plan, i64), BillingError> {
        let plan = self
            .catalogue
            .plan(code)
            .ok_or_else(|| BillingError::Unknown(code.to_owned()))?;
        let price = plan.price.as_deref().and_then(money::cents);
        price
            .map(|price| (plan, price))
            .ok_or_else(|| BillingError::Denied {
                reason: format!("{} is agreed with each customer", plan.name),
            })
    }

    /// A plan that is sold, with its price in cents.
    fn sold(&self, code: &str) -> Result<(&Plan, i64), BillingError> {
        let (plan, price) = self.priced(code)?;
        if !plan.is_sold(self.clock.now()) {
            return Err(BillingError::Denied {
                reason: format!("{} is not sold any longer", plan.name),
            });
        }
        Ok((plan, price))
    }

    async fn link(
        &self,
        path: &str,
        customer: &Customer,
        plan: Option<&str>,
        return_to: &Url,
        good_for: SignedDuration,
    ) -> Result<Url, BillingError> {
        let failed = |detail: &str| BillingError::Unavailable {
            detail: detail.to_owned(),
            retry_after: None,
        };
        let secret = random().ok_or_else(|| failed("no random numbers"))?;
        let token = credential::digest(&secret);
        let page = Page {
            customer_id: self.customer_id(customer).await?,
            plan: plan.map(str::to_owned),
            return_url: return_to.to_string(),
            state: "pending".to_owned(),
            invoice_id: None,
            expires_at: self
                .clock
                .now()
                .checked_add(good_for)
                .map_err(|error| failed(&error.to_string()))?,
        };
        self.store
            .add_page(&credential::digest(token.as_bytes()), &page)
            .await?;
        let mut url = self
            .url
            .join(path)
            .map_err(|error| failed(&error.to_string()))?;
        // In the query, because paths are logged.
        url.query_pairs_mut().append_pair("link", &token);
        Ok(url)
    }
}

#[async_trait]
impl Billing for Embedded {
    async fn checkout(
        &self,
        customer: &Customer,
        plan: &str,
        return_to: &Url,
    ) -> Result<Url, BillingError> {
        self.sold(plan)?;
        let id = self.customer_id(customer).await?;
        if self.store.running(&id).await?.is_some() {
            return Err(BillingError::Denied {
                reason: "there is a plan already".to_owned(),
            });
        }
        self.link(pages::PAY, customer, Some(plan), return_to, CHECKOUT_FOR)
            .await
    }

    async fn customer_id(&self, customer: &Customer) -> Result<String, BillingError> {
        Ok(self.store.billing_customer(&customer.account_id).await?)
    }

    async fn agreements(&self, customer: &Customer) -> Result<Vec<Agreement>, BillingError> {
        let id = self.customer_id(customer).await?;
        let running = self.store.running(&id).await?;
        Ok(running
            .map(|running| Agreement {
                id: running.id,
                plan: running.plan,
                period_start: Some(running.start),
                period_end: Some(running.end),
                ends_at: running.ends_at,
                past_due_since: running.past_due_since,
            })
            .into_iter()
            .collect())
    }

    async fn change_plan(
        &self,
        customer: &Customer,
        plan: &str,
        prorate_as_of: Option<Timestamp>,
    ) -> Result<(), BillingError> {
        let id = self.customer_id(customer).await?;
        change::change_plan(self, &id, plan, prorate_as_of).await
    }

    async fn cancel(&self, customer: &Customer, agreement: &str) -> Result<(), BillingError> {
        let id = self.customer_id(customer).await?;
        change::set_ending(self, &id, agreement, true).await
    }

    async fn reactivate(&self, customer: &Customer, agreement: &str) -> Result<(), BillingError> {
        let id = self.customer_id(customer).await?;
        change::set_ending(self, &id, agreement, false).await
    }

    async fn portal(
        &self,
        customer: &Customer,
        area: PortalArea,
        return_to: &Url,
    ) -> Result<Url, BillingError> {
        let mut url = self
            .link(pages::ACCOUNT, customer, None, return_to, PORTAL_FOR)
            .await?;
        url.set_fragment(Some(match area {
            PortalArea::Plan | PortalArea::Profile => "plan",
            PortalArea::Payment => "card",
        }));
        Ok(url)
    }

    async fn report_usage(&self, total: &UsageTotal) -> Result<(), BillingError> {
        let is_known = self
            .store
            .note_usage(
                &total.agreement_id,
                &total.feature,
                total.period_start,
                total.total,
            )
            .await?;
        if is_known {
            Ok(())
        } else {
            Err(BillingError::Unknown(total.agreement_id.clone()))
        }
    }

    async fn plans(&self) -> Result<Vec<OfferedPlan>, BillingError> {
        Ok(Self::offers(&self.catalogue, self.clock.now()))
    }

    fn is_exact(&self) -> bool {
        true
    }

    async fn quote(
        &self,
        customer: &Customer,
        plan: &str,
        as_of: Timestamp,
    ) -> Result<Option<Quote>, BillingError> {
        let id = self.customer_id(customer).await?;
        let running = self.store.running(&id).await?;
        running
            .map(|running| change::quote(self, &running, plan, as_of))
            .transpose()
    }

    async fn checkout_outcome(
        &self,
        _customer: &Customer,
        link: &Url,
    ) -> Result<Option<CheckoutOutcome>, BillingError> {
        let Some(page) = pages::of_link(self, link).await? else {
            return Ok(Some(CheckoutOutcome::Abandoned));
        };
        Ok(Some(match (page.state.as_str(), page.invoice_id) {
            ("paid", Some(invoice)) => CheckoutOutcome::Paid(invoice),
            ("declined", _) => CheckoutOutcome::Declined,
            ("pending", _) if page.expires_at > self.clock.now() => CheckoutOutcome::Pending,
            _ => CheckoutOutcome::Abandoned,
        }))
    }

    async fn invoices(&self, customer: &Customer) -> Result<Option<Vec<Invoice>>, BillingError> {
        let id = self.customer_id(customer).await?;
        Ok(Some(self.store.invoices(&id).await?))
    }

    async fn do_due_work(&self) -> Result<(), BillingError> {
        renewal::do_due_work(self).await
    }

    fn pages(&self) -> Router {
        pages::routes(self.clone())
    }
}
