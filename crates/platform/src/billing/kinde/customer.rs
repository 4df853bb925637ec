//! Billing customers: who pays at Kinde. The id of a customer is neither the user's nor the organization's.

use reqwest::Method;
use serde_json::json;

use super::Kinde;
use super::api::ApiError;
use super::moment::id;
use crate::billing::{BillingError, Customer};

impl Kinde {
    /// The id of the billing customer, where there is one.
    pub(super) async fn known_customer(
        &self,
        customer: &Customer,
    ) -> Result<Option<String>, BillingError> {
        if let Some(id) = &customer.customer_id {
            return Ok(Some(id.clone()));
        }
        let query = [("id", customer.identity.as_str()), ("expand", "billing")];
        let user = self
            .api
            .ask(Method::GET, "/api/v1/user", &query, None)
            .await;
        match user {
            Ok(user) => Ok(id(&user["billing"]["customer_id"])),
            Err(ApiError::Refused { status: 404, .. }) => {
                Err(BillingError::Unknown("the user".to_owned()))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The id of the billing customer, who is made where there is none. Two at once get the same.
    pub(super) async fn ensure_customer(
        &self,
        customer: &Customer,
    ) -> Result<String, BillingError> {
        if let Some(id) = self.known_customer(customer).await? {
            return Ok(id);
        }
        let mut body = json!({"billing_email": customer.email});
        if let Some(organization) = &self.configuration.organization {
            body["org_code"] = json!(organization);
        }
        if let Some(plan) = &self.configuration.starting_plan {
            body["billing_plan_code"] = json!(plan);
        }
        let path = format!("/api/v1/users/{}/billing_customer", customer.identity);
        let made = self.api.ask(Method::POST, &path, &[], Some(&body)).await;
        match made {
            Ok(made) => {
                if let Some(id) = id(&made["billing_customer"]["id"]) {
                    return Ok(id);
                }
            }
            Err(ApiError::Refused { code, .. }) if code == "BILLING_CUSTOMER_EXISTS" => {}
            Err(error) => return Err(error.into()),
        }
        // Somebody else made it, or the answer does not say: it can be looked up now.
        self.known_customer(customer).await?.ok_or_else(|| {
            BillingError::Unreadable("a customer was made and cannot be found".to_owned())
        })
    }
}
