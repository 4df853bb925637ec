//! What happens to an agreement by itself: it renews, its payment is tried again, it ends.
//!
//! Each step is one transaction on the customer's open books: two replicas that look at the same time do it once. After a long
//! sleep each period is billed, one after the other.

use jiff::{SignedDuration, Timestamp};

use super::payment::{Turn, collect, pays};
use super::{Embedded, invoice};
use crate::billing::{BillingError, proration};
use crate::store::{Books, Running};

/// When a payment that failed is tried again, in days after it failed.
const RETRIES: [i64; 4] = [1, 3, 5, 7];
/// When nobody waits for it any longer.
const GIVEN_UP_AFTER: i64 = 14;
/// How many customers are looked at in one go.
const AT_ONCE: i64 = 100;
/// How many periods of one customer are billed in one go: 50 years of months.
const PERIODS_AT_ONCE: usize = 600;

/// Does all that is due.
pub(super) async fn do_due_work(billing: &Embedded) -> Result<(), BillingError> {
    let now = billing.clock.now();
    for customer in billing.store.customers_due(now, AT_ONCE).await? {
        for _ in 0..PERIODS_AT_ONCE {
            match step(billing, &customer, now).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tracing::error!(customer, %error, "an agreement could not go on");
                    break;
                }
            }
        }
    }
    Ok(())
}

/// Does what is due first. Tells whether there was something.
async fn step(billing: &Embedded, customer: &str, now: Timestamp) -> Result<bool, BillingError> {
    let Some(mut books) = billing.store.books(customer).await? else {
        return Ok(false);
    };
    let Some(mut running) = books.running().await? else {
        return Ok(false);
    };
    if running.next_at.is_none_or(|next| next > now) {
        return Ok(false);
    }
    if let Some(since) = running.past_due_since {
        retry(&mut books, &mut running, since, now).await?;
    } else if running.ends_at.is_some_and(|end| end <= now) {
        end(billing, &mut books, &mut running, now).await?;
    } else {
        renew(billing, &mut books, &mut running, now).await?;
    }
    books.keep(&running).await?;
    books.commit(now).await?;
    Ok(true)
}

/// The next period, in advance, with the metered use of the last one, in arrears.
async fn renew(
    billing: &Embedded,
    books: &mut Books,
    running: &mut Running,
    now: Timestamp,
) -> Result<(), BillingError> {
    let (plan, price) = billing.priced(&running.plan)?;
    let number = running.number + 1;
    let (start, end) = proration::period(running.anchor, plan.interval, number)
        .map_err(|error| BillingError::Unreadable(error.to_string()))?;
    let mut lines = vec![invoice::plan_line(plan, price, start, end)];
    lines.extend(used(billing, books).await?);
    let written = collect(books, &billing.catalogue.currency, lines, Turn::Later, now).await?;
    running.number = number;
    (running.start, running.end) = (start, end);
    running.paid_price = price;
    running.next_at = Some(end);
    if let Some(due) = written.filter(|invoice| !invoice.is_paid) {
        running.past_due_since = Some(now);
        running.open_invoice = Some(due.id);
        running.next_at = Some(next_try(now, now));
    }
    Ok(())
}

async fn retry(
    books: &mut Books,
    running: &mut Running,
    since: Timestamp,
    now: Timestamp,
) -> Result<(), BillingError> {
    if now.duration_since(since) >= SignedDuration::from_hours(24 * GIVEN_UP_AFTER) {
        if let Some(due) = running.open_invoice.take() {
            books.close_invoice(&due, false, now).await?;
        }
        running.ends_at = Some(now);
        running.next_at = None;
    } else if pays(books.card, Turn::Later) {
        recover(books, running, now).await?;
    } else {
        running.next_at = Some(next_try(since, now));
    }
    Ok(())
}

/// The payment that was due has come.
pub(super) async fn recover(
    books: &mut Books,
    running: &mut Running,
    now: Timestamp,
) -> Result<(), BillingError> {
    if let Some(due) = running.open_invoice.take() {
        books.close_invoice(&due, true, now).await?;
    }
    running.past_due_since = None;
    running.next_at = Some(running.end);
    Ok(())
}

async fn end(
    billing: &Embedded,
    books: &mut Books,
    running: &mut Running,
    now: Timestamp,
) -> Result<(), BillingError> {
    let lines = used(billing, books).await?;
    let last = collect(books, &billing.catalogue.currency, lines, Turn::Later, now).await?;
    if let Some(due) = last.filter(|invoice| !invoice.is_paid) {
        // There is no plan left to keep back for it.
        books.close_invoice(&due.id, false, now).await?;
    }
    running.next_at = None;
    Ok(())
}

/// Lines over all metered use that is on no invoice, which it is from now on.
async fn used(
    billing: &Embedded,
    books: &mut Books,
) -> Result<Vec<crate::store::NewLine>, BillingError> {
    let mut lines = Vec::new();
    for usage in books.unbilled().await? {
        if let Some(line) = invoice::usage_line(&billing.catalogue, &usage)? {
            lines.push(line);
            books.mark_billed(&usage).await?;
        }
    }
    Ok(lines)
}

/// The next time that a payment is tried, or given up.
fn next_try(since: Timestamp, now: Timestamp) -> Timestamp {
    RETRIES
        .into_iter()
        .chain([GIVEN_UP_AFTER])
        .filter_map(|days| {
            since
                .checked_add(SignedDuration::from_hours(24 * days))
                .ok()
        })
        .find(|at| *at > now)
        .unwrap_or(now)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn a_payment_is_tried_on_days_1_3_5_and_7_and_given_up_on_day_14() {
        let since: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
        let day = |days: i64| since + SignedDuration::from_hours(24 * days);
        let mut at = since;
        for days in [1, 3, 5, 7, 14] {
            at = next_try(since, at);
            assert_eq!(at, day(days));
        }
        assert_eq!(
            next_try(since, day(4)),
            day(5),
            "what was slept through is one try"
        );
    }
}
