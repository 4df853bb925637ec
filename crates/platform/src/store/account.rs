//! Accounts: whose they are, and their end.

use jiff::Timestamp;
use sqlx::{Any, Row, Transaction};

use super::usage::merge_usage;
use super::{Store, StoreError, time};

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) id: String,
    /// None for a trial without sign-in.
    pub(crate) identity: Option<String>,
    pub(crate) email: Option<String>,
    /// How many devices it has where its plan does not say.
    pub(crate) device_limit: i64,
    pub(crate) created_at: Timestamp,
}

impl Store {
    /// An account that is not closed.
    pub(crate) async fn account(&self, id: &str) -> Result<Option<Account>, StoreError> {
        let row = sqlx::query(
            "SELECT id, identity, email, device_limit, created_at FROM account WHERE id = $1 AND closed_at IS NULL",
        )
        .bind(id)
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| {
            Ok(Account {
                id: row.try_get("id")?,
                identity: row.try_get("identity")?,
                email: row.try_get("email")?,
                device_limit: row.try_get("device_limit")?,
                created_at: time(row.try_get("created_at")?)?
                    .ok_or(StoreError::Unreadable("created_at"))?,
            })
        })
        .transpose()
    }

    /// The account of somebody who signed in before, and its e-mail address.
    pub(crate) async fn account_of(
        &self,
        identity: &str,
    ) -> Result<Option<(String, Option<String>)>, StoreError> {
        let row = sqlx::query("SELECT id, email FROM account WHERE identity = $1")
            .bind(identity)
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| Ok((row.try_get("id")?, row.try_get("email")?)))
            .transpose()
    }

    /// Closes the account of somebody: the person is forgotten, every device is signed out, no right is left. Tells the
    /// account's id; none where there is no account. Records of payments stay with the billing provider's id.
    pub(crate) async fn close_account(
        &self,
        identity: &str,
        now: Timestamp,
    ) -> Result<Option<String>, StoreError> {
        let at = now.as_millisecond();
        let mut write = self.write().await?;
        let row = sqlx::query(
            "UPDATE account SET identity = NULL, email = NULL, closed_at = $2 WHERE identity = $1 RETURNING id",
        )
        .bind(identity)
        .bind(at)
        .fetch_optional(&mut *write)
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let id: String = row.try_get("id")?;
        sqlx::query("UPDATE device SET state = 'revoked' WHERE account_id = $1")
            .bind(&id)
            .execute(&mut *write)
            .await?;
        sqlx::query(
            "UPDATE subscription SET standing = 'revoked', rev = rev + 1, updated_at = $2 WHERE account_id = $1",
        )
        .bind(&id)
        .bind(at)
        .execute(&mut *write)
        .await?;
        write.commit().await?;
        Ok(Some(id))
    }
}

/// What an account without any plan has in the place of a plan's code.
pub(super) const NO_PLAN: &str = "free";
/// How many devices an account has where its plan does not say.
const DEVICES: i64 = 5;

/// Finds the account of somebody and keeps others from changing it until the transaction ends.
pub(super) async fn lock_account(
    write: &mut Transaction<'static, Any>,
    identity: &str,
    email: Option<&str>,
) -> Result<Option<String>, StoreError> {
    let row = sqlx::query(
        "UPDATE account SET email = COALESCE(CAST($2 AS TEXT), email) WHERE identity = $1 RETURNING id",
    )
    .bind(identity)
    .bind(email)
    .fetch_optional(&mut **write)
    .await?;
    Ok(row.map(|row| row.try_get("id")).transpose()?)
}

/// Makes an account without a plan.
pub(super) async fn make_account(
    write: &mut Transaction<'static, Any>,
    id: &str,
    identity: &str,
    email: Option<&str>,
    at: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO account (id, identity, email, device_limit, created_at)
         VALUES ($1, $2, CAST($3 AS TEXT), $4, $5)",
    )
    .bind(id)
    .bind(identity)
    .bind(email)
    .bind(DEVICES)
    .bind(at)
    .execute(&mut **write)
    .await?;
    sqlx::query(
        "INSERT INTO subscription (account_id, plan_code, standing, rev, updated_at) VALUES ($1, $2, 'free', 1, $3)",
    )
    .bind(id)
    .bind(NO_PLAN)
    .bind(at)
    .execute(&mut **write)
    .await?;
    Ok(())
}

/// Makes a trial's account that of a person. Tells whether it was a trial's.
pub(super) async fn name_account(
    write: &mut Transaction<'static, Any>,
    id: &str,
    identity: &str,
    email: Option<&str>,
) -> Result<bool, StoreError> {
    let changed = sqlx::query(
        "UPDATE account SET identity = $2, email = CAST($3 AS TEXT), device_limit = $4
         WHERE id = $1 AND identity IS NULL AND closed_at IS NULL",
    )
    .bind(id)
    .bind(identity)
    .bind(email)
    .bind(DEVICES)
    .execute(&mut **write)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// Closes a trial's account whose device signed in to another one, which takes over what was counted. An account of a person
/// stays as it is.
pub(super) async fn merge_account(
    write: &mut Transaction<'static, Any>,
    id: &str,
    into: &str,
    at: i64,
) -> Result<(), StoreError> {
    let closed = sqlx::query(
        "UPDATE account SET closed_at = $3, adopted_by = $2
         WHERE id = $1 AND identity IS NULL AND closed_at IS NULL",
    )
    .bind(id)
    .bind(into)
    .bind(at)
    .execute(&mut **write)
    .await?;
    if closed.rows_affected() == 0 {
        return Ok(());
    }
    merge_usage(write, id, into).await
}
