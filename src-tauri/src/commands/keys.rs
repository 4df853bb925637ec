//! Commands of the feature `keys`: parse, call, map.

use brasskey_app::App;
use brasskey_app::keys::view::{
    CheckView, EnvironmentKeyView, KeyView, KeysView, LocalServerView, NewEndpoint, PendingView,
    ProviderId, ProviderPage, RemovalView, StoreView,
};
use tauri::{AppHandle, State};

use crate::arg::Arg;
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
    secret: Arg<SecretInput>,
    endpoint: Arg<NewEndpoint>,
) -> Answer<PendingView> {
    Ok(app.submit_key(&secret.0.0, &endpoint)?)
}

/// Takes a key from the clipboard, which is emptied if it still holds it.
#[tauri::command]
#[specta::specta]
pub async fn keys_paste(
    app: State<'_, App>,
    handle: AppHandle,
    endpoint: Arg<NewEndpoint>,
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
    variable: Arg<String>,
    endpoint: Arg<NewEndpoint>,
) -> Answer<PendingView> {
    Ok(app.submit_environment_key(&variable, &endpoint)?)
}

/// Begins an endpoint without a key.
#[tauri::command]
#[specta::specta]
pub async fn keys_keyless(app: State<'_, App>, endpoint: Arg<NewEndpoint>) -> Answer<PendingView> {
    Ok(app.submit_keyless(&endpoint)?)
}

/// Takes the sandbox provider's key (builds for development only).
#[tauri::command]
#[specta::specta]
pub async fn keys_sandbox(app: State<'_, App>, provider: Arg<ProviderId>) -> Answer<PendingView> {
    Ok(app.submit_sandbox_key(provider.0)?)
}

/// Checks a pending key with the provider's cheapest call. `any_shape` checks although it looks like another provider's.
#[tauri::command]
#[specta::specta]
pub async fn keys_check(
    app: State<'_, App>,
    pending: Arg<String>,
    endpoint: Arg<NewEndpoint>,
    any_shape: Arg<bool>,
) -> Answer<CheckView> {
    Ok(app.check_pending(&pending, &endpoint, any_shape.0).await?)
}

/// Stops a running check.
#[tauri::command]
#[specta::specta]
pub async fn keys_check_stop(app: State<'_, App>, pending: Arg<String>) -> Answer<()> {
    app.stop_check(&pending);
    Ok(())
}

/// Writes a pending key into the credential store, reads it back, compares, and only then says saved.
#[tauri::command]
#[specta::specta]
pub async fn keys_save(
    app: State<'_, App>,
    pending: Arg<String>,
    label: Arg<String>,
) -> Answer<KeyView> {
    Ok(app.save_key(&pending, &label).await?)
}

/// Wipes a pending key, and ends a save of it that waits for the credential store.
#[tauri::command]
#[specta::specta]
pub async fn keys_cancel(app: State<'_, App>, pending: Arg<String>) -> Answer<()> {
    app.cancel_pending(&pending);
    Ok(())
}

/// Puts a pending key in the place of a saved one.
#[tauri::command]
#[specta::specta]
pub async fn keys_replace(
    app: State<'_, App>,
    id: Arg<String>,
    pending: Arg<String>,
) -> Answer<KeyView> {
    Ok(app.replace_key(&id, &pending).await?)
}

/// Stops the check of a saved key.
#[tauri::command]
#[specta::specta]
pub async fn keys_recheck_stop(app: State<'_, App>, id: Arg<String>) -> Answer<()> {
    app.stop_recheck(&id);
    Ok(())
}

/// Checks a saved key again.
#[tauri::command]
#[specta::specta]
pub async fn keys_recheck(app: State<'_, App>, id: Arg<String>) -> Answer<KeyView> {
    Ok(app.recheck_key(&id).await?)
}

/// Names a model of a key whose endpoint does not list it.
#[tauri::command]
#[specta::specta]
pub async fn keys_name_model(
    app: State<'_, App>,
    id: Arg<String>,
    model: Arg<String>,
) -> Answer<KeyView> {
    Ok(app.name_model(&id, &model).await?)
}

/// Renames a key.
#[tauri::command]
#[specta::specta]
pub async fn keys_rename(
    app: State<'_, App>,
    id: Arg<String>,
    label: Arg<String>,
) -> Answer<KeyView> {
    Ok(app.rename_key(&id, &label).await?)
}

/// Makes it its provider's default.
#[tauri::command]
#[specta::specta]
pub async fn keys_set_default(app: State<'_, App>, id: Arg<String>) -> Answer<()> {
    Ok(app.set_default_key(&id).await?)
}

/// Removes a key; it can be undone for a few seconds.
#[tauri::command]
#[specta::specta]
pub async fn keys_remove(app: State<'_, App>, id: Arg<String>) -> Answer<RemovalView> {
    Ok(app.remove_key(&id).await?)
}

/// Undoes a removal.
#[tauri::command]
#[specta::specta]
pub async fn keys_restore(app: State<'_, App>, id: Arg<String>) -> Answer<KeyView> {
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
pub async fn store_probe(app: State<'_, App>, key_id: Arg<Option<String>>) -> Answer<StoreView> {
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

/// Makes a passphrase vault and keeps keys in it.
#[tauri::command]
#[specta::specta]
pub async fn vault_create(app: State<'_, App>, passphrase: Arg<SecretInput>) -> Answer<StoreView> {
    Ok(app.create_vault(passphrase.0.0).await?)
}

/// Opens the passphrase vault and keeps keys in it.
#[tauri::command]
#[specta::specta]
pub async fn vault_unlock(app: State<'_, App>, passphrase: Arg<SecretInput>) -> Answer<StoreView> {
    Ok(app.unlock_vault(passphrase.0.0).await?)
}

/// Locks the passphrase vault.
#[tauri::command]
#[specta::specta]
pub async fn vault_lock(app: State<'_, App>) -> Answer<StoreView> {
    Ok(app.lock_vault())
}

/// Gives the passphrase vault another passphrase.
#[tauri::command]
#[specta::specta]
pub async fn vault_change(
    app: State<'_, App>,
    before: Arg<SecretInput>,
    after: Arg<SecretInput>,
) -> Answer<StoreView> {
    Ok(app.change_passphrase(before.0.0, after.0.0).await?)
}

/// Puts a passphrase vault aside that cannot be opened.
#[tauri::command]
#[specta::specta]
pub async fn vault_begin_anew(app: State<'_, App>) -> Answer<StoreView> {
    Ok(app.begin_vault_anew().await?)
}

/// Opens a page of the provider's console in the system browser.
#[tauri::command]
#[specta::specta]
pub async fn provider_page_open(
    app: State<'_, App>,
    handle: AppHandle,
    provider: Arg<ProviderId>,
    page: Arg<ProviderPage>,
) -> Answer<()> {
    let address = app.provider_page(provider.0, page.0)?;
    Ok(system::open(handle, address.to_owned()).await?)
}

/// Forgets what start-up's repair told.
#[tauri::command]
#[specta::specta]
pub async fn keys_reconciled_dismiss(app: State<'_, App>) -> Answer<()> {
    app.dismiss_reconciled();
    Ok(())
}
