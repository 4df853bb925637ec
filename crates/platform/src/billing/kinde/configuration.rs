//! How Kinde is reached. The secret is no part of it: it comes from the environment or from a file of its own.

use std::collections::BTreeMap;
use std::path::PathBuf;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::Url;

/// The environment variable that may hold the management client's secret.
const SECRET_VARIABLE: &str = "BRASSKEY_PLATFORM_KINDE_SECRET";

/// Where Kinde is and who we are there.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindeConfiguration {
    /// `https://<subdomain>.kinde.com`, or the custom domain. Webhooks are signed with its keys.
    pub issuer: Url,
    /// `https://<subdomain>.kinde.com`, where the issuer is a custom domain: machines get their tokens there alone.
    #[serde(default)]
    pub management_url: Option<Url>,
    /// The id of the machine-to-machine application.
    pub management_client_id: String,
    /// Whom its tokens are for; `<management url>/api` where none is given.
    #[serde(default)]
    pub audience: Option<String>,
    /// A file with its secret and nothing else; the environment variable `BRASSKEY_PLATFORM_KINDE_SECRET` comes first.
    #[serde(default)]
    pub secret_file: Option<PathBuf>,
    /// The id of the front-end application that customers sign in to: its hosted pages sell plans.
    pub application_client_id: String,
    /// The key of the pricing table of each of the catalogue's plan groups.
    #[serde(default)]
    pub pricing_tables: BTreeMap<String, String>,
    /// The organization that customers belong to (`org_…`); Kinde wants one when a billing customer is made.
    #[serde(default)]
    pub organization: Option<String>,
    /// A charge-free plan of Kinde's, outside the catalogue, that stands for having none: a new billing customer gets it. Without
    /// one Kinde gives its default plan, which then has to be free.
    #[serde(default)]
    pub starting_plan: Option<String>,
    /// Billing customers (`customer_…`) of no consequence whose plans are looked at by `plans check`, because Kinde's interface
    /// has no list of plans.
    #[serde(default)]
    pub check_customers: Vec<String>,
}

/// A secret that is not there.
#[derive(Debug, thiserror::Error)]
pub enum KindeConfigurationError {
    /// Neither the environment nor a file holds it.
    #[error("Kinde's management secret is neither in {SECRET_VARIABLE} nor in a file")]
    NoSecret,
    /// Its file cannot be read.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl KindeConfiguration {
    /// The management client's secret, from the environment or its file.
    ///
    /// # Errors
    /// [`KindeConfigurationError`].
    pub fn secret(&self) -> Result<SecretString, KindeConfigurationError> {
        if let Ok(secret) = std::env::var(SECRET_VARIABLE)
            && !secret.is_empty()
        {
            return Ok(SecretString::from(secret));
        }
        let path = self
            .secret_file
            .as_ref()
            .ok_or(KindeConfigurationError::NoSecret)?;
        let text =
            std::fs::read_to_string(path).map_err(|source| KindeConfigurationError::File {
                path: path.clone(),
                source,
            })?;
        let secret = text.trim();
        if secret.is_empty() {
            return Err(KindeConfigurationError::NoSecret);
        }
        Ok(SecretString::from(secret))
    }

    /// Where the Management API is.
    pub(super) fn management(&self) -> &Url {
        self.management_url.as_ref().unwrap_or(&self.issuer)
    }

    pub(super) fn audience(&self) -> String {
        self.audience.clone().unwrap_or_else(|| {
            let base = self.management().as_str().trim_end_matches('/');
            format!("{base}/api")
        })
    }
}

/// An address at a host, whatever path its URL was written with.
pub(super) fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(path);
    url
}
