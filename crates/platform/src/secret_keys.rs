//! The vendor's provider keys out of the secrets managers. References are those of `brasskey-secrets`:
//! `vault://secret/brasskey/openai#api_key`.

use async_trait::async_trait;
use brasskey_secrets::{Reference, Secrets};
use secrecy::{ExposeSecret, SecretString};

use crate::vendor_keys::{KeySource, KeyUnavailable};

#[async_trait]
impl KeySource for Secrets {
    fn understands(&self, reference: &str) -> bool {
        let read: Result<Reference, _> = reference.parse();
        read.is_ok_and(|reference| self.managers().check(&reference).is_ok())
    }

    async fn key(&self, reference: &str) -> Result<SecretString, KeyUnavailable> {
        let reference: Reference = reference.parse().map_err(|_| KeyUnavailable)?;
        match self.get(&reference).await {
            Ok(secret) => Ok(secret.value().clone()),
            Err(error) => {
                tracing::error!(%reference, %error, "a provider key cannot be read");
                Err(KeyUnavailable)
            }
        }
    }

    async fn newer_key(
        &self,
        reference: &str,
        refused: &SecretString,
    ) -> Result<SecretString, KeyUnavailable> {
        let reference: Reference = reference.parse().map_err(|_| KeyUnavailable)?;
        let held = self.get(&reference).await.map_err(|_| KeyUnavailable)?;
        if held.value().expose_secret() != refused.expose_secret() {
            return Ok(held.value().clone());
        }
        match self.refresh(&reference, &held).await {
            Ok(secret) => Ok(secret.value().clone()),
            Err(error) => {
                tracing::error!(%reference, %error, "a provider key that was refused cannot be read again");
                Err(KeyUnavailable)
            }
        }
    }

    async fn tend(&self) {
        if let Err(error) = Self::tend(self).await {
            tracing::error!(%error, "the secrets manager's token cannot be renewed");
        }
    }
}
