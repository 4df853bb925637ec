//! Writing receipts: a call that was on its way becomes one, exactly once.

use brasskey_metering::{Cost, Money};
use sqlx::SqliteConnection;

use super::row::of_call;
use super::{Outcome, Receipt, words};
use crate::turn::Settlement;
use crate::{LedgerError, MessageId};

/// The part of a receipt that its call already holds.
macro_rules! from_call {
    () => {
        "id, message_id, conversation_id, project_id, at, payer_kind, key_id, key_label, key_last4, provider,
         endpoint_origin, model"
    };
}

/// Writes the receipt of an answer's call.
pub(crate) async fn settle(
    write: &mut SqliteConnection,
    answer: &MessageId,
    settlement: &Settlement,
    outcome: Outcome,
) -> Result<(), LedgerError> {
    let call = sqlx::query("SELECT * FROM call WHERE message_id = ?1")
        .bind(answer)
        .fetch_optional(&mut *write)
        .await?
        .ok_or(LedgerError::NotFound { what: "the call" })?;
    let receipt = of_call(&call, settlement.clone(), outcome)?;
    match keep(write, &receipt).await? {
        true => Ok(()),
        false => Err(LedgerError::Conflict),
    }
}

/// Writes a receipt; `false`, and nothing is written, when it is there already: a call is counted once.
pub(crate) async fn keep(
    write: &mut SqliteConnection,
    receipt: &Receipt,
) -> Result<bool, LedgerError> {
    let Settlement {
        served_model,
        usage,
        cost,
        request_id,
        ttft_ms,
        duration_ms,
    } = &receipt.settlement;
    let (source, at_least, reason) = match cost {
        Cost::Known { source, .. } => (Some(source), None, None),
        Cost::Unknown { reason, at_least } => (None, *at_least, Some(words::unknown_cost(*reason))),
        Cost::Free => (None, None, None),
    };
    let tokens = &usage.tokens;
    let (payer, key) = receipt.payer.columns();
    let kept = sqlx::query(concat!(
        "INSERT INTO receipt (",
        from_call!(),
        ", served_model, input_uncached, cache_read, cache_write_5m, cache_write_1h, cache_write_30m, cache_write_12h,
           output, reasoning, usage_status, usage_clamped, provider_cost_pico, service_tier, region, speed, web_searches,
           cost_kind, cost_pico, cost_at_least_pico, unknown_reason, price_list, price_as_of, price_row, to_be_confirmed,
           request_id, ttft_ms, duration_ms, outcome)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24,
           ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36, ?37, ?38, ?39, ?40
         WHERE NOT EXISTS (SELECT 1 FROM receipt WHERE receipt.id = ?1)"
    ))
    .bind(&receipt.id)
    .bind(&receipt.message_id)
    .bind(&receipt.conversation_id)
    .bind(&receipt.project_id)
    .bind(receipt.at)
    .bind(payer)
    .bind(key.map(|key| &key.id))
    .bind(key.map(|key| &key.label))
    .bind(key.and_then(|key| key.last4.as_ref()))
    .bind(&receipt.provider)
    .bind(&receipt.endpoint_origin)
    .bind(&receipt.model)
    .bind(served_model)
    .bind(whole(tokens.input_uncached))
    .bind(whole(tokens.cache_read))
    .bind(whole(tokens.cache_write_5m))
    .bind(whole(tokens.cache_write_1h))
    .bind(whole(tokens.cache_write_30m))
    .bind(whole(tokens.cache_write_12h))
    .bind(whole(tokens.output))
    .bind(whole(tokens.reasoning))
    .bind(words::usage_status(usage.status))
    .bind(usage.clamped)
    .bind(usage.provider_cost.map(Money::pico))
    .bind(&usage.service_tier)
    .bind(&usage.region)
    .bind(&usage.speed)
    .bind(usage.web_searches)
    .bind(words::cost_kind(cost))
    .bind(match cost {
        Cost::Known { amount, .. } => Some(amount.pico()),
        Cost::Unknown { .. } | Cost::Free => None,
    })
    .bind(at_least.map(Money::pico))
    .bind(reason)
    .bind(source.map(|source| &source.list))
    .bind(source.map(|source| &source.as_of))
    .bind(source.map(|source| &source.row))
    .bind(source.map(|source| source.to_be_confirmed))
    .bind(request_id)
    .bind(ttft_ms.map(whole))
    .bind(duration_ms.map(whole))
    .bind(receipt.outcome)
    .execute(write)
    .await?;
    Ok(kept.rows_affected() == 1)
}

/// Writes the receipts of all calls that a crash cut: what they used is not known, and what they cost neither.
pub(crate) async fn settle_all_as_interrupted(
    write: &mut SqliteConnection,
) -> Result<(), LedgerError> {
    sqlx::query(concat!(
        "INSERT INTO receipt (",
        from_call!(),
        ", input_uncached, cache_read, cache_write_5m, cache_write_1h, cache_write_30m, cache_write_12h, output, reasoning,
           usage_status, usage_clamped, web_searches, cost_kind, unknown_reason, outcome)
         SELECT ",
        from_call!(),
        ", 0, 0, 0, 0, 0, 0, 0, 0, 'missing', 0, 0,
           CASE payer_kind WHEN 'nobody' THEN 'free' ELSE 'unknown' END,
           CASE payer_kind WHEN 'nobody' THEN NULL ELSE 'no_usage' END, 'interrupted'
         FROM call"
    ))
    .execute(write)
    .await?;
    Ok(())
}

/// SQLite's integers end at `i64::MAX`. A count beyond it is nonsense from an endpoint, whose cost is unknown by overflow;
/// it must not keep the answer from being stored.
fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
