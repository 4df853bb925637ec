//! Projects and conversations: the side bar, and what is done to its entries. Deleting can be undone until Brasskey quits
//! or the retention time is over; nothing here deletes a receipt.

pub mod view;

use brasskey_ledger::{ConversationId, DraftKey, ModelChoice, NewConversation, ProjectId};

use crate::App;
use crate::changed::Changed;
use crate::chat::view::ConversationView;
use crate::clock::new_id;
use crate::error::Error;
use crate::models::view::ModelRef;
use view::{ConversationSummary, ProjectView, WorkspaceView};

/// Longest name of a project and title of a conversation, in characters.
const MAX_NAME: usize = 200;

/// How long deleted projects and conversations are kept, in milliseconds: 30 days.
pub(crate) const KEPT_DELETED_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

impl App {
    /// The side bar.
    ///
    /// # Errors
    /// `storage`.
    pub async fn workspace(&self) -> Result<WorkspaceView, Error> {
        let month = self.clock.month();
        let projects = self
            .ledger
            .projects()
            .list(month.from_ms..month.until_ms)
            .await?;
        let conversations = self.ledger.conversations().list().await?;
        Ok(WorkspaceView {
            projects: projects
                .into_iter()
                .map(|summary| ProjectView {
                    id: summary.project.id.as_str().to_owned(),
                    name: summary.project.name,
                    spent_this_month: summary.totals.known.to_string(),
                })
                .collect(),
            conversations: conversations
                .into_iter()
                .map(|conversation| ConversationSummary {
                    answering: self.turns.of(&conversation.id).is_some(),
                    id: conversation.id.as_str().to_owned(),
                    project_id: conversation
                        .project_id
                        .map(|project| project.as_str().to_owned()),
                    title: conversation.title,
                    updated_at: conversation.updated_at,
                })
                .collect(),
        })
    }

    /// Creates a project. The platform counts it in its own time.
    ///
    /// # Errors
    /// `invalid_input` for an empty or overlong name; `storage`.
    pub async fn create_project(&self, name: &str) -> Result<ProjectView, Error> {
        let name = named(name)?;
        let project = self
            .ledger
            .projects()
            .create(
                &ProjectId::new(new_id()),
                name,
                &self.account.profile(),
                self.clock.now_ms(),
            )
            .await?;
        self.announce(Changed::Workspace);
        Ok(ProjectView {
            id: project.id.as_str().to_owned(),
            name: project.name,
            spent_this_month: "0".to_owned(),
        })
    }

    /// Renames a project.
    ///
    /// # Errors
    /// `invalid_input`, `not_found`, `storage`.
    pub async fn rename_project(&self, id: &str, name: &str) -> Result<(), Error> {
        self.ledger
            .projects()
            .rename(&ProjectId::new(id), named(name)?, self.clock.now_ms())
            .await?;
        self.announce(Changed::Workspace);
        Ok(())
    }

    /// Deletes a project with its conversations; answers running in them are stopped.
    ///
    /// # Errors
    /// `not_found`, `storage`.
    pub async fn delete_project(&self, id: &str) -> Result<(), Error> {
        let project = ProjectId::new(id);
        let conversations = self.ledger.conversations().list().await?;
        self.ledger
            .projects()
            .delete(&project, self.clock.now_ms())
            .await?;
        for conversation in conversations {
            if conversation.project_id.as_ref() == Some(&project) {
                self.stop_in(&conversation.id);
            }
        }
        self.announce(Changed::Workspace);
        Ok(())
    }

    /// Undoes [`App::delete_project`].
    ///
    /// # Errors
    /// `not_found`, `storage`.
    pub async fn restore_project(&self, id: &str) -> Result<(), Error> {
        self.ledger.projects().restore(&ProjectId::new(id)).await?;
        self.announce(Changed::Workspace);
        Ok(())
    }

    /// Creates an empty conversation.
    ///
    /// # Errors
    /// `not_found` for an unknown project; `storage`.
    pub async fn create_conversation(
        &self,
        project: Option<String>,
    ) -> Result<ConversationView, Error> {
        let id = ConversationId::new(new_id());
        self.ledger
            .conversations()
            .create(
                &NewConversation {
                    id: id.clone(),
                    project_id: project.map(ProjectId::new),
                    title: String::new(),
                    title_is_users: false,
                    model: None,
                },
                self.clock.now_ms(),
            )
            .await?;
        self.announce(Changed::Workspace);
        self.open_conversation(id.as_str()).await
    }

    /// Renames a conversation.
    ///
    /// # Errors
    /// `invalid_input`, `not_found`, `storage`.
    pub async fn rename_conversation(&self, id: &str, title: &str) -> Result<(), Error> {
        self.ledger
            .conversations()
            .rename(&ConversationId::new(id), named(title)?, true)
            .await?;
        self.conversation_changed(id);
        Ok(())
    }

    /// Moves a conversation to a project or out of one.
    ///
    /// # Errors
    /// `not_found`, `storage`.
    pub async fn move_conversation(&self, id: &str, project: Option<String>) -> Result<(), Error> {
        self.ledger
            .conversations()
            .move_to(
                &ConversationId::new(id),
                project.map(ProjectId::new).as_ref(),
            )
            .await?;
        self.conversation_changed(id);
        Ok(())
    }

    /// Deletes a conversation; an answer running in it is stopped. Its receipts stay.
    ///
    /// # Errors
    /// `not_found`, `storage`.
    pub async fn delete_conversation(&self, id: &str) -> Result<(), Error> {
        let id = ConversationId::new(id);
        self.ledger
            .conversations()
            .delete(&id, self.clock.now_ms())
            .await?;
        // Afterwards: a question that is just being sent either finds the conversation gone or is found here.
        self.stop_in(&id);
        self.announce(Changed::Workspace);
        Ok(())
    }

    /// Undoes [`App::delete_conversation`].
    ///
    /// # Errors
    /// `not_found`, `storage`.
    pub async fn restore_conversation(&self, id: &str) -> Result<(), Error> {
        self.ledger
            .conversations()
            .restore(&ConversationId::new(id))
            .await?;
        self.announce(Changed::Workspace);
        Ok(())
    }

    /// Keeps the model chosen for the next answer.
    ///
    /// # Errors
    /// `not_found`, `storage`.
    pub async fn choose_model(&self, id: &str, model: &ModelRef) -> Result<(), Error> {
        let choice = ModelChoice {
            endpoint_id: model.key_id.clone(),
            model: model.model.clone(),
        };
        self.ledger
            .conversations()
            .set_model(&ConversationId::new(id), Some(&choice))
            .await?;
        self.announce(Changed::Conversation(id.to_owned()));
        Ok(())
    }

    /// Keeps what stands in the composer.
    ///
    /// # Errors
    /// `storage`.
    pub async fn save_draft(&self, conversation: Option<String>, text: &str) -> Result<(), Error> {
        Ok(self
            .ledger
            .drafts()
            .set(&draft_key(conversation), text, self.clock.now_ms())
            .await?)
    }

    /// What stood in the composer.
    ///
    /// # Errors
    /// `storage`.
    pub async fn draft(&self, conversation: Option<String>) -> Result<String, Error> {
        Ok(self.ledger.drafts().get(&draft_key(conversation)).await?)
    }

    /// Removes for good what was deleted more than 30 days ago.
    pub(crate) async fn purge_deleted(&self) -> Result<(), Error> {
        let before = self.clock.now_ms() - KEPT_DELETED_MS;
        self.ledger.conversations().purge(before).await?;
        self.ledger.projects().purge(before).await?;
        Ok(())
    }

    fn stop_in(&self, conversation: &ConversationId) {
        if let Some(turn) = self.turns.of(conversation) {
            self.turns.stop(&turn);
        }
    }

    fn conversation_changed(&self, id: &str) {
        self.announce(Changed::Workspace);
        self.announce(Changed::Conversation(id.to_owned()));
    }
}

fn named(name: &str) -> Result<&str, Error> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME {
        return Err(Error::InvalidInput("a name has 1 to 200 characters"));
    }
    Ok(name)
}

fn draft_key(conversation: Option<String>) -> DraftKey {
    conversation.map_or(DraftKey::New, |id| {
        DraftKey::Conversation(ConversationId::new(id))
    })
}
