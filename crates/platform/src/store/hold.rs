//! Holds: what is set aside for a call before it is made, and what becomes of it when nobody settles it.
//!
//! Every hold ends once: settled, released or expired. Each step is whole within one transaction.

use jiff::Timestamp;
use sqlx::{Any, Executor, Row, Transaction};

use super::group::Write;
use super::{Store, StoreError};

/// A hold to be taken.
#[derive(Clone, Debug)]
pub(crate) struct NewHold {
    pub(crate) account_id: String,
    /// The client's name for the call.
    pub(crate) id: String,
    /// Nano-dollars.
    pub(crate) amount: i64,
    /// What overage may come to now.
    pub(crate) cap: i64,
    pub(crate) request_hash: String,
    pub(crate) provider: &'static str,
    pub(crate) model: String,
    pub(crate) expires_at: Timestamp,
    /// Now.
    pub(crate) at: Timestamp,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It is held.
    Held {
        /// Which of the calls of this name it is.
        attempt: i64,
    },
    /// The name is taken, by this one.
    Known(Box<Hold>),
    /// There is not that much left.
    TooLittle,
}

/// A hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hold {
    pub(crate) id: String,
    pub(crate) state: String,
    pub(crate) amount: i64,
    pub(crate) request_hash: String,
    pub(crate) provider: String,
    pub(crate) model: String,
    pub(crate) cost: Option<i64>,
    pub(crate) is_estimated: bool,
    pub(crate) usage: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) created_at: Option<Timestamp>,
    pub(crate) ended_at: Option<Timestamp>,
    pub(crate) needs_review: bool,
}

impl Store {
    /// Sets an amount aside for a call, unless its name is taken or there is not that much left: one statement both looks and
    /// takes, so that no number of callers takes more than there is. A name whose call cost nothing may be taken again.
    pub(crate) async fn take_hold(&self, new: NewHold) -> Result<Taken, StoreError> {
        self.group.write(new).await
    }

    /// Frees what calls hold that nobody can settle any more, because their process died. Tells how many it found. What such a
    /// call cost is not known, and never the customer's to pay.
    pub(crate) async fn expire_holds(&self, now: Timestamp) -> Result<u64, StoreError> {
        let at = now.as_millisecond();
        let orphans = sqlx::query(
            "SELECT account_id, id FROM hold WHERE state = 'held' AND expires_at <= $1 ORDER BY expires_at LIMIT 100",
        )
        .bind(at)
        .fetch_all(&self.pool)
        .await?;
        let mut found = 0;
        for orphan in orphans {
            let account: &str = orphan.try_get("account_id")?;
            let mut write = self.write().await?;
            let expired = sqlx::query(
                "UPDATE hold SET state = 'expired', needs_review = 1, ended_at = $3
                 WHERE account_id = $1 AND id = $2 AND state = 'held' AND expires_at <= $3 RETURNING amount",
            )
            .bind(account)
            .bind(orphan.try_get::<&str, _>("id")?)
            .bind(at)
            .fetch_optional(&mut *write)
            .await?;
            if let Some(expired) = expired {
                free(&mut write, account, expired.try_get("amount")?, at).await?;
                write.commit().await?;
                found += 1;
            }
        }
        Ok(found)
    }

    /// A hold by its name.
    pub(crate) async fn hold(&self, account: &str, id: &str) -> Result<Option<Hold>, StoreError> {
        hold_of(&self.pool, account, id).await
    }
}

impl Write for NewHold {
    type Output = Taken;

    fn key(&self) -> &str {
        &self.account_id
    }

    async fn write(&self, into: &mut Transaction<'static, Any>) -> Result<Taken, StoreError> {
        let at = self.at.as_millisecond();
        // The wallet first: who repeats a name waits here, and not for the call of that name with the wallet in hand.
        let taken = sqlx::query(
            "UPDATE wallet SET held = held + $2, updated_at = $3 WHERE account_id = $1
             AND allowance + (CASE WHEN cap > overage THEN cap - overage ELSE 0 END) - held >= $2",
        )
        .bind(&self.account_id)
        .bind(self.amount)
        .bind(at)
        .execute(&mut **into)
        .await?;
        if taken.rows_affected() == 0 {
            let known = hold_of(&mut **into, &self.account_id, &self.id).await?;
            let may_be_taken =
                |hold: &Hold| hold.state == "released" && hold.request_hash == self.request_hash;
            return Ok(match known {
                Some(hold) if !may_be_taken(&hold) => Taken::Known(Box::new(hold)),
                _ => Taken::TooLittle,
            });
        }
        let attempt = sqlx::query(
            "INSERT INTO hold (account_id, id, attempt, state, amount, cap, request_hash, provider, model, is_estimated,
               created_at, expires_at, needs_review)
             VALUES ($1, $2, 1, 'held', $3, $4, $5, $6, $7, 0, $8, $9, 0)
             ON CONFLICT (account_id, id) DO UPDATE SET attempt = hold.attempt + 1, state = 'held', amount = excluded.amount,
               cap = excluded.cap, provider = excluded.provider, model = excluded.model, cost = NULL, is_estimated = 0,
               usage = NULL, request_id = NULL, created_at = excluded.created_at, expires_at = excluded.expires_at,
               ended_at = NULL
             WHERE hold.state = 'released' AND hold.request_hash = excluded.request_hash
             RETURNING attempt",
        )
        .bind(&self.account_id)
        .bind(&self.id)
        .bind(self.amount)
        .bind(self.cap)
        .bind(&self.request_hash)
        .bind(self.provider)
        .bind(&self.model)
        .bind(at)
        .bind(self.expires_at.as_millisecond())
        .fetch_optional(&mut **into)
        .await?;
        if let Some(attempt) = attempt {
            let attempt = attempt.try_get("attempt")?;
            return Ok(Taken::Held { attempt });
        }
        free(into, &self.account_id, self.amount, at).await?;
        let known = hold_of(&mut **into, &self.account_id, &self.id).await?;
        Ok(Taken::Known(Box::new(
            known.ok_or(StoreError::Unreadable("a hold that went away"))?,
        )))
    }
}

async fn hold_of<'a>(
    from: impl Executor<'a, Database = Any>,
    account: &str,
    id: &str,
) -> Result<Option<Hold>, StoreError> {
    let row = sqlx::query(
            "SELECT id, state, amount, request_hash, provider, model, cost, is_estimated, usage, request_id, created_at,
                    ended_at, needs_review
             FROM hold WHERE account_id = $1 AND id = $2",
        )
        .bind(account)
        .bind(id)
        .fetch_optional(from)
        .await?;
    row.map(|row| {
        Ok(Hold {
            id: row.try_get("id")?,
            state: row.try_get("state")?,
            amount: row.try_get("amount")?,
            request_hash: row.try_get("request_hash")?,
            provider: row.try_get("provider")?,
            model: row.try_get("model")?,
            cost: row.try_get("cost")?,
            is_estimated: row.try_get::<i64, _>("is_estimated")? != 0,
            usage: row.try_get("usage")?,
            request_id: row.try_get("request_id")?,
            created_at: super::time(row.try_get("created_at")?)?,
            ended_at: super::time(row.try_get("ended_at")?)?,
            needs_review: row.try_get::<i64, _>("needs_review")? != 0,
        })
    })
    .transpose()
}

/// Gives back what a call held.
pub(super) async fn free(
    write: &mut Transaction<'static, Any>,
    account: &str,
    amount: i64,
    at: i64,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE wallet SET held = held - $2, updated_at = $3 WHERE account_id = $1")
        .bind(account)
        .bind(amount)
        .bind(at)
        .execute(&mut **write)
        .await?;
    Ok(())
}
