//! The first payment: the customer chooses what the card shall do, and is led back.

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use url::Url;

use super::{Opened, failed, hash, open, redirect, show, value};
use crate::billing::embedded::Embedded;
use crate::billing::embedded::change::{Choice, check_out};
use crate::catalogue::Interval;
use crate::store::Card;

pub(super) fn routes() -> Router<Embedded> {
    Router::new().route(super::PAY, get(form).post(pay))
}

/// The cards that can be chosen, here and on the account's page.
pub(super) const CARDS: [(Card, &str); 3] = [
    (Card::Accepted, "Card that is accepted"),
    (Card::Declined, "Card that is declined"),
    (
        Card::FailsAtRenewal,
        "Card that is accepted now and fails at the renewal",
    ),
];

pub(super) fn choices(first: &str) -> Markup {
    html! {
        @for (card, text) in CARDS {
            label { input type="radio" name="card" value=(card.word()) required checked[card.word() == first]; " " (text) }
        }
    }
}

pub(super) fn each(interval: Interval) -> &'static str {
    match interval {
        Interval::Month => "each month",
        Interval::Year => "each year",
    }
}

async fn form(State(billing): State<Embedded>, uri: Uri) -> Result<Response, Response> {
    let Opened { page, token } = open(&billing, &uri, true).await?;
    if page.state != "pending" {
        return Ok(redirect(&back(&page.return_url, &page.state)));
    }
    let code = page.plan.as_deref().unwrap_or_default();
    let (plan, _) = billing.sold(code).map_err(failed)?;
    let price = plan.price.as_deref().unwrap_or_default();
    let body = html! {
        h1 { "Pay for " (plan.name) }
        p { strong { (price) " " (billing.catalogue.currency) } " " (each(plan.interval)) ", in advance, until you cancel." }
        form method="post" action=(action(&token)) {
            fieldset {
                legend { "What the simulated card does" }
                (choices("accepted"))
                label { input type="radio" name="card" value="leave"; " Leave without paying" }
            }
            button type="submit" { "Continue" }
        }
    };
    Ok(show(
        StatusCode::OK,
        "Payment",
        Some(&page.return_url),
        &body,
    ))
}

async fn pay(
    State(billing): State<Embedded>,
    uri: Uri,
    form: String,
) -> Result<Response, Response> {
    let Opened { page, token } = open(&billing, &uri, true).await?;
    let chosen = value(&form, "card").unwrap_or_default();
    let choice = match Card::read(&chosen) {
        Some(card) => Choice::Card(card),
        None if chosen == "leave" => Choice::Leave,
        None => {
            let body = html! { h1 { "Choose a card" } p { a href=(action(&token)) { "Back" } } };
            return Ok(show(StatusCode::BAD_REQUEST, "Choose", None, &body));
        }
    };
    let token_hash = hash(&token);
    let code = page.plan.as_deref().unwrap_or_default();
    check_out(&billing, &token_hash, &page.customer_id, code, choice)
        .await
        .map_err(failed)?;
    let page = open(&billing, &uri, true).await?.page;
    Ok(redirect(&back(&page.return_url, &page.state)))
}

fn action(token: &str) -> String {
    format!("{}?link={token}", super::PAY)
}

/// Where the customer came from, with the outcome.
fn back(return_url: &str, outcome: &str) -> String {
    match Url::parse(return_url) {
        Ok(mut url) => {
            url.query_pairs_mut().append_pair("outcome", outcome);
            url.into()
        }
        Err(_) => return_url.to_owned(),
    }
}
