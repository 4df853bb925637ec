//! The system's clipboard and browser. Both may wait for another program, so they are asked on a thread that may.

use std::path::PathBuf;

use brasskey_app::error::Error;
use secrecy::{ExposeSecret, SecretString};
use tauri::{AppHandle, Manager};
use tauri_plugin_clipboard_manager::ClipboardExt;
use tauri_plugin_opener::OpenerExt;

/// Opens an address in the system's browser. Callers have decided that it may be opened.
pub(crate) async fn open(handle: AppHandle, address: String) -> Result<(), Error> {
    const NO_PROGRAM: &str = "the system has no program that opens links";
    aside(move || handle.opener().open_url(address, None::<&str>))
        .await?
        .map_err(|_| Error::LinkRefused(NO_PROGRAM))
}

/// The folders that Brasskey and its web view write to.
pub(crate) fn own_folders(handle: &AppHandle) -> Vec<PathBuf> {
    let paths = handle.path();
    [
        paths.app_data_dir(),
        paths.app_local_data_dir(),
        paths.app_config_dir(),
        paths.app_cache_dir(),
        paths.app_log_dir(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The clipboard's text, which may be a key.
pub(crate) async fn clipboard(handle: &AppHandle) -> Result<SecretString, Error> {
    let handle = handle.clone();
    aside(move || handle.clipboard().read_text())
        .await?
        .map(SecretString::from)
        .map_err(|_| Error::ClipboardEmpty)
}

/// Puts text on the clipboard.
pub(crate) async fn copy(handle: AppHandle, text: String) -> Result<(), Error> {
    aside(move || handle.clipboard().write_text(text))
        .await?
        .map_err(|_| Error::InvalidInput("the clipboard cannot be written"))
}

/// Empties the clipboard while it still holds this: what the user copied since is not ours.
pub(crate) async fn empty_clipboard_of(
    handle: AppHandle,
    secret: SecretString,
) -> Result<(), Error> {
    aside(move || {
        let clipboard = handle.clipboard();
        let now = clipboard.read_text().map(SecretString::from);
        if now.is_ok_and(|now| now.expose_secret() == secret.expose_secret())
            && clipboard.clear().is_err()
        {
            tracing::warn!("the clipboard could not be emptied");
        }
    })
    .await
}

pub(crate) async fn aside<T: Send + 'static>(
    ask: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    tauri::async_runtime::spawn_blocking(ask)
        .await
        .map_err(|_| Error::InvalidInput("the system did not answer"))
}
