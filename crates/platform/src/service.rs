//! The service: its parts, held together. Interface and due work are methods on it that stand with what they are about.

use std::sync::Arc;

use brasskey_licence::{Claims, Licence, PublicKey, TokenError};
use jiff::Timestamp;
use tokio_util::task::TaskTracker;

use crate::billing::Billing;
use crate::catalogue::Catalogue;
use crate::clock::Clock;
use crate::identity::Identity;
use crate::keys::{KeyFolder, KeyFolderError};
use crate::metrics::Metrics;
use crate::signing::Signing;
use crate::store::{Store, StoreError};
use crate::terms::Terms;
use crate::work::Paces;

/// A service that cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The signing keys.
    #[error(transparent)]
    Keys(#[from] KeyFolderError),
    /// The key set that is kept cannot be read.
    #[error("the key set: {0}")]
    KeySet(#[from] TokenError),
    /// There is no key set yet.
    #[error("there is no key set yet: run `brasskey-platform keys rotate`")]
    NoKeySet,
}

/// What a service is made of.
pub struct Parts<'a> {
    /// The database.
    pub store: Store,
    /// What is sold.
    pub catalogue: Catalogue,
    /// The signing keys.
    pub keys: &'a KeyFolder,
    /// Who vouches for them.
    pub root: &'a PublicKey,
    /// The URL that the service is reached under.
    pub issuer: String,
    /// The time.
    pub clock: Clock,
    /// Who sells the plans.
    pub billing: Arc<dyn Billing>,
    /// Who says who somebody is; none where there are trials alone.
    pub identity: Option<Identity>,
    /// What people accept.
    pub terms: Terms,
    /// The oldest version of the application that is served.
    pub oldest_app: String,
}

/// The service. Clones are handles to the same one.
#[derive(Clone)]
pub struct Service {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    catalogue: Catalogue,
    issuer: String,
    clock: Clock,
    signing: Signing,
    metrics: Metrics,
    paces: Paces,
    tasks: TaskTracker,
    billing: Arc<dyn Billing>,
    identity: Option<Identity>,
    terms: Terms,
    oldest_app: String,
}

impl Service {
    /// A service over a database and its signing keys.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub async fn new(parts: Parts<'_>) -> Result<Self, ServiceError> {
        Ok(Self {
            inner: Arc::new(Inner {
                signing: Signing::open(&parts.store, parts.keys, parts.root).await?,
                store: parts.store,
                catalogue: parts.catalogue,
                issuer: parts.issuer,
                clock: parts.clock,
                metrics: Metrics::default(),
                paces: Paces::default(),
                tasks: TaskTracker::new(),
                billing: parts.billing,
                identity: parts.identity,
                terms: parts.terms,
                oldest_app: parts.oldest_app,
            }),
        })
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    pub(crate) fn catalogue(&self) -> &Catalogue {
        &self.inner.catalogue
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.inner.issuer
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    pub(crate) fn signing(&self) -> &Signing {
        &self.inner.signing
    }

    pub(crate) fn paces(&self) -> &Paces {
        &self.inner.paces
    }

    /// What it counts about itself.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.inner.metrics
    }

    /// What has to be finished before the process may end, whoever still waits for it.
    #[must_use]
    pub fn tasks(&self) -> &TaskTracker {
        &self.inner.tasks
    }

    pub(crate) fn billing(&self) -> &dyn Billing {
        &*self.inner.billing
    }

    /// The system's time, for what others have dated.
    pub(crate) fn time_of_day(&self) -> Timestamp {
        self.inner.clock.time_of_day()
    }

    pub(crate) fn identity(&self) -> Option<&Identity> {
        self.inner.identity.as_ref()
    }

    pub(crate) fn terms(&self) -> &Terms {
        &self.inner.terms
    }

    pub(crate) fn oldest_app(&self) -> &str {
        &self.inner.oldest_app
    }

    /// Prepares what is asked of others, ahead of the first request that needs it. Nothing waits for it.
    pub async fn get_ready(&self) {
        if let Some(identity) = self.identity() {
            identity.get_ready().await;
        }
    }

    pub(crate) fn sign(&self, claims: &Claims) -> Result<String, TokenError> {
        let licence = Licence::sign(claims, &self.inner.signing.current().key)?;
        self.inner.metrics.licence_issued();
        Ok(licence)
    }
}
