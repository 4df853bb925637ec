//! Commands of the feature `transfer`: ask for the file, call, map. The web view never names a path.

use brasskey_app::App;
use brasskey_app::transfer::view::{
    ExportForm, ExportOutcome, ExportScope, ImportOutcome, TransferProgress,
};
use tauri::ipc::Channel;
use tauri::{AppHandle, State};

use crate::arg::Arg;
use crate::ipc::Answer;
use crate::shell::files;

/// Asks where to, and exports there.
#[tauri::command]
#[specta::specta]
pub async fn export_run(
    handle: AppHandle,
    app: State<'_, App>,
    scope: Arg<ExportScope>,
    form: Arg<ExportForm>,
    progress: Arg<Channel<TransferProgress>>,
) -> Answer<ExportOutcome> {
    let name = app.export_name(&scope, form.0).await?;
    let Some(path) = files::choose_new(handle, name).await? else {
        return Ok(ExportOutcome::Cancelled);
    };
    Ok(app.export(&scope, form.0, &path, told(progress.0)).await?)
}

/// Asks for a file, and imports it.
#[tauri::command]
#[specta::specta]
pub async fn import_run(
    handle: AppHandle,
    app: State<'_, App>,
    progress: Arg<Channel<TransferProgress>>,
) -> Answer<ImportOutcome> {
    let Some(path) = files::choose(handle).await? else {
        return Ok(ImportOutcome::Cancelled);
    };
    Ok(app.import(&path, told(progress.0)).await?)
}

/// Stops the export or import that is running.
#[tauri::command]
#[specta::specta]
pub async fn transfer_stop(app: State<'_, App>) -> Answer<()> {
    app.stop_transfer();
    Ok(())
}

fn told(progress: Channel<TransferProgress>) -> brasskey_app::transfer::Progress {
    Box::new(move |so_far| {
        // A window that was closed meanwhile hears nothing, and the file is written all the same.
        progress.send(so_far).ok();
    })
}
