//! Bringing in an export. The whole file is read and checked before anything is added, so that a file that is not as it should
//! be changes nothing. Then conversation by conversation, each whole or not at all.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::path::{Path, PathBuf};

use brasskey_ledger::{
    ConversationId, ImportedConversation, ImportedMessage, MessageId, ModelChoice, Project,
    ProjectId, Receipt,
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::format::{ConversationEntry, MessageEntry, ProjectEntry, likeness};
use super::read::{Item, Refused, read};
use super::view::{ImportOutcome, ImportProblem, TransferProgress};
use super::{Progress, is_worth_telling};
use crate::App;
use crate::changed::Changed;
use crate::clock::new_id;
use crate::error::Error;

/// Items that wait to be added.
const AHEAD: usize = 2;
/// Receipts that are kept in one transaction.
const BATCH: usize = 500;
/// More projects than anybody has: they are all in memory while a file is imported.
const MOST_PROJECTS: usize = 100_000;

/// What the file holds, known before anything is added.
#[derive(Default)]
struct Contents {
    projects: Vec<ProjectEntry>,
    /// Projects that some conversation stands in.
    used: HashSet<ProjectId>,
    conversations: u32,
}

/// Where the projects of the file are here.
struct Projects {
    entries: HashMap<ProjectId, ProjectEntry>,
    here: HashMap<ProjectId, ProjectId>,
}

impl App {
    /// Imports the file at `path`.
    ///
    /// # Errors
    /// `busy` while another runs, `storage`: what was added until then stays, and importing the file again goes on.
    pub async fn import(&self, path: &Path, progress: Progress) -> Result<ImportOutcome, Error> {
        let running = self.transfers.begin()?;
        // How many there are is known when the file was read.
        progress(TransferProgress { done: 0, total: 0 });
        let contents = match inspect(path.to_owned(), running.stop.clone()).await? {
            Ok(contents) => contents,
            Err(Refused::File(problem, at)) => {
                return Ok(ImportOutcome::Unreadable { problem, at });
            }
            Err(Refused::Disk(error)) => return Err(Error::Disk(error)),
            Err(Refused::Stopped) => return Ok(ImportOutcome::Stopped { added: 0, total: 0 }),
        };
        let outcome = self
            .add(path.to_owned(), contents, &running.stop, &progress)
            .await;
        self.announce(Changed::Everything);
        let app = self.clone();
        self.jobs.spawn(async move {
            if let Err(error) = app.index_what_is_there().await {
                tracing::warn!(
                    code = error.code().as_str(),
                    "imported messages are not indexed yet"
                );
            }
        });
        outcome
    }

    async fn add(
        &self,
        path: PathBuf,
        contents: Contents,
        stop: &CancellationToken,
        progress: &Progress,
    ) -> Result<ImportOutcome, Error> {
        let total = contents.conversations;
        let unused: Vec<ProjectId> = contents
            .projects
            .iter()
            .map(|project| project.id.clone())
            .filter(|id| !contents.used.contains(id))
            .collect();
        let mut projects = Projects {
            entries: contents
                .projects
                .into_iter()
                .map(|entry| (entry.id.clone(), entry))
                .collect(),
            here: HashMap::new(),
        };
        let (sender, mut items) = mpsc::channel(AHEAD);
        let reading = tokio::task::spawn_blocking(move || {
            let file = File::open(path).map_err(Refused::Disk)?;
            read(file, &mut |item| sender.blocking_send(item).is_ok())
        });
        let (mut added, mut already_here) = (0, 0);
        let mut receipts = Vec::new();
        while let Some(item) = items.recv().await {
            if stop.is_cancelled() {
                return Ok(ImportOutcome::Stopped { added, total });
            }
            match item {
                Item::Project(_) => {}
                Item::Conversation(entry) => {
                    match self.add_conversation(*entry, &mut projects).await? {
                        true => added += 1,
                        false => already_here += 1,
                    }
                    let done = added + already_here;
                    if is_worth_telling(done, total) {
                        progress(TransferProgress { done, total });
                    }
                }
                Item::Receipt(receipt) => {
                    let project_id = self
                        .project_here(receipt.project_id.as_ref(), &mut projects)
                        .await?;
                    receipts.push(Receipt {
                        message_id: None,
                        conversation_id: None,
                        project_id,
                        ..*receipt
                    });
                    if receipts.len() >= BATCH {
                        self.ledger.imports().receipts(&receipts).await?;
                        receipts.clear();
                    }
                }
            }
        }
        self.ledger.imports().receipts(&receipts).await?;
        match reading.await {
            Ok(Ok(())) => {}
            Ok(Err(Refused::Disk(error))) => return Err(Error::Disk(error)),
            // The file was whole a moment ago, and is not any more.
            Ok(Err(_)) | Err(_) => return Ok(ImportOutcome::Stopped { added, total }),
        }
        for id in unused {
            self.project_here(Some(&id), &mut projects).await?;
        }
        Ok(ImportOutcome::Done {
            added,
            already_here,
        })
    }

    /// Adds a conversation, unless it is here already.
    async fn add_conversation(
        &self,
        entry: ConversationEntry,
        projects: &mut Projects,
    ) -> Result<bool, Error> {
        if self.is_here(&entry).await? {
            return Ok(false);
        }
        let project_id = self
            .project_here(entry.project_id.as_ref(), projects)
            .await?;
        let id = ConversationId::new(new_id());
        let ids: HashMap<MessageId, MessageId> = entry
            .messages
            .iter()
            .map(|message| (message.id.clone(), MessageId::new(new_id())))
            .collect();
        let new = |old: &Option<MessageId>| old.as_ref().and_then(|old| ids.get(old).cloned());
        let mut receipts = Vec::with_capacity(entry.receipts.len());
        for receipt in entry.receipts {
            receipts.push(Receipt {
                message_id: new(&receipt.message_id),
                conversation_id: Some(id.clone()),
                project_id: self
                    .project_here(receipt.project_id.as_ref(), projects)
                    .await?,
                ..receipt
            });
        }
        let whole = ImportedConversation {
            project_id,
            title: entry.title,
            title_is_users: entry.title_is_users,
            created_at: entry.created_at,
            updated_at: entry.updated_at,
            active_leaf: new(&entry.active_leaf),
            model: entry.model.map(|choice| ModelChoice {
                endpoint_id: choice.endpoint_id,
                model: choice.model,
            }),
            draft: entry.draft,
            messages: entry
                .messages
                .into_iter()
                .filter_map(|message| imported(message, &ids))
                .collect(),
            receipts,
            id,
        };
        self.ledger.imports().conversation(&whole).await?;
        Ok(true)
    }

    /// Whether a conversation with the same messages is here.
    async fn is_here(&self, entry: &ConversationEntry) -> Result<bool, Error> {
        let alike = self
            .ledger
            .conversations()
            .alike(entry.created_at, entry.messages.len())
            .await?;
        if alike.is_empty() {
            return Ok(false);
        }
        let wanted = likeness(&entry.title, &entry.messages);
        for id in alike {
            let title = self.ledger.conversations().get(&id).await?.title;
            let messages = self.ledger.messages().all(&id).await?;
            let messages: Vec<MessageEntry> =
                messages.into_iter().map(MessageEntry::from).collect();
            if likeness(&title, &messages) == wanted {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The project here that is one of the file's; none where the file does not hold it.
    async fn project_here(
        &self,
        id: Option<&ProjectId>,
        projects: &mut Projects,
    ) -> Result<Option<ProjectId>, Error> {
        let Some(id) = id else { return Ok(None) };
        if let Some(here) = projects.here.get(id) {
            return Ok(Some(here.clone()));
        }
        let Some(entry) = projects.entries.get(id) else {
            return Ok(None);
        };
        let project = Project {
            id: ProjectId::new(new_id()),
            name: entry.name.clone(),
            created_at: entry.created_at,
            updated_at: entry.updated_at,
        };
        let here = self.ledger.imports().project(&project).await?;
        projects.here.insert(id.clone(), here.clone());
        Ok(Some(here))
    }
}

fn imported(message: MessageEntry, ids: &HashMap<MessageId, MessageId>) -> Option<ImportedMessage> {
    Some(ImportedMessage {
        id: ids.get(&message.id)?.clone(),
        parent_id: message
            .parent_id
            .and_then(|parent| ids.get(&parent).cloned()),
        role: message.role,
        text: message.text,
        thinking: message.thinking,
        state: message.state,
        failure_json: message.failure.map(|failure| failure.to_string()),
        ending: message.ending,
        endpoint_id: message.endpoint_id,
        model: message.model,
        created_at: message.created_at,
        closed_at: message.closed_at.unwrap_or(message.created_at),
    })
}

/// Reads the whole file without adding anything.
async fn inspect(
    path: PathBuf,
    stop: CancellationToken,
) -> Result<Result<Contents, Refused>, Error> {
    let reading = tokio::task::spawn_blocking(move || {
        let file = File::open(path).map_err(Refused::Disk)?;
        let mut contents = Contents::default();
        let mut known = HashSet::new();
        let done = read(file, &mut |item| {
            match item {
                Item::Project(project) => {
                    known.insert(project.id.clone());
                    contents.projects.push(project);
                }
                Item::Conversation(conversation) => {
                    contents.conversations = contents.conversations.saturating_add(1);
                    let project = conversation.project_id;
                    contents
                        .used
                        .extend(project.filter(|id| known.contains(id)));
                }
                Item::Receipt(_) => {}
            }
            contents.projects.len() <= MOST_PROJECTS && !stop.is_cancelled()
        });
        if contents.projects.len() > MOST_PROJECTS {
            return Err(Refused::File(ImportProblem::TooLarge, None));
        }
        done.map(|()| contents)
    });
    reading
        .await
        .map_err(|_| Error::InvalidInput("the file could not be read"))
}
