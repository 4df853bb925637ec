//! Endpoints without a key: model servers of this computer, found on their usual ports, and others that the user added. Free of
//! charge, and asked at each look whether they run.

use std::collections::HashMap;
use std::time::Duration;

use brasskey_ledger::KeyId;
use brasskey_providers::{
    self as providers, CANNOT_LIST_MODELS, LocalServer, Payer, discover_local,
};
use futures::future::join_all;

use super::health::Finding;
use super::pending::Checked;
use super::record::{Key, new_record};
use super::save::free_label;
use super::view::{HealthView, LocalServerView};
use crate::App;
use crate::account::NOBODYS;
use crate::changed::Changed;
use crate::error::{Error, ErrorCode, FailureView};
use crate::models::{StoredModel, answering};

/// How long an endpoint of this computer may take to list its models at a look.
const WITHIN: Duration = Duration::from_secs(3);

/// How an endpoint that is known answered a look.
enum Look {
    Lists(Vec<StoredModel>),
    /// It answers and has no list: its models are those that the user named.
    Runs,
    Silent,
}

impl App {
    /// Looks for model servers, which become endpoints that can be asked at once, and whether the endpoints without a key that
    /// are known answer. Their models become those of now.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn find_local(&self) -> Result<Vec<LocalServerView>, Error> {
        let mut running = HashMap::new();
        for server in discover_local(&self.wire).await {
            if let Some((id, count)) = self.keep_local(server).await? {
                running.insert(id, Some(count));
            }
        }
        let known = self.keys_in_use().await?;
        let others = known.iter().filter(|key| {
            is_local(key)
                && key.endpoint.base_url.is_this_computer()
                && !running.contains_key(&key.id)
        });
        let asked =
            join_all(others.map(|key| async move { (key, self.ask_local(key).await) })).await;
        for (key, look) in asked {
            let models = match look {
                Look::Lists(models) => {
                    let models_now = count(&models);
                    self.keep_health(key, &listed(models, self.clock.now_ms()))
                        .await?;
                    Some(models_now)
                }
                Look::Runs => Some(count(&key.models)),
                Look::Silent => None,
            };
            running.insert(key.id.clone(), models);
        }
        self.key_notes.with(|notes| notes.local = running);
        self.announce(Changed::Keys);
        Ok(self.local_servers(&self.keys_in_use().await?))
    }

    async fn ask_local(&self, key: &Key) -> Look {
        let check = providers::check(&self.wire, &key.endpoint, &Payer::Nobody);
        match tokio::time::timeout(WITHIN, check).await {
            Ok(Ok(models)) => Look::Lists(answering(models)),
            Ok(Err(failure)) if failure.provider_code.as_deref() == Some(CANNOT_LIST_MODELS) => {
                Look::Runs
            }
            _ => Look::Silent,
        }
    }

    /// Keeps what a server listed with its endpoint, which is made when there is none. None for one that the user has just
    /// removed: it stays removed until that is final.
    async fn keep_local(&self, server: LocalServer) -> Result<Option<(KeyId, u32)>, Error> {
        let endpoint = server.endpoint();
        let models = answering(server.models);
        let count = count(&models);
        let checked = listed(models, self.clock.now_ms());
        let keys = self.keys_in_use().await?;
        let at_this_address =
            |key: &&Key| is_local(key) && key.endpoint.base_url == endpoint.base_url;
        if let Some(key) = keys.iter().find(at_this_address) {
            self.keep_health(key, &checked).await?;
            return Ok(Some((key.id.clone(), count)));
        }
        let records = self.ledger.keys().all().await?;
        let removed = |record: &brasskey_ledger::KeyRecord| {
            record.entry_id.is_none() && record.base_url == endpoint.base_url.as_str()
        };
        if records.iter().any(removed) {
            return Ok(None);
        }
        let id = KeyId::new(format!("local-{}", endpoint.base_url.origin().authority()));
        let label = free_label(endpoint.provider, &keys);
        let found = Finding::of(&checked, &[])?;
        let record = new_record(
            id.clone(),
            NOBODYS.to_owned(),
            label,
            &endpoint,
            None,
            Some(found),
        );
        self.ledger
            .keys()
            .insert(&record, self.clock.now_ms())
            .await?;
        Ok(Some((id, count)))
    }

    /// The endpoints without a key, with what the last look found.
    pub(crate) fn local_servers(&self, keys: &[Key]) -> Vec<LocalServerView> {
        let running = self.key_notes.with(|notes| notes.local.clone());
        keys.iter()
            .filter(|key| is_local(key))
            .map(|key| LocalServerView {
                key_id: key.id.as_str().to_owned(),
                provider: key.endpoint.provider,
                name: key.label.clone(),
                address: key.endpoint.base_url.origin().authority(),
                running: running.get(&key.id).copied().flatten(),
            })
            .collect()
    }

    /// Notes that an endpoint without a key has answered since the last look.
    pub(crate) fn answers(&self, id: &KeyId, models: u32) {
        self.key_notes
            .with(|notes| notes.local.insert(id.clone(), Some(models)));
    }

    /// Why an endpoint without a key cannot answer now: it did not at this run's last look.
    pub(crate) fn not_running(&self, key: &Key) -> Option<FailureView> {
        let silent = self
            .key_notes
            .with(|notes| notes.local.get(&key.id) == Some(&None));
        silent.then(|| FailureView {
            provider_code: Some("not_running".to_owned()),
            ..FailureView::not_sent(
                ErrorCode::ProxyOrNetwork,
                &key.endpoint.base_url.origin().authority(),
            )
        })
    }
}

fn is_local(key: &Key) -> bool {
    key.secret.is_none()
}

fn count(models: &[StoredModel]) -> u32 {
    u32::try_from(models.len()).unwrap_or(u32::MAX)
}

fn listed(models: Vec<StoredModel>, at: i64) -> Checked {
    Checked {
        health: HealthView::Working {
            model_count: count(&models),
        },
        models: Some(models),
        at,
    }
}
