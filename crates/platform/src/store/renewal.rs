//! Renewals: a device presents its credential and is given another one, in the transaction that numbers its next licence.

use jiff::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use super::device::{Device, add_credential, next_seq, number};
use super::group::Write;
use super::{Store, StoreError, Subscription, subscription_columns, subscription_in};

/// A renewal of a licence.
#[derive(Clone, Debug)]
pub(crate) struct Renewal {
    /// The hash of the credential that was presented, and of the one that follows it.
    pub(crate) presented_hash: String,
    pub(crate) next_hash: String,
    pub(crate) app_version: String,
    pub(crate) at: Timestamp,
    /// The billing provider is to be asked soon when it was asked last before this.
    pub(crate) sync_before: Timestamp,
}

/// A device whose credential was replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Renewed {
    pub(crate) device: Device,
    pub(crate) subscription: Subscription,
    /// The device was revoked or its place was taken: its last licence says so.
    pub(crate) is_withdrawn: bool,
}

/// What came of a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Presented {
    /// It is the device's: it has been replaced by the new one, and this is its licence's number.
    Good(Box<Renewed>),
    /// One that was replaced long ago: somebody copied the device's store. The device is marked and goes on.
    Copied,
    /// Nobody's.
    Unknown,
}

impl Store {
    /// Looks whose a credential is and, when it is good, puts a new one in its place and counts the licence that follows.
    /// The one that was presented stays good until the new one is used: a crash before it was kept locks nobody out.
    pub(crate) async fn present(&self, renewal: Renewal) -> Result<Presented, StoreError> {
        self.group.write(renewal).await
    }
}

impl Write for Renewal {
    type Output = Presented;

    fn key(&self) -> &str {
        &self.presented_hash
    }

    async fn write(&self, into: &mut Transaction<'static, Any>) -> Result<Presented, StoreError> {
        let at = self.at.as_millisecond();
        let row = sqlx::query(concat!(
            "SELECT credential.state AS credential_state, device.id, device.account_id, device.state,
                    subscription.synced_at, subscription.sync_due_at, ",
            subscription_columns!(),
            " FROM credential JOIN device ON device.id = credential.device_id
              LEFT JOIN subscription ON subscription.account_id = device.account_id WHERE credential.hash = $1"
        ))
        .bind(&self.presented_hash)
        .fetch_optional(&mut **into)
        .await?;
        let Some(row) = row else {
            return Ok(Presented::Unknown);
        };
        let id: String = row.try_get("id")?;
        if row.try_get::<&str, _>("credential_state")? == "spent" {
            sqlx::query("UPDATE device SET state = 'forked' WHERE id = $1 AND state = 'active'")
                .bind(&id)
                .execute(&mut **into)
                .await?;
            return Ok(Presented::Copied);
        }
        // Whatever the device held besides is not needed any more. Those that are spent already, one for each renewal there
        // ever was, are left alone: writing them again made a renewal dearer with each day.
        sqlx::query(
            "UPDATE credential SET state = CASE WHEN hash = $2 THEN 'previous' ELSE 'spent' END
             WHERE device_id = $1 AND state IN ('current', 'previous')",
        )
        .bind(&id)
        .bind(&self.presented_hash)
        .execute(&mut **into)
        .await?;
        add_credential(into, &id, &self.next_hash, at).await?;
        let seq: i64 = sqlx::query(concat!(
            "UPDATE device SET seq = ",
            next_seq!("$2"),
            ", seen_at = $2, app_version = $3 WHERE id = $1 RETURNING seq"
        ))
        .bind(&id)
        .bind(at)
        .bind(&self.app_version)
        .fetch_one(&mut **into)
        .await?
        .try_get("seq")?;
        let account_id: String = row.try_get("account_id")?;
        let subscription = subscription_in(&row)?
            .ok_or(StoreError::Unreadable("a device without a subscription"))?;
        if subscription.agreement_id.is_some() && self.wants_sync(&row)? {
            sqlx::query(
                "UPDATE subscription SET sync_due_at = $2 WHERE account_id = $1 AND sync_due_at > $2",
            )
            .bind(&account_id)
            .bind(at)
            .execute(&mut **into)
            .await?;
        }
        Ok(Presented::Good(Box::new(Renewed {
            device: Device {
                id,
                account_id,
                seq: number(seq)?,
            },
            subscription,
            is_withdrawn: !matches!(row.try_get("state")?, "active" | "forked"),
        })))
    }
}

impl Renewal {
    /// Whether the copy of what the billing provider says is old, and nobody is going to ask it yet.
    fn wants_sync(&self, row: &AnyRow) -> Result<bool, StoreError> {
        let synced: Option<i64> = row.try_get("synced_at")?;
        let due: Option<i64> = row.try_get("sync_due_at")?;
        Ok(
            synced.is_some_and(|at| at < self.sync_before.as_millisecond())
                && due.is_some_and(|due| due > self.at.as_millisecond()),
        )
    }
}
