//! Projects: the folders that conversations stand in.
//!
//! Deleting one hides it with its conversations until it is restored or purged. Receipts are never touched.

use std::ops::Range;

use sqlx::FromRow;

use crate::receipt::Totals;
use crate::{Ledger, LedgerError, ProjectId, conversation, metered_use, search};

/// What the platform calls the making of a project.
const FEATURE: &str = "projects";

/// A project.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// Its name, as the user wrote it.
    pub name: String,
    /// When it was made, in milliseconds since 1970 UTC.
    pub created_at: i64,
    /// When it was last renamed, in milliseconds since 1970 UTC.
    pub updated_at: i64,
}

/// A project with what its calls cost.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct ProjectSummary {
    /// The project.
    #[sqlx(flatten)]
    pub project: Project,
    /// The totals of the calls made in it, within the period asked for.
    #[sqlx(flatten)]
    pub totals: Totals,
}

/// Projects in the ledger.
#[derive(Debug, Clone, Copy)]
pub struct Projects<'a> {
    pub(crate) ledger: &'a Ledger,
}

impl Projects<'_> {
    /// Makes a project, and in the same transaction notes it as a use of the metered feature by `profile`.
    ///
    /// # Errors
    /// [`LedgerError::Conflict`] when the id is taken.
    pub async fn create(
        &self,
        id: &ProjectId,
        name: &str,
        profile: &str,
        at: i64,
    ) -> Result<Project, LedgerError> {
        let mut write = self.ledger.write().await?;
        sqlx::query(
            "INSERT INTO project (id, name, created_at, updated_at) VALUES (?1, ?2, ?3, ?3)",
        )
        .bind(id)
        .bind(name)
        .bind(at)
        .execute(&mut *write)
        .await?;
        metered_use::note(&mut write, id.as_str(), profile, FEATURE, at).await?;
        search::catch_up(&mut write, search::A_FEW).await?;
        write.commit().await?;
        Ok(Project {
            id: id.clone(),
            name: name.to_owned(),
            created_at: at,
            updated_at: at,
        })
    }

    /// Gives a project another name.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] when there is no such project.
    pub async fn rename(&self, id: &ProjectId, name: &str, at: i64) -> Result<(), LedgerError> {
        let mut write = self.ledger.write().await?;
        let changed = sqlx::query(
            "UPDATE project SET name = ?2, updated_at = ?3 WHERE id = ?1 AND deleted_at IS NULL",
        )
        .bind(id)
        .bind(name)
        .bind(at)
        .execute(&mut *write)
        .await?;
        found(changed.rows_affected())?;
        search::catch_up(&mut write, search::A_FEW).await?;
        Ok(write.commit().await?)
    }

    /// The projects by name, each with the totals of its calls in `period` (this month, say).
    ///
    /// # Errors
    /// [`LedgerError::Overflow`] when a sum is out of range.
    pub async fn list(&self, period: Range<i64>) -> Result<Vec<ProjectSummary>, LedgerError> {
        let mut read = self.ledger.read().await?;
        Ok(sqlx::query_as(
            "SELECT project.id, project.name, project.created_at, project.updated_at,
                    COUNT(receipt.at) AS calls,
                    COALESCE(SUM(receipt.cost_pico), 0) AS known_pico,
                    COUNT(CASE receipt.cost_kind WHEN 'unknown' THEN 1 END) AS unknown
             FROM project
             LEFT JOIN receipt ON receipt.project_id = project.id AND receipt.at >= ?1 AND receipt.at < ?2
             WHERE project.deleted_at IS NULL
             GROUP BY project.id
             ORDER BY project.name COLLATE NOCASE, project.created_at",
        )
        .bind(period.start)
        .bind(period.end)
        .fetch_all(&mut *read)
        .await?)
    }

    /// Hides a project and its conversations. [`Projects::restore`] brings both back.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] when there is no such project.
    pub async fn delete(&self, id: &ProjectId, at: i64) -> Result<(), LedgerError> {
        let mut write = self.ledger.write().await?;
        let changed =
            sqlx::query("UPDATE project SET deleted_at = ?2 WHERE id = ?1 AND deleted_at IS NULL")
                .bind(id)
                .bind(at)
                .execute(&mut *write)
                .await?;
        found(changed.rows_affected())?;
        sqlx::query(
            "UPDATE conversation SET deleted_at = ?2 WHERE project_id = ?1 AND deleted_at IS NULL",
        )
        .bind(id)
        .bind(at)
        .execute(&mut *write)
        .await?;
        Ok(write.commit().await?)
    }

    /// Undoes a deletion: the project and the conversations that went with it. Conversations deleted before stay deleted.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] when there is no such deleted project.
    pub async fn restore(&self, id: &ProjectId) -> Result<(), LedgerError> {
        let mut write = self.ledger.write().await?;
        sqlx::query(
            "UPDATE conversation SET deleted_at = NULL
             WHERE project_id = ?1 AND deleted_at = (SELECT deleted_at FROM project WHERE id = ?1)",
        )
        .bind(id)
        .execute(&mut *write)
        .await?;
        let changed = sqlx::query(
            "UPDATE project SET deleted_at = NULL WHERE id = ?1 AND deleted_at IS NOT NULL",
        )
        .bind(id)
        .execute(&mut *write)
        .await?;
        found(changed.rows_affected())?;
        Ok(write.commit().await?)
    }

    /// Erases the projects deleted before `before` and their conversations, on the disk too. Returns how many projects.
    ///
    /// A project with a conversation that is not deleted or still has an open answer stays.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn purge(&self, before: i64) -> Result<u64, LedgerError> {
        let mut write = self.ledger.write().await?;
        conversation::erase(&mut write, before).await?;
        let erased = sqlx::query(
            "DELETE FROM project WHERE deleted_at < ?1
             AND NOT EXISTS (SELECT 1 FROM conversation WHERE conversation.project_id = project.id)",
        )
        .bind(before)
        .execute(&mut *write)
        .await?
        .rows_affected();
        write.commit().await?;
        self.ledger.forget_deleted().await?;
        Ok(erased)
    }
}

fn found(rows: u64) -> Result<(), LedgerError> {
    if rows == 0 {
        Err(LedgerError::NotFound {
            what: "the project",
        })
    } else {
        Ok(())
    }
}
