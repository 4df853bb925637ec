//! The yardstick: a bare FTS5 table with the same words, asked for the newest rows and nothing else.

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{ConnectOptions, SqliteConnection};

use crate::fault::Fault;

pub(super) struct Yardstick {
    connection: SqliteConnection,
    /// A table without content gives out no numbers of its own.
    rows: i64,
}

impl Yardstick {
    pub(super) async fn make(path: &Path) -> Result<Self, Fault> {
        let mut connection = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .disable_statement_logging()
            .connect()
            .await?;
        sqlx::query(
            "CREATE VIRTUAL TABLE bare USING fts5 (text, content = '', columnsize = 0, prefix = '1 2',
             tokenize = 'unicode61 remove_diacritics 2')",
        )
        .execute(&mut connection)
        .await?;
        Ok(Self {
            connection,
            rows: 0,
        })
    }

    pub(super) async fn add(&mut self, texts: &[String]) -> Result<(), Fault> {
        sqlx::query("BEGIN").execute(&mut self.connection).await?;
        for text in texts {
            self.rows += 1;
            sqlx::query("INSERT INTO bare (rowid, text) VALUES (?1, ?2)")
                .bind(self.rows)
                .bind(text)
                .execute(&mut self.connection)
                .await?;
        }
        sqlx::query("COMMIT").execute(&mut self.connection).await?;
        Ok(())
    }

    /// The newest rows that match; how many there were.
    pub(super) async fn ask(&mut self, expression: &str, most: u32) -> Result<usize, Fault> {
        let rows: Vec<i64> = sqlx::query_scalar(
            "SELECT rowid FROM bare WHERE bare MATCH ?1 ORDER BY rowid DESC LIMIT ?2",
        )
        .bind(expression)
        .bind(most)
        .fetch_all(&mut self.connection)
        .await?;
        Ok(rows.len())
    }
}
