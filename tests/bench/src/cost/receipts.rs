//! A million receipts, put in by the database itself, and the yardstick: a bare table of times and amounts.

use std::ops::Range;
use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use crate::fault::Fault;

pub(super) const MODEL: &str = "gpt-5-mini";
pub(super) const KEY: &str = "key-3";
pub(super) const PROJECT: &str = "project-3";
/// 1 November 2024, in milliseconds since 1970.
pub(super) const START: i64 = 1_730_419_200_000;
const MONTH_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// A month of the receipts.
pub(super) fn month(number: i64) -> Range<i64> {
    START + number * MONTH_MS..START + (number + 1) * MONTH_MS
}

/// Adds so many receipts, spread evenly over so many months; eight keys and eight projects made the calls. A fiftieth has an
/// unknown cost.
pub(super) async fn fill(
    path: &Path,
    receipts: i64,
    months: i64,
) -> Result<SqliteConnection, Fault> {
    let mut connection = SqliteConnectOptions::new()
        .filename(path)
        .pragma("cache_size", "-65536")
        .disable_statement_logging()
        .connect()
        .await?;
    sqlx::query(
        "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?1)
         INSERT INTO receipt (id, message_id, conversation_id, project_id, at, payer_kind, key_id, key_label, key_last4,
             provider, endpoint_origin, model, served_model, input_uncached, cache_read, cache_write_5m, cache_write_1h,
             cache_write_30m, cache_write_12h, output, reasoning, usage_status, usage_clamped, web_searches, cost_kind,
             cost_pico, unknown_reason, price_list, price_as_of, price_row, to_be_confirmed, outcome)
         SELECT printf('receipt-%d', i), printf('message-%d', i), printf('conversation-%d', i / 20),
             printf('project-%d', i / 20 % 8), ?2 + i * ?3 / ?1, 'user_key', printf('key-%d', i % 8), 'Personal', '4f2a',
             'openai', 'https://api.openai.com', ?4, ?4, 900 + i % 4096, i % 8192, 0, 0, 0, 0, 200 + i % 1024, 0, 'exact',
             0, 0, CASE i % 50 WHEN 0 THEN 'unknown' ELSE 'known' END,
             CASE i % 50 WHEN 0 THEN NULL ELSE 4000000000 + i * 7919 % 1000000007 END,
             CASE i % 50 WHEN 0 THEN 'no_price' END, CASE i % 50 WHEN 0 THEN NULL ELSE 'LiteLLM' END,
             CASE i % 50 WHEN 0 THEN NULL ELSE '2026-11-20' END, CASE i % 50 WHEN 0 THEN NULL ELSE 'openai/gpt-5-mini' END,
             CASE i % 50 WHEN 0 THEN NULL ELSE 0 END, 'done'
         FROM n",
    )
    .bind(receipts)
    .bind(START)
    .bind(months * MONTH_MS)
    .bind(MODEL)
    .execute(&mut connection)
    .await?;
    connection.close().await?;
    bare(path, receipts).await
}

/// The same times and amounts alone, by time.
async fn bare(path: &Path, receipts: i64) -> Result<SqliteConnection, Fault> {
    let mut connection = SqliteConnectOptions::new()
        .filename(path.with_file_name("bare.db"))
        .create_if_missing(true)
        .disable_statement_logging()
        .connect()
        .await?;
    sqlx::raw_sql("CREATE TABLE bare (at INTEGER PRIMARY KEY, cost_pico INTEGER) STRICT")
        .execute(&mut connection)
        .await?;
    sqlx::query("ATTACH ?1 AS ledger")
        .bind(path.display().to_string())
        .execute(&mut connection)
        .await?;
    // Several calls may share a millisecond: such a one moves by as much as it takes.
    sqlx::query(
        "INSERT INTO bare SELECT at * 1000 + row_number() OVER (PARTITION BY at), cost_pico FROM ledger.receipt",
    )
    .execute(&mut connection)
    .await?;
    sqlx::raw_sql("DETACH ledger")
        .execute(&mut connection)
        .await?;
    let (rows,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM bare")
        .fetch_one(&mut connection)
        .await?;
    if rows != receipts {
        return Err(Fault::Other(format!("{rows} receipts and not {receipts}")));
    }
    Ok(connection)
}

/// The sum of a month of the bare table.
pub(super) async fn bare_month(
    bare: &mut SqliteConnection,
    month: Range<i64>,
) -> Result<i64, Fault> {
    let (_, sum): (i64, i64) = sqlx::query_as(
        "SELECT COUNT(cost_pico), COALESCE(SUM(cost_pico), 0) FROM bare WHERE at >= ?1 AND at < ?2",
    )
    .bind(month.start * 1000)
    .bind(month.end * 1000)
    .fetch_one(bare)
    .await?;
    Ok(sum)
}
