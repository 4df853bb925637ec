//! Commands of the feature `billing`: parse, call, map.

use brasskey_app::App;
use brasskey_app::billing::view::{BillingMode, BillingView, TermsAcceptance};
use tauri::State;

use crate::arg::Arg;
use crate::ipc::Answer;

/// Mode, plans and terms.
#[tauri::command]
#[specta::specta]
pub async fn billing_view(app: State<'_, App>) -> Answer<BillingView> {
    Ok(app.billing().await?)
}

/// Puts a billing mode in force.
#[tauri::command]
#[specta::specta]
pub async fn billing_choose(app: State<'_, App>, mode: Arg<BillingMode>) -> Answer<BillingView> {
    Ok(app.choose_billing(mode.0).await?)
}

/// Asks the platform for plans and terms, and keeps them.
#[tauri::command]
#[specta::specta]
pub async fn billing_refresh(app: State<'_, App>) -> Answer<BillingView> {
    Ok(app.refresh_billing().await?)
}

/// Records the acceptance of exactly the texts that were shown.
#[tauri::command]
#[specta::specta]
pub async fn terms_accept(
    app: State<'_, App>,
    acceptances: Arg<Vec<TermsAcceptance>>,
) -> Answer<BillingView> {
    Ok(app.accept_terms(&acceptances, "window").await?)
}

/// The first run is over; from now on the window opens in the workspace.
#[tauri::command]
#[specta::specta]
pub async fn first_run_finish(app: State<'_, App>) -> Answer<BillingView> {
    Ok(app.finish_first_run().await?)
}
