//! Commands of the feature `links`: parse, call, map.

use brasskey_app::links::inspect;
use brasskey_app::links::view::LinkView;
use tauri::AppHandle;

use crate::arg::Arg;
use crate::ipc::Answer;
use crate::shell::system;

/// What opening a link from an answer would do; refuses what is never opened.
#[tauri::command]
#[specta::specta]
pub async fn link_inspect(url: Arg<String>) -> Answer<LinkView> {
    Ok(inspect(&url)?)
}

/// Opens a link in the system browser after the user confirmed it.
#[tauri::command]
#[specta::specta]
pub async fn link_open(handle: AppHandle, url: Arg<String>) -> Answer<()> {
    let link = inspect(&url)?;
    Ok(system::open(handle, link.url).await?)
}

/// Puts text of an answer on the clipboard.
#[tauri::command]
#[specta::specta]
pub async fn clipboard_copy(handle: AppHandle, text: Arg<String>) -> Answer<()> {
    Ok(system::copy(handle, text.0).await?)
}
