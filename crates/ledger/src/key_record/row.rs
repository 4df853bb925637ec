//! What is stored of a key.

use sqlx::FromRow;

use crate::KeyId;

/// Where a key is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum Place {
    /// In the operating system's credential store.
    System,
    /// In memory, until the program ends.
    Session,
    /// In the passphrase vault's file.
    Passphrase,
}

/// What may be shown of a key.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct KeyRecord {
    /// Its id.
    pub id: KeyId,
    /// The profile that it belongs to.
    pub profile: String,
    /// The provider's id.
    pub provider: String,
    /// The protocol's id.
    pub protocol: String,
    /// The user's name for it.
    pub label: String,
    /// The endpoint's base URL.
    pub base_url: String,
    /// Scheme, host and port that the key is bound to.
    pub origin: String,
    /// Its last characters, at most four; none for an endpoint without a key.
    pub last4: Option<String>,
    /// The entry of the credential store; none for an endpoint without a key.
    pub entry_id: Option<String>,
    /// Where it is kept.
    pub place: Place,
    /// The provider's default in this profile. Exactly one of a provider's keys is.
    pub is_default: bool,
    /// The result of the last check, as the caller wrote it.
    pub health_json: Option<String>,
    /// The models that it reaches, as the caller wrote them.
    pub models_json: Option<String>,
    /// How its endpoint is reached, as the caller wrote it; none: as usual.
    pub access_json: Option<String>,
    /// When it was added or last replaced, in milliseconds since 1970 UTC.
    pub added_at: i64,
    /// When it last paid for a call, in milliseconds since 1970 UTC, from the receipts.
    pub last_used_at: Option<i64>,
    /// When it was last checked, in milliseconds since 1970 UTC.
    pub last_checked_at: Option<i64>,
    /// When it was removed, in milliseconds since 1970 UTC.
    pub removed_at: Option<i64>,
}

/// A key record to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKeyRecord {
    /// Its id.
    pub id: KeyId,
    /// The profile that it belongs to.
    pub profile: String,
    /// The provider's id.
    pub provider: String,
    /// The protocol's id.
    pub protocol: String,
    /// The user's name for it.
    pub label: String,
    /// The endpoint's base URL.
    pub base_url: String,
    /// Scheme, host and port that the key is bound to.
    pub origin: String,
    /// The key's entry and last characters (at most four); none for an endpoint without a key.
    pub entry: Option<KeyEntry>,
    /// Where it is kept.
    pub place: Place,
    /// The result of its check.
    pub health_json: Option<String>,
    /// The models that it reaches.
    pub models_json: Option<String>,
    /// When it was checked, in milliseconds since 1970 UTC; none when it could not be.
    pub checked_at: Option<i64>,
}

/// An entry of the credential store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyEntry {
    /// The entry's id.
    pub id: String,
    /// The key's last characters, at most four.
    pub last4: String,
}
