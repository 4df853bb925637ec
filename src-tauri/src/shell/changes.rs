//! Tells the window what became stale.

use brasskey_app::App;
use brasskey_app::changed::Changed;
use tauri::AppHandle;
use tauri_specta::Event;
use tokio::sync::broadcast::error::RecvError;

use crate::ipc::ChangedEvent;

/// Forwards announcements until the application ends.
pub(crate) async fn forward(app: App, handle: AppHandle) {
    let mut changes = app.changes();
    loop {
        match changes.recv().await {
            Ok(changed) => tell(&handle, changed),
            // Too many to follow: everything may be stale.
            Err(RecvError::Lagged(_)) => tell(&handle, Changed::Everything),
            Err(RecvError::Closed) => return,
        }
    }
}

fn tell(handle: &AppHandle, changed: Changed) {
    if let Err(error) = ChangedEvent(changed).emit(handle) {
        tracing::warn!(%error, "the window was not told of a change");
    }
}
