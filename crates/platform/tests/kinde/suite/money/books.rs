//! The books, read from the database itself and not by way of the service: again and again while it runs, each time in one
//! snapshot, and as a whole at the end.

use std::collections::HashMap;

use sqlx::any::{AnyPoolOptions, AnyRow};
use sqlx::{Any, AnyPool, Row, Transaction};

/// Every change of a hold's state, written down by the database: a witness that the service knows nothing of.
const SQLITE_WITNESS: &[&str] = &[
    "CREATE TABLE money_change (account_id TEXT, id TEXT, attempt BIGINT, was TEXT, became TEXT)",
    "CREATE TRIGGER money_change AFTER UPDATE OF state ON hold WHEN OLD.state <> NEW.state BEGIN
       INSERT INTO money_change VALUES (NEW.account_id, NEW.id, NEW.attempt, OLD.state, NEW.state); END",
];
const POSTGRES_WITNESS: &[&str] = &[
    "CREATE TABLE money_change (account_id TEXT, id TEXT, attempt BIGINT, was TEXT, became TEXT)",
    "CREATE FUNCTION money_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       INSERT INTO money_change VALUES (NEW.account_id, NEW.id, NEW.attempt, OLD.state, NEW.state); RETURN NULL; END $$",
    "CREATE TRIGGER money_change AFTER UPDATE OF state ON hold FOR EACH ROW WHEN (OLD.state <> NEW.state)
       EXECUTE FUNCTION money_change()",
];

pub(super) struct Books {
    pool: AnyPool,
    snapshot: &'static str,
}

/// A wallet, with what its lines and its open holds come to. Nano-dollars.
#[derive(Debug)]
pub(super) struct Purse {
    pub(super) agreement: String,
    allowance: i64,
    overage: i64,
    cap: i64,
    held: i64,
    /// The sum of its holds that are open.
    pub(super) open: i64,
    /// The sum of all its lines: what is left of the allowance, less what is owed.
    lines: i64,
    /// What it owes, by its lines; and what is counted of that, to be reported in whole cents.
    pub(super) owed: i64,
    counted: i64,
}

/// A hold, with what stands in the ledger under its name.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) id: String,
    pub(super) attempt: i64,
    pub(super) state: String,
    pub(super) amount: i64,
    pub(super) cost: Option<i64>,
    pub(super) is_estimated: bool,
    /// What was earned with it, and what the vendor bears.
    pub(super) charged: Option<i64>,
    pub(super) borne: Option<i64>,
}

impl Books {
    pub(super) async fn open(url: &str) -> Self {
        let is_sqlite = url.starts_with("sqlite:");
        sqlx::any::install_default_drivers();
        let pool = AnyPoolOptions::new().max_connections(2);
        let books = Self {
            pool: pool.connect(url).await.unwrap(),
            snapshot: if is_sqlite {
                "BEGIN"
            } else {
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
            },
        };
        let witness = if is_sqlite {
            SQLITE_WITNESS
        } else {
            POSTGRES_WITNESS
        };
        for statement in witness {
            sqlx::query(*statement).execute(&books.pool).await.unwrap();
        }
        books
    }

    /// Looks at all wallets and all transactions at one moment: holds are within their wallet, balances are the sums of what
    /// they are made of, and every transaction adds up to zero. Gives the wallets.
    pub(super) async fn look(&self) -> Vec<Purse> {
        let mut snapshot = self.pool.begin_with(self.snapshot).await.unwrap();
        let purses = purses(&mut snapshot).await;
        let wrong = sqlx::query(
            "SELECT txn_id, CAST(SUM(amount) AS BIGINT) AS total FROM ledger_line GROUP BY txn_id
             HAVING SUM(amount) <> 0 LIMIT 1",
        );
        let wrong = wrong.fetch_optional(&mut *snapshot).await.unwrap();
        let wrong = wrong.map(|row| row.get::<String, _>("txn_id"));
        assert_eq!(wrong, None, "a transaction does not add up to zero");
        snapshot.rollback().await.unwrap();
        for purse in &purses {
            assert_eq!(purse.held, purse.open, "held, and open holds: {purse:?}");
            assert_eq!(
                purse.allowance - purse.overage,
                purse.lines,
                "balance, and lines: {purse:?}"
            );
            assert_eq!(purse.overage, purse.owed, "owed, and lines: {purse:?}");
            assert_eq!(purse.counted, purse.owed, "counted, and lines: {purse:?}");
            assert!(purse.open >= 0 && purse.overage <= purse.cap, "{purse:?}");
            assert!(
                purse.open <= purse.lines + purse.cap,
                "holds exceed the wallet: {purse:?}"
            );
        }
        purses
    }

    /// Lets the time of holds be over that were taken before a moment, as though a quarter of an hour had passed: most of them
    /// are those of processes that were killed.
    pub(super) async fn let_expire(&self, taken_before: i64) {
        let rows =
            sqlx::query("SELECT account_id, id FROM hold WHERE state = 'held' AND created_at < $1")
                .bind(taken_before)
                .fetch_all(&self.pool)
                .await
                .unwrap();
        // One by one: all in one transaction would wait, with some of them in hand, for the service's own.
        for row in rows {
            sqlx::query("UPDATE hold SET expires_at = 1 WHERE account_id = $1 AND id = $2 AND state = 'held'")
                .bind(row.get::<&str, _>("account_id"))
                .bind(row.get::<&str, _>("id"))
                .execute(&self.pool)
                .await
                .unwrap();
        }
    }

    pub(super) async fn count(&self, what: Count) -> i64 {
        let row = sqlx::query(what.statement()).fetch_one(&self.pool);
        row.await.unwrap().get("number")
    }

    /// All holds there were, and the names of transactions of calls that belong to none of them.
    pub(super) async fn holds(&self) -> (Vec<Held>, Vec<String>) {
        let mut charges = self.charges().await;
        let rows = sqlx::query(
            "SELECT account_id, id, attempt, state, amount, cost, is_estimated FROM hold",
        );
        let rows = rows.fetch_all(&self.pool).await.unwrap();
        let mut holds = Vec::with_capacity(rows.len());
        for row in &rows {
            let (account, id): (&str, String) = (row.get("account_id"), row.get("id"));
            let mut take = |kind: &str| charges.remove(&format!("{kind}:{account}:{id}"));
            holds.push(Held {
                charged: take("settle").map(|charge| charge.earned),
                borne: take("writeoff").map(|charge| charge.borne),
                id,
                attempt: row.get("attempt"),
                state: row.get("state"),
                amount: row.get("amount"),
                cost: row.get("cost"),
                is_estimated: row.get::<i64, _>("is_estimated") != 0,
            });
        }
        (holds, charges.into_keys().collect())
    }

    /// The transactions of calls, by their names.
    async fn charges(&self) -> HashMap<String, Charge> {
        let rows = sqlx::query(
            "SELECT txn_id,
               CAST(SUM(CASE WHEN ledger_account = 'revenue:inference' THEN amount ELSE 0 END) AS BIGINT) AS earned,
               CAST(-SUM(CASE WHEN ledger_account = 'writeoff' THEN amount ELSE 0 END) AS BIGINT) AS borne
             FROM ledger_line WHERE kind IN ('use', 'use_estimated', 'writeoff') GROUP BY txn_id",
        );
        let rows = rows.fetch_all(&self.pool).await.unwrap();
        let charge = |row: &AnyRow| Charge {
            earned: row.get("earned"),
            borne: row.get("borne"),
        };
        rows.iter()
            .map(|row| (row.get("txn_id"), charge(row)))
            .collect()
    }
}

/// What a transaction of a call comes to.
struct Charge {
    earned: i64,
    borne: i64,
}

/// What is counted in the books.
#[derive(Clone, Copy, Debug)]
pub(super) enum Count {
    OpenHolds,
    /// Holds that were taken, each as often as its name.
    Taken,
    /// Ends of holds.
    Ended,
    /// Those by which all that was held was given back.
    Released,
    /// Changes of a hold other than its one end, and its being taken again after it was given back.
    Strange,
    /// The sum of the whole ledger.
    Ledger,
    /// Totals that the billing provider has not taken note of.
    Unreported,
}

impl Count {
    fn statement(self) -> &'static str {
        match self {
            Self::OpenHolds => "SELECT COUNT(*) AS number FROM hold WHERE state = 'held'",
            Self::Taken => "SELECT CAST(COALESCE(SUM(attempt), 0) AS BIGINT) AS number FROM hold",
            Self::Ended => "SELECT COUNT(*) AS number FROM money_change WHERE was = 'held'",
            Self::Released => {
                "SELECT COUNT(*) AS number FROM money_change WHERE became = 'released'"
            }
            Self::Strange => {
                "SELECT COUNT(*) AS number FROM (
                   SELECT account_id, id, attempt, was FROM money_change GROUP BY account_id, id, attempt, was
                   HAVING COUNT(*) > 1 OR NOT (was = 'held' OR (was = 'released' AND MIN(became) = 'held'))) AS strange"
            }
            Self::Ledger => {
                "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) AS number FROM ledger_line"
            }
            Self::Unreported => {
                "SELECT COUNT(*) AS number FROM usage_total WHERE total / parts > reported"
            }
        }
    }
}

async fn purses(snapshot: &mut Transaction<'static, Any>) -> Vec<Purse> {
    let rows = sqlx::query(
        "SELECT agreement_id, allowance, overage, cap, held,
           CAST(COALESCE((SELECT SUM(amount) FROM hold
             WHERE hold.account_id = wallet.account_id AND state = 'held'), 0) AS BIGINT) AS open,
           CAST(COALESCE((SELECT SUM(amount) FROM ledger_line AS line
             WHERE line.account_id = wallet.account_id), 0) AS BIGINT) AS lines,
           CAST(COALESCE((SELECT -SUM(amount) FROM ledger_line AS line
             WHERE line.ledger_account = 'customer:' || wallet.account_id), 0) AS BIGINT) AS owed,
           CAST(COALESCE((SELECT SUM(total) FROM usage_total
             WHERE usage_total.account_id = wallet.account_id AND feature = 'ai_credit'), 0) AS BIGINT) AS counted
         FROM wallet",
    );
    let rows = rows.fetch_all(&mut **snapshot).await.unwrap();
    let purse = |row: &AnyRow| Purse {
        agreement: row.get("agreement_id"),
        allowance: row.get("allowance"),
        overage: row.get("overage"),
        cap: row.get("cap"),
        held: row.get("held"),
        open: row.get("open"),
        lines: row.get("lines"),
        owed: row.get("owed"),
        counted: row.get("counted"),
    };
    rows.iter().map(purse).collect()
}
