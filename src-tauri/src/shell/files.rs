//! The system's file dialogs, asked from here alone: the web view has no permission on them and never learns a path.

use std::path::PathBuf;

use brasskey_app::error::Error;
use tauri::AppHandle;
use tauri_plugin_dialog::{DialogExt, FilePath};

use super::system::aside;

/// Where a new file is to be; none when the user thinks better of it.
pub(crate) async fn choose_new(handle: AppHandle, name: String) -> Result<Option<PathBuf>, Error> {
    aside(move || {
        handle
            .dialog()
            .file()
            .set_file_name(name)
            .blocking_save_file()
    })
    .await
    .and_then(path)
}

/// A file that is there.
pub(crate) async fn choose(handle: AppHandle) -> Result<Option<PathBuf>, Error> {
    aside(move || {
        let dialog = handle.dialog().file();
        dialog
            .add_filter("Brasskey", &["json"])
            .blocking_pick_file()
    })
    .await
    .and_then(path)
}

fn path(chosen: Option<FilePath>) -> Result<Option<PathBuf>, Error> {
    chosen
        .map(|chosen| chosen.into_path())
        .transpose()
        .map_err(|_| Error::InvalidInput("the file is not on this computer"))
}
