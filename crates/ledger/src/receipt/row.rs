//! Reading a receipt's row.

use brasskey_metering::{Cost, Money, PriceSource, Tokens, Usage};
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row};

use super::{Outcome, Payer, PayingKey, Receipt, words};
use crate::turn::Settlement;

impl FromRow<'_, SqliteRow> for Receipt {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        let settlement = Settlement {
            served_model: row.try_get("served_model")?,
            usage: usage(row)?,
            cost: cost(row)?,
            request_id: row.try_get("request_id")?,
            ttft_ms: row.try_get("ttft_ms")?,
            duration_ms: row.try_get("duration_ms")?,
        };
        of_call(row, settlement, row.try_get("outcome")?)
    }
}

/// A call's row, which has the columns of a receipt that are known before the request leaves, as its receipt.
pub(super) fn of_call(
    row: &SqliteRow,
    settlement: Settlement,
    outcome: Outcome,
) -> sqlx::Result<Receipt> {
    Ok(Receipt {
        id: row.try_get("id")?,
        message_id: row.try_get("message_id")?,
        conversation_id: row.try_get("conversation_id")?,
        project_id: row.try_get("project_id")?,
        at: row.try_get("at")?,
        payer: payer(row)?,
        provider: row.try_get("provider")?,
        endpoint_origin: row.try_get("endpoint_origin")?,
        model: row.try_get("model")?,
        settlement,
        outcome,
    })
}

fn payer(row: &SqliteRow) -> sqlx::Result<Payer> {
    match row.try_get("payer_kind")? {
        "user_key" => Ok(Payer::UserKey(PayingKey {
            id: row.try_get("key_id")?,
            label: row.try_get("key_label")?,
            last4: row.try_get("key_last4")?,
        })),
        "plan" => Ok(Payer::Plan),
        "nobody" => Ok(Payer::Nobody),
        _ => Err(words::unknown("payer_kind")),
    }
}

fn usage(row: &SqliteRow) -> sqlx::Result<Usage> {
    Ok(Usage {
        tokens: Tokens {
            input_uncached: row.try_get("input_uncached")?,
            cache_read: row.try_get("cache_read")?,
            cache_write_5m: row.try_get("cache_write_5m")?,
            cache_write_1h: row.try_get("cache_write_1h")?,
            cache_write_30m: row.try_get("cache_write_30m")?,
            cache_write_12h: row.try_get("cache_write_12h")?,
            output: row.try_get("output")?,
            reasoning: row.try_get("reasoning")?,
        },
        status: words::read_usage_status(row.try_get("usage_status")?)?,
        provider_cost: row
            .try_get::<Option<i64>, _>("provider_cost_pico")?
            .map(Money::from_pico),
        service_tier: row.try_get("service_tier")?,
        region: row.try_get("region")?,
        speed: row.try_get("speed")?,
        web_searches: row.try_get("web_searches")?,
        clamped: row.try_get("usage_clamped")?,
    })
}

fn cost(row: &SqliteRow) -> sqlx::Result<Cost> {
    match row.try_get("cost_kind")? {
        "known" => Ok(Cost::Known {
            amount: Money::from_pico(row.try_get("cost_pico")?),
            source: PriceSource {
                list: row.try_get("price_list")?,
                as_of: row.try_get("price_as_of")?,
                row: row.try_get("price_row")?,
                to_be_confirmed: row.try_get("to_be_confirmed")?,
            },
        }),
        "unknown" => Ok(Cost::Unknown {
            reason: words::read_unknown_cost(row.try_get("unknown_reason")?)?,
            at_least: row
                .try_get::<Option<i64>, _>("cost_at_least_pico")?
                .map(Money::from_pico),
        }),
        "free" => Ok(Cost::Free),
        _ => Err(words::unknown("cost_kind")),
    }
}
