//! Commands of the feature `wallet`: parse, call, map.

use brasskey_app::App;
use brasskey_app::wallet::view::WalletView;
use tauri::State;

use crate::arg::Arg;
use crate::ipc::Answer;

/// What is left of vendor-billed use.
#[tauri::command]
#[specta::specta]
pub async fn wallet_view(app: State<'_, App>) -> Answer<WalletView> {
    Ok(app.wallet().await?)
}

/// Sets what use beyond the allowance may come to in a month, exact dollars.
#[tauri::command]
#[specta::specta]
pub async fn wallet_set_cap(app: State<'_, App>, cap: Arg<String>) -> Answer<WalletView> {
    Ok(app.set_wallet_cap(&cap).await?)
}
