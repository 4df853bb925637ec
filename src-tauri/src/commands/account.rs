//! Commands of the feature `account`: parse, call, map.

use brasskey_app::App;
use brasskey_app::account::view::{AccountView, SeatsView, SignInOutcome, SignInWay};
use tauri::{AppHandle, State};

use crate::arg::Arg;
use crate::ipc::Answer;
use crate::shell::system;

/// The account of this computer and its licence, as they are kept.
#[tauri::command]
#[specta::specta]
pub async fn account_view(app: State<'_, App>) -> Answer<AccountView> {
    Ok(app.account())
}

/// Begins the trial of this computer, without an account.
#[tauri::command]
#[specta::specta]
pub async fn trial_begin(app: State<'_, App>) -> Answer<AccountView> {
    Ok(app.begin_trial().await?)
}

/// Signs a person in; answers when they are done, however long that takes.
#[tauri::command]
#[specta::specta]
pub async fn sign_in(
    app: State<'_, App>,
    handle: AppHandle,
    way: Arg<SignInWay>,
) -> Answer<SignInOutcome> {
    let open = |address| system::open(handle.clone(), address);
    Ok(app.sign_in(way.0, open).await?)
}

/// Goes on with a sign-in for which there was no seat: that computer gives its own.
#[tauri::command]
#[specta::specta]
pub async fn sign_in_replace(app: State<'_, App>, seat: Arg<String>) -> Answer<SignInOutcome> {
    Ok(app.sign_in_in_place_of(&seat).await?)
}

/// Ends a sign-in that waits.
#[tauri::command]
#[specta::specta]
pub async fn sign_in_cancel(app: State<'_, App>) -> Answer<()> {
    app.cancel_sign_in();
    Ok(())
}

/// Leaves the account on this computer.
#[tauri::command]
#[specta::specta]
pub async fn sign_out(app: State<'_, App>) -> Answer<AccountView> {
    Ok(app.sign_out().await?)
}

/// Closes the account: the person signs in once more, and is forgotten. `remove_keys` also removes the keys of this computer.
#[tauri::command]
#[specta::specta]
pub async fn account_close(
    app: State<'_, App>,
    handle: AppHandle,
    way: Arg<SignInWay>,
    remove_keys: Arg<bool>,
) -> Answer<AccountView> {
    let open = |address| system::open(handle.clone(), address);
    Ok(app.close_account(way.0, remove_keys.0, open).await?)
}

/// Renews the licence now.
#[tauri::command]
#[specta::specta]
pub async fn licence_check(app: State<'_, App>) -> Answer<AccountView> {
    Ok(app.check_licence().await?)
}

/// The computers of the account.
#[tauri::command]
#[specta::specta]
pub async fn seats_view(app: State<'_, App>) -> Answer<SeatsView> {
    Ok(app.seats().await?)
}

/// Takes another computer's seat back.
#[tauri::command]
#[specta::specta]
pub async fn seat_release(app: State<'_, App>, id: Arg<String>) -> Answer<SeatsView> {
    Ok(app.release_seat(&id).await?)
}
