//! Billing by Kinde: its Management API, asked in the service's own name.
//!
//! Kinde keeps agreements and takes payments; it schedules nothing, previews nothing and answers a change without saying what came
//! of it. So every change is read back before it counts, and a list is read to its end or not at all. Nothing here remembers
//! anything but a token: what a customer has is what Kinde says when it is asked.

mod api;
mod configuration;
mod customer;
mod event;
mod keys;
mod links;
pub(crate) mod moment;
mod plan;
mod token;
mod usage;

use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::SecretString;
use url::Url;

use super::{Agreement, Billing, BillingError, Customer, OfferedPlan, PortalArea, UsageTotal};
use crate::catalogue::Catalogue;
use crate::clock::Clock;
use crate::outbound::Outbound;
use api::Api;
pub use configuration::{KindeConfiguration, KindeConfigurationError};
pub use event::KindeEvents;
pub(crate) use event::{Event, EventError};
use token::Tokens;
use usage::Reported;

/// Kinde as the billing provider.
pub struct Kinde {
    api: Api,
    configuration: KindeConfiguration,
    catalogue: Catalogue,
    clock: Clock,
    reported: Reported,
    events: KindeEvents,
}

impl Kinde {
    /// Kinde, asked with the management client's secret.
    #[must_use]
    pub fn new(
        configuration: KindeConfiguration,
        secret: SecretString,
        out: &Outbound,
        catalogue: Catalogue,
        clock: Clock,
    ) -> Self {
        let base = configuration.management().clone();
        let tokens = Tokens::new(
            out.clone(),
            configuration::below(&base, "/oauth2/token"),
            configuration.management_client_id.clone(),
            secret,
            configuration.audience(),
        );
        Self {
            events: KindeEvents::new(&configuration.issuer, out, &clock),
            api: Api::new(out.clone(), base, tokens),
            configuration,
            catalogue,
            clock,
            reported: Reported::default(),
        }
    }
}

#[async_trait]
impl Billing for Kinde {
    async fn checkout(
        &self,
        customer: &Customer,
        plan: &str,
        return_to: &Url,
    ) -> Result<Url, BillingError> {
        match self.known_customer(customer).await? {
            Some(_) => {
                self.portal_link(customer, links::PLAN_SELECTION, return_to)
                    .await
            }
            None => self.hosted_selection(customer, plan, return_to),
        }
    }

    async fn customer_id(&self, customer: &Customer) -> Result<String, BillingError> {
        self.ensure_customer(customer).await
    }

    async fn agreements(&self, customer: &Customer) -> Result<Vec<Agreement>, BillingError> {
        match self.known_customer(customer).await? {
            Some(id) => self.running_agreements(&id).await,
            None => Ok(Vec::new()),
        }
    }

    async fn change_plan(
        &self,
        customer: &Customer,
        plan: &str,
        prorate_as_of: Option<Timestamp>,
    ) -> Result<(), BillingError> {
        let id = self.ensure_customer(customer).await?;
        self.agree(&id, plan, prorate_as_of.is_some()).await
    }

    async fn cancel(&self, customer: &Customer, agreement: &str) -> Result<(), BillingError> {
        match self.known_customer(customer).await? {
            Some(id) => self.end_agreement(&id, agreement).await,
            None => Err(BillingError::Unknown(agreement.to_owned())),
        }
    }

    async fn reactivate(&self, customer: &Customer, agreement: &str) -> Result<(), BillingError> {
        match self.known_customer(customer).await? {
            Some(id) => self.renew_agreement(&id, agreement).await,
            None => Err(BillingError::Unknown(agreement.to_owned())),
        }
    }

    async fn portal(
        &self,
        customer: &Customer,
        area: PortalArea,
        return_to: &Url,
    ) -> Result<Url, BillingError> {
        let area = match area {
            PortalArea::Plan => "plan_details",
            PortalArea::Payment => "payment_details",
            PortalArea::Profile => "profile",
        };
        self.portal_link(customer, area, return_to).await
    }

    async fn report_usage(&self, total: &UsageTotal) -> Result<(), BillingError> {
        self.report(total).await
    }

    async fn plans(&self) -> Result<Vec<OfferedPlan>, BillingError> {
        self.plans_of_check_customers().await
    }

    fn events(&self) -> Option<&KindeEvents> {
        Some(&self.events)
    }

    async fn do_due_work(&self) -> Result<(), BillingError> {
        // The first webhook shall not have to wait for the keys: Kinde waits for a few seconds only.
        self.events.warm().await;
        Ok(())
    }
}
