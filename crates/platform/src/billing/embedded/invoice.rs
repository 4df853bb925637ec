//! From what is owed to an invoice: lines, the credit that was kept, the total. Functions of their inputs.

use jiff::Timestamp;

use crate::billing::{BillingError, LineKind, money};
use crate::catalogue::{Catalogue, Plan};
use crate::store::{NewInvoice, NewLine, UnbilledUsage};

/// A plan for a time.
pub(super) fn plan_line(plan: &Plan, amount: i64, from: Timestamp, until: Timestamp) -> NewLine {
    line(LineKind::Plan, plan.name.clone(), amount, from, until)
}

/// What was paid for a time in which another plan has taken the place.
pub(super) fn unused_line(plan: &str, credit: i64, from: Timestamp, until: Timestamp) -> NewLine {
    let text = format!("{plan}: unused time");
    line(LineKind::Unused, text, -credit, from, until)
}

fn line(kind: LineKind, text: String, amount: i64, from: Timestamp, until: Timestamp) -> NewLine {
    NewLine {
        kind,
        text,
        amount,
        from: Some(from),
        until: Some(until),
    }
}

/// Metered use at the price of the plan under which it was used; `None` where that plan sells none.
pub(super) fn usage_line(
    catalogue: &Catalogue,
    usage: &UnbilledUsage,
) -> Result<Option<NewLine>, BillingError> {
    let price = catalogue
        .plan(&usage.plan)
        .and_then(|plan| plan.overage.get(&usage.feature));
    let Some(price) = price else {
        return Ok(None);
    };
    let units = usage.total - usage.billed;
    let amount = money::of_units(units, price)
        .ok_or_else(|| BillingError::Unreadable(format!("{units} × {price}")))?;
    let name = catalogue
        .features
        .iter()
        .find(|feature| feature.code == usage.feature)
        .map_or(&usage.feature, |feature| &feature.name);
    Ok(Some(NewLine {
        kind: LineKind::Usage,
        text: format!("{name}: {units} × {price}"),
        amount,
        from: Some(usage.period_start),
        until: None,
    }))
}

/// What is to be paid, with the balance that is left. A credit that is more than what is charged is kept; what was kept is taken
/// first. `None` where there is nothing to say.
pub(super) fn draft(
    currency: &str,
    mut lines: Vec<NewLine>,
    balance: i64,
) -> Option<(NewInvoice, i64, i64)> {
    // A line of nothing stays beside others: it says which time is paid.
    if lines.iter().all(|line| line.amount == 0) {
        return None;
    }
    let sum: i64 = lines.iter().map(|line| line.amount).sum();
    let moved = if sum < 0 { -sum } else { -sum.min(balance) };
    if moved != 0 {
        lines.push(NewLine {
            kind: LineKind::Balance,
            text: if moved > 0 {
                "Credit, kept for the next invoice".to_owned()
            } else {
                "Credit from earlier".to_owned()
            },
            amount: moved,
            from: None,
            until: None,
        });
    }
    let invoice = NewInvoice {
        currency: currency.to_owned(),
        lines,
        is_paid: false,
    };
    Some((invoice, sum + moved, balance + moved))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use proptest::prelude::*;

    fn amounts() -> impl Strategy<Value = Vec<i64>> {
        prop::collection::vec(-1_000_000_i64..1_000_000, 0..6)
    }

    proptest! {
        #[test]
        fn an_invoice_adds_up_is_never_negative_and_loses_no_credit(
            invoices in prop::collection::vec(amounts(), 1..8),
        ) {
            let mut balance = 0;
            for amounts in invoices {
                let lines = amounts.iter().map(|amount| NewLine {
                    kind: LineKind::Plan, text: String::new(), amount: *amount, from: None, until: None,
                }).collect();
                let owed: i64 = amounts.iter().sum();
                let Some((invoice, total, left)) = draft("USD", lines, balance) else {
                    prop_assert_eq!(owed, 0);
                    continue;
                };
                prop_assert_eq!(invoice.lines.iter().map(|line| line.amount).sum::<i64>(), total);
                prop_assert!(total >= 0 && left >= 0);
                prop_assert_eq!(total - left, owed - balance);
                prop_assert!(total == 0 || left == 0, "money is asked for while there is credit");
                balance = left;
            }
        }
    }
}
