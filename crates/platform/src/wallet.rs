//! How money of vendor-billed use works: amounts, months, and the accounts of the ledger. Functions of their inputs.
//!
//! **Amounts** are whole nano-dollars. Prices and costs are pico-dollars and are rounded once, a half up, when a cost becomes
//! a line of the ledger. What is set aside is rounded up.
//!
//! **The ledger** is double entry and only ever added to. The lines of a transaction add up to zero over these accounts:
//!
//! | account | what its balance is |
//! | --- | --- |
//! | `allowance:<account>:<month>` | what is left of the model use that is included in a month |
//! | `customer:<account>` | below zero: what the customer owes for use beyond allowances; the billing provider invoices it |
//! | `grants` | below zero: all allowances that were granted and did not lapse |
//! | `revenue:inference` | the list price of all use |
//! | `writeoff` | below zero: use that we bear, because its outcome came after its hold had expired |
//!
//! | transaction | lines |
//! | --- | --- |
//! | `grant:<agreement>:<month>` | `grants` → allowance |
//! | `lapse:<account>:<month>_<id>` | allowance → `grants`, so that the month's account is at zero for good |
//! | `settle:<account>:<hold>` | allowance first, then `customer` up to the cap, the rest off the allowance → `revenue:inference` |
//! | `writeoff:<account>:<hold>` | `writeoff` → `revenue:inference` |
//!
//! The row `wallet` holds sums of lines of the month that runs (`allowance`, and `overage` for what `customer` owes) and of the
//! holds (`held`). A call is admitted when `allowance + cap - overage - held` covers its hold. A call that costs more than
//! its hold is charged all the same: beyond allowance and cap it takes the allowance below zero, which is taken off the next
//! grant. So the customer never owes more than the cap.
//!
//! **Months.** The allowance is per month. A monthly plan's month is its period; the period of an annual plan is cut into
//! months from its first day on. When a plan is changed within a month, what was used beyond the part of the month that had
//! passed is taken off the next grant: otherwise a new allowance could be had by changing back and forth, because the
//! price of the remaining time is credited as well.
//!
//! Nothing here may be a float, and no amount may be rounded twice.

use brasskey_licence::{Feature, Mode, Standing};
use brasskey_metering::Money;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::catalogue::{Catalogue, Interval, Plan};
use crate::issuing;
use crate::store::{Subscription, Wallet};

/// Pico-dollars in a nano-dollar.
const PICO: i64 = 1_000;
/// The metered feature that overage is reported and limited as, in hundredths of a dollar.
pub(crate) const CREDIT: &str = "ai_credit";
/// More than any cap; sums with it do not overflow.
const NO_CAP: i64 = i64::MAX / 8;
/// Nano-dollars in one hundredth of a dollar.
pub(crate) const NANO_PER_CENT: i64 = 10_000_000;

/// A cost as a line of the ledger has it: nano-dollars, a half up.
pub(crate) fn charged(cost: Money) -> i64 {
    let pico = cost.pico().max(0);
    pico / PICO + i64::from(pico % PICO >= PICO / 2)
}

/// A worst case as it is set aside: nano-dollars, rounded up.
pub(crate) fn set_aside(worst: Money) -> i64 {
    let pico = worst.pico().max(0);
    pico / PICO + i64::from(pico % PICO > 0)
}

/// Nano-dollars as money.
pub(crate) fn money(nano: i64) -> Money {
    Money::from_pico(nano.saturating_mul(PICO))
}

/// Money as nano-dollars; none when it is finer.
pub(crate) fn exact(money: Money) -> Option<i64> {
    (money.pico() % PICO == 0).then_some(money.pico() / PICO)
}

/// The month that runs for an account, as its subscription says.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Month {
    /// The agreement, '' for none.
    pub(crate) agreement: String,
    /// The start of the period at the billing provider.
    pub(crate) billing_start: i64,
    pub(crate) start: i64,
    pub(crate) end: i64,
    /// What the plan includes.
    pub(crate) included: i64,
    /// What overage may come to by the plan.
    pub(crate) plan_cap: i64,
}

/// The plan under which an account may use the vendor's keys now; none when its plan is for own keys, or over.
pub(crate) fn vendor_plan<'a>(
    catalogue: &'a Catalogue,
    subscription: &Subscription,
    now: Timestamp,
) -> Option<&'a Plan> {
    let standing = issuing::standing(subscription, now);
    if !matches!(
        standing,
        Standing::Active | Standing::PastDue | Standing::Ending
    ) {
        return None;
    }
    let plan = catalogue.plan(&subscription.plan_code)?;
    (catalogue.mode_of(plan) == Some(Mode::VendorBilled)).then_some(plan)
}

/// The month that runs. Without a vendor-billed plan, or without a period, it is one that includes nothing.
///
/// While a payment is due nothing new is granted and nothing is owed beyond what was granted. Where a period is over and the next
/// one is not known yet, its last month goes on.
pub(crate) fn month(catalogue: &Catalogue, subscription: &Subscription, now: Timestamp) -> Month {
    let plan = vendor_plan(catalogue, subscription, now);
    let period = subscription.period_start.zip(subscription.period_end);
    let Some((plan, (start, end))) = plan.zip(period) else {
        return Month {
            end: i64::MAX,
            ..Month::default()
        };
    };
    let (month_start, month_end) = match plan.interval {
        Interval::Month => (start, end),
        Interval::Year => within_year(start, end, now),
    };
    let is_paid = subscription.standing != Standing::PastDue;
    let included = plan.included.as_deref();
    let included = included.and_then(|text| exact(Money::parse(text).ok()?));
    // Without an agreement there is nobody who would invoice overage.
    let is_billed = is_paid && subscription.agreement_id.is_some();
    Month {
        plan_cap: if is_billed { plan_cap(plan) } else { 0 },
        agreement: subscription.agreement_id.clone().unwrap_or_default(),
        billing_start: start.as_millisecond(),
        start: month_start.as_millisecond(),
        end: month_end.as_millisecond(),
        included: included.filter(|_| is_paid).unwrap_or(0),
    }
}

/// What overage may come to by the plan: its limit of the feature [`CREDIT`].
fn plan_cap(plan: &Plan) -> i64 {
    match plan.features.get(CREDIT) {
        Some(Feature::Metered { max: Some(cents) }) => i64::try_from(*cents)
            .unwrap_or(i64::MAX)
            .saturating_mul(NANO_PER_CENT)
            .min(NO_CAP),
        Some(Feature::Metered { max: None }) => NO_CAP,
        _ => 0,
    }
}

/// The month of a longer period that holds a moment: the n-th begins n calendar months after the period did, on the same day
/// of the month or on the month's last.
fn within_year(start: Timestamp, end: Timestamp, now: Timestamp) -> (Timestamp, Timestamp) {
    let first = start.to_zoned(TimeZone::UTC);
    let begins = |months: i32| {
        let at = first.checked_add(months.months());
        at.map_or(end, |at| at.timestamp())
    };
    let mut number = 0;
    while begins(number + 1) <= now && begins(number + 1) < end {
        number += 1;
    }
    (begins(number), begins(number + 1).min(end))
}

/// What turning a wallet to another month comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Turn {
    /// Goes back from the month that ends; below zero when it ended in debt.
    pub(crate) lapses: i64,
    /// Is granted for the month that begins; none when the plan includes nothing yet.
    pub(crate) grants: Option<i64>,
    /// Is taken off a later grant.
    pub(crate) overspent: i64,
}

/// Whether a wallet has to be turned to a month.
pub(crate) fn is_due(wallet: &Wallet, month: &Month) -> bool {
    !is_same(wallet, month)
        || wallet.plan_cap != month.plan_cap
        || (!wallet.is_granted && month.included > 0)
}

fn is_same(wallet: &Wallet, month: &Month) -> bool {
    wallet.agreement == month.agreement && wallet.month_start == month.start
}

/// What turning a wallet to a month comes to.
pub(crate) fn turn(wallet: &Wallet, month: &Month, now: i64) -> Turn {
    let is_same = is_same(wallet, month);
    let lapses = if is_same { 0 } else { wallet.allowance };
    let mut overspent = wallet.overspent;
    if !is_same {
        let length = i128::from(wallet.month_end.max(wallet.month_start + 1))
            - i128::from(wallet.month_start);
        let passed = (i128::from(now) - i128::from(wallet.month_start)).clamp(0, length);
        let earned = i128::from(wallet.included) * passed / length;
        let used = i128::from(wallet.included) - i128::from(wallet.allowance);
        let beyond = i64::try_from((used - earned).max(0)).unwrap_or(i64::MAX);
        overspent = overspent.saturating_add(beyond);
    }
    let is_granted = is_same && wallet.is_granted;
    if is_granted || month.included == 0 {
        return Turn {
            lapses,
            grants: None,
            overspent,
        };
    }
    Turn {
        lapses,
        grants: Some((month.included - overspent).max(0)),
        overspent: (overspent - month.included).max(0),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn a_cost_is_rounded_once_a_half_up_and_a_worst_case_up() {
        for (pico, cost, worst) in [
            (0, 0, 0),
            (1, 0, 1),
            (499, 0, 1),
            (500, 1, 1),
            (1_000, 1, 1),
            (1_499, 1, 2),
            (1_501, 2, 2),
            (-7, 0, 0),
        ] {
            let money = Money::from_pico(pico);
            assert_eq!((charged(money), set_aside(money)), (cost, worst), "{pico}");
        }
    }

    #[test]
    fn the_months_of_a_year_begin_on_its_first_day_and_fill_it() {
        let start: Timestamp = "2027-01-31T10:00:00Z".parse().unwrap();
        let end: Timestamp = "2028-01-31T10:00:00Z".parse().unwrap();
        let mut at = start;
        let mut begins = Vec::new();
        while at < end {
            let (from, until) = within_year(start, end, at);
            assert!(from <= at && at < until);
            begins.push(from.to_string());
            at = until;
        }
        assert_eq!(at, end);
        assert_eq!(begins.len(), 12);
        assert_eq!(begins[1], "2027-02-28T10:00:00Z");
        assert_eq!(begins[2], "2027-03-31T10:00:00Z");
        // The renewal is late: the last month goes on.
        assert_eq!(within_year(start, end, end + 5.hours()).1, end);
    }

    fn wallet(allowance: i64, included: i64) -> Wallet {
        Wallet {
            agreement: "a".into(),
            month_start: 1_000,
            month_end: 2_000,
            is_granted: included > 0,
            included,
            allowance,
            ..Wallet::default()
        }
    }

    fn next(agreement: &str, start: i64, included: i64) -> Month {
        Month {
            agreement: agreement.into(),
            start,
            end: start + 1_000,
            included,
            ..Month::default()
        }
    }

    #[test]
    fn a_month_that_is_over_lapses_and_the_next_is_granted_whole() {
        let turned = turn(&wallet(40, 100), &next("a", 2_000, 100), 2_000);
        assert_eq!(
            (turned.lapses, turned.grants, turned.overspent),
            (40, Some(100), 0)
        );
        let in_debt = turn(&wallet(-3, 100), &next("a", 2_000, 100), 2_000);
        assert_eq!((in_debt.lapses, in_debt.grants), (-3, Some(97)));
    }

    #[test]
    fn changing_the_plan_back_and_forth_brings_no_second_allowance() {
        // A tenth of the month has passed and all is used: only that tenth was paid for.
        let switched = turn(&wallet(0, 100), &next("b", 1_100, 100), 1_100);
        assert_eq!(switched.grants, Some(10));
        // By way of a plan that includes nothing it is no different.
        let left = turn(&wallet(0, 100), &next("", 0, 0), 1_100);
        assert_eq!((left.grants, left.overspent), (None, 90));
        let between = Wallet {
            overspent: 90,
            ..wallet(0, 0)
        };
        assert_eq!(
            turn(&between, &next("b", 1_200, 100), 1_200).grants,
            Some(10)
        );
        // Who used less than what had been paid for loses nothing.
        let fair = turn(&wallet(60, 100), &next("b", 1_500, 100), 1_500);
        assert_eq!((fair.lapses, fair.grants), (60, Some(100)));
    }

    #[test]
    fn an_allowance_that_was_not_paid_for_is_granted_when_it_is() {
        let due = wallet(0, 0);
        assert!(!is_due(&due, &next("a", 1_000, 0)));
        assert!(is_due(&due, &next("a", 1_000, 100)));
        assert_eq!(turn(&due, &next("a", 1_000, 100), 1_200).grants, Some(100));
        assert!(!is_due(&wallet(7, 100), &next("a", 1_000, 100)));
    }
}
