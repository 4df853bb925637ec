//! The window's own preferences, and what it needs at its first paint.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::billing::view::BillingView;
use crate::keys::view::{KeysView, ProviderView};
use crate::projects::view::WorkspaceView;

/// Light, dark, or as the system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// What Return does in the composer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ReturnKey {
    /// Return sends, Shift+Return starts a line.
    #[default]
    Sends,
    /// Return starts a line, Ctrl (⌘) + Return sends.
    NewLine,
}

/// The window's own preferences. Unknown or broken values fall back to these defaults one by one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase", default)]
pub struct Preferences {
    /// Light or dark.
    pub theme: Theme,
    /// Text size in per cent, 85 to 150.
    pub text_size: u16,
    /// The system's font instead of the bundled one.
    pub system_font: bool,
    /// What Return does.
    pub return_key: ReturnKey,
    /// Whether the side bar is hidden.
    pub sidebar_hidden: bool,
    /// Its width in CSS pixels, 200 to 360.
    pub sidebar_width: u16,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            theme: Theme::System,
            text_size: 100,
            system_font: false,
            return_key: ReturnKey::Sends,
            sidebar_hidden: false,
            sidebar_width: 244,
        }
    }
}

/// The operating system, for key names and the title bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Os {
    /// macOS.
    Mac,
    /// Windows.
    Windows,
    /// Linux.
    Linux,
}

/// Everything for the first paint, in one round trip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct StartView {
    /// Brasskey's version.
    pub version: String,
    /// The operating system.
    pub os: Os,
    /// The window's preferences.
    pub preferences: Preferences,
    /// Billing mode, plans and terms.
    pub billing: BillingView,
    /// Keys as recorded; the credential store is not asked at start.
    pub keys: KeysView,
    /// Providers that the key form offers.
    pub providers: Vec<ProviderView>,
    /// Projects and conversations.
    pub workspace: WorkspaceView,
    /// A sandbox provider runs on this computer (builds for development only).
    pub sandbox: bool,
}
