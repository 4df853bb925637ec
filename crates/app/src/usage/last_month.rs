//! What the calls of the last calendar month came to in each billing mode: the model use is that of the receipts, the fees are those
//! of the plans that are offered now.

use brasskey_metering::Money;

use super::view::LastMonthView;
use crate::App;
use crate::billing::view::{BillingMode, PlanView};
use crate::error::Error;

impl App {
    /// What last month's calls came to in each mode, from this computer's receipts.
    ///
    /// # Errors
    /// `storage`.
    pub async fn last_month(&self) -> Result<LastMonthView, Error> {
        let this = self.clock.month();
        let last = self.clock.month_of(this.from_ms.saturating_sub(1));
        let totals = self
            .ledger
            .receipts()
            .total(last.from_ms..last.until_ms)
            .await?;
        let plans = self.offers.now().plans(self.clock.now());
        let with = |mode| {
            let plan = plans.iter().find(|plan| plan.mode == mode)?;
            bill(plan, totals.known)
        };
        Ok(LastMonthView {
            month: last.name,
            calls: totals.calls,
            unknown: totals.unknown,
            model_use: totals.known.to_string(),
            byok: with(BillingMode::Byok).map(|bill| bill.to_string()),
            vendor_billed: with(BillingMode::VendorBilled).map(|bill| bill.to_string()),
        })
    }
}

/// A month's bill: the fee, and the model use beyond what the plan includes.
fn bill(plan: &PlanView, model_use: Money) -> Option<Money> {
    let fee = Money::parse(&plan.monthly).ok()?;
    let included = match &plan.included {
        Some(included) => Money::parse(included).ok()?,
        None => Money::from_pico(0),
    };
    let beyond = model_use.checked_sub(included)?.max(Money::from_pico(0));
    fee.checked_add(beyond)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn a_bill_is_the_fee_and_what_is_not_included() {
        let plan = |included: Option<&str>| PlanView {
            mode: BillingMode::Byok,
            name: "Plan".to_owned(),
            monthly: "24.00".to_owned(),
            monthly_code: "plan".to_owned(),
            annual: None,
            annual_code: None,
            included: included.map(str::to_owned),
            trial_days: None,
        };
        for (included, used, due) in [
            (None, "3.25", "27.25"),
            (Some("15.00"), "3.25", "24"),
            (Some("15.00"), "15.000000000001", "24.000000000001"),
            (Some("15.00"), "0", "24"),
        ] {
            let bill = bill(&plan(included), Money::parse(used).unwrap());
            assert_eq!(bill, Money::parse(due).ok(), "{used} with {included:?}");
        }
    }
}
