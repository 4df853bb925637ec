//! What is left of vendor-billed use, and the limit that the user sets for it. The platform keeps both; the days are from this
//! computer's own receipts.

pub mod view;

use std::collections::BTreeMap;

use brasskey_client::views::Wallet;
use brasskey_metering::Money;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::App;
use crate::error::Error;
use view::{DayUse, WalletView};

impl App {
    /// What is left of vendor-billed use.
    ///
    /// # Errors
    /// `sign_in_needed`, `platform_unreachable`, the credential store's states.
    pub async fn wallet(&self) -> Result<WalletView, Error> {
        let wallet = self.as_device(async |device| device.wallet().await).await?;
        self.wallet_view(wallet).await
    }

    /// Sets what use beyond the allowance may come to in a month: exact dollars.
    ///
    /// # Errors
    /// `invalid_input` for what is no amount, or below zero; as [`App::wallet`].
    pub async fn set_wallet_cap(&self, cap: &str) -> Result<WalletView, Error> {
        let cap = cap.trim();
        // As people write amounts: no sign, no exponent.
        let is_plain = cap.chars().all(|c| c.is_ascii_digit() || c == '.');
        let cap = Money::parse(cap)
            .ok()
            .filter(|_| is_plain)
            .ok_or(Error::InvalidInput("the limit is no amount of dollars"))?;
        let wallet = self
            .as_device(async |device| device.set_overage_cap(cap).await)
            .await?;
        self.wallet_view(wallet).await
    }

    async fn wallet_view(&self, wallet: Wallet) -> Result<WalletView, Error> {
        let mut days = BTreeMap::new();
        if let Some(resets_at) = wallet.resets_at {
            let period = month_before(resets_at)?..resets_at.as_millisecond();
            for (at, cost) in self.ledger.receipts().plan_costs(period).await? {
                let Some(day) = self.clock.day_of(at) else {
                    continue;
                };
                let sum = days.entry(day).or_insert(Money::from_pico(0));
                *sum = sum
                    .checked_add(cost)
                    .ok_or(Error::InvalidInput("the day's sum is out of range"))?;
            }
        }
        let days = days.into_iter().rev().map(|(day, sum)| DayUse {
            day: day.to_string(),
            amount: sum.to_string(),
        });
        Ok(WalletView {
            included: wallet.included.to_string(),
            allowance: wallet.allowance.to_string(),
            overage: wallet.overage.to_string(),
            overage_cap: wallet.overage_cap.to_string(),
            plan_cap: wallet.plan_cap.to_string(),
            held: wallet.held.to_string(),
            available: wallet.available.to_string(),
            resets_at: wallet.resets_at.map(Timestamp::as_millisecond),
            days: days.collect(),
        })
    }
}

/// When the month began that ends then, by the platform's calendar, which is UTC.
fn month_before(end: Timestamp) -> Result<i64, Error> {
    end.to_zoned(TimeZone::UTC)
        .checked_sub(1.month())
        .map(|start| start.timestamp().as_millisecond())
        .map_err(|_| Error::InvalidInput("a month outside the calendar"))
}
