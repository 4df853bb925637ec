//! Settling a hold: what the call cost is charged, once, and the rest of what it held is free.

use std::sync::Arc;

use jiff::Timestamp;
use sqlx::{Any, Row, Transaction};

use super::group::Write;
use super::hold::free;
use super::ledger::{Entry, allowance_account, customer_account, entry, ours, post};
use super::{Store, StoreError};
use crate::wallet::NANO_PER_CENT;

/// How a call that was held for ended.
#[derive(Clone, Debug)]
pub(crate) struct Settlement {
    pub(crate) account_id: String,
    pub(crate) id: String,
    pub(crate) attempt: i64,
    /// Nano-dollars; none when nothing was used and the call may be made again under its name.
    pub(crate) cost: Option<i64>,
    pub(crate) is_estimated: bool,
    pub(crate) usage: String,
    pub(crate) request_id: Option<String>,
}

/// What became of a settlement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    /// The customer was charged.
    Charged,
    /// Nothing was charged, and what was held is free.
    Released,
    /// It came after the hold had expired, and is ours to bear.
    WrittenOff,
    /// It had ended before. Nothing was changed.
    Before,
}

/// What of a cost is owed beyond the allowance: what the allowance does not cover, as far as the cap goes. `$2` is the cost, `$4`
/// the cap when the call began. Without an agreement there is nobody who would invoice it.
macro_rules! over {
    () => {
        "(CASE WHEN agreement_id = '' OR $2 <= allowance OR (cap <= overage AND $4 <= overage) THEN 0
          WHEN $2 - (CASE WHEN allowance > 0 THEN allowance ELSE 0 END) < (CASE WHEN cap < $4 THEN $4 ELSE cap END) - overage
          THEN $2 - (CASE WHEN allowance > 0 THEN allowance ELSE 0 END)
          ELSE (CASE WHEN cap < $4 THEN $4 ELSE cap END) - overage END)"
    };
}

impl Store {
    /// Ends a hold, once: charges what the call cost, also where that is more than was held, and frees the rest.
    pub(crate) async fn settle_hold(
        &self,
        end: Arc<Settlement>,
        now: Timestamp,
    ) -> Result<Settled, StoreError> {
        let at = now.as_millisecond();
        self.group.write(Settling { end, at }).await
    }
}

/// A settlement at a time.
struct Settling {
    end: Arc<Settlement>,
    at: i64,
}

impl Write for Settling {
    type Output = Settled;

    fn key(&self) -> &str {
        &self.end.account_id
    }

    async fn write(&self, into: &mut Transaction<'static, Any>) -> Result<Settled, StoreError> {
        let (end, at) = (&*self.end, self.at);
        let held = sqlx::query(
            "UPDATE hold SET state = $4, cost = $5, is_estimated = $6, usage = $7, request_id = $8, ended_at = $9
             WHERE account_id = $1 AND id = $2 AND attempt = $3 AND state = 'held' RETURNING amount, cap",
        )
        .bind(&end.account_id)
        .bind(&end.id)
        .bind(end.attempt)
        .bind(if end.cost.is_some() { "settled" } else { "released" })
        .bind(end.cost)
        .bind(i64::from(end.is_estimated))
        .bind(&end.usage)
        .bind(&end.request_id)
        .bind(at)
        .fetch_optional(&mut **into)
        .await?;
        let Some(held) = held else {
            return write_off(into, end, at).await;
        };
        let amount: i64 = held.try_get("amount")?;
        let Some(cost) = end.cost else {
            free(into, &end.account_id, amount, at).await?;
            return Ok(Settled::Released);
        };
        charge(into, end, cost, amount, held.try_get("cap")?, at).await?;
        Ok(Settled::Charged)
    }
}

async fn charge(
    write: &mut Transaction<'static, Any>,
    end: &Settlement,
    cost: i64,
    amount: i64,
    cap: i64,
    at: i64,
) -> Result<(), StoreError> {
    let account = end.account_id.as_str();
    let row = sqlx::query(concat!(
        "UPDATE wallet SET held = held - $3, overage_before = overage, overage = overage + ",
        over!(),
        ", allowance = allowance - ($2 - ",
        over!(),
        "), updated_at = $5 WHERE account_id = $1
         RETURNING overage - overage_before AS over, agreement_id, billing_start, month_start"
    ))
    .bind(account)
    .bind(cost)
    .bind(amount)
    .bind(cap)
    .bind(at)
    .fetch_one(&mut **write)
    .await?;
    let over: i64 = row.try_get("over")?;
    let month: i64 = row.try_get("month_start")?;
    if cost > 0 {
        let allowance = allowance_account(account, month);
        let customer = customer_account(account);
        let entries = [
            entry(&allowance, account, over - cost),
            entry(&customer, account, -over),
            ours("revenue:inference", cost),
        ];
        let used = |part: &&Entry<'_>| part.amount != 0;
        let entries: Vec<_> = entries.iter().filter(used).cloned().collect();
        let txn = format!("settle:{account}:{}", end.id);
        let kind = if end.is_estimated {
            "use_estimated"
        } else {
            "use"
        };
        if !post(write, &txn, kind, month, at, &entries).await? {
            return Err(StoreError::Unreadable(
                "a settlement that is in the ledger already",
            ));
        }
    }
    if over > 0 {
        sqlx::query(
            "INSERT INTO usage_total (account_id, agreement_id, feature, period_start, total, parts, reported, report_at,
               updated_at)
             VALUES ($1, $2, 'ai_credit', $3, $4, $5, 0, $6, $6)
             ON CONFLICT (account_id, agreement_id, feature, period_start)
             DO UPDATE SET total = usage_total.total + excluded.total, updated_at = excluded.updated_at",
        )
        .bind(account)
        .bind(row.try_get::<&str, _>("agreement_id")?)
        .bind(row.try_get::<i64, _>("billing_start")?)
        .bind(over)
        .bind(NANO_PER_CENT)
        .bind(at)
        .execute(&mut **write)
        .await?;
    }
    Ok(())
}

/// Takes the outcome of a call whose hold has expired: ours to bear.
async fn write_off(
    write: &mut Transaction<'static, Any>,
    end: &Settlement,
    at: i64,
) -> Result<Settled, StoreError> {
    let cost = end.cost.unwrap_or(0);
    let expired = sqlx::query(
        "UPDATE hold SET cost = $4, is_estimated = $5, usage = $6, request_id = $7
         WHERE account_id = $1 AND id = $2 AND attempt = $3 AND state = 'expired' AND cost IS NULL",
    )
    .bind(&end.account_id)
    .bind(&end.id)
    .bind(end.attempt)
    .bind(cost)
    .bind(i64::from(end.is_estimated))
    .bind(&end.usage)
    .bind(&end.request_id)
    .execute(&mut **write)
    .await?;
    if expired.rows_affected() == 0 {
        return Ok(Settled::Before);
    }
    if cost > 0 {
        let txn = format!("writeoff:{}:{}", end.account_id, end.id);
        let entries = [ours("writeoff", -cost), ours("revenue:inference", cost)];
        post(write, &txn, "writeoff", 0, at, &entries).await?;
    }
    Ok(Settled::WrittenOff)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::super::{NewHold, Taken};
    use super::*;
    use crate::wallet::Month;

    #[tokio::test]
    async fn a_hold_is_settled_once_however_often_it_is_asked_for() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("platform.db");
        let store = Store::open(&format!("sqlite:{}", path.display()))
            .await
            .unwrap();
        store.migrate().await.unwrap();
        sqlx::query("INSERT INTO account (id, device_limit, created_at) VALUES ('acc', 1, 1)")
            .execute(&store.pool)
            .await
            .unwrap();
        let now = Timestamp::from_second(1_790_000_000).unwrap();
        let month = Month {
            agreement: "agr".into(),
            start: 1,
            end: i64::MAX,
            included: 100,
            ..Month::default()
        };
        store.turn_wallet("acc", &month, now).await.unwrap();
        let hold = NewHold {
            account_id: "acc".into(),
            id: "call".into(),
            amount: 60,
            cap: 0,
            request_hash: "hash".into(),
            provider: "openai",
            model: "gpt".into(),
            expires_at: now,
            at: now,
        };
        let taken = store.take_hold(hold.clone()).await.unwrap();
        assert_eq!(taken, Taken::Held { attempt: 1 });
        let mut end = Settlement {
            account_id: "acc".into(),
            id: "call".into(),
            attempt: 1,
            cost: None,
            is_estimated: false,
            usage: "{}".into(),
            request_id: None,
        };
        let freed = store.settle_hold(Arc::new(end.clone()), now).await.unwrap();
        assert_eq!(freed, Settled::Released);
        // The name is taken again; who held it before has no say in it any more.
        let taken = store.take_hold(hold.clone()).await.unwrap();
        assert_eq!(taken, Taken::Held { attempt: 2 });
        end.cost = Some(40);
        let stale = store.settle_hold(Arc::new(end.clone()), now).await.unwrap();
        assert_eq!(stale, Settled::Before);
        end.attempt = 2;
        let settled = store.settle_hold(Arc::new(end.clone()), now).await.unwrap();
        assert_eq!(settled, Settled::Charged);
        let again = store.settle_hold(Arc::new(end.clone()), now).await.unwrap();
        assert_eq!(again, Settled::Before);
        let wallet = store.wallet("acc").await.unwrap().unwrap();
        assert_eq!((wallet.allowance, wallet.held), (60, 0));
        assert_eq!(store.audit_wallets().await.unwrap(), []);
    }
}
