//! How much is set aside for a call, and how a call is refused that there is not enough for. Functions of their inputs.
//!
//! Set aside is the worst case: every byte of the body as a token of the dearest kind of input, and as much output as the call
//! allows (or the model can give), in the dearest tier, region and speed of its price. Where that is more than what is left, but
//! the input and [`LEAST_OUTPUT`] tokens are covered, all that is left is set aside: the answer is then cut where it is used up.
//! What the price list cannot bound, a provider's own web searches, is charged when it is known.

use std::time::Duration;

use brasskey_gateway::{Call, Refusal};
use brasskey_metering::PriceRow;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, json};

use crate::store::Wallet;
use crate::wallet::{money, set_aside};

/// An answer that cannot have as many tokens as this is not worth its input.
const LEAST_OUTPUT: u64 = 1_024;
/// The output of a model whose price row does not say how much it can give.
const UNKNOWN_OUTPUT: u64 = 128_000;
/// How long a call may take to be answered, besides its output.
const ANSWERED_WITHIN: SignedDuration = SignedDuration::from_mins(15);
/// The slowest output that a hold waits for, in milliseconds a token.
const SLOWEST_MS: i64 = 50;
/// When a running call is likely to have given back what it holds.
const HOLDS_PASS: Duration = Duration::from_secs(10);

/// What a call needs, in nano-dollars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Need {
    /// For the whole call.
    pub(crate) most: i64,
    /// For its input and a short answer.
    pub(crate) least: i64,
    /// Until when it can last.
    pub(crate) lasts: SignedDuration,
}

/// What a call needs.
pub(crate) fn need(call: &Call, price: &PriceRow) -> Option<Need> {
    let can_give = price.max_output.unwrap_or(UNKNOWN_OUTPUT);
    let output = call.most_output.unwrap_or(can_give);
    let worst = |output| price.dearest(call.most_input, output).map(set_aside);
    let output_ms = i64::try_from(output).ok()?.checked_mul(SLOWEST_MS)?;
    Some(Need {
        most: worst(output)?,
        least: worst(output.min(LEAST_OUTPUT))?,
        lasts: ANSWERED_WITHIN.checked_add(SignedDuration::from_millis(output_ms))?,
    })
}

impl Need {
    /// What to set aside of what is available; none when that is too little.
    pub(crate) fn of(self, available: i64) -> Option<i64> {
        (available >= self.least && available > 0).then(|| self.most.min(available))
    }

    /// Why a call cannot be made with what a wallet has.
    pub(crate) fn refused(self, wallet: &Wallet) -> Refusal {
        let spendable = wallet.spendable();
        if spendable >= self.least && spendable > 0 {
            let mut refusal = refusal(
                402,
                "funds-on-hold",
                "Calls that run hold what is left. They give back what they do not use.",
            );
            refusal.retry_after = Some(HOLDS_PASS);
            return refusal;
        }
        let mut refusal = if spendable > 0 {
            refusal(
                402,
                "request-too-large",
                "This call could cost more than what is left. A shorter one may not.",
            )
        } else {
            refusal(
                402,
                "allowance-spent",
                "What the plan includes in this month, and what was allowed beyond it, is used up.",
            )
        };
        refusal.more = limit(wallet);
        refusal
            .more
            .insert("needed".to_owned(), json!(money(self.least)));
        refusal
    }
}

/// Which limit stops, and when there is an allowance again.
fn limit(wallet: &Wallet) -> Map<String, serde_json::Value> {
    let source = match (wallet.plan_cap, wallet.user_cap) {
        (0, _) => "allowance",
        (plan, user) if user < plan => "user_cap",
        _ => "plan_cap",
    };
    let mut more = Map::new();
    more.insert("limit_source".to_owned(), json!(source));
    more.insert("left".to_owned(), json!(money(wallet.spendable().max(0))));
    if let Some(resets_at) = resets_at(wallet) {
        more.insert("resets_at".to_owned(), json!(resets_at));
    }
    more
}

/// When the month of a wallet is over; none where it has none.
pub(crate) fn resets_at(wallet: &Wallet) -> Option<Timestamp> {
    let end = (wallet.month_end < i64::MAX).then_some(wallet.month_end)?;
    Timestamp::from_millisecond(end).ok()
}

/// A refusal without more.
pub(crate) fn refusal(status: u16, code: &'static str, detail: &str) -> Refusal {
    Refusal {
        status,
        code,
        detail: detail.to_owned(),
        retry_after: None,
        more: Map::new(),
    }
}
