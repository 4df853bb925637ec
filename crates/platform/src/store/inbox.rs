//! The inbox of events from the billing provider: each kept once, claimed by one replica at a time, never lost.

use jiff::Timestamp;
use sqlx::Row;

use super::{Store, StoreError};

/// An event to be kept.
#[derive(Clone, Debug)]
pub(crate) struct NewEvent {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) occurred_at: Timestamp,
    pub(crate) customer_id: Option<String>,
    pub(crate) user_id: Option<String>,
}

/// An event that was claimed.
#[derive(Clone, Debug)]
pub(crate) struct ClaimedEvent {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) occurred_at: Timestamp,
    pub(crate) customer_id: Option<String>,
    pub(crate) user_id: Option<String>,
    /// How often it was tried before.
    pub(crate) attempts: i64,
}

impl Store {
    /// Keeps an event. One that is there already changes nothing, whatever it says.
    pub(crate) async fn keep_event(
        &self,
        event: &NewEvent,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO inbox (event_id, kind, occurred_at, received_at, customer_id, user_id, state, attempts, due_at)
             VALUES ($1, $2, $3, $4, $5, $6, 'waiting', 0, $4) ON CONFLICT (event_id) DO NOTHING",
        )
        .bind(&event.id)
        .bind(&event.kind)
        .bind(event.occurred_at.as_millisecond())
        .bind(now.as_millisecond())
        .bind(&event.customer_id)
        .bind(&event.user_id)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Takes the events that are due, oldest first; they are due again at `again`, should their replica die.
    pub(crate) async fn claim_events(
        &self,
        now: Timestamp,
        again: Timestamp,
        limit: i64,
    ) -> Result<Vec<ClaimedEvent>, StoreError> {
        // The one statement that the two databases do not share: on PostgreSQL replicas pass by each other's rows, on SQLite the
        // transaction has the whole database to itself.
        let due = if self.is_sqlite {
            "SELECT event_id, kind, occurred_at, customer_id, user_id, attempts FROM inbox
             WHERE state = 'waiting' AND due_at <= $1 ORDER BY due_at, occurred_at LIMIT $2"
        } else {
            "SELECT event_id, kind, occurred_at, customer_id, user_id, attempts FROM inbox
             WHERE state = 'waiting' AND due_at <= $1 ORDER BY due_at, occurred_at LIMIT $2 FOR UPDATE SKIP LOCKED"
        };
        let mut write = self.write().await?;
        let rows = sqlx::query(due)
            .bind(now.as_millisecond())
            .bind(limit)
            .fetch_all(&mut *write)
            .await?;
        let mut claimed = Vec::new();
        for row in rows {
            let id: String = row.try_get("event_id")?;
            sqlx::query("UPDATE inbox SET due_at = $2 WHERE event_id = $1")
                .bind(&id)
                .bind(again.as_millisecond())
                .execute(&mut *write)
                .await?;
            claimed.push(ClaimedEvent {
                id,
                kind: row.try_get("kind")?,
                occurred_at: Timestamp::from_millisecond(row.try_get("occurred_at")?)
                    .map_err(|_| StoreError::Unreadable("a time"))?,
                customer_id: row.try_get("customer_id")?,
                user_id: row.try_get("user_id")?,
                attempts: row.try_get("attempts")?,
            });
        }
        write.commit().await?;
        Ok(claimed)
    }

    /// An event was dealt with, with a note where that is not plain.
    pub(crate) async fn finish_event(
        &self,
        id: &str,
        note: Option<&str>,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE inbox SET state = 'done', error = $2 WHERE event_id = $1")
            .bind(id)
            .bind(note)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// An event could not be dealt with: it is tried again at a time, or waits for a person.
    pub(crate) async fn put_event_off(
        &self,
        id: &str,
        error: &str,
        again: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE inbox SET attempts = attempts + 1, error = $2, due_at = COALESCE($3, due_at),
                    state = CASE WHEN $3 IS NULL THEN 'parked' ELSE state END
             WHERE event_id = $1",
        )
        .bind(id)
        .bind(error)
        .bind(again.map(Timestamp::as_millisecond))
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Forgets events that were dealt with and received before a time.
    pub(crate) async fn forget_events(&self, before: Timestamp) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM inbox WHERE state = 'done' AND received_at < $1")
            .bind(before.as_millisecond())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// How many events are in a state: what is watched from outside, and what tests ask.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn events_in(&self, state: &str) -> Result<i64, StoreError> {
        let row = sqlx::query("SELECT COUNT(*) AS events FROM inbox WHERE state = $1")
            .bind(state)
            .fetch_one(&self.pool)
            .await?;
        Ok(row.try_get("events")?)
    }

    /// The account of a billing customer or of a user, by the ids that the billing provider has for them.
    pub(crate) async fn account_at_billing(
        &self,
        customer_id: Option<&str>,
        user_id: Option<&str>,
    ) -> Result<Option<String>, StoreError> {
        let row = sqlx::query(
            "SELECT id FROM account WHERE customer_id = $1 OR identity = $2
             ORDER BY CASE WHEN customer_id = $1 THEN 0 ELSE 1 END LIMIT 1",
        )
        .bind(customer_id)
        .bind(user_id)
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| row.try_get("id")).transpose()?)
    }

    /// Keeps who an account is at the billing provider, where that was not known.
    pub(crate) async fn link_customer(
        &self,
        account: &str,
        customer_id: &str,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE account SET customer_id = $2 WHERE id = $1 AND customer_id IS NULL")
            .bind(account)
            .bind(customer_id)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}
