//! The account's page: plan, card, invoices, one invoice to print.

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;
use jiff::Timestamp;
use maud::{Markup, html};

use super::pay::{choices, each};
use super::{Opened, failed, open, redirect, show, value};
use crate::billing::embedded::Embedded;
use crate::billing::embedded::change::{change_card, set_ending};
use crate::billing::{Invoice, InvoiceState};
use crate::store::{Card, Running};

pub(super) fn routes() -> Router<Embedded> {
    Router::new().route(super::ACCOUNT, get(account).post(act))
}

async fn account(State(billing): State<Embedded>, uri: Uri) -> Result<Response, Response> {
    let Opened { page, token } = open(&billing, &uri, false).await?;
    let query = uri.query().unwrap_or_default();
    let here = format!("{}?link={token}", super::ACCOUNT);
    let invoices = billing.store.invoices(&page.customer_id).await;
    let invoices = invoices.map_err(failed)?;
    if let Some(number) = value(query, "invoice") {
        let found = invoices.iter().find(|invoice| invoice.number == number);
        let body = match found {
            Some(invoice) => one(invoice, &here),
            None => {
                html! { h1 { "There is no such invoice" } p { a href=(here) { "All invoices" } } }
            }
        };
        return Ok(show(StatusCode::OK, "Invoice", None, &body));
    }
    let running = billing.store.running(&page.customer_id).await;
    let running = running.map_err(failed)?;
    let note = match value(query, "said").as_deref() {
        Some("declined") => Some("The card was declined. Nothing was changed."),
        Some("card") => Some("The card was changed."),
        Some("cancelled") => Some("The plan ends with its period."),
        Some("reactivated") => Some("The plan goes on."),
        _ => None,
    };
    let body = html! {
        h1 { "Your subscription" }
        @if let Some(note) = note { p role="status" { strong { (note) } } }
        h2 id="plan" { "Plan" }
        @match &running {
            Some(running) => (plan(&billing, running, &here)),
            None => p { "You have no plan. Choose one in Brasskey." },
        }
        h2 id="card" { "Card" }
        form method="post" action=(here) {
            input type="hidden" name="do" value="card";
            fieldset { legend { "What the new simulated card does" } (choices("accepted")) }
            button type="submit" { "Change the card" }
        }
        h2 id="invoices" { "Invoices" }
        (list(&invoices, &here))
        p { a href=(page.return_url) { "Back to Brasskey" } }
    };
    Ok(show(
        StatusCode::OK,
        "Subscription",
        Some(&page.return_url),
        &body,
    ))
}

async fn act(
    State(billing): State<Embedded>,
    uri: Uri,
    form: String,
) -> Result<Response, Response> {
    let Opened { page, token } = open(&billing, &uri, false).await?;
    let customer = &page.customer_id;
    let wanted = value(&form, "do").unwrap_or_default();
    let said = match wanted.as_str() {
        "card" => {
            let card = value(&form, "card").and_then(|word| Card::read(&word));
            let card = card.unwrap_or(Card::Declined);
            let is_taken = change_card(&billing, customer, card)
                .await
                .map_err(failed)?;
            if is_taken { "card" } else { "declined" }
        }
        "cancel" | "reactivate" => {
            let agreement = value(&form, "agreement").unwrap_or_default();
            set_ending(&billing, customer, &agreement, wanted == "cancel")
                .await
                .map_err(failed)?;
            if wanted == "cancel" {
                "cancelled"
            } else {
                "reactivated"
            }
        }
        _ => "nothing",
    };
    Ok(redirect(&format!(
        "{}?link={token}&said={said}",
        super::ACCOUNT
    )))
}

fn plan(billing: &Embedded, running: &Running, here: &str) -> Markup {
    let plan = billing.catalogue.plan(&running.plan);
    html! {
        @if let Some(plan) = plan {
            p { strong { (plan.name) } ", " (plan.price.as_deref().unwrap_or_default()) " " (billing.catalogue.currency) " " (each(plan.interval)) }
        }
        p { "This period runs until " (day(running.end)) "." }
        @if running.past_due_since.is_some() {
            p role="alert" { strong { "The last payment failed." } " Give another card below: it is charged at once." }
        }
        form method="post" action=(here) {
            input type="hidden" name="agreement" value=(running.id);
            @if let Some(end) = running.ends_at {
                p { "The plan ends on " (day(end)) "." }
                button type="submit" name="do" value="reactivate" { "Keep the plan" }
            } @else {
                button type="submit" name="do" value="cancel" { "Cancel with the end of the period" }
            }
        }
    }
}

fn list(invoices: &[Invoice], here: &str) -> Markup {
    html! {
        @if invoices.is_empty() { p { "There are none yet." } } @else {
            table {
                thead { tr { th scope="col" { "Number" } th scope="col" { "Date" } th scope="col" { "State" } th.money scope="col" { "Total" } } }
                tbody { @for invoice in invoices { tr {
                    td { a href=(format!("{here}&invoice={}", invoice.number)) { (invoice.number) } }
                    td { (day(invoice.issued_at)) }
                    td { (state(invoice.state)) }
                    td.money { (invoice.total) " " (invoice.currency) }
                } } }
            }
        }
    }
}

fn one(invoice: &Invoice, here: &str) -> Markup {
    html! {
        h1 { "Invoice " (invoice.number) }
        p { (day(invoice.issued_at)) " · " (state(invoice.state)) }
        table {
            thead { tr { th scope="col" { "What for" } th scope="col" { "Time" } th.money scope="col" { "Amount" } } }
            tbody { @for line in &invoice.lines { tr {
                td { (line.text) }
                td { @if let Some(from) = line.from { "from " (day(from)) } @if let Some(until) = line.until { " until " (day(until)) } }
                td.money { (line.amount) " " (invoice.currency) }
            } } }
            tfoot { tr { th scope="row" colspan="2" { "Total" } td.money { strong { (invoice.total) " " (invoice.currency) } } } }
        }
        nav { p { a href=(here) { "All invoices" } } }
    }
}

fn state(state: InvoiceState) -> &'static str {
    match state {
        InvoiceState::Open => "to be paid",
        InvoiceState::Paid => "paid",
        InvoiceState::GivenUp => "not paid",
    }
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}
