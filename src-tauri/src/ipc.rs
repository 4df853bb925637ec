//! The IPC surface: the list of commands and events, and the one inbound secret type.
//!
//! Nothing in here or behind it may ever return a key.

use brasskey_app::changed::Changed;
use brasskey_app::error::ErrorView;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tauri_specta::{Builder, Event, collect_commands, collect_events};

/// What a command answers.
pub type Answer<T> = Result<T, ErrorView>;

/// A key on its way in. Deserialised straight into a secret, never serialised; a wrong type is refused without
/// repeating the value, which serde's own message would do.
#[derive(specta::Type)]
#[specta(transparent)]
pub struct SecretInput(#[specta(type = String)] pub SecretString);

static_assertions::assert_not_impl_any!(
    SecretInput: Serialize, std::fmt::Debug, std::fmt::Display, Clone, ToString
);

impl<'de> Deserialize<'de> for SecretInput {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)
            .map(|text| Self(SecretString::from(text)))
            .map_err(|_| serde::de::Error::custom("expected text"))
    }
}

/// Something became stale.
#[derive(Clone, Debug, Serialize, Deserialize, specta::Type, Event)]
pub struct ChangedEvent(pub Changed);

/// All commands and events, for the running program and for the generated bindings.
pub fn builder() -> Builder<tauri::Wry> {
    Builder::<tauri::Wry>::new()
        .commands(collect_commands![
            crate::commands::settings::start,
            crate::commands::settings::preferences_set,
            crate::commands::billing::billing_view,
            crate::commands::billing::billing_choose,
            crate::commands::billing::billing_refresh,
            crate::commands::billing::terms_accept,
            crate::commands::billing::first_run_finish,
            crate::commands::account::account_view,
            crate::commands::account::trial_begin,
            crate::commands::account::sign_in,
            crate::commands::account::sign_in_replace,
            crate::commands::account::sign_in_cancel,
            crate::commands::account::sign_out,
            crate::commands::account::account_close,
            crate::commands::account::licence_check,
            crate::commands::account::seats_view,
            crate::commands::account::seat_release,
            crate::commands::subscription::subscription_view,
            crate::commands::subscription::plan_preview,
            crate::commands::subscription::plan_change,
            crate::commands::subscription::plan_change_withdraw,
            crate::commands::subscription::plan_cancel,
            crate::commands::subscription::plan_reactivate,
            crate::commands::subscription::plan_pay,
            crate::commands::subscription::plan_pay_cancel,
            crate::commands::subscription::portal_open,
            crate::commands::wallet::wallet_view,
            crate::commands::wallet::wallet_set_cap,
            crate::commands::keys::keys_view,
            crate::commands::keys::keys_submit,
            crate::commands::keys::keys_paste,
            crate::commands::keys::keys_environment,
            crate::commands::keys::keys_from_environment,
            crate::commands::keys::keys_keyless,
            crate::commands::keys::keys_sandbox,
            crate::commands::keys::keys_check,
            crate::commands::keys::keys_check_stop,
            crate::commands::keys::keys_save,
            crate::commands::keys::keys_cancel,
            crate::commands::keys::keys_replace,
            crate::commands::keys::keys_recheck,
            crate::commands::keys::keys_recheck_stop,
            crate::commands::keys::keys_name_model,
            crate::commands::keys::keys_rename,
            crate::commands::keys::keys_set_default,
            crate::commands::keys::keys_remove,
            crate::commands::keys::keys_restore,
            crate::commands::keys::keys_find_local,
            crate::commands::keys::keys_reconciled_dismiss,
            crate::commands::custody::custody_view,
            crate::commands::custody::custody_look,
            crate::commands::custody::custody_stop,
            crate::commands::keys::store_probe,
            crate::commands::keys::store_give_up,
            crate::commands::keys::store_use_session,
            crate::commands::keys::store_use_system,
            crate::commands::keys::vault_create,
            crate::commands::keys::vault_unlock,
            crate::commands::keys::vault_lock,
            crate::commands::keys::vault_change,
            crate::commands::keys::vault_begin_anew,
            crate::commands::keys::provider_page_open,
            crate::commands::models::models_list,
            crate::commands::projects::workspace_view,
            crate::commands::projects::projects_create,
            crate::commands::projects::projects_rename,
            crate::commands::projects::projects_delete,
            crate::commands::projects::projects_restore,
            crate::commands::projects::conversations_open,
            crate::commands::projects::conversations_rename,
            crate::commands::projects::conversations_move,
            crate::commands::projects::conversations_delete,
            crate::commands::projects::conversations_restore,
            crate::commands::projects::conversations_show_version,
            crate::commands::projects::conversations_choose_model,
            crate::commands::projects::drafts_save,
            crate::commands::projects::drafts_read,
            crate::commands::search::search,
            crate::commands::search::search_open,
            crate::commands::transfer::export_run,
            crate::commands::transfer::import_run,
            crate::commands::transfer::transfer_stop,
            crate::commands::report::report_view,
            crate::commands::report::report_save,
            crate::commands::chat::chat_send,
            crate::commands::chat::chat_stop,
            crate::commands::chat::chat_try_now,
            crate::commands::chat::chat_estimate,
            crate::commands::usage::usage_totals,
            crate::commands::usage::last_month,
            crate::commands::links::link_inspect,
            crate::commands::links::link_open,
            crate::commands::links::clipboard_copy,
        ])
        .events(collect_events![ChangedEvent])
        // One type per Rust type, although some fields are optional.
        .disable_serde_phases()
}

/// Writes the TypeScript bindings to a file.
///
/// # Errors
/// When a type cannot be expressed in TypeScript, or the file cannot be written.
pub fn write_bindings(path: &std::path::Path) -> Result<(), specta_typescript::Error> {
    builder().export(
        specta_typescript::Typescript::default()
            .header("// Generated from the Rust types by `cargo xtask bindings`. Do not edit.\n"),
        path,
    )
}
