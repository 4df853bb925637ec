//! A person signs in on a device: account, seat and credential, in one transaction.
//!
//! A device that is in use belongs to its account. It leaves it for another only when it shows its credential: knowing a
//! device's id is no right to it, nor to the trial that runs on it. One that was signed out may be taken by anybody.

use jiff::{SignedDuration, Timestamp};
use sqlx::{Any, Row, Transaction};

use super::account::{lock_account, make_account, merge_account, name_account};
use super::device::{ListedDevice, add_credential, listed, next_seq, number};
use super::{Device, NewDevice, Store, StoreError, Subscription, subscription_of};

/// A device that was not seen for this long gives up its seat to one that needs it.
const IDLE: SignedDuration = SignedDuration::from_hours(24 * 90);

/// Somebody on a device.
#[derive(Clone, Debug)]
pub(crate) struct SignIn {
    /// The identity provider's name for the person.
    pub(crate) identity: String,
    pub(crate) email: Option<String>,
    pub(crate) device: NewDevice,
    pub(crate) credential_hash: String,
    /// Of the credential that the device had before.
    pub(crate) proof_hash: Option<String>,
    /// The device whose seat it takes when there is no free one.
    pub(crate) replace: Option<String>,
    /// The id of the account, where one has to be made.
    pub(crate) account_id: String,
}

/// What came of it.
#[derive(Clone, Debug)]
pub(crate) enum SignedIn {
    /// It has a seat, and only the new credential is good.
    Seated(Device),
    /// There is no free seat; these devices have one.
    NoSeat(Vec<ListedDevice>),
    /// The device is in use by another account and did not show its credential.
    InUse,
}

/// How many devices an account with this subscription may have; none is any number. The second is the account's own limit.
pub(crate) type Seats<'a> = &'a (dyn Fn(&Subscription, i64) -> Option<u64> + Sync);

impl Store {
    /// Signs somebody in. The same sign-in again, when its answer was lost, ends in the same state with another credential.
    pub(crate) async fn sign_in(
        &self,
        sign_in: &SignIn,
        seats: Seats<'_>,
        now: Timestamp,
    ) -> Result<SignedIn, StoreError> {
        // Two first sign-ins of one person at once: the second finds what the first made.
        for _ in 0..2 {
            match self.try_sign_in(sign_in, seats, now).await {
                Err(StoreError::Database(error)) if is_race(&error) => {}
                ended => return ended,
            }
        }
        self.try_sign_in(sign_in, seats, now).await
    }

    async fn try_sign_in(
        &self,
        sign_in: &SignIn,
        seats: Seats<'_>,
        now: Timestamp,
    ) -> Result<SignedIn, StoreError> {
        let at = now.as_millisecond();
        let SignIn {
            identity, device, ..
        } = sign_in;
        let email = sign_in.email.as_deref();
        let mut write = self.write().await?;
        let mut own = lock_account(&mut write, identity, email).await?;
        let before = before(&mut write, sign_in).await?;
        if own.is_none() && before.is_some() {
            // The same person, signing in twice at once, may have got account and device between these two looks.
            own = lock_account(&mut write, identity, email).await?;
        }
        let elsewhere = before
            .as_ref()
            .filter(|before| own.as_ref() != Some(&before.account_id));
        if elsewhere.is_some_and(|before| before.is_in_use && !before.is_proven) {
            return Ok(SignedIn::InUse);
        }
        let adopted = elsewhere.filter(|before| before.is_proven);
        let account_id = match (own, adopted) {
            (Some(own), Some(trial)) => {
                merge_account(&mut write, &trial.account_id, &own, at).await?;
                own
            }
            (Some(own), None) => own,
            (None, Some(trial))
                if name_account(&mut write, &trial.account_id, identity, email).await? =>
            {
                trial.account_id.clone()
            }
            (None, _) => {
                make_account(&mut write, &sign_in.account_id, identity, email, at).await?;
                sign_in.account_id.clone()
            }
        };
        if let Some(refused) = self
            .find_seat(&mut write, &account_id, sign_in, seats, now)
            .await?
        {
            return Ok(refused);
        }
        let seq = seat(&mut write, &account_id, device, before.is_some(), at).await?;
        sqlx::query("DELETE FROM credential WHERE device_id = $1")
            .bind(&device.id)
            .execute(&mut *write)
            .await?;
        add_credential(&mut write, &device.id, &sign_in.credential_hash, at).await?;
        write.commit().await?;
        Ok(SignedIn::Seated(Device {
            id: device.id.clone(),
            account_id,
            seq,
        }))
    }

    /// Makes sure that there is a seat for the device; otherwise says why there is none.
    async fn find_seat(
        &self,
        write: &mut Transaction<'static, Any>,
        account: &str,
        sign_in: &SignIn,
        seats: Seats<'_>,
        now: Timestamp,
    ) -> Result<Option<SignedIn>, StoreError> {
        let subscription = subscription_of(&mut **write, account)
            .await?
            .ok_or(StoreError::Unreadable("an account without a subscription"))?;
        let limit: i64 = sqlx::query("SELECT device_limit FROM account WHERE id = $1")
            .bind(account)
            .fetch_one(&mut **write)
            .await?
            .try_get("device_limit")?;
        let Some(seats) = seats(&subscription, limit) else {
            return Ok(None);
        };
        let all = listed(&mut **write, account).await?;
        // A device that signs in again keeps its seat, also where a smaller plan has fewer.
        if all.iter().any(|one| one.id == sign_in.device.id) {
            return Ok(None);
        }
        if u64::try_from(all.len()).is_ok_and(|taken| taken < seats) {
            return Ok(None);
        }
        let named = sign_in.replace.as_ref();
        let leaves = all.iter().find(|one| named == Some(&one.id)).or_else(|| {
            // The longest unseen comes first.
            all.first()
                .filter(|one| now.duration_since(one.seen_at) > IDLE)
        });
        let Some(leaves) = leaves else {
            return Ok(Some(SignedIn::NoSeat(all)));
        };
        sqlx::query("UPDATE device SET state = 'replaced' WHERE id = $1")
            .bind(&leaves.id)
            .execute(&mut **write)
            .await?;
        Ok(None)
    }
}

/// A device as it was before it signs in.
struct Before {
    account_id: String,
    is_in_use: bool,
    /// It showed its credential.
    is_proven: bool,
}

/// Finds a device and keeps others from changing it until the transaction ends.
async fn before(
    write: &mut Transaction<'static, Any>,
    sign_in: &SignIn,
) -> Result<Option<Before>, StoreError> {
    let row = sqlx::query("UPDATE device SET seq = seq WHERE id = $1 RETURNING account_id, state")
        .bind(&sign_in.device.id)
        .fetch_optional(&mut **write)
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let proofs: i64 = sqlx::query(
        "SELECT COUNT(*) AS proofs FROM credential WHERE device_id = $1 AND hash = $2 AND state <> 'spent'",
    )
    .bind(&sign_in.device.id)
    .bind(sign_in.proof_hash.as_deref().unwrap_or_default())
    .fetch_one(&mut **write)
    .await?
    .try_get("proofs")?;
    let is_in_use = matches!(row.try_get::<&str, _>("state")?, "active" | "forked");
    Ok(Some(Before {
        account_id: row.try_get("account_id")?,
        is_in_use,
        is_proven: is_in_use && proofs > 0,
    }))
}

/// Puts a device on a seat and counts the licence that follows.
async fn seat(
    write: &mut Transaction<'static, Any>,
    account: &str,
    device: &NewDevice,
    is_known: bool,
    at: i64,
) -> Result<u64, StoreError> {
    let statement = if is_known {
        concat!(
            "UPDATE device SET account_id = $2, name = $3, os = $4, app_version = $5, state = 'active', seen_at = $6, seq = ",
            next_seq!("$6"),
            " WHERE id = $1 RETURNING seq"
        )
    } else {
        "INSERT INTO device (id, account_id, name, os, app_version, state, seq, created_at, seen_at)
         VALUES ($1, $2, $3, $4, $5, 'active', $6, $6, $6) RETURNING seq"
    };
    let seq: i64 = sqlx::query(statement)
        .bind(&device.id)
        .bind(account)
        .bind(&device.name)
        .bind(&device.os)
        .bind(&device.app_version)
        .bind(at)
        .fetch_one(&mut **write)
        .await?
        .try_get("seq")?;
    number(seq)
}

/// Whether another transaction was first: the same account or device was made, or each waited for the other.
fn is_race(error: &sqlx::Error) -> bool {
    const DEADLOCK: &str = "40P01";
    error.as_database_error().is_some_and(|error| {
        error.is_unique_violation() || error.code().is_some_and(|code| code == DEADLOCK)
    })
}
