//! Export and import as the window asks for them and hears of them.

use serde::{Deserialize, Serialize};
use specta::Type;

/// What is exported.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "snake_case", tag = "what", content = "id")]
pub enum ExportScope {
    /// One conversation.
    Conversation(String),
    /// A project with its conversations.
    Project(String),
    /// Everything that was said, and every receipt.
    Everything,
}

/// As what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ExportForm {
    /// For reading: the shown path of each conversation.
    Markdown,
    /// For importing: every message and receipt.
    Json,
}

/// How far an export or an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct TransferProgress {
    /// Conversations done.
    pub done: u32,
    /// Of how many.
    pub total: u32,
}

/// How an export ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(
    rename_all = "snake_case",
    rename_all_fields = "camelCase",
    tag = "kind"
)]
pub enum ExportOutcome {
    /// The file is written.
    Saved {
        /// The file's name.
        name: String,
        /// How many conversations are in it.
        conversations: u32,
    },
    /// It was stopped, or no file was chosen: nothing was written.
    Cancelled,
}

/// What is wrong with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ImportProblem {
    /// It is no export of Brasskey's.
    NotBrasskey,
    /// A newer Brasskey wrote it.
    Newer,
    /// It is cut off, or something in it is not as it should be.
    Damaged,
    /// Something in it is larger than anything that can be imported.
    TooLarge,
}

/// How an import ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(
    rename_all = "snake_case",
    rename_all_fields = "camelCase",
    tag = "kind"
)]
pub enum ImportOutcome {
    /// All of it is here now.
    Done {
        /// Conversations that were added.
        added: u32,
        /// Conversations that were here already, message for message.
        already_here: u32,
    },
    /// It was stopped. What was added stays; importing the file again goes on with the rest.
    Stopped {
        /// Conversations that were added.
        added: u32,
        /// Conversations in the file.
        total: u32,
    },
    /// No file was chosen.
    Cancelled,
    /// The file cannot be read; nothing was added.
    Unreadable {
        /// Why.
        problem: ImportProblem,
        /// Where in the file: line and column, from 1.
        at: Option<(u32, u32)>,
    },
}
