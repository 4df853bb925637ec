//! Wallets and the lines of the ledger. What they mean stands in `crate::wallet`.

use jiff::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use super::ledger::{allowance_account, customer_account, entry, ours, post};
use super::{Store, StoreError, Subscription, subscription_columns, subscription_in};
use crate::clock::new_id;
use crate::wallet::{self, Month};

/// An account's wallet: nano-dollars, milliseconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wallet {
    pub(crate) agreement: String,
    pub(crate) billing_start: i64,
    pub(crate) month_start: i64,
    pub(crate) month_end: i64,
    pub(crate) is_granted: bool,
    pub(crate) included: i64,
    pub(crate) overspent: i64,
    pub(crate) allowance: i64,
    pub(crate) overage: i64,
    pub(crate) plan_cap: i64,
    pub(crate) user_cap: i64,
    pub(crate) cap: i64,
    pub(crate) held: i64,
}

impl Wallet {
    /// What could be spent if no call was running.
    pub(crate) fn spendable(&self) -> i64 {
        let room = self.cap.saturating_sub(self.overage).max(0);
        self.allowance.saturating_add(room)
    }

    /// What a call may set aside now.
    pub(crate) fn available(&self) -> i64 {
        self.spendable().saturating_sub(self.held)
    }
}

/// Who bears a credential, with all that decides about a call.
#[derive(Clone, Debug)]
pub(crate) struct Bearer {
    pub(crate) account_id: String,
    pub(crate) subscription: Option<Subscription>,
    pub(crate) wallet: Option<Wallet>,
}

macro_rules! columns {
    () => {
        "wallet.agreement_id AS wallet_agreement, wallet.billing_start, wallet.month_start, wallet.month_end,
         wallet.is_granted, wallet.included, wallet.overspent, wallet.allowance, wallet.overage, wallet.plan_cap,
         wallet.user_cap, wallet.cap, wallet.held"
    };
}

impl Store {
    /// Who bears a credential that was not replaced long ago, of a device in use.
    pub(crate) async fn bearer(&self, credential_hash: &str) -> Result<Option<Bearer>, StoreError> {
        let row = sqlx::query(concat!(
            "SELECT device.account_id, ",
            subscription_columns!(),
            ", ",
            columns!(),
            " FROM credential JOIN device ON device.id = credential.device_id
              LEFT JOIN subscription ON subscription.account_id = device.account_id
              LEFT JOIN wallet ON wallet.account_id = device.account_id
              WHERE credential.hash = $1 AND credential.state <> 'spent' AND device.state IN ('active', 'forked')",
        ))
        .bind(credential_hash)
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let wallet = match row.try_get::<Option<i64>, _>("held")? {
            None => None,
            Some(_) => Some(wallet_of(&row)?),
        };
        Ok(Some(Bearer {
            account_id: row.try_get("account_id")?,
            subscription: subscription_in(&row)?,
            wallet,
        }))
    }

    /// An account's wallet; none before its first use.
    pub(crate) async fn wallet(&self, account: &str) -> Result<Option<Wallet>, StoreError> {
        let row = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM wallet WHERE account_id = $1"
        ))
        .bind(account)
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| wallet_of(&row)).transpose()
    }

    /// Turns an account's wallet to the month that runs: what is left of the one before lapses, and the new one's allowance is
    /// granted, once. Makes the wallet where there is none. Done already changes nothing.
    pub(crate) async fn turn_wallet(
        &self,
        account: &str,
        month: &Month,
        now: Timestamp,
    ) -> Result<Wallet, StoreError> {
        let at = now.as_millisecond();
        let mut write = self.write().await?;
        sqlx::query(
            "INSERT INTO wallet (account_id, agreement_id, billing_start, month_start, month_end, is_granted, included,
               overspent, allowance, overage, overage_before, plan_cap, user_cap, cap, held, look_at, updated_at)
             VALUES ($1, '', 0, 0, $2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, $2, $3) ON CONFLICT (account_id) DO NOTHING",
        )
        .bind(account)
        .bind(i64::MAX)
        .bind(at)
        .execute(&mut *write)
        .await?;
        // Takes the row, so that nothing changes between what is read here and what is written below.
        let row = sqlx::query(concat!(
            "UPDATE wallet SET updated_at = $2 WHERE account_id = $1 RETURNING ",
            columns!()
        ))
        .bind(account)
        .bind(at)
        .fetch_one(&mut *write)
        .await?;
        let old = wallet_of(&row)?;
        let is_due = wallet::is_due(&old, month);
        let new = if is_due {
            turn(&mut write, account, &old, month, at).await?
        } else {
            old
        };
        // A month that is over while the next one is not known yet is looked at again a little later.
        let look_at = if is_due || month.end > at {
            month.end
        } else {
            at.saturating_add(LOOK_AGAIN_MS)
        };
        sqlx::query(
            "UPDATE wallet SET agreement_id = $2, billing_start = $3, month_start = $4, month_end = $5, is_granted = $6,
               included = $7, overspent = $8, allowance = $9, overage = $10, plan_cap = $11, cap = $12, look_at = $13
             WHERE account_id = $1",
        )
        .bind(account)
        .bind(&new.agreement)
        .bind(new.billing_start)
        .bind(new.month_start)
        .bind(new.month_end)
        .bind(i64::from(new.is_granted))
        .bind(new.included)
        .bind(new.overspent)
        .bind(new.allowance)
        .bind(new.overage)
        .bind(new.plan_cap)
        .bind(new.cap)
        .bind(look_at)
        .execute(&mut *write)
        .await?;
        write.commit().await?;
        Ok(new)
    }

    /// Accounts whose wallet's month is to be looked at.
    pub(crate) async fn wallets_to_look_at(
        &self,
        now: Timestamp,
    ) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query(
            "SELECT account_id FROM wallet WHERE look_at <= $1 ORDER BY look_at LIMIT 100",
        )
        .bind(now.as_millisecond())
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| Ok(row.try_get("account_id")?))
            .collect()
    }

    /// Sets what overage may come to by the user's own wish. Tells whether there is such a wallet.
    pub(crate) async fn set_user_cap(
        &self,
        account: &str,
        cap: i64,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = sqlx::query(
            "UPDATE wallet SET user_cap = $2, cap = CASE WHEN plan_cap < $2 THEN plan_cap ELSE $2 END, updated_at = $3
             WHERE account_id = $1",
        )
        .bind(account)
        .bind(cap)
        .bind(now.as_millisecond())
        .execute(&self.pool)
        .await?;
        Ok(changed.rows_affected() == 1)
    }
}

/// How long until a month that is over is looked at again, in milliseconds.
const LOOK_AGAIN_MS: i64 = 10 * 60 * 1000;

async fn turn(
    write: &mut Transaction<'static, Any>,
    account: &str,
    old: &Wallet,
    month: &Month,
    at: i64,
) -> Result<Wallet, StoreError> {
    let turned = wallet::turn(old, month, at);
    let is_same = old.agreement == month.agreement && old.month_start == month.start;
    if turned.lapses != 0 {
        let from = allowance_account(account, old.month_start);
        // An id of its own: a month may be left twice in one moment.
        let txn = new_id(&format!("lapse:{account}:{}", old.month_start));
        let entries = [
            entry(&from, account, -turned.lapses),
            ours("grants", turned.lapses),
        ];
        post(write, &txn, "lapse", old.month_start, at, &entries).await?;
    }
    let mut granted = turned.grants;
    if let Some(amount) = turned.grants.filter(|amount| *amount > 0) {
        let to = allowance_account(account, month.start);
        let of = if month.agreement.is_empty() {
            account
        } else {
            &month.agreement
        };
        let txn = format!("grant:{of}:{}", month.start);
        let entries = [entry(&to, account, amount), ours("grants", -amount)];
        if !post(write, &txn, "grant", month.start, at, &entries).await? {
            // It was granted, and lapsed when the plan was suspended: what was left then is there again.
            let back = lapsed(write, account, month.start).await?;
            if back != 0 {
                let txn = new_id(&format!("lapse:{account}:{}", month.start));
                let entries = [entry(&to, account, back), ours("grants", -back)];
                post(write, &txn, "lapse", month.start, at, &entries).await?;
            }
            granted = Some(back);
        }
    }
    let is_kept = is_same && old.is_granted;
    Ok(Wallet {
        agreement: month.agreement.clone(),
        billing_start: month.billing_start,
        month_start: month.start,
        month_end: month.end,
        is_granted: is_kept || granted.is_some(),
        included: if is_kept {
            old.included
        } else if granted.is_some() {
            month.included
        } else {
            0
        },
        overspent: turned.overspent,
        allowance: granted.unwrap_or(0) + if is_same { old.allowance } else { 0 },
        overage: if is_same {
            old.overage
        } else {
            owed(write, account, month.start).await?
        },
        plan_cap: month.plan_cap,
        user_cap: old.user_cap,
        cap: old.user_cap.min(month.plan_cap),
        held: old.held,
    })
}

/// What of a month's allowance lapsed, all in all.
async fn lapsed(
    write: &mut Transaction<'static, Any>,
    account: &str,
    month: i64,
) -> Result<i64, StoreError> {
    let row = sqlx::query(
        "SELECT CAST(-COALESCE(SUM(amount), 0) AS BIGINT) AS lapsed FROM ledger_line
         WHERE ledger_account = $1 AND month = $2 AND kind = 'lapse'",
    )
    .bind(allowance_account(account, month))
    .bind(month)
    .fetch_one(&mut **write)
    .await?;
    Ok(row.try_get("lapsed")?)
}

/// What a customer owes already for a month that begins or, after a plan was suspended for a payment, is gone on with.
async fn owed(
    write: &mut Transaction<'static, Any>,
    account: &str,
    month: i64,
) -> Result<i64, StoreError> {
    let row = sqlx::query(
        "SELECT CAST(-COALESCE(SUM(amount), 0) AS BIGINT) AS owed FROM ledger_line WHERE ledger_account = $1 AND month = $2",
    )
    .bind(customer_account(account))
    .bind(month)
    .fetch_one(&mut **write)
    .await?;
    Ok(row.try_get("owed")?)
}

fn wallet_of(row: &AnyRow) -> Result<Wallet, StoreError> {
    Ok(Wallet {
        agreement: row.try_get("wallet_agreement")?,
        billing_start: row.try_get("billing_start")?,
        month_start: row.try_get("month_start")?,
        month_end: row.try_get("month_end")?,
        is_granted: row.try_get::<i64, _>("is_granted")? != 0,
        included: row.try_get("included")?,
        overspent: row.try_get("overspent")?,
        allowance: row.try_get("allowance")?,
        overage: row.try_get("overage")?,
        plan_cap: row.try_get("plan_cap")?,
        user_cap: row.try_get("user_cap")?,
        cap: row.try_get("cap")?,
        held: row.try_get("held")?,
    })
}
