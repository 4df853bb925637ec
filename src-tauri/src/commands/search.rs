//! Commands of the feature `search`: parse, call, map.

use brasskey_app::App;
use brasskey_app::chat::view::ConversationView;
use brasskey_app::search::view::SearchView;
use tauri::State;

use crate::arg::Arg;
use crate::ipc::Answer;

/// Looks for what was typed; the newest `limit` messages.
#[tauri::command]
#[specta::specta]
pub async fn search(
    app: State<'_, App>,
    typed: Arg<String>,
    limit: Arg<u32>,
) -> Answer<SearchView> {
    Ok(app.search(&typed, limit.0).await?)
}

/// Opens the conversation of a message with the message on the shown path.
#[tauri::command]
#[specta::specta]
pub async fn search_open(app: State<'_, App>, message_id: Arg<String>) -> Answer<ConversationView> {
    Ok(app.open_at(&message_id).await?)
}
