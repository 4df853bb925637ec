//! Requests that must not be done twice.

use std::time::Duration;

use jiff::Timestamp;
use sqlx::Row;

use super::{Store, StoreError};

/// A request that somebody wants to run.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    pub(crate) account_id: String,
    /// A hash of the client's name for it.
    pub(crate) request_key: String,
    /// A hash of what it asks.
    pub(crate) request_hash: String,
    /// The id of this attempt.
    pub(crate) id: String,
    /// The attempt is taken for dead then.
    pub(crate) lease_until: Timestamp,
    /// The answer is forgotten then.
    pub(crate) expires_at: Timestamp,
}

/// An answer as it went out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredAnswer {
    pub(crate) status: u16,
    /// Its media type.
    pub(crate) kind: String,
    pub(crate) body: String,
}

/// What came of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Claimed {
    /// The request is this attempt's to run.
    Mine,
    /// Another attempt runs, at most for as long.
    Running(Duration),
    /// The name was another request's.
    Other,
    /// It was answered.
    Done(StoredAnswer),
}

impl Store {
    /// Claims a request: for the first that asks, and for the next when that one is taken for dead.
    pub(crate) async fn claim_request(
        &self,
        claim: &Claim,
        now: Timestamp,
    ) -> Result<Claimed, StoreError> {
        let at = now.as_millisecond();
        let claimed = sqlx::query(
            "INSERT INTO idempotency (account_id, request_key, request_hash, state, claim, lease_until, expires_at)
             VALUES ($1, $2, $3, 'running', $4, $5, $6)
             ON CONFLICT (account_id, request_key) DO UPDATE SET
               request_hash = excluded.request_hash, state = 'running', claim = excluded.claim,
               lease_until = excluded.lease_until, expires_at = excluded.expires_at,
               status = NULL, kind = NULL, body = NULL
             WHERE idempotency.expires_at <= $7
                OR (idempotency.state = 'running' AND idempotency.lease_until <= $7
                    AND idempotency.request_hash = excluded.request_hash)",
        )
        .bind(&claim.account_id)
        .bind(&claim.request_key)
        .bind(&claim.request_hash)
        .bind(&claim.id)
        .bind(claim.lease_until.as_millisecond())
        .bind(claim.expires_at.as_millisecond())
        .bind(at)
        .execute(&self.pool)
        .await?;
        if claimed.rows_affected() == 1 {
            return Ok(Claimed::Mine);
        }
        let row = sqlx::query(
            "SELECT request_hash, state, lease_until, status, kind, body FROM idempotency
             WHERE account_id = $1 AND request_key = $2",
        )
        .bind(&claim.account_id)
        .bind(&claim.request_key)
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else {
            // It failed in between and may be tried again at once.
            return Ok(Claimed::Running(Duration::from_secs(1)));
        };
        if row.try_get::<&str, _>("request_hash")? != claim.request_hash {
            return Ok(Claimed::Other);
        }
        if row.try_get::<&str, _>("state")? == "running" {
            let left = row.try_get::<i64, _>("lease_until")?.saturating_sub(at);
            return Ok(Claimed::Running(Duration::from_millis(
                u64::try_from(left).unwrap_or(0),
            )));
        }
        let status: i64 = row.try_get("status")?;
        Ok(Claimed::Done(StoredAnswer {
            status: u16::try_from(status).map_err(|_| StoreError::Unreadable("status"))?,
            kind: row.try_get("kind")?,
            body: row.try_get("body")?,
        }))
    }

    /// Keeps the answer of a request, unless another attempt took it over.
    pub(crate) async fn keep_answer(
        &self,
        claim: &Claim,
        answer: &StoredAnswer,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE idempotency SET state = 'done', status = $4, kind = $5, body = $6
             WHERE account_id = $1 AND request_key = $2 AND claim = $3",
        )
        .bind(&claim.account_id)
        .bind(&claim.request_key)
        .bind(&claim.id)
        .bind(i64::from(answer.status))
        .bind(&answer.kind)
        .bind(&answer.body)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Lets go of a request that was not done: it may be tried again at once.
    pub(crate) async fn release_request(&self, claim: &Claim) -> Result<(), StoreError> {
        sqlx::query(
            "DELETE FROM idempotency WHERE account_id = $1 AND request_key = $2 AND claim = $3 AND state = 'running'",
        )
        .bind(&claim.account_id)
        .bind(&claim.request_key)
        .bind(&claim.id)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Lets go of a request whose answer is not the last word: it may be asked again at once, and another one may not.
    pub(crate) async fn let_ask_again(&self, claim: &Claim) -> Result<(), StoreError> {
        // Long over, whatever another replica's clock says.
        sqlx::query(
            "UPDATE idempotency SET lease_until = 0
             WHERE account_id = $1 AND request_key = $2 AND claim = $3 AND state = 'running'",
        )
        .bind(&claim.account_id)
        .bind(&claim.request_key)
        .bind(&claim.id)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Throws away what is kept no longer.
    pub(crate) async fn forget_requests(&self, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM idempotency WHERE expires_at <= $1")
            .bind(now.as_millisecond())
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}
