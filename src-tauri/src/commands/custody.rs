//! Commands of the feature `custody`: parse, call, map.

use brasskey_app::App;
use brasskey_app::custody::view::{CustodyView, LeaksSoFar, LeaksView};
use tauri::ipc::Channel;
use tauri::{AppHandle, State};

use crate::arg::Arg;
use crate::ipc::Answer;
use crate::shell::system;

/// Where a key is and which hosts got it.
#[tauri::command]
#[specta::specta]
pub async fn custody_view(app: State<'_, App>, id: Arg<String>) -> Answer<CustodyView> {
    Ok(app.key_custody(&id).await?)
}

/// Looks for a key in all files that are Brasskey's own; how far it is follows on the channel.
#[tauri::command]
#[specta::specta]
pub async fn custody_look(
    app: State<'_, App>,
    handle: AppHandle,
    id: Arg<String>,
    so_far: Arg<Channel<LeaksSoFar>>,
) -> Answer<LeaksView> {
    let tell = move |progress| {
        if so_far.send(progress).is_err() {
            tracing::debug!("a search's progress found no window");
        }
    };
    Ok(app
        .check_for_leaks(&id, system::own_folders(&handle), tell)
        .await?)
}

/// Ends a search that is running.
#[tauri::command]
#[specta::specta]
pub async fn custody_stop(app: State<'_, App>, id: Arg<String>) -> Answer<()> {
    app.stop_leak_check(&id);
    Ok(())
}
