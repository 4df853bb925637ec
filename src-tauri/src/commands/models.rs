//! Commands of the feature `models`: parse, call, map.

use brasskey_app::App;
use brasskey_app::models::view::ModelGroupView;
use tauri::State;

use crate::ipc::Answer;

/// What the keys offer.
#[tauri::command]
#[specta::specta]
pub async fn models_list(app: State<'_, App>) -> Answer<Vec<ModelGroupView>> {
    Ok(app.models().await?)
}
