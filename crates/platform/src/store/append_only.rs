//! The ledger is only ever added to: both databases refuse to change or remove a line.
//!
//! Triggers are the one thing that the databases write differently, so that they stand here and not among the migrations.

use super::{Store, StoreError};

const SQLITE: &str = "
    CREATE TRIGGER IF NOT EXISTS ledger_line_kept_update BEFORE UPDATE ON ledger_line
    BEGIN SELECT RAISE(ABORT, 'the ledger is only added to'); END;
    CREATE TRIGGER IF NOT EXISTS ledger_line_kept_delete BEFORE DELETE ON ledger_line
    BEGIN SELECT RAISE(ABORT, 'the ledger is only added to'); END;";

const POSTGRES: &str = "
    CREATE OR REPLACE FUNCTION ledger_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the ledger is only added to'; END $$;
    CREATE OR REPLACE TRIGGER ledger_line_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_line
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_only_added_to();";

impl Store {
    /// Part of bringing the schema up to date. Done already changes nothing.
    pub(super) async fn guard_ledger(&self) -> Result<(), StoreError> {
        let statements = if self.is_sqlite() { SQLITE } else { POSTGRES };
        sqlx::raw_sql(statements).execute(&self.pool).await?;
        Ok(())
    }
}
