//! What a customer does to an agreement: begins it with a first payment, replaces its plan, lets it end, takes that back, gives
//! another card.

use jiff::Timestamp;

use super::payment::{Turn, collect, pays};
use super::renewal::recover;
use super::{Embedded, invoice};
use crate::billing::BillingError;
use crate::billing::proration::{self, Paid, Quote};
use crate::catalogue::Interval;
use crate::clock::new_id;
use crate::store::{Books, Card, Running};

/// How a checkout ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// With a card.
    Card(Card),
    /// The customer left.
    Leave,
}

/// Ends a checkout, once: with a card that pays, the agreement begins with its first invoice.
pub(super) async fn check_out(
    billing: &Embedded,
    token_hash: &str,
    customer: &str,
    plan: &str,
    choice: Choice,
) -> Result<(), BillingError> {
    let now = billing.clock.now();
    let mut books = open(billing, customer).await?;
    let card = match choice {
        Choice::Leave => {
            books.end_page(token_hash, "abandoned", None).await?;
            return Ok(books.commit(now).await?);
        }
        Choice::Card(card) => card,
    };
    if !pays(Some(card), Turn::First) || books.running().await?.is_some() {
        books.end_page(token_hash, "declined", None).await?;
        return Ok(books.commit(now).await?);
    }
    let (plan, price) = billing.sold(plan)?;
    let (start, end) = period(now, plan.interval, 0)?;
    books.card = Some(card);
    let lines = vec![invoice::plan_line(plan, price, start, end)];
    let currency = &billing.catalogue.currency;
    let written = collect(&mut books, currency, lines, Turn::First, now).await?;
    let receipt = written.map(|invoice| invoice.id);
    if !books
        .end_page(token_hash, "paid", receipt.as_deref())
        .await?
    {
        // The form was sent twice: nothing of this second time is kept.
        return Ok(());
    }
    let agreement = Running {
        id: new_id("agr"),
        plan: plan.code.clone(),
        anchor: start,
        number: 0,
        start,
        end,
        paid_price: price,
        ends_at: None,
        past_due_since: None,
        open_invoice: None,
        next_at: Some(end),
    };
    books.keep(&agreement).await?;
    Ok(books.commit(now).await?)
}

/// Replaces the plan.
pub(super) async fn change_plan(
    billing: &Embedded,
    customer: &str,
    plan: &str,
    as_of: Option<Timestamp>,
) -> Result<(), BillingError> {
    let now = billing.clock.now();
    let mut books = open(billing, customer).await?;
    let mut old = running(&mut books).await?;
    if old.plan == plan {
        return Ok(());
    }
    if old.past_due_since.is_some() {
        return Err(BillingError::PaymentRequired);
    }
    let (new_plan, price) = billing.sold(plan)?;
    let (old_plan, _) = billing.priced(&old.plan)?;
    let mut new = Running {
        id: new_id("agr"),
        plan: plan.to_owned(),
        ends_at: None,
        ..old.clone()
    };
    let quote = match as_of {
        Some(as_of) => Some(quote(billing, &old, plan, as_of)?),
        None => None,
    };
    let mut ended_at = now.clamp(old.start, old.end);
    match quote.filter(|quote| quote.from < old.end) {
        Some(quote) => {
            ended_at = quote.from;
            let lines = vec![
                invoice::unused_line(&old_plan.name, quote.credit, quote.from, old.end),
                invoice::plan_line(new_plan, quote.charge, quote.from, quote.until),
            ];
            let currency = &billing.catalogue.currency;
            let written = collect(&mut books, currency, lines, Turn::Later, now).await?;
            if written.is_some_and(|invoice| !invoice.is_paid) {
                // Nothing of it is kept: the books were not committed.
                return Err(BillingError::PaymentRequired);
            }
            if new_plan.interval != old_plan.interval {
                (new.anchor, new.number) = (quote.from, 0);
                (new.start, new.end) = (quote.from, quote.until);
            }
            new.paid_price = price;
        }
        // What is paid is used to its end, and the new plan is paid from then on.
        None if new_plan.interval != old_plan.interval => {
            (new.anchor, new.number) = (old.end, -1);
        }
        None => {}
    }
    new.next_at = Some(new.end);
    old.ends_at = Some(ended_at);
    old.next_at = None;
    books.keep(&old).await?;
    books.keep(&new).await?;
    Ok(books.commit(now).await?)
}

/// What replacing the plan would cost.
pub(super) fn quote(
    billing: &Embedded,
    running: &Running,
    plan: &str,
    as_of: Timestamp,
) -> Result<Quote, BillingError> {
    let (old, _) = billing.priced(&running.plan)?;
    let (new, price) = billing.sold(plan)?;
    let paid = Paid {
        price: running.paid_price,
        interval: old.interval,
        start: running.start,
        end: running.end,
    };
    proration::quote(&paid, new.interval, price, as_of)
        .map_err(|error| BillingError::Unreadable(error.to_string()))
}

/// Lets the agreement end with its period, or go on.
pub(super) async fn set_ending(
    billing: &Embedded,
    customer: &str,
    agreement: &str,
    is_ending: bool,
) -> Result<(), BillingError> {
    let now = billing.clock.now();
    let mut books = open(billing, customer).await?;
    let mut running = running(&mut books).await?;
    if running.id != agreement {
        return Err(BillingError::Unknown(agreement.to_owned()));
    }
    running.ends_at = is_ending.then_some(running.end);
    books.keep(&running).await?;
    Ok(books.commit(now).await?)
}

/// Takes another card, and pays with it what is due. Tells whether that succeeded; a card that is refused is not taken.
pub(super) async fn change_card(
    billing: &Embedded,
    customer: &str,
    card: Card,
) -> Result<bool, BillingError> {
    if !pays(Some(card), Turn::First) {
        return Ok(false);
    }
    let now = billing.clock.now();
    let mut books = open(billing, customer).await?;
    books.card = Some(card);
    if let Some(mut due) = books
        .running()
        .await?
        .filter(|r| r.past_due_since.is_some())
    {
        recover(&mut books, &mut due, now).await?;
        books.keep(&due).await?;
    }
    books.commit(now).await?;
    Ok(true)
}

pub(super) fn period(
    anchor: Timestamp,
    interval: Interval,
    number: i64,
) -> Result<(Timestamp, Timestamp), BillingError> {
    proration::period(anchor, interval, number)
        .map_err(|error| BillingError::Unreadable(error.to_string()))
}

async fn open(billing: &Embedded, customer: &str) -> Result<Books, BillingError> {
    billing
        .store
        .books(customer)
        .await?
        .ok_or_else(|| BillingError::Unknown("this customer".to_owned()))
}

async fn running(books: &mut Books) -> Result<Running, BillingError> {
    books
        .running()
        .await?
        .ok_or_else(|| BillingError::Unknown("an agreement of this customer".to_owned()))
}
