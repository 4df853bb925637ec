//! Projects and the list of conversations.

use serde::Serialize;
use specta::Type;
use specta_typescript::Number;

/// A project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ProjectView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What was spent in it this calendar month, exact decimal dollars.
    pub spent_this_month: String,
}

/// A conversation in the side bar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ConversationSummary {
    /// Its id.
    pub id: String,
    /// Its project.
    pub project_id: Option<String>,
    /// Its title; empty until the first question.
    pub title: String,
    /// When it last changed, milliseconds since 1970.
    #[specta(type = Number)]
    pub updated_at: i64,
    /// An answer is being written.
    pub answering: bool,
}

/// The side bar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct WorkspaceView {
    /// Projects by name.
    pub projects: Vec<ProjectView>,
    /// Conversations, newest first.
    pub conversations: Vec<ConversationSummary>,
}
