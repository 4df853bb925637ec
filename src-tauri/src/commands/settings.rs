//! Commands of the feature `settings`: parse, call, map.

use brasskey_app::App;
use brasskey_app::error::Error;
use brasskey_app::settings::view::{Preferences, StartView};
use tauri::{AppHandle, Manager, State};

use crate::NotOpened;
use crate::arg::Arg;
use crate::ipc::Answer;
use crate::preferences::PreferenceStore;

/// Everything for the first paint.
#[tauri::command]
#[specta::specta]
pub async fn start(
    handle: AppHandle,
    preferences: State<'_, PreferenceStore>,
) -> Answer<StartView> {
    // The one command that must answer also when the database could not be opened.
    match (handle.try_state::<App>(), handle.try_state::<NotOpened>()) {
        (Some(app), _) => Ok(app.start_view(preferences.read()).await?),
        (None, Some(reason)) => Err(reason.0.clone()),
        (None, None) => Err(Error::NotFound("application").into()),
    }
}

/// Keeps the window's preferences and returns them as kept.
#[tauri::command]
#[specta::specta]
pub async fn preferences_set(
    app: State<'_, App>,
    store: State<'_, PreferenceStore>,
    preferences: Arg<Preferences>,
) -> Answer<Preferences> {
    let kept = store.write(preferences.0).await?;
    app.preferences_changed();
    Ok(kept)
}
