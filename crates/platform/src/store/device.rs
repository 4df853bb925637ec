//! Devices and what they prove themselves with.

use jiff::Timestamp;
use serde::Serialize;
use sqlx::{Any, Executor, Row, Transaction};
use utoipa::ToSchema;

use super::{Store, StoreError, time};

/// A device, as licences are made for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Device {
    pub(crate) id: String,
    pub(crate) account_id: String,
    /// Of the licence that is made for it next.
    pub(crate) seq: u64,
}

/// A device as it introduces itself.
#[derive(Clone, Debug)]
pub(crate) struct NewDevice {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) os: String,
    pub(crate) app_version: String,
}

/// A device that has a seat, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Device)]
pub(crate) struct ListedDevice {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) os: String,
    pub(crate) app_version: String,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) created_at: Timestamp,
    /// When it last renewed its licence.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) seen_at: Timestamp,
}

/// A trial to begin.
#[derive(Clone, Debug)]
pub(crate) struct NewTrial {
    /// The id of the account that it makes.
    pub(crate) account_id: String,
    pub(crate) device: NewDevice,
    pub(crate) plan: String,
    /// The client's name for this request.
    pub(crate) request_key: String,
    pub(crate) credential_hash: String,
    pub(crate) ends_at: Timestamp,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BegunTrial {
    /// It runs, on this device's account.
    Running(Device),
    /// The device had its trial, or belongs to an account.
    Used,
}

/// The number of a device's next licence: the time, or one more where it is that already. Devices refuse a licence whose number is
/// not higher than that of the one they hold, and a database that was restored knows nothing of the last ones: counting on
/// from where it stopped would hand out their numbers again.
macro_rules! next_seq {
    ($now:literal) => {
        concat!(
            "(CASE WHEN seq < ",
            $now,
            " THEN ",
            $now,
            " ELSE seq + 1 END)"
        )
    };
}
pub(super) use next_seq;

impl Store {
    /// Begins a trial: an account without a name, its device, and a subscription until its end, in one transaction. The same
    /// request again, before the device has used its credential, gets another credential in its place.
    pub(crate) async fn begin_trial(
        &self,
        trial: &NewTrial,
        now: Timestamp,
    ) -> Result<BegunTrial, StoreError> {
        let NewTrial {
            device, ends_at, ..
        } = trial;
        let at = now.as_millisecond();
        let mut write = self.write().await?;
        if let Some(row) = sqlx::query(
            "SELECT trial.account_id, trial.request_key, trial.started_at, device.seq FROM trial
             JOIN device ON device.id = trial.device_id WHERE trial.device_id = $1",
        )
        .bind(&device.id)
        .fetch_optional(&mut *write)
        .await?
        {
            let first: i64 = row.try_get("started_at")?;
            let is_same = row.try_get::<&str, _>("request_key")? == trial.request_key
                && row.try_get::<i64, _>("seq")? == first;
            if !is_same {
                return Ok(BegunTrial::Used);
            }
            sqlx::query("DELETE FROM credential WHERE device_id = $1")
                .bind(&device.id)
                .execute(&mut *write)
                .await?;
            add_credential(&mut write, &device.id, &trial.credential_hash, at).await?;
            let account_id = row.try_get("account_id")?;
            write.commit().await?;
            return Ok(BegunTrial::Running(Device {
                id: device.id.clone(),
                account_id,
                seq: number(first)?,
            }));
        }
        let known: i64 = sqlx::query("SELECT COUNT(*) AS known FROM device WHERE id = $1")
            .bind(&device.id)
            .fetch_one(&mut *write)
            .await?
            .try_get("known")?;
        if known > 0 {
            return Ok(BegunTrial::Used);
        }
        sqlx::query("INSERT INTO account (id, device_limit, created_at) VALUES ($1, 1, $2)")
            .bind(&trial.account_id)
            .bind(at)
            .execute(&mut *write)
            .await?;
        sqlx::query(
            "INSERT INTO subscription (account_id, plan_code, standing, ends_at, rev, updated_at)
             VALUES ($1, $2, 'trial', $3, 1, $4)",
        )
        .bind(&trial.account_id)
        .bind(&trial.plan)
        .bind(ends_at.as_millisecond())
        .bind(at)
        .execute(&mut *write)
        .await?;
        sqlx::query(
            "INSERT INTO device (id, account_id, name, os, app_version, state, seq, created_at, seen_at)
             VALUES ($1, $2, $3, $4, $5, 'active', $6, $6, $6)",
        )
        .bind(&device.id)
        .bind(&trial.account_id)
        .bind(&device.name)
        .bind(&device.os)
        .bind(&device.app_version)
        .bind(at)
        .execute(&mut *write)
        .await?;
        sqlx::query(
            "INSERT INTO trial (device_id, account_id, request_key, started_at, ends_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(&device.id)
        .bind(&trial.account_id)
        .bind(&trial.request_key)
        .bind(at)
        .bind(ends_at.as_millisecond())
        .execute(&mut *write)
        .await?;
        add_credential(&mut write, &device.id, &trial.credential_hash, at).await?;
        write.commit().await?;
        Ok(BegunTrial::Running(Device {
            id: device.id.clone(),
            account_id: trial.account_id.clone(),
            seq: number(at)?,
        }))
    }

    /// The device in use that holds a credential which was not replaced long ago.
    pub(crate) async fn device_of(
        &self,
        credential_hash: &str,
    ) -> Result<Option<Device>, StoreError> {
        let row = sqlx::query(
            "SELECT device.id, device.account_id, device.seq FROM credential
             JOIN device ON device.id = credential.device_id
             WHERE credential.hash = $1 AND credential.state <> 'spent' AND device.state IN ('active', 'forked')",
        )
        .bind(credential_hash)
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| {
            Ok(Device {
                id: row.try_get("id")?,
                account_id: row.try_get("account_id")?,
                seq: number(row.try_get("seq")?)?,
            })
        })
        .transpose()
    }

    /// The devices of an account that have a seat, the longest unseen first.
    pub(crate) async fn devices(&self, account: &str) -> Result<Vec<ListedDevice>, StoreError> {
        listed(&self.pool, account).await
    }

    /// Signs a device of an account out. Tells whether it has such a device; one that is out already stays as it is.
    pub(crate) async fn sign_out(&self, account: &str, device: &str) -> Result<bool, StoreError> {
        let changed = sqlx::query(
            "UPDATE device SET state = CASE WHEN state = 'replaced' THEN state ELSE 'revoked' END
             WHERE id = $1 AND account_id = $2",
        )
        .bind(device)
        .bind(account)
        .execute(&self.pool)
        .await?;
        Ok(changed.rows_affected() == 1)
    }

    /// Takes a device's rights back. Tells whether there is such a device.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn revoke_device(&self, id: &str) -> Result<bool, StoreError> {
        let changed = sqlx::query("UPDATE device SET state = 'revoked' WHERE id = $1")
            .bind(id)
            .execute(&self.pool)
            .await?;
        Ok(changed.rows_affected() == 1)
    }
}

/// The devices of an account that have a seat, the longest unseen first.
pub(super) async fn listed<'a>(
    from: impl Executor<'a, Database = Any>,
    account: &str,
) -> Result<Vec<ListedDevice>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, name, os, app_version, created_at, seen_at FROM device
         WHERE account_id = $1 AND state IN ('active', 'forked') ORDER BY seen_at, id",
    )
    .bind(account)
    .fetch_all(from)
    .await?;
    let at = |value| time(Some(value))?.ok_or(StoreError::Unreadable("a time"));
    rows.iter()
        .map(|row| {
            Ok(ListedDevice {
                id: row.try_get("id")?,
                name: row.try_get("name")?,
                os: row.try_get("os")?,
                app_version: row.try_get("app_version")?,
                created_at: at(row.try_get("created_at")?)?,
                seen_at: at(row.try_get("seen_at")?)?,
            })
        })
        .collect()
}

/// A licence's number, as it is stored.
pub(super) fn number(seq: i64) -> Result<u64, StoreError> {
    u64::try_from(seq).map_err(|_| StoreError::Unreadable("seq"))
}

pub(super) async fn add_credential(
    write: &mut Transaction<'static, Any>,
    device: &str,
    hash: &str,
    at: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO credential (hash, device_id, state, created_at) VALUES ($1, $2, 'current', $3)",
    )
    .bind(hash)
    .bind(device)
    .bind(at)
    .execute(&mut **write)
    .await?;
    Ok(())
}
