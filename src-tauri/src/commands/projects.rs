//! Commands of the feature `projects`: parse, call, map.

use brasskey_app::App;
use brasskey_app::chat::view::ConversationView;
use brasskey_app::models::view::ModelRef;
use brasskey_app::projects::view::{ProjectView, WorkspaceView};
use tauri::State;

use crate::arg::Arg;
use crate::ipc::Answer;

/// The side bar.
#[tauri::command]
#[specta::specta]
pub async fn workspace_view(app: State<'_, App>) -> Answer<WorkspaceView> {
    Ok(app.workspace().await?)
}

/// Creates a project.
#[tauri::command]
#[specta::specta]
pub async fn projects_create(app: State<'_, App>, name: Arg<String>) -> Answer<ProjectView> {
    Ok(app.create_project(&name).await?)
}

/// Renames a project.
#[tauri::command]
#[specta::specta]
pub async fn projects_rename(
    app: State<'_, App>,
    id: Arg<String>,
    name: Arg<String>,
) -> Answer<()> {
    Ok(app.rename_project(&id, &name).await?)
}

/// Deletes a project and its conversations; `projects_restore` undoes it.
#[tauri::command]
#[specta::specta]
pub async fn projects_delete(app: State<'_, App>, id: Arg<String>) -> Answer<()> {
    Ok(app.delete_project(&id).await?)
}

/// Undoes `projects_delete`.
#[tauri::command]
#[specta::specta]
pub async fn projects_restore(app: State<'_, App>, id: Arg<String>) -> Answer<()> {
    Ok(app.restore_project(&id).await?)
}

/// Opens a conversation at its shown path.
#[tauri::command]
#[specta::specta]
pub async fn conversations_open(app: State<'_, App>, id: Arg<String>) -> Answer<ConversationView> {
    Ok(app.open_conversation(&id).await?)
}

/// Renames a conversation.
#[tauri::command]
#[specta::specta]
pub async fn conversations_rename(
    app: State<'_, App>,
    id: Arg<String>,
    title: Arg<String>,
) -> Answer<()> {
    Ok(app.rename_conversation(&id, &title).await?)
}

/// Moves it to a project or out of one.
#[tauri::command]
#[specta::specta]
pub async fn conversations_move(
    app: State<'_, App>,
    id: Arg<String>,
    project_id: Arg<Option<String>>,
) -> Answer<()> {
    Ok(app.move_conversation(&id, project_id.0).await?)
}

/// Deletes it; `conversations_restore` undoes it.
#[tauri::command]
#[specta::specta]
pub async fn conversations_delete(app: State<'_, App>, id: Arg<String>) -> Answer<()> {
    Ok(app.delete_conversation(&id).await?)
}

/// Undoes `conversations_delete`.
#[tauri::command]
#[specta::specta]
pub async fn conversations_restore(app: State<'_, App>, id: Arg<String>) -> Answer<()> {
    Ok(app.restore_conversation(&id).await?)
}

/// Shows another version of a message and what follows it.
#[tauri::command]
#[specta::specta]
pub async fn conversations_show_version(
    app: State<'_, App>,
    message_id: Arg<String>,
) -> Answer<ConversationView> {
    Ok(app.show_version(&message_id).await?)
}

/// Keeps the model chosen for the next answer.
#[tauri::command]
#[specta::specta]
pub async fn conversations_choose_model(
    app: State<'_, App>,
    id: Arg<String>,
    model: Arg<ModelRef>,
) -> Answer<()> {
    Ok(app.choose_model(&id, &model).await?)
}

/// Keeps what stands in the composer; without an id, of the conversation not begun yet.
#[tauri::command]
#[specta::specta]
pub async fn drafts_save(
    app: State<'_, App>,
    conversation_id: Arg<Option<String>>,
    text: Arg<String>,
) -> Answer<()> {
    Ok(app.save_draft(conversation_id.0, &text).await?)
}

/// What was kept.
#[tauri::command]
#[specta::specta]
pub async fn drafts_read(
    app: State<'_, App>,
    conversation_id: Arg<Option<String>>,
) -> Answer<String> {
    Ok(app.draft(conversation_id.0).await?)
}
