//! The vendor's own providers: where each is reached, in which protocols, priced by whom, and where its key lies.
//!
//! A key is read when a call needs it, is bound to its provider's origin at once, and is never kept here, logged or told.

use std::sync::Arc;

use async_trait::async_trait;
use brasskey_metering::{PriceBook, PriceRow};
use brasskey_providers::{BaseUrl, Credential, Endpoint, Protocol, Provider};
use secrecy::SecretString;
use serde::Deserialize;

/// One of the vendor's providers, as it is configured.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VendorProvider {
    /// Who runs the models.
    pub provider: Provider,
    /// Where it is reached; its documented base URL where none is given.
    #[serde(default)]
    pub base_url: Option<BaseUrl>,
    /// The protocols it is asked in; all that the provider speaks where none are given.
    #[serde(default)]
    pub protocols: Vec<Protocol>,
    /// The family in the price list; the provider's own where none is given.
    #[serde(default)]
    pub family: Option<String>,
    /// Where its key lies, as the key source reads it: `vault://secret/brasskey/openai#api_key`.
    pub key: String,
}

/// A configuration that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VendorKeysError {
    /// There is no documented base URL.
    #[error("{0} needs a base_url")]
    NoBaseUrl(Provider),
    /// The price list does not know the family, so that nothing could be sold.
    #[error("the price list has no family {0}")]
    NoPrices(String),
    /// A key reference that the source cannot read.
    #[error("the key reference of {0} cannot be read")]
    Reference(Provider),
}

/// A key that is not there now. Why is in the source's own log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key cannot be read")]
pub struct KeyUnavailable;

/// Where keys come from. References are texts; what they mean is the source's business.
#[async_trait]
pub trait KeySource: Send + Sync + 'static {
    /// Whether it could read such a reference.
    fn understands(&self, reference: &str) -> bool;

    /// The key under a reference.
    async fn key(&self, reference: &str) -> Result<SecretString, KeyUnavailable>;

    /// The key under a reference, looked for afresh because a provider refused this one. May be the same.
    async fn newer_key(
        &self,
        reference: &str,
        refused: &SecretString,
    ) -> Result<SecretString, KeyUnavailable>;

    /// Keeps alive what it needs between reads. Called about once a minute.
    async fn tend(&self) {}
}

/// The vendor's providers with the source of their keys. Clones are handles to the same ones.
#[derive(Clone)]
pub struct VendorKeys {
    routes: Arc<Vec<Route>>,
    source: Arc<dyn KeySource>,
    prices: &'static PriceBook,
}

/// A provider in one protocol.
pub(crate) struct Route {
    pub(crate) endpoint: Endpoint,
    family: String,
    reference: String,
}

impl VendorKeys {
    /// Reads a configuration.
    ///
    /// # Errors
    /// [`VendorKeysError`].
    pub fn new(
        providers: Vec<VendorProvider>,
        source: Arc<dyn KeySource>,
    ) -> Result<Self, VendorKeysError> {
        let prices = PriceBook::embedded();
        let mut routes = Vec::new();
        for configured in providers {
            let provider = configured.provider;
            let endpoint = match configured.base_url {
                Some(base_url) => Some(Endpoint {
                    provider,
                    protocol: provider.protocol(),
                    base_url,
                }),
                None => Endpoint::of(provider),
            };
            let endpoint = endpoint.ok_or(VendorKeysError::NoBaseUrl(provider))?;
            let family = configured
                .family
                .unwrap_or_else(|| provider.as_str().to_owned());
            if !prices.rows().iter().any(|row| row.family == family) {
                return Err(VendorKeysError::NoPrices(family));
            }
            if !source.understands(&configured.key) {
                return Err(VendorKeysError::Reference(provider));
            }
            let protocols = match (configured.protocols.is_empty(), provider) {
                (false, _) => configured.protocols,
                (true, Provider::OpenAi) => vec![Protocol::OpenAiResponses, Protocol::OpenAiChat],
                (true, _) => vec![provider.protocol()],
            };
            for protocol in protocols {
                routes.push(Route {
                    endpoint: Endpoint {
                        protocol,
                        ..endpoint.clone()
                    },
                    family: family.clone(),
                    reference: configured.key.clone(),
                });
            }
        }
        Ok(Self {
            routes: Arc::new(routes),
            source,
            prices,
        })
    }

    /// Keeps the source of the keys alive. To be called about once a minute.
    pub(crate) async fn tend(&self) {
        self.source.tend().await;
    }

    /// The way to a model in a protocol, with the row that prices it: the first provider of the configuration that has a price.
    pub(crate) fn route(
        &self,
        protocol: Protocol,
        model: &str,
        at_ms: i64,
    ) -> Option<(usize, &Route, &PriceRow)> {
        self.routes.iter().enumerate().find_map(|(number, route)| {
            if route.endpoint.protocol != protocol {
                return None;
            }
            let price = self.prices.find(&route.family, model, at_ms)?;
            Some((number, route, price))
        })
    }

    /// The key of a route, and the credential that it is at the route's endpoint.
    pub(crate) async fn key(
        &self,
        route: &Route,
    ) -> Result<(SecretString, Credential), KeyUnavailable> {
        let key = self.source.key(&route.reference).await?;
        Ok((key.clone(), bound(key, route)))
    }

    /// Another key than one that was refused, where there is one.
    pub(crate) async fn newer_key(
        &self,
        number: usize,
        refused: &SecretString,
    ) -> Option<(SecretString, Credential)> {
        use secrecy::ExposeSecret;
        let route = self.routes.get(number)?;
        let key = self
            .source
            .newer_key(&route.reference, refused)
            .await
            .ok()?;
        let is_another = key.expose_secret() != refused.expose_secret();
        is_another.then(|| (key.clone(), bound(key, route)))
    }

    /// All that can be asked for now: each row with its protocol.
    pub(crate) fn models(&self, at_ms: i64) -> Vec<(Protocol, PriceRow)> {
        let mut models: Vec<(Protocol, PriceRow)> = Vec::new();
        for route in self.routes.iter() {
            let protocol = route.endpoint.protocol;
            for row in self
                .prices
                .rows()
                .iter()
                .filter(|row| row.family == route.family)
            {
                let current = self.prices.find(&row.family, &row.model, at_ms);
                if current.is_some_and(|current| current.id == row.id) {
                    models.push((protocol, row.clone()));
                }
            }
        }
        models
    }
}

fn bound(key: SecretString, route: &Route) -> Credential {
    Credential::new(key, route.endpoint.base_url.origin().clone())
}
