//! Accounts in bulk: each with its subscription, a device, its credential and its trial, as the service writes them, made by
//! the database itself in one transaction.

use sqlx::{AnyConnection, Connection};

use crate::clock;
use crate::fault::Fault;

/// Numbers from 1 to $1, in both databases.
const NUMBERS: &str = "WITH RECURSIVE many(n) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT n + 1 FROM many WHERE n < $1)";

/// Adds accounts to a database that has the service's schema.
pub(super) fn accounts(url: &str, count: u64) -> Result<(), Fault> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(fill(url, i64::try_from(count).unwrap_or(i64::MAX)))
}

/// Gives every account a vendor-billed plan whose period runs, as an agreement at the billing provider would.
pub(super) fn vendor_billed(url: &str) -> Result<(), Fault> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        sqlx::any::install_default_drivers();
        let mut connection = AnyConnection::connect(url).await?;
        let now = clock::unix_ns() / 1_000_000;
        let month = 30 * 24 * 3600 * 1000;
        sqlx::query(
            "UPDATE subscription SET plan_code = 'standard_monthly', standing = 'active', ends_at = NULL,
             agreement_id = 'agr_' || account_id, period_start = $1, period_end = $2, rev = rev + 1",
        )
        .bind(now - 1000)
        .bind(now + month)
        .execute(&mut connection)
        .await?;
        connection.close().await?;
        Ok(())
    })
}

async fn fill(url: &str, count: i64) -> Result<(), Fault> {
    sqlx::any::install_default_drivers();
    let is_sqlite = url.starts_with("sqlite:");
    let mut connection = AnyConnection::connect(url).await?;
    // What is never presented need not be the hash of anything; it has to be spread like one.
    let hash = if is_sqlite {
        "lower(hex(randomblob(32)))"
    } else {
        "md5(CAST(n AS TEXT)) || md5('x' || CAST(n AS TEXT))"
    };
    let mut write = connection.begin().await?;
    if !is_sqlite {
        // Every row that is referred to is there: looking for each costs more than all else.
        sqlx::query("SET LOCAL session_replication_role = replica")
            .execute(&mut *write)
            .await?;
    }
    let id = "'seed_' || CAST(n AS TEXT)";
    let tables = [
        format!("INSERT INTO account (id, device_limit, created_at) {NUMBERS} SELECT {id}, 1, 1790000000000 FROM many"),
        format!(
            "INSERT INTO subscription (account_id, plan_code, standing, ends_at, rev, updated_at)
             {NUMBERS} SELECT {id}, 'byok_monthly', 'trial', 1890000000000, 1, 1790000000000 FROM many"
        ),
        format!(
            "INSERT INTO device (id, account_id, name, os, app_version, state, seq, created_at, seen_at)
             {NUMBERS} SELECT {id}, {id}, 'Desk', 'linux', '0.1.0', 'active', 1, 1790000000000, 1790000000000 FROM many"
        ),
        format!(
            "INSERT INTO credential (hash, device_id, state, created_at)
             {NUMBERS} SELECT {hash}, {id}, 'current', 1790000000000 FROM many"
        ),
        format!(
            "INSERT INTO trial (device_id, account_id, request_key, started_at, ends_at)
             {NUMBERS} SELECT {id}, {id}, {hash}, 1790000000000, 1890000000000 FROM many"
        ),
    ];
    for table in tables {
        sqlx::query(sqlx::AssertSqlSafe(table))
            .bind(count)
            .execute(&mut *write)
            .await?;
    }
    write.commit().await?;
    // As a database is that has been there for a while: with its statistics, and nothing left to be written.
    let after: &[&str] = if is_sqlite {
        &["ANALYZE", "PRAGMA wal_checkpoint(TRUNCATE)"]
    } else {
        &["VACUUM ANALYZE", "CHECKPOINT"]
    };
    for statement in after {
        sqlx::query(*statement).execute(&mut connection).await?;
    }
    connection.close().await?;
    Ok(())
}
