//! The first payment: a link to the provider's page, and what came of it.

use jiff::SignedDuration;
use url::{Host, Url};

use super::{SubscriptionError, sync};
use crate::billing::{CheckoutOutcome, Customer, Invoice};
use crate::clock::new_id;
use crate::service::Service;
use crate::store::Checkout;

/// How long a checkout can be finished.
const OPEN_FOR: SignedDuration = SignedDuration::from_hours(24);
const LONGEST_URL: usize = 500;

/// Reads where a customer comes back to: a port that the application listens on, on this computer, and nothing else.
pub(crate) fn return_url(text: &str) -> Option<Url> {
    let url = Url::parse(text)
        .ok()
        .filter(|_| text.len() <= LONGEST_URL)?;
    let is_ours = url.scheme() == "http"
        && matches!(url.host(), Some(Host::Ipv4(ip)) if ip.is_loopback())
        && url.port().is_some()
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none();
    is_ours.then_some(url)
}

/// Begins a first payment.
pub(crate) async fn begin(
    service: &Service,
    account: &str,
    request_key: &str,
    plan_code: &str,
    return_to: &Url,
) -> Result<Checkout, SubscriptionError> {
    let store = service.store();
    let customer = store.customer(account).await?;
    let mut customer = customer.ok_or(SubscriptionError::SignInNeeded)?;
    if let Some(known) = store.checkout(account, request_key).await? {
        return Ok(known);
    }
    let denied = |reason: &str| Err(SubscriptionError::Denied(reason.to_owned()));
    let plan = service.catalogue().plan(plan_code);
    let plan = plan.ok_or(SubscriptionError::NoSuchPlan)?;
    if !plan.is_sold(service.now()) {
        return denied("this plan is not sold any longer");
    }
    if plan.price.is_none() {
        return denied("this plan is agreed with each customer: write to us");
    }
    known_customer(service, &mut customer).await?;
    let now = sync(service, account).await?;
    if now.is_some_and(|subscription| subscription.agreement_id.is_some()) {
        return denied("there is a plan already: change it");
    }
    let id = new_id("chk");
    let mut back = return_to.clone();
    back.query_pairs_mut().append_pair("checkout", &id);
    let link = service
        .billing()
        .checkout(&customer, plan_code, &back)
        .await?;
    let checkout = Checkout {
        id,
        account_id: account.to_owned(),
        request_key: request_key.to_owned(),
        plan: plan_code.to_owned(),
        return_url: return_to.to_string(),
        link: link.into(),
        state: "pending".to_owned(),
        invoice_id: None,
        created_at: service.now(),
    };
    if store.add_checkout(&checkout).await? {
        return Ok(checkout);
    }
    // The same request came twice at once: the other one's link is good.
    let other = store.checkout(account, request_key).await?;
    other.ok_or(SubscriptionError::ChangePending)
}

/// How a checkout stands, with its receipt; `None` where the account has no such one.
pub(crate) async fn look(
    service: &Service,
    account: &str,
    id: &str,
) -> Result<Option<(Checkout, Option<Invoice>)>, SubscriptionError> {
    let store = service.store();
    let Some(mut checkout) = store.checkout(account, id).await?.filter(|it| it.id == id) else {
        return Ok(None);
    };
    let customer = store.customer(account).await?;
    let customer = customer.ok_or(SubscriptionError::SignInNeeded)?;
    if checkout.state == "pending" {
        let (state, invoice) = outcome(service, &customer, &checkout).await?;
        if state != "pending" {
            store.end_checkout(id, state, invoice.as_deref()).await?;
        }
        checkout.state = state.to_owned();
        checkout.invoice_id = invoice;
    }
    let Some(invoice) = &checkout.invoice_id else {
        return Ok(Some((checkout, None)));
    };
    let invoices = service.billing().invoices(&customer).await?;
    let receipt = invoices
        .unwrap_or_default()
        .into_iter()
        .find(|one| one.id == *invoice);
    Ok(Some((checkout, receipt)))
}

async fn outcome(
    service: &Service,
    customer: &Customer,
    checkout: &Checkout,
) -> Result<(&'static str, Option<String>), SubscriptionError> {
    let link = Url::parse(&checkout.link);
    let said = match &link {
        Ok(link) => service.billing().checkout_outcome(customer, link).await?,
        Err(_) => None,
    };
    // Whatever is said: what counts is what the customer has agreed to.
    let subscription = sync(service, &customer.account_id).await?;
    let has_plan = subscription
        .is_some_and(|now| now.agreement_id.is_some() && now.plan_code == checkout.plan);
    let is_over = service.now().duration_since(checkout.created_at) > OPEN_FOR;
    Ok(match said {
        Some(CheckoutOutcome::Paid(invoice)) => ("paid", Some(invoice)),
        Some(CheckoutOutcome::Declined) => ("declined", None),
        Some(CheckoutOutcome::Abandoned) => ("abandoned", None),
        None if has_plan => ("paid", None),
        _ if is_over => ("abandoned", None),
        _ => ("pending", None),
    })
}

/// Makes sure that the account is known at the provider, and that we know as whom.
pub(crate) async fn known_customer(
    service: &Service,
    customer: &mut Customer,
) -> Result<(), SubscriptionError> {
    if customer.customer_id.is_none() {
        let id = service.billing().customer_id(customer).await?;
        service
            .store()
            .keep_customer_id(&customer.account_id, &id)
            .await?;
        customer.customer_id = Some(id);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::return_url;

    #[test]
    fn a_customer_comes_back_to_a_port_of_this_computer_and_to_nothing_else() {
        assert!(return_url("http://127.0.0.1:53180/back?x=1").is_some());
        for wrong in [
            "https://127.0.0.1:1/",
            "http://127.0.0.1/",
            "http://localhost:1/",
            "http://127.0.0.1.example:1/",
            "http://user@127.0.0.1:1/",
            "http://127.0.0.1:1/#x",
            "http://example.org:1/",
            "javascript:alert(1)",
            "back",
        ] {
            assert!(return_url(wrong).is_none(), "{wrong}");
        }
    }
}
