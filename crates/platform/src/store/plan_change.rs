//! Changes of plan that customers asked for.

use jiff::Timestamp;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Store, StoreError, time};
use crate::clock::new_id;

/// How a change stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PlanChangeState)]
pub(crate) enum ChangeState {
    /// It waits for the end of the period.
    Scheduled,
    /// It is under way.
    Pending,
    /// The new plan is in force.
    Done,
    /// Nothing has changed, for the reason that is given.
    Failed,
    /// Taken back before its time.
    Withdrawn,
}

/// Why a change failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PlanChangeFailure)]
pub(crate) enum ChangeFailure {
    /// A payment method is needed, or the one that is there was refused.
    PaymentRequired,
    /// The billing provider, or the plans as they are by now, do not allow it.
    Denied,
    /// The customer does it on the billing provider's own pages.
    AtPortal,
    /// The billing provider could not be asked, or took the change and never made it.
    ProviderFailed,
}

const FAILURES: [(ChangeFailure, &str); 4] = [
    (ChangeFailure::PaymentRequired, "payment_required"),
    (ChangeFailure::Denied, "denied"),
    (ChangeFailure::AtPortal, "at_portal"),
    (ChangeFailure::ProviderFailed, "provider_failed"),
];

const STATES: [(ChangeState, &str); 5] = [
    (ChangeState::Scheduled, "scheduled"),
    (ChangeState::Pending, "pending"),
    (ChangeState::Done, "done"),
    (ChangeState::Failed, "failed"),
    (ChangeState::Withdrawn, "withdrawn"),
];

fn word(state: ChangeState) -> &'static str {
    STATES
        .iter()
        .find(|(known, _)| *known == state)
        .map_or("failed", |(_, word)| word)
}

/// A change of plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlanChange {
    pub(crate) id: String,
    pub(crate) account_id: String,
    pub(crate) from_plan: String,
    pub(crate) to_plan: String,
    pub(crate) state: ChangeState,
    pub(crate) effective_at: Timestamp,
    /// Why it failed.
    pub(crate) failure: Option<ChangeFailure>,
    /// The same in words.
    pub(crate) reason: Option<String>,
    /// How often it was tried, with the try that runs.
    pub(crate) attempts: i64,
    /// Whether the provider has said yes already.
    pub(crate) is_accepted: bool,
}

/// A change to begin.
#[derive(Clone, Debug)]
pub(crate) struct NewPlanChange {
    pub(crate) account_id: String,
    pub(crate) request_key: String,
    pub(crate) from_plan: String,
    pub(crate) to_plan: String,
    pub(crate) is_scheduled: bool,
    pub(crate) effective_at: Timestamp,
    /// When it is tried next by due work.
    pub(crate) run_at: Timestamp,
}

const COLUMNS: &str = "id, account_id, from_plan, to_plan, state, effective_at, failure, reason, attempts, accepted_at";

impl Store {
    /// Begins a change; `None` while another one is open. One that runs now counts as tried once, by who begins it.
    pub(crate) async fn begin_change(
        &self,
        new: &NewPlanChange,
        now: Timestamp,
    ) -> Result<Option<PlanChange>, StoreError> {
        let state = if new.is_scheduled {
            ChangeState::Scheduled
        } else {
            ChangeState::Pending
        };
        let row = sqlx::query(
            "INSERT INTO plan_change (id, account_id, request_key, from_plan, to_plan, state, effective_at, attempts, run_at,
                                      created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
             ON CONFLICT DO NOTHING
             RETURNING id, account_id, from_plan, to_plan, state, effective_at, failure, reason, attempts, accepted_at",
        )
        .bind(new_id("chg"))
        .bind(&new.account_id)
        .bind(&new.request_key)
        .bind(&new.from_plan)
        .bind(&new.to_plan)
        .bind(word(state))
        .bind(new.effective_at.as_millisecond())
        .bind(i64::from(!new.is_scheduled))
        .bind(new.run_at.as_millisecond())
        .bind(now.as_millisecond())
        .fetch_optional(&self.pool)
        .await?;
        row.as_ref().map(read).transpose()
    }

    /// The change that was begun under a name of the client's.
    pub(crate) async fn change_of_key(
        &self,
        account: &str,
        request_key: &str,
    ) -> Result<Option<PlanChange>, StoreError> {
        let query =
            format!("SELECT {COLUMNS} FROM plan_change WHERE account_id = $1 AND request_key = $2");
        let row = sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(account)
            .bind(request_key)
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// The newest change of an account.
    pub(crate) async fn newest_change(
        &self,
        account: &str,
    ) -> Result<Option<PlanChange>, StoreError> {
        let query = format!(
            "SELECT {COLUMNS} FROM plan_change WHERE account_id = $1 ORDER BY created_at DESC, id DESC LIMIT 1"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(account)
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// Takes the changes that are due; each is due again at `again` unless it has ended by then.
    pub(crate) async fn take_changes_due(
        &self,
        now: Timestamp,
        again: Timestamp,
        limit: i64,
    ) -> Result<Vec<PlanChange>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, run_at FROM plan_change WHERE state IN ('scheduled', 'pending') AND run_at <= $1 ORDER BY run_at LIMIT $2",
        )
        .bind(now.as_millisecond())
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        let mut taken = Vec::new();
        for row in rows {
            let query = format!(
                "UPDATE plan_change SET state = 'pending', attempts = attempts + 1, run_at = $3, updated_at = $4
                 WHERE id = $1 AND run_at = $2 AND state IN ('scheduled', 'pending') RETURNING {COLUMNS}"
            );
            let claimed = sqlx::query(sqlx::AssertSqlSafe(query))
                .bind(row.try_get::<String, _>("id")?)
                .bind(row.try_get::<i64, _>("run_at")?)
                .bind(again.as_millisecond())
                .bind(now.as_millisecond())
                .fetch_optional(&self.pool)
                .await?;
            taken.extend(claimed.as_ref().map(read).transpose()?);
        }
        Ok(taken)
    }

    /// Puts a change off until it is tried again, with whether the provider has said yes to it.
    pub(crate) async fn put_off_change(
        &self,
        change: &PlanChange,
        run_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE plan_change SET run_at = $2, accepted_at = COALESCE(accepted_at, $3), updated_at = $4
             WHERE id = $1 AND state = 'pending'",
        )
        .bind(&change.id)
        .bind(run_at.as_millisecond())
        .bind(change.is_accepted.then(|| now.as_millisecond()))
        .bind(now.as_millisecond())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Ends a change: it is done, or it has failed and says why.
    pub(crate) async fn end_change(
        &self,
        id: &str,
        failed: Option<(ChangeFailure, &str)>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let state = failed.map_or(ChangeState::Done, |_| ChangeState::Failed);
        let code = failed.and_then(|(failure, _)| {
            let mut known = FAILURES.iter();
            known.find(|(known, _)| *known == failure)
        });
        sqlx::query(
            "UPDATE plan_change SET state = $2, failure = $3, reason = $4, updated_at = $5
             WHERE id = $1 AND state = 'pending'",
        )
        .bind(id)
        .bind(word(state))
        .bind(code.map(|(_, code)| *code))
        .bind(failed.map(|(_, reason)| reason))
        .bind(now.as_millisecond())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Takes a scheduled change back. Tells whether there was one.
    pub(crate) async fn withdraw_change(
        &self,
        account: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let withdrawn = sqlx::query(
            "UPDATE plan_change SET state = 'withdrawn', updated_at = $2 WHERE account_id = $1 AND state = 'scheduled'",
        )
        .bind(account)
        .bind(now.as_millisecond())
        .execute(&self.pool)
        .await?;
        Ok(withdrawn.rows_affected() > 0)
    }
}

fn read(row: &AnyRow) -> Result<PlanChange, StoreError> {
    let state: String = row.try_get("state")?;
    let accepted_at: Option<i64> = row.try_get("accepted_at")?;
    Ok(PlanChange {
        id: row.try_get("id")?,
        account_id: row.try_get("account_id")?,
        from_plan: row.try_get("from_plan")?,
        to_plan: row.try_get("to_plan")?,
        state: STATES
            .iter()
            .find(|(_, word)| *word == state)
            .map(|(state, _)| *state)
            .ok_or(StoreError::Unreadable("a change of plan"))?,
        effective_at: time(Some(row.try_get("effective_at")?))?
            .ok_or(StoreError::Unreadable("a time"))?,
        // A later version's word is none here; the reason in words stands beside it.
        failure: row
            .try_get::<Option<String>, _>("failure")?
            .and_then(|code| FAILURES.iter().find(|(_, known)| *known == code))
            .map(|(failure, _)| *failure),
        reason: row.try_get("reason")?,
        attempts: row.try_get("attempts")?,
        is_accepted: accepted_at.is_some(),
    })
}
