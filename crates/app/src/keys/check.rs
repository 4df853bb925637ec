//! Checks: does the provider accept this key? The cheapest call that each has, cancellable, and a result that claims only
//! what the call proved.

use brasskey_ledger::KeyId;
use brasskey_providers::{
    self as providers, CANNOT_LIST_MODELS, Credential, Endpoint, Failure, Payer, guess,
};
use tokio_util::sync::CancellationToken;

use super::pending::{Checked, Slot};
use super::view::{CheckView, HealthView, KeyView, NewEndpoint};
use crate::App;
use crate::changed::Changed;
use crate::error::{Error, ErrorCode, FailureView, Heard};
use crate::models::{answering, priced};

/// How many model names a check shows.
const NAMES_SHOWN: usize = 6;

impl App {
    /// Checks a pending key. Before anything is sent, a key that looks like another provider's is reported, unless
    /// `any_shape`: shapes change, so this never refuses.
    ///
    /// # Errors
    /// `pending_expired`, `base_url_invalid`, `origin_changed`. A provider's refusal is a result, not an error.
    pub async fn check_pending(
        &self,
        pending: &str,
        endpoint: &NewEndpoint,
        any_shape: bool,
    ) -> Result<CheckView, Error> {
        if !any_shape && let Some(other) = self.wrong_provider(pending, endpoint)? {
            return Ok(other);
        }
        let (slot, endpoint) = self.pending.begin_check(pending, endpoint, true)?;
        let payer = payer_of(&slot, &endpoint);
        let checked = tokio::select! {
            biased;
            () = slot.stop.cancelled() => return Ok(CheckView::Stopped),
            checked = providers::check(&self.wire, &endpoint, &payer) => checked,
        };
        let (view, checked) = outcome(checked, &endpoint, self.clock.now_ms());
        self.pending.checked(pending, &slot, checked);
        Ok(view)
    }

    /// Stops a running check.
    pub fn stop_check(&self, pending: &str) {
        self.pending.stop(pending);
    }

    fn wrong_provider(
        &self,
        pending: &str,
        endpoint: &NewEndpoint,
    ) -> Result<Option<CheckView>, Error> {
        let (slot, endpoint) = self.pending.begin_check(pending, endpoint, false)?;
        let provider = endpoint.provider;
        let own_address = provider.default_base_url() == Some(endpoint.base_url.as_str());
        let looks_like = slot.secret.as_ref().and_then(guess);
        Ok(looks_like
            .filter(|other| own_address && *other != provider)
            .map(|other| CheckView::WrongProvider {
                looks_like: other,
                expected_prefix: provider.key_prefix().map(str::to_owned),
            }))
    }

    /// Checks a saved key again and keeps what came out. One that is stopped, or checked anew, leaves what was known; so does
    /// the check of a key that is removed meanwhile.
    ///
    /// # Errors
    /// `not_found`; the credential store's states. A provider's refusal is in the key's health, not an error.
    pub async fn recheck_key(&self, id: &str) -> Result<KeyView, Error> {
        let key = self.key(id).await?;
        let payer = self.payer(&key).await?;
        let stop = CancellationToken::new();
        self.key_notes.with(|notes| {
            if let Some(earlier) = notes.checking.insert(key.id.clone(), stop.clone()) {
                earlier.cancel();
            }
        });
        self.announce(Changed::Keys);
        let checked = tokio::select! {
            biased;
            () = stop.cancelled() => None,
            checked = providers::check(&self.wire, &key.endpoint, &payer) => Some(checked),
        };
        if let Some(checked) = checked {
            self.key_notes.with(|notes| {
                // A later check of the same key has put its own stop there.
                if !stop.is_cancelled() {
                    notes.checking.remove(&key.id);
                }
            });
            let (_, checked) = outcome(checked, &key.endpoint, self.clock.now_ms());
            // What was found of a key says nothing of the one that took its place meanwhile.
            if self.is_current(&key).await {
                self.keep_health(&key, &checked).await?;
            }
        }
        self.announce(Changed::Keys);
        match self.key(id).await {
            Err(error) if error.code() == ErrorCode::NotFound => self.key_view(&key).await,
            now => self.key_view(&now?).await,
        }
    }

    /// Stops the check of a saved key. Stopping one that has ended is no error.
    pub fn stop_recheck(&self, id: &str) {
        self.key_notes.with(|notes| {
            if let Some(running) = notes.checking.remove(&KeyId::new(id)) {
                running.cancel();
            }
        });
    }
}

fn payer_of(slot: &Slot, endpoint: &Endpoint) -> Payer {
    match &slot.secret {
        Some(secret) => Payer::UserKey {
            key_id: "pending".to_owned(),
            credential: Credential::new(secret.clone(), endpoint.base_url.origin().clone()),
        },
        None => Payer::Nobody,
    }
}

fn outcome(
    checked: Result<Vec<providers::Model>, Failure>,
    endpoint: &Endpoint,
    at: i64,
) -> (CheckView, Checked) {
    match checked {
        Ok(models) => {
            let models = answering(models);
            let model_count = u32::try_from(models.len()).unwrap_or(u32::MAX);
            let view = CheckView::Works {
                model_count,
                models: models
                    .iter()
                    .take(NAMES_SHOWN)
                    .map(|model| model.name.clone())
                    .collect(),
            };
            let checked = Checked {
                health: HealthView::Working { model_count },
                models: Some(models),
                at,
            };
            (view, checked)
        }
        Err(failure) => {
            let failure = FailureView::of(&failure, Heard::default(), at);
            let view = CheckView::Failed {
                savable: is_savable(&failure),
                failure: failure.clone(),
            };
            // A provider that lists nothing for a key has models all the same: those whose prices are known.
            let is_unlisted = failure.provider_code.as_deref() == Some(CANNOT_LIST_MODELS);
            let models = is_unlisted
                .then(|| priced(endpoint, at))
                .filter(|models| !models.is_empty());
            let checked = Checked {
                health: HealthView::Failing { failure },
                models,
                at,
            };
            (view, checked)
        }
    }
}

/// Whether a check that ended so says anything about the key: one that could not be asked leaves it unchecked.
pub(crate) fn is_about_the_key(code: ErrorCode) -> bool {
    !matches!(
        code,
        ErrorCode::Offline
            | ErrorCode::ProxyOrNetwork
            | ErrorCode::Timeout
            | ErrorCode::StreamBroken
            | ErrorCode::Overloaded
            | ErrorCode::ServerError
            | ErrorCode::RateLimited
    )
}

/// Whether a key with this result may work later or elsewhere. A key that the provider does not know, has switched off or
/// that is of another kind never will. An endpoint that lists no models may answer all the same, to models that the user
/// names.
pub(crate) fn is_savable(failure: &FailureView) -> bool {
    match failure.code {
        ErrorCode::KeyInvalid
        | ErrorCode::KeyDisabled
        | ErrorCode::KeyExpired
        | ErrorCode::KeyWrongKind
        | ErrorCode::ModelUnavailable => false,
        ErrorCode::BadRequest => failure.provider_code.as_deref() == Some(CANNOT_LIST_MODELS),
        _ => true,
    }
}
