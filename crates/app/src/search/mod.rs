//! Search over everything that is kept: messages, titles, projects. Newest first and never ranked, so that the commonest word
//! costs no more than a rare one. It needs no licence, no key and no connection.

pub mod view;

use std::time::Duration;

use brasskey_ledger::{self as ledger, Piece, Query};

use crate::App;
use crate::chat::view::{ConversationView, RoleView};
use crate::error::Error;
use view::{FoundConversationView, FoundMessageView, FoundProjectView, PieceView, SearchView};

/// How many messages one search shows at most.
const MOST_MESSAGES: u32 = 300;
/// Names stand above the messages and must leave room for them.
const MOST_NAMES: u32 = 5;
/// How many messages of an older version are indexed in one transaction: some tens of milliseconds.
const BATCH: u32 = 200;
/// Between two of them others write.
const PAUSE: Duration = Duration::from_millis(20);

impl App {
    /// Looks for what was typed; the newest `limit` messages. Where there is no letter and no digit, nothing is found.
    ///
    /// # Errors
    /// `storage`.
    pub async fn search(&self, typed: &str, limit: u32) -> Result<SearchView, Error> {
        let search = self.ledger.search();
        let Some(query) = Query::read(typed) else {
            return Ok(SearchView {
                projects: Vec::new(),
                conversations: Vec::new(),
                messages: Vec::new(),
                more: false,
                unindexed: 0,
            });
        };
        let limit = limit.clamp(1, MOST_MESSAGES);
        let projects = search.projects(&query, MOST_NAMES).await?;
        let conversations = search.conversations(&query, MOST_NAMES).await?;
        let mut messages = search.messages(&query, limit + 1).await?;
        let more = messages.len() > limit as usize && limit < MOST_MESSAGES;
        messages.truncate(limit as usize);
        Ok(SearchView {
            projects: projects
                .into_iter()
                .map(|project| FoundProjectView {
                    id: project.id.as_str().to_owned(),
                    name: pieces(project.name),
                })
                .collect(),
            conversations: conversations
                .into_iter()
                .map(|conversation| FoundConversationView {
                    id: conversation.id.as_str().to_owned(),
                    title: pieces(conversation.title),
                    project: conversation.project,
                    updated_at: conversation.updated_at,
                })
                .collect(),
            messages: messages.into_iter().map(message_view).collect(),
            more,
            unindexed: search.unindexed().await?,
        })
    }

    /// Opens a conversation so that this message is on the shown path: as it stands where it is, otherwise on the newest path
    /// through the message.
    ///
    /// # Errors
    /// `not_found` when it was deleted meanwhile, `busy` when another path is needed while an answer is running, `storage`.
    pub async fn open_at(&self, message: &str) -> Result<ConversationView, Error> {
        let id = ledger::MessageId::new(message);
        let conversation = self.ledger.messages().get(&id).await?.conversation_id;
        let shown = self.open_conversation(conversation.as_str()).await?;
        if shown.messages.iter().any(|each| each.id == message) {
            return Ok(shown);
        }
        self.show_version(message).await
    }

    /// Indexes what an older version left, a little at a time.
    pub(crate) async fn index_what_is_there(&self) -> Result<(), Error> {
        while self.ledger.search().catch_up(BATCH).await? > 0 {
            tokio::select! {
                () = self.closing.cancelled() => break,
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
        Ok(())
    }
}

fn message_view(message: ledger::FoundMessage) -> FoundMessageView {
    FoundMessageView {
        id: message.id.as_str().to_owned(),
        conversation_id: message.conversation_id.as_str().to_owned(),
        title: message.title,
        project: message.project,
        role: match message.role {
            ledger::Role::User => RoleView::User,
            ledger::Role::Assistant => RoleView::Assistant,
        },
        created_at: message.created_at,
        excerpt: pieces(message.excerpt),
    }
}

fn pieces(pieces: Vec<Piece>) -> Vec<PieceView> {
    pieces
        .into_iter()
        .map(|Piece { text, is_hit }| PieceView { text, is_hit })
        .collect()
}
