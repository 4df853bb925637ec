//! The ledger and the accepted terms are only ever added to: both databases refuse to change or remove a line.
//!
//! Triggers are the one thing that the databases write differently, so that they stand here and not among the migrations.

use sqlx::AssertSqlSafe;

use super::{Store, StoreError};

/// The tables that are only added to.
const TABLES: [&str; 2] = ["ledger_line", "terms_acceptance"];

fn sqlite(table: &str) -> String {
    ["update", "delete"]
        .map(|change| {
            format!(
                "CREATE TRIGGER IF NOT EXISTS {table}_kept_{change} BEFORE {change} ON {table}
                 BEGIN SELECT RAISE(ABORT, '{table} is only added to'); END;"
            )
        })
        .concat()
}

fn postgres(table: &str) -> String {
    format!(
        "CREATE OR REPLACE FUNCTION is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN RAISE EXCEPTION '% is only added to', TG_TABLE_NAME; END $$;
         CREATE OR REPLACE TRIGGER {table}_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
         FOR EACH STATEMENT EXECUTE FUNCTION is_only_added_to();"
    )
}

impl Store {
    /// Part of bringing the schema up to date. Done already changes nothing.
    pub(super) async fn guard_what_is_kept(&self) -> Result<(), StoreError> {
        for table in TABLES {
            let statements = if self.is_sqlite {
                sqlite(table)
            } else {
                postgres(table)
            };
            // Made of the names above alone.
            sqlx::raw_sql(AssertSqlSafe(statements))
                .execute(&self.pool)
                .await?;
        }
        Ok(())
    }
}
