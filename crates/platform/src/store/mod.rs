//! The database: SQLite on one machine, PostgreSQL behind many, from one set of statements.
//!
//! The only module of the service with SQL. Everything that belongs together is written in one transaction.

mod account;
mod append_only;
mod audit;
mod books;
mod checkout;
mod device;
mod grant;
mod group;
mod hold;
mod idempotency;
mod inbox;
mod ledger;
mod plan_change;
mod renewal;
mod reporting;
mod settle;
mod sign_in;
mod state;
mod subscription;
mod terms;
mod url;
mod usage;
mod wallet;

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use brasskey_licence::Standing;
use jiff::Timestamp;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions, AnyRow};
use sqlx::migrate::Migrator;
use sqlx::{Any, AnyPool, Connection, Executor, Row, Transaction};

pub use audit::Difference;
pub(crate) use books::{Books, Card, NewInvoice, NewLine, Page, Running, UnbilledUsage};
pub(crate) use checkout::Checkout;
pub(crate) use device::{BegunTrial, Device, ListedDevice, NewDevice, NewTrial};
pub(crate) use hold::{Hold, NewHold, Taken};
pub(crate) use idempotency::{Claim, Claimed, StoredAnswer};
pub(crate) use inbox::{ClaimedEvent, NewEvent};
pub(crate) use ledger::Line;
pub(crate) use plan_change::{ChangeFailure, ChangeState, NewPlanChange, PlanChange};
pub(crate) use renewal::{Presented, Renewal, Renewed};
pub(crate) use reporting::{Period, Unreported};
pub(crate) use settle::Settlement;
pub(crate) use sign_in::{SignIn, SignedIn};
pub(crate) use state::PoolState;
pub(crate) use subscription::{Copy, Projection};
pub(crate) use terms::Acceptance;
pub(crate) use url::{check_url, is_this_machine};
pub(crate) use usage::{Counting, UsageEvent};
pub(crate) use wallet::{Bearer, Wallet};

use crate::tls;
use group::Group;

static MIGRATIONS: Migrator = sqlx::migrate!();

/// How long a request waits for a connection before it is told to come back.
const PATIENCE: Duration = Duration::from_secs(5);

/// A connection that was used a moment ago is not asked first whether it is still there.
const SURELY_THERE: Duration = Duration::from_secs(5);

/// Writers of commits that are shared. SQLite has one writer at a time anyway; with PostgreSQL one alone is slower than a
/// commit each as long as few requests wait.
const WRITERS: usize = 3;

/// SQLite's own BEGIN takes the write lock at the first write, and fails when another took it in between.
const IMMEDIATELY: &str = "BEGIN IMMEDIATE";

/// What the database refused.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The URL is of no database that is known here.
    #[error("the database URL has to begin with sqlite: or postgres:")]
    Url,
    /// Passwords and data would pass a network unprotected.
    #[error(
        "PostgreSQL on another machine needs sslmode=verify-full (and sslrootcert=FILE for a certificate authority of one's own)"
    )]
    Insecure,
    /// The database answered with an error.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the schema: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A row that this version cannot read.
    #[error("a row cannot be read: {0}")]
    Unreadable(&'static str),
    /// What befell all writes that were to be committed together.
    #[error(transparent)]
    Shared(Arc<StoreError>),
    /// A write panicked.
    #[error("a write was given up")]
    GivenUp,
}

impl StoreError {
    /// Whether PostgreSQL broke off a transaction because another one and it waited for each other (`deadlock_detected`).
    fn is_deadlock(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(error)) if error.code().as_deref() == Some("40P01"))
    }

    /// Whether the database cannot be reached or has no connection to spare: trying again later makes sense.
    pub(crate) fn is_unavailable(&self) -> bool {
        match self {
            Self::Database(error) => matches!(
                error,
                sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_)
            ),
            Self::Shared(error) => error.is_unavailable(),
            _ => false,
        }
    }
}

/// A subscription, as licences are made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subscription {
    pub(crate) plan_code: String,
    pub(crate) standing: Standing,
    pub(crate) ends_at: Option<Timestamp>,
    pub(crate) past_due_since: Option<Timestamp>,
    /// The period that runs.
    pub(crate) period_start: Option<Timestamp>,
    pub(crate) period_end: Option<Timestamp>,
    /// At the billing provider.
    pub(crate) agreement_id: Option<String>,
    /// Only grows.
    pub(crate) rev: i64,
}

/// The database.
#[derive(Clone, Debug)]
pub struct Store {
    pool: AnyPool,
    /// Writes that share a commit.
    group: Group,
    begin: &'static str,
    is_sqlite: bool,
}

impl Store {
    /// Connects to `sqlite:PATH` (made when it is not there) or `postgres://…`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Self::open_with(url, None).await
    }

    /// Connects with at most as many connections.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open_with(url: &str, connections: Option<u32>) -> Result<Self, StoreError> {
        check_url(url)?;
        // The driver's TLS takes the process's provider.
        tls::provide();
        sqlx::any::install_default_drivers();
        let is_sqlite = url.starts_with("sqlite:");
        let url = if is_sqlite && !url.contains('?') {
            format!("{url}?mode=rwc")
        } else {
            url.to_owned()
        };
        let pool = AnyPoolOptions::new()
            .max_connections(connections.unwrap_or(if is_sqlite { 4 } else { 16 }))
            .acquire_timeout(PATIENCE)
            .test_before_acquire(false)
            .before_acquire(|connection, meta| {
                Box::pin(async move {
                    if meta.idle_for > SURELY_THERE {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    if is_sqlite {
                        // A commit is on the disk when it is answered, readers do not wait for writers, and a writer waits
                        // for its turn.
                        for pragma in [
                            "PRAGMA journal_mode = WAL",
                            "PRAGMA synchronous = FULL",
                            "PRAGMA foreign_keys = ON",
                            "PRAGMA busy_timeout = 5000",
                        ] {
                            sqlx::query(pragma).execute(&mut *connection).await?;
                        }
                    }
                    Ok(())
                })
            })
            .connect_with(AnyConnectOptions::from_str(&url)?)
            .await?;
        let begin = if is_sqlite { IMMEDIATELY } else { "BEGIN" };
        let writers = if is_sqlite { 1 } else { WRITERS };
        Ok(Self {
            group: Group::new(&pool, begin, writers),
            pool,
            begin,
            is_sqlite,
        })
    }

    /// Brings the schema up to date.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn migrate(&self) -> Result<(), StoreError> {
        MIGRATIONS.run(&self.pool).await?;
        self.guard_what_is_kept().await
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn is_ready(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }

    /// Closes all connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    async fn write(&self) -> Result<Transaction<'static, Any>, StoreError> {
        Ok(self.pool.begin_with(self.begin).await?)
    }

    /// The key set that the root signed last.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn keyset(&self) -> Result<Option<String>, StoreError> {
        let row = sqlx::query("SELECT signed FROM keyset ORDER BY issued_at DESC LIMIT 1")
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|row| row.try_get("signed")).transpose()?)
    }

    /// Keeps a key set that the root signed.
    ///
    /// # Errors
    /// [`StoreError::Database`], also when there is one of the same time.
    pub async fn keep_keyset(&self, signed: &str, issued_at: Timestamp) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO keyset (issued_at, signed) VALUES ($1, $2)")
            .bind(issued_at.as_millisecond())
            .bind(signed)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The subscription of an account.
    pub(crate) async fn subscription(
        &self,
        account: &str,
    ) -> Result<Option<Subscription>, StoreError> {
        subscription_of(&self.pool, account).await
    }
}

/// The columns that [`subscription_in`] reads.
macro_rules! subscription_columns {
    () => {
        "subscription.plan_code, subscription.standing, subscription.ends_at, subscription.past_due_since,
         subscription.period_start, subscription.period_end, subscription.agreement_id, subscription.rev"
    };
}
use subscription_columns;

/// The subscription of an account.
async fn subscription_of<'a>(
    from: impl Executor<'a, Database = Any>,
    account: &str,
) -> Result<Option<Subscription>, StoreError> {
    let row = sqlx::query(concat!(
        "SELECT ",
        subscription_columns!(),
        " FROM subscription WHERE account_id = $1"
    ))
    .bind(account)
    .fetch_optional(from)
    .await?;
    match row {
        Some(row) => subscription_in(&row),
        None => Ok(None),
    }
}

/// The subscription in a row; none where an outer join found none.
fn subscription_in(row: &AnyRow) -> Result<Option<Subscription>, StoreError> {
    let Some(word) = row.try_get::<Option<&str>, _>("standing")? else {
        return Ok(None);
    };
    Ok(Some(Subscription {
        plan_code: row.try_get("plan_code")?,
        standing: standing(word)?,
        ends_at: time(row.try_get("ends_at")?)?,
        past_due_since: time(row.try_get("past_due_since")?)?,
        period_start: time(row.try_get("period_start")?)?,
        period_end: time(row.try_get("period_end")?)?,
        agreement_id: row.try_get("agreement_id")?,
        rev: row.try_get("rev")?,
    }))
}

fn standing(word: &str) -> Result<Standing, StoreError> {
    match word {
        "trial" => Ok(Standing::Trial),
        "active" => Ok(Standing::Active),
        "past_due" => Ok(Standing::PastDue),
        "ending" => Ok(Standing::Ending),
        "free" => Ok(Standing::Free),
        "revoked" => Ok(Standing::Revoked),
        _ => Err(StoreError::Unreadable("standing")),
    }
}

fn standing_word(standing: Standing) -> Result<&'static str, StoreError> {
    match standing {
        Standing::Trial => Ok("trial"),
        Standing::Active => Ok("active"),
        Standing::PastDue => Ok("past_due"),
        Standing::Ending => Ok("ending"),
        Standing::Free => Ok("free"),
        Standing::Revoked => Ok("revoked"),
        Standing::Unknown => Err(StoreError::Unreadable("standing")),
    }
}

fn time(at: Option<i64>) -> Result<Option<Timestamp>, StoreError> {
    at.map(Timestamp::from_millisecond)
        .transpose()
        .map_err(|_| StoreError::Unreadable("a time"))
}
