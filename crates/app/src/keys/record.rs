//! A saved key as the use cases work with it: the database's row, read once into types.

use std::str::FromStr;

use brasskey_ledger::{KeyId, KeyRecord, NewKeyRecord, Place};
use brasskey_providers::{Access, BaseUrl, Endpoint, Protocol, Provider};
use brasskey_vault::EntryId;

use super::entry::Put;
use super::health::Finding;
use super::view::HealthView;
use crate::chat::view::PayerView;
use crate::error::Error;
use crate::models::StoredModel;

/// A saved key or keyless endpoint.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) id: KeyId,
    pub(crate) label: String,
    pub(crate) endpoint: Endpoint,
    /// Set exactly when there is a secret.
    pub(crate) secret: Option<SecretPlace>,
    pub(crate) is_default: bool,
    pub(crate) health: HealthView,
    pub(crate) models: Vec<StoredModel>,
    pub(crate) access: Access,
    pub(crate) added_at: i64,
    pub(crate) last_used_at: Option<i64>,
    pub(crate) last_checked_at: Option<i64>,
}

/// Where a key's secret is, and what may be shown of it.
#[derive(Clone, Debug)]
pub(crate) struct SecretPlace {
    pub(crate) entry: EntryId,
    pub(crate) last4: String,
    pub(crate) place: Place,
}

impl Key {
    /// Reads a row. A row that this version cannot read is an error, not a key with other values.
    pub(crate) fn read(record: KeyRecord) -> Result<Self, Error> {
        let unreadable = |_| Error::InvalidInput("a key's record cannot be read");
        let provider = Provider::from_str(&record.provider).map_err(|_| unreadable(()))?;
        let protocol: Protocol = serde_json::from_value(serde_json::Value::String(record.protocol))
            .map_err(|_| unreadable(()))?;
        let secret = match (record.entry_id, record.last4) {
            (Some(entry), Some(last4)) => Some(SecretPlace {
                entry: EntryId::new(&entry).map_err(|_| unreadable(()))?,
                last4,
                place: record.place,
            }),
            _ => None,
        };
        Ok(Self {
            id: record.id,
            label: record.label,
            endpoint: Endpoint {
                provider,
                protocol,
                base_url: BaseUrl::parse(&record.base_url)?,
            },
            secret,
            is_default: record.is_default,
            // Health and models are what a check said; when they cannot be read the next check says it again.
            health: record
                .health_json
                .and_then(|json| serde_json::from_str(&json).ok())
                .unwrap_or(HealthView::Unchecked),
            models: record
                .models_json
                .and_then(|json| serde_json::from_str(&json).ok())
                .unwrap_or_default(),
            // One that cannot be read must not become another way: the key would go past its owner's proxy.
            access: match record.access_json {
                Some(json) => serde_json::from_str(&json).map_err(|_| unreadable(()))?,
                None => Access::default(),
            },
            added_at: record.added_at,
            last_used_at: record.last_used_at,
            last_checked_at: record.last_checked_at,
        })
    }

    /// Who pays for a call through it.
    pub(crate) fn payer_view(&self) -> PayerView {
        let provider = self.endpoint.provider;
        match &self.secret {
            Some(secret) => PayerView::UserKey {
                key_id: self.id.as_str().to_owned(),
                label: self.label.clone(),
                last4: secret.last4.clone(),
                provider,
                provider_name: provider.name().to_owned(),
            },
            None => PayerView::Nobody {
                key_id: self.id.as_str().to_owned(),
                label: self.label.clone(),
                provider,
            },
        }
    }
}

/// The row of a new key, or of an endpoint without one.
pub(crate) fn new_record(
    id: KeyId,
    profile: String,
    label: String,
    endpoint: &Endpoint,
    put: Option<&Put>,
    found: Option<Finding>,
) -> NewKeyRecord {
    let checked_at = found.as_ref().map(|found| found.at);
    let (health_json, models_json) = match found {
        Some(found) => (Some(found.health_json), found.models_json),
        None => (None, None),
    };
    NewKeyRecord {
        id,
        profile,
        provider: endpoint.provider.as_str().to_owned(),
        protocol: endpoint.protocol.as_str().to_owned(),
        label,
        base_url: endpoint.base_url.as_str().to_owned(),
        origin: endpoint.base_url.origin().to_string(),
        place: put.map_or(Place::System, |put| put.place),
        entry: put.map(|put| put.entry.clone()),
        health_json,
        models_json,
        checked_at,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn a_kept_protocol_is_read_back_as_the_same() {
        for provider in Provider::all() {
            let protocol = provider.protocol();
            let read: Protocol = serde_json::from_value(protocol.as_str().into()).unwrap();
            assert_eq!(read, protocol);
        }
    }
}
