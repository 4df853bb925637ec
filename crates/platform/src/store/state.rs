//! How the database itself is: its schema, its clock, its connections.

use jiff::Timestamp;
use sqlx::Row;

use super::{MIGRATIONS, Store, StoreError};

/// The connections to the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PoolState {
    pub(crate) size: u32,
    pub(crate) idle: u32,
}

/// The version of a schema: the number of its last migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Schema {
    /// Of the database.
    pub(crate) found: i64,
    /// That this program was built with.
    pub(crate) wanted: i64,
}

impl Store {
    pub(crate) fn pool_state(&self) -> PoolState {
        PoolState {
            size: self.pool.size(),
            idle: u32::try_from(self.pool.num_idle()).unwrap_or(u32::MAX),
        }
    }

    /// The schema. A database without one refuses.
    pub(crate) async fn schema(&self) -> Result<Schema, StoreError> {
        let row = sqlx::query("SELECT MAX(version) AS version FROM _sqlx_migrations WHERE success")
            .fetch_one(&self.pool)
            .await?;
        let wanted = MIGRATIONS.iter().map(|migration| migration.version).max();
        Ok(Schema {
            found: row.try_get::<Option<i64>, _>("version")?.unwrap_or(0),
            wanted: wanted.unwrap_or(0),
        })
    }

    /// What time it is for the database, to the second.
    pub(crate) async fn time(&self) -> Result<Timestamp, StoreError> {
        let now = if self.is_sqlite {
            "SELECT CAST(strftime('%s', 'now') AS BIGINT) AS now"
        } else {
            "SELECT CAST(FLOOR(EXTRACT(EPOCH FROM clock_timestamp())) AS BIGINT) AS now"
        };
        let row = sqlx::query(now).fetch_one(&self.pool).await?;
        Timestamp::from_second(row.try_get("now")?).map_err(|_| StoreError::Unreadable("a time"))
    }
}
