//! Commands of the feature `usage`: parse, call, map.

use brasskey_app::App;
use brasskey_app::usage::view::{LastMonthView, TotalsView};
use tauri::State;

use crate::arg::Arg;
use crate::ipc::Answer;

/// Running totals.
#[tauri::command]
#[specta::specta]
pub async fn usage_totals(
    app: State<'_, App>,
    conversation_id: Arg<Option<String>>,
) -> Answer<TotalsView> {
    Ok(app.totals(conversation_id.as_deref()).await?)
}

/// What last month's calls came to in each mode, from this computer's receipts.
#[tauri::command]
#[specta::specta]
pub async fn last_month(app: State<'_, App>) -> Answer<LastMonthView> {
    Ok(app.last_month().await?)
}
