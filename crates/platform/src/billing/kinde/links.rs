//! Pages of Kinde's that a customer is sent to. Links to the portal are good for one use, so that they are made when they are asked
//! for and kept nowhere.

use reqwest::Method;
use serde_json::json;
use url::Url;

use super::Kinde;
use super::configuration::below;
use crate::billing::{BillingError, Customer};
use crate::clock::random;
use crate::credential::digest;

/// The portal's page on which a plan is chosen.
pub(super) const PLAN_SELECTION: &str = "plan_selection";

impl Kinde {
    pub(super) async fn portal_link(
        &self,
        customer: &Customer,
        area: &str,
        return_to: &Url,
    ) -> Result<Url, BillingError> {
        let mut body = json!({
            "user_id": customer.identity,
            "return_url": return_to.as_str(),
            // The guides write it one way, the specification the other.
            "sub_nav": area,
            "subnav": area,
        });
        if let Some(organization) = &self.configuration.organization {
            body["organization_code"] = json!(organization);
        }
        let path = "/api/v1/portal/generate_url";
        let made = self.api.ask(Method::POST, path, &[], Some(&body)).await?;
        made["url"]
            .as_str()
            .and_then(|url| url.parse().ok())
            .ok_or_else(|| BillingError::Unreadable("a portal link without a URL".to_owned()))
    }

    /// The sign-in page that goes on to the payment of a plan. The code that it leads back with is worth nothing: nobody kept the
    /// verifier, because the device proves itself with its own credential.
    pub(super) fn hosted_selection(
        &self,
        customer: &Customer,
        plan: &str,
        return_to: &Url,
    ) -> Result<Url, BillingError> {
        let group = self
            .catalogue
            .plan(plan)
            .map(|plan| plan.group.as_str())
            .ok_or_else(|| BillingError::Unknown(plan.to_owned()))?;
        let no_random = || BillingError::Unavailable {
            detail: "the system has no random numbers".to_owned(),
            retry_after: None,
        };
        let state = digest(&random().ok_or_else(no_random)?);
        // 43 characters that a hash could be written with.
        let challenge = digest(&random().ok_or_else(no_random)?)[..43].to_owned();
        let mut url = below(&self.configuration.issuer, "/oauth2/auth");
        url.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", &self.configuration.application_client_id),
            ("redirect_uri", return_to.as_str()),
            ("scope", "openid"),
            ("state", &state),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("login_hint", &customer.email),
            ("plan_interest", plan),
        ]);
        if let Some(table) = self.configuration.pricing_tables.get(group) {
            url.query_pairs_mut()
                .append_pair("pricing_table_key", table);
        }
        Ok(url)
    }
}
