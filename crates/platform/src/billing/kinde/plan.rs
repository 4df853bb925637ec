//! Agreements: what a customer has, and how it is changed.
//!
//! Kinde makes a new agreement at once, ends the old ones with it, and says neither the new one's id nor whether it came to be. So
//! the list is read before, because a change that was made already is not made again, and after, until the plan shows.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

use super::Kinde;
use super::api::ApiError;
use super::moment::{id_field, moment_field};
use crate::billing::{Agreement, BillingError, OfferedPlan};

const AGREEMENTS: &str = "/api/v1/billing/agreements";

/// How long to wait before each look at whether a change shows.
const LOOKS: [Duration; 5] = [
    Duration::ZERO,
    Duration::from_millis(200),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
];

/// An agreement as Kinde lists it.
#[derive(Clone, Debug, Deserialize)]
struct Listed {
    #[serde(default, deserialize_with = "id_field")]
    id: Option<String>,
    #[serde(default)]
    plan_code: Option<String>,
    #[serde(default, deserialize_with = "moment_field")]
    expires_on: Option<Timestamp>,
    #[serde(default, deserialize_with = "moment_field")]
    current_period_start: Option<Timestamp>,
    #[serde(default, deserialize_with = "moment_field")]
    current_period_end: Option<Timestamp>,
}

impl Listed {
    fn is_over(&self, now: Timestamp) -> bool {
        self.expires_on.is_some_and(|end| end <= now)
    }
}

impl Kinde {
    async fn listed(&self, customer: &str) -> Result<Vec<Listed>, ApiError> {
        let query = [("customer_id", customer)];
        self.api.list(AGREEMENTS, &query, "agreements").await
    }

    /// The agreements that have not ended.
    pub(super) async fn running_agreements(
        &self,
        customer: &str,
    ) -> Result<Vec<Agreement>, BillingError> {
        let now = self.clock.now();
        let listed = self.listed(customer).await.map_err(customer_unknown)?;
        // A plan that stands for having none is none.
        let starting = self.configuration.starting_plan.as_ref();
        let running = listed.into_iter().filter(|entry| {
            !entry.is_over(now) && (starting.is_none() || entry.plan_code.as_ref() != starting)
        });
        running
            .map(|entry| match (entry.id, entry.plan_code) {
                (Some(id), Some(plan)) => Ok(Agreement {
                    id,
                    plan,
                    period_start: entry.current_period_start,
                    // One in the past is an end that has not been moved on yet; the agreement runs all the same.
                    period_end: entry.current_period_end.filter(|end| *end > now),
                    ends_at: entry.expires_on,
                    past_due_since: None,
                }),
                _ => Err(BillingError::Unreadable(
                    "an agreement without an id or a plan".to_owned(),
                )),
            })
            .collect()
    }

    async fn has_plan(&self, customer: &str, plan: &str) -> Result<bool, BillingError> {
        let agreements = self.running_agreements(customer).await?;
        Ok(agreements
            .iter()
            .any(|entry| entry.plan == plan && entry.ends_at.is_none()))
    }

    /// Makes an agreement on a plan in place of what the customer has, unless it is there already. Good means that Kinde said yes;
    /// a plan that it does not show even then is for the caller to look for, because asking again would make another agreement.
    pub(super) async fn agree(
        &self,
        customer: &str,
        plan: &str,
        prorate: bool,
    ) -> Result<(), BillingError> {
        if self.has_plan(customer, plan).await? {
            return Ok(());
        }
        let body = json!({
            "customer_id": customer,
            "plan_code": plan,
            "is_prorate": prorate,
            // What was used under the old agreement is billed with it: the new one counts from nothing.
            "is_invoice_now": true,
        });
        let asked = self
            .api
            .ask(Method::POST, AGREEMENTS, &[], Some(&body))
            .await;
        let lost = match asked {
            Ok(_) => None,
            // The answer may have been lost after the change was made.
            Err(error @ (ApiError::Unavailable { .. } | ApiError::Unreadable(_))) => Some(error),
            Err(error) => return Err(error.into()),
        };
        for pause in LOOKS {
            tokio::time::sleep(pause).await;
            match self.has_plan(customer, plan).await {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                // Kinde said yes: whether it can be seen is another matter, and asking for it again would do harm.
                Err(error) => {
                    return lost.map_or(Ok(()), |lost| {
                        tracing::warn!(%error, "whether a change was made cannot be seen");
                        Err(lost.into())
                    });
                }
            }
            // A change whose answer was lost is not waited for for long.
            if lost.is_some() && !pause.is_zero() {
                break;
            }
        }
        match lost {
            Some(lost) => Err(lost.into()),
            None => {
                tracing::warn!(plan, "Kinde said yes to a plan and does not show it yet");
                Ok(())
            }
        }
    }

    /// Ends an agreement, where Kinde's interface can: its documentation has this call, its specification has not.
    pub(super) async fn end_agreement(
        &self,
        customer: &str,
        agreement: &str,
    ) -> Result<(), BillingError> {
        let query = [("agreement_id", agreement)];
        let ended = self.api.ask(Method::DELETE, AGREEMENTS, &query, None).await;
        match ended {
            Ok(_) => Ok(()),
            Err(ApiError::Refused { code, .. }) if code == "ROUTE_NOT_FOUND" => {
                Err(BillingError::AtPortal)
            }
            Err(error @ ApiError::Refused { .. }) => {
                // Ended already is done.
                let running = self.running_agreements(customer).await?;
                match running.iter().find(|entry| entry.id == agreement) {
                    None => Ok(()),
                    Some(entry) if entry.ends_at.is_some() => Ok(()),
                    Some(_) => Err(error.into()),
                }
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Lets an agreement go on: nothing to do while nothing ends it, a new one on the same plan once it has ended. One that Kinde
    /// itself will end is for the portal: a new agreement now would bill the period twice.
    pub(super) async fn renew_agreement(
        &self,
        customer: &str,
        agreement: &str,
    ) -> Result<(), BillingError> {
        let now = self.clock.now();
        let listed = self.listed(customer).await.map_err(customer_unknown)?;
        let entry = listed
            .into_iter()
            .find(|entry| entry.id.as_deref() == Some(agreement))
            .ok_or_else(|| BillingError::Unknown(agreement.to_owned()))?;
        if !entry.is_over(now) {
            return match entry.expires_on {
                None => Ok(()),
                Some(_) => Err(BillingError::AtPortal),
            };
        }
        let plan = entry
            .plan_code
            .ok_or_else(|| BillingError::Unreadable("an agreement without a plan".to_owned()))?;
        self.agree(customer, &plan, false).await
    }

    /// The plans of the customers that are kept for checking: all that Kinde's interface tells of plans. Neither intervals nor
    /// prices are among it.
    pub(super) async fn plans_of_check_customers(&self) -> Result<Vec<OfferedPlan>, BillingError> {
        let customers = &self.configuration.check_customers;
        if customers.is_empty() {
            return Err(BillingError::Denied {
                reason: "Kinde's interface has no list of plans: name customers to look at in check_customers".to_owned(),
            });
        }
        let mut plans: Vec<OfferedPlan> = Vec::new();
        for customer in customers {
            for agreement in self.running_agreements(customer).await? {
                if plans.iter().all(|plan| plan.code != agreement.plan) {
                    plans.push(OfferedPlan {
                        code: agreement.plan,
                        interval: None,
                        price: None,
                    });
                }
            }
        }
        Ok(plans)
    }
}

fn customer_unknown(error: ApiError) -> BillingError {
    match error {
        ApiError::Refused { status: 404, .. } => BillingError::Unknown("the customer".to_owned()),
        other => other.into(),
    }
}
