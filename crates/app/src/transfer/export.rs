//! Writing an export: to a new file beside its place, conversation by conversation, so that neither its size nor a full disk
//! matters to what is here.

use std::collections::HashMap;
use std::path::Path;

use brasskey_ledger::{Conversation, ConversationId, DraftKey, Project, ProjectId};
use serde::Serialize;

use super::format::{ConversationEntry, FORMAT, MessageEntry, ModelEntry, ProjectEntry, VERSION};
use super::target::Target;
use super::view::{ExportForm, ExportOutcome, ExportScope, TransferProgress};
use super::{Progress, is_worth_telling, markdown};
use crate::App;
use crate::error::Error;

/// Longest part of a file name that comes from a title, in characters.
const LONGEST_NAME: usize = 60;

/// What goes into the file.
struct Chosen {
    projects: Vec<Project>,
    /// Oldest first, so that an import keeps the order in which they came to be.
    conversations: Vec<Conversation>,
    is_everything: bool,
}

impl App {
    /// The name that a file of this export should have.
    ///
    /// # Errors
    /// `not_found`, `storage`.
    pub async fn export_name(
        &self,
        scope: &ExportScope,
        form: ExportForm,
    ) -> Result<String, Error> {
        let chosen = self.choose(scope).await?;
        let what = match scope {
            ExportScope::Everything => "everything".to_owned(),
            ExportScope::Project(_) => chosen
                .projects
                .iter()
                .map(|project| project.name.as_str())
                .collect(),
            ExportScope::Conversation(_) => {
                let titles = chosen.conversations.iter();
                titles
                    .map(|conversation| markdown::one_line(&conversation.title))
                    .collect()
            }
        };
        let day = self
            .clock
            .today()
            .map(|day| day.to_string())
            .unwrap_or_default();
        let ending = match form {
            ExportForm::Markdown => "md",
            ExportForm::Json => "json",
        };
        Ok(format!("Brasskey {} {day}.{ending}", file_name(&what)))
    }

    /// Writes an export to `path`. What stood there is replaced when the new file is whole and on the disk, and not before.
    ///
    /// # Errors
    /// `busy` while another runs, `not_found`, `storage`.
    pub async fn export(
        &self,
        scope: &ExportScope,
        form: ExportForm,
        path: &Path,
        progress: Progress,
    ) -> Result<ExportOutcome, Error> {
        let running = self.transfers.begin()?;
        let chosen = self.choose(scope).await?;
        let total = count(chosen.conversations.len());
        progress(TransferProgress { done: 0, total });
        let mut target = Target::begin(path);
        target.write(self.head(&chosen, form)?).await?;
        for (place, conversation) in chosen.conversations.iter().enumerate() {
            if running.stop.is_cancelled() {
                return Ok(ExportOutcome::Cancelled);
            }
            let bytes = match form {
                ExportForm::Json => self.entry(conversation, place == 0).await?,
                ExportForm::Markdown => self.page(conversation, &chosen, place == 0).await?,
            };
            target.write(bytes).await?;
            let done = count(place + 1);
            if is_worth_telling(done, total) {
                progress(TransferProgress { done, total });
            }
        }
        if form == ExportForm::Json {
            target.write(self.tail(&chosen).await?).await?;
        }
        target.finish().await?;
        Ok(ExportOutcome::Saved {
            name: path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default(),
            conversations: total,
        })
    }

    async fn choose(&self, scope: &ExportScope) -> Result<Chosen, Error> {
        let summaries = self.ledger.projects().list(0..0).await?;
        let mut projects: Vec<Project> = summaries
            .into_iter()
            .map(|summary| summary.project)
            .collect();
        let mut conversations = match scope {
            ExportScope::Conversation(id) => {
                vec![
                    self.ledger
                        .conversations()
                        .get(&ConversationId::new(id))
                        .await?,
                ]
            }
            _ => self.ledger.conversations().list().await?,
        };
        match scope {
            ExportScope::Everything => {}
            ExportScope::Conversation(_) => projects.retain(|project| {
                let mut chosen = conversations.iter();
                chosen.any(|conversation| conversation.project_id.as_ref() == Some(&project.id))
            }),
            ExportScope::Project(id) => {
                projects.retain(|project| project.id.as_str() == id);
                conversations.retain(|conversation| {
                    conversation.project_id.as_ref().map(ProjectId::as_str) == Some(id)
                });
                if projects.is_empty() {
                    return Err(Error::NotFound("project"));
                }
            }
        }
        conversations.reverse();
        Ok(Chosen {
            projects,
            conversations,
            is_everything: *scope == ExportScope::Everything,
        })
    }

    fn head(&self, chosen: &Chosen, form: ExportForm) -> Result<Vec<u8>, Error> {
        if form == ExportForm::Markdown {
            return Ok(Vec::new());
        }
        let projects = chosen.projects.iter().map(|project| ProjectEntry {
            id: project.id.clone(),
            name: project.name.clone(),
            created_at: project.created_at,
            updated_at: project.updated_at,
        });
        let mut bytes = format!(
            "{{\"format\":\"{FORMAT}\",\"version\":{VERSION},\"exported_at\":{},\n\"projects\":[",
            self.clock.now_ms()
        )
        .into_bytes();
        for (place, project) in projects.enumerate() {
            put(&mut bytes, &project, place == 0)?;
        }
        bytes.extend(b"],\n\"conversations\":[");
        Ok(bytes)
    }

    async fn entry(&self, conversation: &Conversation, is_first: bool) -> Result<Vec<u8>, Error> {
        let id = &conversation.id;
        let messages = self.ledger.messages().all(id).await?;
        let entry = ConversationEntry {
            id: id.clone(),
            project_id: conversation.project_id.clone(),
            title: conversation.title.clone(),
            title_is_users: conversation.title_is_users,
            created_at: conversation.created_at,
            updated_at: conversation.updated_at,
            active_leaf: conversation.active_leaf.clone(),
            model: conversation.model().map(|choice| ModelEntry {
                endpoint_id: choice.endpoint_id,
                model: choice.model,
            }),
            draft: self
                .ledger
                .drafts()
                .get(&DraftKey::Conversation(id.clone()))
                .await?,
            messages: messages.into_iter().map(MessageEntry::from).collect(),
            receipts: self.ledger.receipts().by_conversation(id).await?,
        };
        let mut bytes = Vec::new();
        put(&mut bytes, &entry, is_first)?;
        Ok(bytes)
    }

    async fn tail(&self, chosen: &Chosen) -> Result<Vec<u8>, Error> {
        let mut bytes = b"],\n\"receipts\":[".to_vec();
        if chosen.is_everything {
            let receipts = self.ledger.receipts().without_conversation().await?;
            for (place, receipt) in receipts.iter().enumerate() {
                put(&mut bytes, receipt, place == 0)?;
            }
        }
        bytes.extend(b"]}\n");
        Ok(bytes)
    }

    async fn page(
        &self,
        conversation: &Conversation,
        chosen: &Chosen,
        is_first: bool,
    ) -> Result<Vec<u8>, Error> {
        let path = self.ledger.messages().active_path(&conversation.id).await?;
        let receipts = self
            .ledger
            .receipts()
            .by_conversation(&conversation.id)
            .await?;
        let names: HashMap<&ProjectId, &str> = chosen
            .projects
            .iter()
            .map(|project| (&project.id, project.name.as_str()))
            .collect();
        let title = match conversation
            .project_id
            .as_ref()
            .and_then(|id| names.get(id))
        {
            Some(project) => format!(
                "{}: {}",
                markdown::one_line(project),
                markdown::one_line(&conversation.title)
            ),
            None => conversation.title.clone(),
        };
        let page = markdown::conversation(&title, 1, &path, &receipts, &self.clock);
        let between = if is_first { "" } else { "\n" };
        Ok(format!("{between}{page}").into_bytes())
    }
}

fn put(bytes: &mut Vec<u8>, entry: &impl Serialize, is_first: bool) -> Result<(), Error> {
    bytes.extend(if is_first { &b"\n"[..] } else { b",\n" });
    serde_json::to_writer(bytes, entry)
        .map_err(|_| Error::InvalidInput("this cannot be written as JSON"))
}

fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

/// What of a title every file system takes.
fn file_name(title: &str) -> String {
    let safe = title.chars().map(|character| {
        if character.is_alphanumeric() || matches!(character, ' ' | '-' | '_') {
            character
        } else {
            ' '
        }
    });
    let safe: String = safe.take(LONGEST_NAME).collect();
    safe.split_whitespace().collect::<Vec<_>>().join(" ")
}
