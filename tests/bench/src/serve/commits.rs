//! Commits of one row, each on the disk before it is answered: what a vendor's authority cannot do with fewer than two of.

use sqlx::AnyPool;
use sqlx::any::AnyPoolOptions;

use crate::fault::Fault;

/// A table that rows are committed to. Clones are handles to the same one.
#[derive(Clone)]
pub(crate) struct Commits(AnyPool);

impl Commits {
    pub(crate) async fn open(database: &str) -> Result<Self, Fault> {
        sqlx::any::install_default_drivers();
        // As many connections as the service has.
        let pool = AnyPoolOptions::new()
            .max_connections(16)
            .connect(database)
            .await?;
        sqlx::query(
            "CREATE TABLE IF NOT EXISTS yardstick (id BIGSERIAL PRIMARY KEY, what TEXT NOT NULL)",
        )
        .execute(&pool)
        .await?;
        Ok(Self(pool))
    }

    pub(crate) async fn add(&self, what: &str) -> Result<(), Fault> {
        sqlx::query("INSERT INTO yardstick (what) VALUES ($1)")
            .bind(what)
            .execute(&self.0)
            .await?;
        Ok(())
    }
}
