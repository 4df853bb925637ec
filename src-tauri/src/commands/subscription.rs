//! Commands of the feature `subscription`: parse, call, map.

use brasskey_app::App;
use brasskey_app::subscription::view::{
    PaymentView, PlanPreviewView, PortalArea, SubscriptionView, SwitchTime,
};
use tauri::{AppHandle, State};

use crate::arg::Arg;
use crate::ipc::Answer;
use crate::shell::system;

/// The plan that the account has, as the platform says now.
#[tauri::command]
#[specta::specta]
pub async fn subscription_view(app: State<'_, App>) -> Answer<SubscriptionView> {
    Ok(app.subscription().await?)
}

/// What a change of plan would mean. Without a time, the platform's own.
#[tauri::command]
#[specta::specta]
pub async fn plan_preview(
    app: State<'_, App>,
    plan: Arg<String>,
    when: Arg<Option<SwitchTime>>,
) -> Answer<PlanPreviewView> {
    Ok(app.preview_plan(&plan, when.0).await?)
}

/// Changes the plan exactly as it was shown, and the billing mode with it.
#[tauri::command]
#[specta::specta]
pub async fn plan_change(app: State<'_, App>, preview: Arg<String>) -> Answer<SubscriptionView> {
    Ok(app.change_plan(&preview).await?)
}

/// Takes a change back that waits for the end of the period.
#[tauri::command]
#[specta::specta]
pub async fn plan_change_withdraw(app: State<'_, App>) -> Answer<SubscriptionView> {
    Ok(app.withdraw_plan_change().await?)
}

/// Lets the plan end with its period.
#[tauri::command]
#[specta::specta]
pub async fn plan_cancel(app: State<'_, App>) -> Answer<SubscriptionView> {
    Ok(app.cancel_plan().await?)
}

/// Lets a plan that would end go on.
#[tauri::command]
#[specta::specta]
pub async fn plan_reactivate(app: State<'_, App>) -> Answer<SubscriptionView> {
    Ok(app.reactivate_plan().await?)
}

/// Pays for a plan in the browser; answers when the person is done. The plan's mode is in force once it is paid.
#[tauri::command]
#[specta::specta]
pub async fn plan_pay(
    app: State<'_, App>,
    handle: AppHandle,
    plan: Arg<String>,
) -> Answer<PaymentView> {
    let open = |address| system::open(handle, address);
    Ok(app.pay_plan(&plan, open).await?)
}

/// Ends a payment that waits for the browser.
#[tauri::command]
#[specta::specta]
pub async fn plan_pay_cancel(app: State<'_, App>) -> Answer<()> {
    app.stop_paying();
    Ok(())
}

/// Opens one of the billing provider's pages in the browser.
#[tauri::command]
#[specta::specta]
pub async fn portal_open(
    app: State<'_, App>,
    handle: AppHandle,
    area: Arg<PortalArea>,
) -> Answer<()> {
    let open = |address| system::open(handle, address);
    Ok(app.open_portal(area.0, open).await?)
}
