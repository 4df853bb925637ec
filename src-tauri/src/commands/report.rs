//! Commands of the feature `report`: gather what the shell knows, ask for the file, call, map.

use brasskey_app::App;
use brasskey_app::report::Surroundings;
use brasskey_app::report::view::{ReportSaved, ReportView};
use tauri::{AppHandle, Manager, State};

use crate::ipc::Answer;
use crate::preferences::PreferenceStore;
use crate::shell::{files, log, system};

/// A report of a problem, to be read.
#[tauri::command]
#[specta::specta]
pub async fn report_view(
    handle: AppHandle,
    app: State<'_, App>,
    preferences: State<'_, PreferenceStore>,
) -> Answer<ReportView> {
    let paths = handle.path();
    let folder = paths.app_log_dir().ok();
    let around = Surroundings {
        preferences: preferences.read(),
        log: system::aside(move || folder.as_deref().map(log::tail).unwrap_or_default()).await?,
        home: paths.home_dir().ok(),
    };
    Ok(app.report_problem(around).await?)
}

/// Asks where to, and saves the report that was shown last.
#[tauri::command]
#[specta::specta]
pub async fn report_save(handle: AppHandle, app: State<'_, App>) -> Answer<ReportSaved> {
    let Some(path) = files::choose_new(handle, app.report_name()).await? else {
        return Ok(ReportSaved::Cancelled);
    };
    let name = app.save_report(&path).await?;
    Ok(ReportSaved::Saved { name })
}
