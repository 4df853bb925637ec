//! What became stale. Every write announces itself after its commit; the window maps each value to the queries it
//! must read again. Nothing but names of things may be in here.

use serde::{Deserialize, Serialize};
use specta::Type;

/// One thing that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case", tag = "what", content = "id")]
pub enum Changed {
    /// Keys, their health, or their models.
    Keys,
    /// The credential store's state.
    Store,
    /// Projects and the list of conversations.
    Workspace,
    /// One conversation's messages.
    Conversation(String),
    /// Receipts and totals.
    Usage,
    /// The account, its licence or its plan.
    Account,
    /// Billing mode and terms.
    Billing,
    /// The window's own preferences.
    Preferences,
    /// More than could be told one by one.
    Everything,
}
