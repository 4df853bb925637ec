//! Commands of the feature `keys`: parse, call, map.

use brasskey_app::App;
use brasskey_app::keys::view::{
    CheckView, EnvironmentKeyView, KeyView, KeysView, LocalServerView, NewEndpoint, PendingView,
    ProviderId, ProviderPage, RemovalView, StoreView,
};
use tauri::{AppHandle, State};

use crate::ipc::{Answer, SecretInput};
use crate::shell::system;

/// Keys, local servers and the credential store.
#[tauri::command]
#[specta::specta]
pub async fn keys_view(app: State<'_, App>) -> Answer<KeysView> {
    Ok(app.keys().await?)
}

/// Takes a typed key; the field must be empty before this returns.
#[tauri::command]
#[specta::specta]
pub async fn keys_submit(
    app: State<'_, App>,
    secret: SecretInput,
    endpoint: NewEndpoint,
) -> Answer<PendingView> {
    Ok(app.submit_key(&secret.0, &endpoint)?)
}

/// Takes a key from the clipboard, which is emptied if it still holds it.
#[tauri::command]
#[specta::specta]
pub async fn keys_paste(
    app: State<'_, App>,
    handle: AppHandle,
    endpoint: NewEndpoint,
) -> Answer<PendingView> {
    let secret = system::clipboard(&handle).await?;
    let pending = app.submit_key(&secret, &endpoint)?;
    system::empty_clipboard_of(handle, secret).await?;
    Ok(pending)
}

/// Keys found in the environment.
#[tauri::command]
#[specta::specta]
pub async fn keys_environment(app: State<'_, App>) -> Answer<Vec<EnvironmentKeyView>> {
    Ok(app.environment_keys())
}

/// Takes a key from an environment variable.
#[tauri::command]
#[specta::specta]
pub async fn keys_from_environment(
    app: State<'_, App>,
    variable: String,
    endpoint: NewEndpoint,
) -> Answer<PendingView> {
    Ok(app.submit_environment_key(&variable, &endpoint)?)
}

/// Begins an endpoint without a key.
#[tauri::command]
#[specta::specta]
pub async fn keys_keyless(app: State<'_, App>, endpoint: NewEndpoint) -> Answer<PendingView> {
    Ok(app.submit_keyless(&endpoint)?)
}

/// Takes the sandbox provider's key (builds for development only).
#[tauri::command]
#[specta::specta]
pub async fn keys_sandbox(app: State<'_, App>, provider: ProviderId) -> Answer<PendingView> {
    Ok(app.submit_sandbox_key(provider)?)
}

/// Checks a pending key with the provider's cheapest call. `any_shape` checks although it looks like another provider's.
#[tauri::command]
#[specta::specta]
pub async fn keys_check(
    app: State<'_, App>,
    pending: String,
    endpoint: NewEndpoint,
    any_shape: bool,
) -> Answer<CheckView> {
    Ok(app.check_pending(&pending, &endpoint, any_shape).await?)
}

/// Stops a running check.
#[tauri::command]
#[specta::specta]
pub async fn keys_check_stop(app: State<'_, App>, pending: String) -> Answer<()> {
    app.stop_check(&pending);
    Ok(())
}

/// Writes a pending key into the credential store, reads it back, compares, and only then says saved.
#[tauri::command]
#[specta::specta]
pub async fn keys_save(app: State<'_, App>, pending: String, label: String) -> Answer<KeyView> {
    Ok(app.save_key(&pending, &label).await?)
}

/// Wipes a pending key, and ends a save of it that waits for the credential store.
#[tauri::command]
#[specta::specta]
pub async fn keys_cancel(app: State<'_, App>, pending: String) -> Answer<()> {
    app.cancel_pending(&pending);
    Ok(())
}

/// Puts a pending key in the place of a saved one.
#[tauri::command]
#[specta::specta]
pub async fn keys_replace(app: State<'_, App>, id: String, pending: String) -> Answer<KeyView> {
    Ok(app.replace_key(&id, &pending).await?)
}

/// Stops the check of a saved key.
#[tauri::command]
#[specta::specta]
pub async fn keys_recheck_stop(app: State<'_, App>, id: String) -> Answer<()> {
    app.stop_recheck(&id);
    Ok(())
}

/// Checks a saved key again.
#[tauri::command]
#[specta::specta]
pub async fn keys_recheck(app: State<'_, App>, id: String) -> Answer<KeyView> {
    Ok(app.recheck_key(&id).await?)
}

/// Names a model of a key whose endpoint does not list it.
#[tauri::command]
#[specta::specta]
pub async fn keys_name_model(app: State<'_, App>, id: String, model: String) -> Answer<KeyView> {
    Ok(app.name_model(&id, &model).await?)
}

/// Renames a key.
#[tauri::command]
#[specta::specta]
pub async fn keys_rename(app: State<'_, App>, id: String, label: String) -> Answer<KeyView> {
    Ok(app.rename_key(&id, &label).await?)
}

/// Makes it its provider's default.
#[tauri::command]
#[specta::specta]
pub async fn keys_set_default(app: State<'_, App>, id: String) -> Answer<()> {
    Ok(app.set_default_key(&id).await?)
}

/// Removes a key; it can be undone for a few seconds.
#[tauri::command]
#[specta::specta]
pub async fn keys_remove(app: State<'_, App>, id: String) -> Answer<RemovalView> {
    Ok(app.remove_key(&id).await?)
}

/// Undoes a removal.
#[tauri::command]
#[specta::specta]
pub async fn keys_restore(app: State<'_, App>, id: String) -> Answer<KeyView> {
    Ok(app.restore_key(&id).await?)
}

/// Looks for model servers on this computer; those that run become endpoints.
#[tauri::command]
#[specta::specta]
pub async fn keys_find_local(app: State<'_, App>) -> Answer<Vec<LocalServerView>> {
    Ok(app.find_local().await?)
}

/// Asks the credential store whether it works; may ask the user to unlock it. With a key, also whether it holds that one.
#[tauri::command]
#[specta::specta]
pub async fn store_probe(app: State<'_, App>, key_id: Option<String>) -> Answer<StoreView> {
    Ok(app.probe_store(key_id.as_deref()).await?)
}

/// Stops waiting for the unlock prompt.
#[tauri::command]
#[specta::specta]
pub async fn store_give_up(app: State<'_, App>) -> Answer<()> {
    app.give_up_store();
    Ok(())
}

/// Keeps keys in memory only, as the user chose.
#[tauri::command]
#[specta::specta]
pub async fn store_use_session(app: State<'_, App>) -> Answer<StoreView> {
    Ok(app.use_session_store())
}

/// Goes back to the system's store if it works, and moves the session's keys into it.
#[tauri::command]
#[specta::specta]
pub async fn store_use_system(app: State<'_, App>) -> Answer<StoreView> {
    Ok(app.use_system_store().await?)
}

/// Opens a page of the provider's console in the system browser.
#[tauri::command]
#[specta::specta]
pub async fn provider_page_open(
    app: State<'_, App>,
    handle: AppHandle,
    provider: ProviderId,
    page: ProviderPage,
) -> Answer<()> {
    let address = app.provider_page(provider, page)?;
    Ok(system::open(handle, address.to_owned()).await?)
}

/// Forgets what start-up's repair told.
#[tauri::command]
#[specta::specta]
pub async fn keys_reconciled_dismiss(app: State<'_, App>) -> Answer<()> {
    app.dismiss_reconciled();
    Ok(())
}
