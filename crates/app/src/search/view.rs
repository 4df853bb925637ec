//! What a search found, as the window sees it.

use serde::Serialize;
use specta::Type;
use specta_typescript::Number;

use crate::chat::view::RoleView;

/// A piece of a text in which something was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PieceView {
    /// Its text.
    pub text: String,
    /// This was looked for.
    pub is_hit: bool,
}

/// A project that was found by its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct FoundProjectView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Vec<PieceView>,
}

/// A conversation that was found by its title.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct FoundConversationView {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: Vec<PieceView>,
    /// The name of the project that it stands in.
    pub project: Option<String>,
    /// When something was last said in it, milliseconds since 1970.
    #[specta(type = Number)]
    pub updated_at: i64,
}

/// A message that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct FoundMessageView {
    /// Its id.
    pub id: String,
    /// Its conversation.
    pub conversation_id: String,
    /// The conversation's title; may be empty.
    pub title: String,
    /// The name of the project that the conversation stands in.
    pub project: Option<String>,
    /// Who wrote it.
    pub role: RoleView,
    /// When it was written, milliseconds since 1970.
    #[specta(type = Number)]
    pub created_at: i64,
    /// One line of it, around what was found.
    pub excerpt: Vec<PieceView>,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SearchView {
    /// Projects by their names.
    pub projects: Vec<FoundProjectView>,
    /// Conversations by their titles, those last changed first.
    pub conversations: Vec<FoundConversationView>,
    /// Messages, newest first.
    pub messages: Vec<FoundMessageView>,
    /// There are older messages beyond these.
    pub more: bool,
    /// So many messages of an older version are not looked through yet.
    pub unindexed: u32,
}
