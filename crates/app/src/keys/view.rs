//! What the window sees of keys: labels, the last four characters, states. Never a key.

use brasskey_providers::Page;
pub use brasskey_providers::Provider as ProviderId;
use serde::{Deserialize, Serialize};
use specta::Type;
use specta_typescript::Number;

use crate::error::{FailureView, StoreStateView};

/// A page of the provider's own console. The addresses are built into Brasskey; the window names one, never a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ProviderPage {
    /// Where keys are made.
    Keys,
    /// Where credit is added.
    Billing,
    /// Where limits are set.
    Limits,
    /// Where use is shown.
    Usage,
    /// Whether the provider is up.
    Status,
    /// Where a key's permissions are set.
    Permissions,
    /// Where the provider serves.
    Regions,
}

/// A provider as the key form offers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ProviderView {
    /// Its id.
    pub id: ProviderId,
    /// As it names itself.
    pub name: String,
    /// What the base URL field starts with; none for endpoints of the user's own.
    pub default_base_url: Option<String>,
    /// How a base URL looks, where the user has to name one.
    pub base_url_example: Option<String>,
    /// How its keys usually start, as a hint.
    pub key_prefix: Option<String>,
    /// Whether an endpoint without a key makes sense.
    pub keyless: bool,
    /// The console pages it has.
    pub pages: Vec<ProviderPage>,
}

/// Where a key is entered for. Without `base_url` the provider's own address is meant.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct NewEndpoint {
    /// The provider.
    pub provider: ProviderId,
    /// The base URL as typed.
    pub base_url: Option<String>,
}

/// A key that the backend holds and has not saved. It is wiped by save, cancel, or after ten minutes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PendingView {
    /// Handle for check, save and cancel.
    pub id: String,
    /// The provider that it was entered for.
    pub provider: ProviderId,
    /// The address that it was entered for; none where the provider's own is meant, or what was typed is no address.
    pub base_url: Option<String>,
    /// Last four characters; none for an endpoint without a key.
    pub last4: Option<String>,
    /// The provider whose keys look like this one.
    pub looks_like: Option<ProviderId>,
    /// It holds white space inside: probably two things were copied.
    pub has_space: bool,
    /// When it will be wiped, milliseconds since 1970.
    #[specta(type = Number)]
    pub expires_at: i64,
}

/// How a check ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(
    rename_all = "snake_case",
    rename_all_fields = "camelCase",
    tag = "outcome"
)]
pub enum CheckView {
    /// The provider accepted the key and listed its models. This does not prove funds.
    Works {
        /// How many models answer chat.
        model_count: u32,
        /// The first few names.
        models: Vec<String>,
    },
    /// Refused, or could not be asked.
    Failed {
        /// Why.
        failure: FailureView,
        /// Whether saving it anyway makes sense: it may well work later.
        savable: bool,
    },
    /// The shape is another provider's; nothing was sent.
    WrongProvider {
        /// The provider whose keys look like this.
        looks_like: ProviderId,
        /// How keys of the chosen provider usually start.
        expected_prefix: Option<String>,
    },
    /// The user stopped the check.
    Stopped,
}

/// What is known of a saved key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(
    rename_all = "snake_case",
    rename_all_fields = "camelCase",
    tag = "state"
)]
pub enum HealthView {
    /// Never checked.
    Unchecked,
    /// The last check or answer worked.
    Working {
        /// How many models it listed.
        model_count: u32,
    },
    /// The last check or answer failed.
    Failing {
        /// Why.
        failure: FailureView,
    },
}

/// Where a key's secret is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum PlaceView {
    /// In the operating system's credential store.
    System,
    /// In memory until Brasskey quits.
    Session,
    /// Not found where it was: add it again or forget it.
    Missing,
    /// It was kept in memory until Brasskey quit: enter it again or forget it.
    SessionEnded,
    /// In the system's store, which is not asked while keys are kept elsewhere.
    SetAside,
    /// In the passphrase vault.
    Vault,
    /// In the passphrase vault, which is not asked while keys are kept elsewhere.
    VaultAside,
    /// There is none: the endpoint needs no key.
    None,
}

/// One saved key or keyless endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct KeyView {
    /// Its id.
    pub id: String,
    /// Its provider.
    pub provider: ProviderId,
    /// The provider's name.
    pub provider_name: String,
    /// The user's name for it.
    pub label: String,
    /// Used for its provider when nothing else is chosen.
    pub is_default: bool,
    /// The address it is bound to.
    pub base_url: String,
    /// Whether that is not the provider's own address.
    pub own_address: bool,
    /// On this computer: nothing leaves it and nothing is billed.
    pub on_this_computer: bool,
    /// Last four characters; none without a key.
    pub last4: Option<String>,
    /// Where its secret is.
    pub place: PlaceView,
    /// What is known of it.
    pub health: HealthView,
    /// When it was added, milliseconds since 1970.
    #[specta(type = Number)]
    pub added_at: i64,
    /// When it last paid for an answer.
    #[specta(type = Option<Number>)]
    pub last_used_at: Option<i64>,
    /// When it was last checked.
    #[specta(type = Option<Number>)]
    pub last_checked_at: Option<i64>,
    /// What was spent on it this calendar month, exact decimal dollars; unknown costs are not in it.
    pub spent_this_month: String,
    /// A check is running now.
    pub checking: bool,
}

/// A model server on this computer, or another endpoint without a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct LocalServerView {
    /// Its endpoint among the keys.
    pub key_id: String,
    /// Which one.
    pub provider: ProviderId,
    /// The user's name for it.
    pub name: String,
    /// Host and port.
    pub address: String,
    /// Its models when it answered this run's last look; none when it did not.
    pub running: Option<u32>,
}

/// What an earlier run left half done between records and credential store, and this one has mended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(
    rename_all = "snake_case",
    rename_all_fields = "camelCase",
    tag = "kind"
)]
pub enum ReconciledView {
    /// A save was cut short; what it had put into the store was removed again.
    HalfSavedRemoved {
        /// When the save began, milliseconds since 1970.
        #[specta(type = Number)]
        at: i64,
    },
    /// A removal was cut short and has been finished.
    RemovalFinished {
        /// When the removal began, milliseconds since 1970.
        #[specta(type = Number)]
        at: i64,
    },
}

/// A key found in the environment of this program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentKeyView {
    /// The variable's name.
    pub variable: String,
    /// The provider it is for.
    pub provider: ProviderId,
    /// Last four characters.
    pub last4: String,
}

/// The credential store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct StoreView {
    /// Its state.
    pub state: StoreStateView,
    /// Its name on this system: "Secret Service", "macOS Keychain", "Windows Credential Manager".
    pub name: String,
    /// A fixed code for support, such as `no_owner`.
    pub detail: Option<String>,
    /// The distribution and desktop, such as "Debian 12, GNOME".
    pub desktop: Option<String>,
    /// The command that installs a store here, where that is known.
    pub install_command: Option<String>,
    /// There is a passphrase vault on this computer, in use or not.
    pub has_vault: bool,
}

/// Everything of Settings > Keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct KeysView {
    /// The store.
    pub store: StoreView,
    /// Keys and endpoints, in the order they were added.
    pub keys: Vec<KeyView>,
    /// Model servers on this computer, in the order they were added.
    pub local_servers: Vec<LocalServerView>,
    /// What start-up mended.
    pub reconciled: Vec<ReconciledView>,
}

/// A removal that can be undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RemovalView {
    /// The key.
    pub id: String,
    /// Until when it can be undone, milliseconds since 1970.
    #[specta(type = Number)]
    pub undo_until: i64,
}

impl From<ProviderPage> for Page {
    fn from(page: ProviderPage) -> Self {
        match page {
            ProviderPage::Keys => Self::Keys,
            ProviderPage::Billing => Self::Billing,
            ProviderPage::Limits => Self::Limits,
            ProviderPage::Usage => Self::Usage,
            ProviderPage::Status => Self::Status,
            ProviderPage::Permissions => Self::Permissions,
            ProviderPage::Regions => Self::Regions,
        }
    }
}
