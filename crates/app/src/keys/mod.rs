//! Keys: what is known of them, how they are entered, checked, saved, replaced and removed.
//!
//! No function of this module returns a key. A secret goes from the window or the clipboard into [`pending`], from there
//! into the vault, and from the vault into a `Credential` for one call to its own origin.

mod check;
mod entry;
mod handover;
mod health;
mod local;
mod moving;
pub(crate) mod pending;
mod reconcile;
pub(crate) mod record;
mod save;
mod store;
#[cfg(test)]
mod tests;
mod vault;
pub mod view;
mod watch;

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use brasskey_ledger::{KeyId, Place};
use brasskey_providers::{BaseUrl, Endpoint, Page, Provider};
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use crate::App;
use crate::error::{Error, ErrorCode, FailureView, Verdict};
use record::Key;
pub(crate) use vault::resume as resume_vault;
use view::{
    EnvironmentKeyView, HealthView, KeyView, KeysView, NewEndpoint, PendingView, PlaceView,
    ProviderId, ProviderPage, ProviderView, ReconciledView,
};

/// What is known of keys in this run and not kept.
#[derive(Default)]
pub(crate) struct KeyNotes {
    inner: Mutex<Notes>,
    /// Held while a key's models are read, changed and written.
    writing_models: tokio::sync::Mutex<()>,
}

#[derive(Default)]
pub(crate) struct Notes {
    /// The store answered that it has no such entry.
    missing: HashSet<KeyId>,
    /// Saved keys that are being checked, each with what stops its check.
    checking: HashMap<KeyId, CancellationToken>,
    /// Keys that are being looked for in files, each with what stops the search.
    pub(crate) looking_for: HashMap<KeyId, CancellationToken>,
    /// What the last look at the endpoints of this computer found: models while running, none while not.
    local: HashMap<KeyId, Option<u32>>,
    /// Entries whose intents an earlier run left: what is mended of them is told.
    left_behind: HashSet<String>,
    reconciled: Vec<ReconciledView>,
    store_detail: Option<&'static str>,
}

impl KeyNotes {
    /// At a start, with the entries whose intents the run before has left.
    pub(crate) fn new(left_behind: HashSet<String>) -> Self {
        let notes = Self::default();
        notes.with(|notes| notes.left_behind = left_behind);
        notes
    }

    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut Notes) -> T) -> T {
        act(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl App {
    /// Everything of Settings > Keys, from the records alone: the credential store is not asked.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn keys(&self) -> Result<KeysView, Error> {
        let keys = self.keys_in_use().await?;
        let mut views = Vec::with_capacity(keys.len());
        for key in &keys {
            views.push(self.key_view(key).await?);
        }
        Ok(KeysView {
            store: self.store_view(),
            keys: views,
            local_servers: self.local_servers(&keys),
            reconciled: self.key_notes.with(|notes| notes.reconciled.clone()),
        })
    }

    /// The profile's keys that are not removed, oldest first.
    pub(crate) async fn keys_in_use(&self) -> Result<Vec<Key>, Error> {
        let records = self.ledger.keys().list(&self.account.profile()).await?;
        // One unreadable row must not take the others, and all conversations, with it.
        let readable = |record: brasskey_ledger::KeyRecord| {
            Key::read(record)
                .inspect_err(|error| {
                    tracing::warn!(code = error.code().as_str(), "a key's record is left out");
                })
                .ok()
        };
        Ok(records.into_iter().filter_map(readable).collect())
    }

    pub(crate) async fn key(&self, id: &str) -> Result<Key, Error> {
        let record = self.ledger.keys().get(&KeyId::new(id)).await?;
        // Endpoints without a key are everybody's on this computer.
        let is_ours = record.entry_id.is_none() || record.profile == self.account.profile();
        if !is_ours || record.removed_at.is_some() {
            return Err(Error::NotFound("key"));
        }
        Key::read(record)
    }

    /// Whether a key is still in use and still the one that it was when it was read: neither removed nor replaced.
    pub(crate) async fn is_current(&self, key: &Key) -> bool {
        let entry = |key: &Key| key.secret.as_ref().map(|secret| secret.entry.clone());
        let now = self.key(key.id.as_str()).await;
        now.is_ok_and(|now| entry(&now) == entry(key))
    }

    pub(crate) async fn key_view(&self, key: &Key) -> Result<KeyView, Error> {
        let month = self.clock.month();
        let spent = self
            .ledger
            .receipts()
            .key_total(&key.id, month.from_ms..month.until_ms)
            .await?;
        let provider = key.endpoint.provider;
        let base_url = &key.endpoint.base_url;
        Ok(KeyView {
            id: key.id.as_str().to_owned(),
            provider,
            provider_name: provider.name().to_owned(),
            label: key.label.clone(),
            is_default: key.is_default,
            base_url: base_url.as_str().to_owned(),
            own_address: provider.default_base_url() != Some(base_url.as_str()),
            on_this_computer: base_url.is_this_computer(),
            last4: key.secret.as_ref().map(|secret| secret.last4.clone()),
            place: self.place(key),
            health: key.health.clone(),
            added_at: key.added_at,
            last_used_at: key.last_used_at,
            last_checked_at: key.last_checked_at,
            spent_this_month: spent.known.to_string(),
            checking: self
                .key_notes
                .with(|notes| notes.checking.contains_key(&key.id)),
        })
    }

    /// Where a key's secret is now.
    pub(crate) fn place(&self, key: &Key) -> PlaceView {
        match &key.secret {
            None => PlaceView::None,
            Some(_) if self.key_notes.with(|notes| notes.missing.contains(&key.id)) => {
                PlaceView::Missing
            }
            Some(secret) => match secret.place {
                Place::System if self.place_now() != Place::System => PlaceView::SetAside,
                Place::System => PlaceView::System,
                Place::Passphrase if self.place_now() != Place::Passphrase => PlaceView::VaultAside,
                Place::Passphrase => PlaceView::Vault,
                Place::Session if self.vault.has_session_key(&secret.entry) => PlaceView::Session,
                Place::Session => PlaceView::SessionEnded,
            },
        }
    }

    /// Why a key's models cannot answer now, as far as is known without asking. What one of them was refused for is no reason:
    /// quotas and funds may be another's or another day's, and the network comes back.
    pub(crate) fn unavailable(&self, key: &Key) -> Option<FailureView> {
        if matches!(
            self.place(key),
            PlaceView::Missing
                | PlaceView::SessionEnded
                | PlaceView::SetAside
                | PlaceView::VaultAside
        ) {
            return Some(FailureView::not_sent(
                ErrorCode::CredentialStore,
                key.endpoint.base_url.host(),
            ));
        }
        if let Some(silent) = self.not_running(key) {
            return Some(silent);
        }
        failing(key).filter(|failure| failure.code.verdict() == Verdict::Unusable)
    }

    /// What a key's last answer or check was refused for, where its models may answer all the same.
    pub(crate) fn trouble(&self, key: &Key) -> Option<FailureView> {
        failing(key).filter(|failure| failure.code.verdict() != Verdict::Unusable)
    }

    /// Takes a typed or pasted key. It is held whatever the address is worth, which may be corrected after it.
    ///
    /// # Errors
    /// `key_empty`.
    pub fn submit_key(
        &self,
        secret: &SecretString,
        endpoint: &NewEndpoint,
    ) -> Result<PendingView, Error> {
        let view = self.pending.take(Some(secret), endpoint)?;
        self.wipe_when_old(&view);
        Ok(view)
    }

    /// Begins an endpoint without a key.
    ///
    /// # Errors
    /// `base_url_invalid`; `invalid_input` where the provider needs a key or the address is not on this computer.
    pub fn submit_keyless(&self, endpoint: &NewEndpoint) -> Result<PendingView, Error> {
        let resolved = resolve(endpoint)?;
        if !is_keyless(resolved.provider) {
            return Err(Error::InvalidInput("this provider needs a key"));
        }
        if !resolved.base_url.is_this_computer() {
            return Err(Error::InvalidInput(
                "an endpoint without a key is for this computer only",
            ));
        }
        let view = self.pending.take(None, endpoint)?;
        self.wipe_when_old(&view);
        Ok(view)
    }

    /// Keys of providers found in this program's environment.
    #[must_use]
    pub fn environment_keys(&self) -> Vec<EnvironmentKeyView> {
        environment_variables()
            // A key alone is not enough where the user has to name an address.
            .filter(|(provider, _)| provider.default_base_url().is_some())
            .filter_map(|(provider, variable)| {
                let secret = read_environment(variable)?;
                Some(EnvironmentKeyView {
                    variable: variable.to_owned(),
                    provider,
                    last4: brasskey_providers::last_four(&secret),
                })
            })
            .collect()
    }

    /// Takes a key from one of the environment variables that providers document.
    ///
    /// # Errors
    /// `not_found` for any other variable or an unset one; as [`App::submit_key`].
    pub fn submit_environment_key(
        &self,
        variable: &str,
        endpoint: &NewEndpoint,
    ) -> Result<PendingView, Error> {
        let known = environment_variables()
            .map(|(_, name)| name)
            .find(|name| *name == variable)
            .ok_or(Error::NotFound("environment variable"))?;
        let secret = read_environment(known).ok_or(Error::NotFound("environment variable"))?;
        self.submit_key(&secret, endpoint)
    }

    /// Wipes a pending key. A save of it that waits for the credential store ends, and leaves nothing there.
    pub fn cancel_pending(&self, pending: &str) {
        self.pending.wipe(pending);
        self.wire.hang_up();
    }

    /// The address of a page of a provider's console.
    ///
    /// # Errors
    /// `not_found` when it has no such page.
    pub fn provider_page(
        &self,
        provider: ProviderId,
        page: ProviderPage,
    ) -> Result<&'static str, Error> {
        provider.page(page.into()).ok_or(Error::NotFound("page"))
    }

    fn wipe_when_old(&self, view: &PendingView) {
        let (app, id) = (self.clone(), view.id.clone());
        self.jobs.spawn(async move {
            tokio::select! {
                () = tokio::time::sleep(pending::KEPT) => {}
                () = app.closing.cancelled() => return,
            }
            // A person who is just unlocking the store for it may finish.
            let _saving = app.pending.saving.lock().await;
            app.pending.wipe(&id);
        });
    }
}

fn failing(key: &Key) -> Option<FailureView> {
    match &key.health {
        HealthView::Failing { failure } => Some(failure.clone()),
        HealthView::Unchecked | HealthView::Working { .. } => None,
    }
}

/// The providers that the key form offers: those with their own address, and endpoints of the user's own.
#[must_use]
pub(crate) fn providers() -> Vec<ProviderView> {
    Provider::all()
        .iter()
        .copied()
        .filter(|provider| !provider.is_local())
        .map(|provider| ProviderView {
            id: provider,
            name: provider.name().to_owned(),
            default_base_url: provider.default_base_url().map(str::to_owned),
            base_url_example: provider.base_url_example().map(str::to_owned),
            key_prefix: provider.key_prefix().map(str::to_owned),
            keyless: is_keyless(provider),
            pages: [
                ProviderPage::Keys,
                ProviderPage::Billing,
                ProviderPage::Limits,
                ProviderPage::Usage,
                ProviderPage::Status,
                ProviderPage::Permissions,
                ProviderPage::Regions,
            ]
            .into_iter()
            .filter(|page| provider.page(Page::from(*page)).is_some())
            .collect(),
        })
        .collect()
}

fn is_keyless(provider: Provider) -> bool {
    provider.is_compatible() || provider.is_local()
}

/// An endpoint as entered; the provider's own address stands in for an empty one.
pub(crate) fn resolve(new: &NewEndpoint) -> Result<Endpoint, Error> {
    let provider = new.provider;
    let typed = new
        .base_url
        .as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty());
    let base_url = match typed.or_else(|| provider.default_base_url()) {
        Some(text) => BaseUrl::parse(text)?,
        None => return Err(Error::BaseUrl(crate::error::BaseUrlProblem::Needed)),
    };
    Ok(Endpoint {
        provider,
        protocol: provider.protocol(),
        base_url,
    })
}

fn environment_variables() -> impl Iterator<Item = (Provider, &'static str)> {
    Provider::all().iter().flat_map(|provider| {
        provider
            .environment_variable()
            .iter()
            .map(|name| (*provider, *name))
    })
}

fn read_environment(variable: &str) -> Option<SecretString> {
    std::env::var(variable)
        .ok()
        .filter(|value| !value.trim().is_empty())
        .map(SecretString::from)
}
