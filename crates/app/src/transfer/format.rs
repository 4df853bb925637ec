//! The file of an export, version 1: what is in it, and nothing else. A key is never in it, only what a receipt says of the one
//! that paid: label and last four characters.
//!
//! ```json
//! {
//!   "format": "brasskey", "version": 1, "exported_at": 1764201600000,
//!   "projects": [{ "id": "…", "name": "…", "created_at": 0, "updated_at": 0 }],
//!   "conversations": [{ "id": "…", "project_id": null, "title": "…", …, "messages": […], "receipts": […] }],
//!   "receipts": []
//! }
//! ```
//! Times are milliseconds since 1970 UTC, money is a decimal text in dollars. Messages are a tree: each names the one that it
//! follows and stands after it; `active_leaf` is the last of the path that is shown. Drafts come along. `receipts` at the end
//! are those of conversations that were deleted. A reader passes over names that it does not know; a change that an older reader
//! must not pass over is a new version.

use brasskey_ledger::{ConversationId, EarlyEnd, MessageId, ProjectId, Receipt, Role, State};
use serde::{Deserialize, Serialize};

/// What `format` says.
pub(super) const FORMAT: &str = "brasskey";
/// The version that is written, and the newest that is read.
pub(super) const VERSION: u32 = 1;

/// A project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ProjectEntry {
    pub(super) id: ProjectId,
    pub(super) name: String,
    pub(super) created_at: i64,
    pub(super) updated_at: i64,
}

/// What the next question goes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ModelEntry {
    pub(super) endpoint_id: String,
    pub(super) model: String,
}

/// A conversation with all of its messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ConversationEntry {
    pub(super) id: ConversationId,
    pub(super) project_id: Option<ProjectId>,
    pub(super) title: String,
    pub(super) title_is_users: bool,
    pub(super) created_at: i64,
    pub(super) updated_at: i64,
    pub(super) active_leaf: Option<MessageId>,
    pub(super) model: Option<ModelEntry>,
    #[serde(default)]
    pub(super) draft: String,
    pub(super) messages: Vec<MessageEntry>,
    pub(super) receipts: Vec<Receipt>,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct MessageEntry {
    pub(super) id: MessageId,
    pub(super) parent_id: Option<MessageId>,
    pub(super) role: Role,
    pub(super) text: String,
    #[serde(default)]
    pub(super) thinking: String,
    pub(super) state: State,
    pub(super) failure: Option<serde_json::Value>,
    pub(super) ending: Option<EarlyEnd>,
    pub(super) endpoint_id: Option<String>,
    pub(super) model: Option<String>,
    pub(super) created_at: i64,
    pub(super) closed_at: Option<i64>,
}

impl From<brasskey_ledger::Message> for MessageEntry {
    fn from(message: brasskey_ledger::Message) -> Self {
        Self {
            id: message.id,
            parent_id: message.parent_id,
            role: message.role,
            text: message.text,
            thinking: message.thinking,
            // What is still being written is exported as far as it is.
            state: match message.state {
                State::Open => State::Interrupted,
                closed => closed,
            },
            failure: message
                .failure_json
                .and_then(|json| serde_json::from_str(&json).ok()),
            ending: message.ending,
            endpoint_id: message.endpoint_id,
            model: message.model,
            created_at: message.created_at,
            closed_at: message.closed_at,
        }
    }
}

/// Everything that was said in a conversation, without ids, as one value: two with the same are the same conversation. Where
/// nothing was said yet, its title.
pub(super) fn likeness(title: &str, messages: &[MessageEntry]) -> [u8; 32] {
    use sha2::{Digest, Sha256};
    use std::collections::HashMap;
    let places: HashMap<&MessageId, usize> = messages
        .iter()
        .enumerate()
        .map(|(place, message)| (&message.id, place))
        .collect();
    let mut sum = Sha256::new();
    if messages.is_empty() {
        sum.update(title);
    }
    for message in messages {
        let parent = message
            .parent_id
            .as_ref()
            .and_then(|parent| places.get(parent));
        let role = match message.role {
            Role::User => 0_u8,
            Role::Assistant => 1,
        };
        sum.update(parent.map_or(u64::MAX, |place| *place as u64).to_le_bytes());
        sum.update([role]);
        sum.update(message.created_at.to_le_bytes());
        for text in [&message.text, &message.thinking] {
            sum.update((text.len() as u64).to_le_bytes());
            sum.update(text);
        }
    }
    sum.finalize().into()
}
