//! Commands of the feature `usage`: parse, call, map.

use brasskey_app::App;
use brasskey_app::usage::view::TotalsView;
use tauri::State;

use crate::ipc::Answer;

/// Running totals.
#[tauri::command]
#[specta::specta]
pub async fn usage_totals(
    app: State<'_, App>,
    conversation_id: Option<String>,
) -> Answer<TotalsView> {
    Ok(app.totals(conversation_id.as_deref()).await?)
}
