//! Who somebody is, as the identity provider says: any OpenID Connect issuer, by discovery; Kinde first.
//!
//! It is asked once for each device. Afterwards a device proves itself with our own credential, so that the provider's outage
//! never touches a licence. Plans and rights are never read from its tokens.

mod directory;
mod token;

use std::sync::Arc;

use jiff::Timestamp;
use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::outbound::Outbound;
use directory::Directory;
pub(crate) use directory::{DirectoryError, Known};
pub(crate) use token::TokenRefusal;
use token::{Expected, Said};

/// The path of the redirect URI on the loopback address.
pub(crate) const REDIRECT_PATH: &str = "/callback";
/// `offline` is Kinde's word for a refresh token; it ignores the standard's `offline_access` without an error.
pub(crate) const SCOPES: &str = "openid email profile offline";

/// How the identity provider is set up for Brasskey.
#[derive(Clone, Debug)]
pub struct IdentitySettings {
    /// Its URL, as its tokens name it.
    pub issuer: String,
    /// The name of this service in its tokens.
    pub audience: String,
    /// The public client of the desktop application: authorization code with PKCE.
    pub client_id: String,
    /// The public client for the device flow; at Kinde that is an application of its own.
    pub device_client_id: String,
    /// The ports of the loopback redirect URIs that are registered: Kinde compares them exactly.
    pub loopback_ports: Vec<u16>,
}

/// Why it cannot be told who somebody is.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IdentityError {
    /// The identity provider cannot be asked now.
    #[error("the identity provider cannot be asked: {0}")]
    Unreachable(#[from] DirectoryError),
    /// The token is not taken.
    #[error("the access token: {0}")]
    Refused(#[from] TokenRefusal),
}

/// Who signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verified {
    /// The provider's name for the person; never changes.
    pub(crate) subject: String,
    /// Where the token says so; Kinde's do not.
    pub(crate) email: Option<String>,
}

/// The identity provider. Clones are handles to the same one.
#[derive(Clone)]
pub struct Identity {
    inner: Arc<Inner>,
}

struct Inner {
    settings: IdentitySettings,
    outbound: Outbound,
    directory: Directory,
}

#[derive(Deserialize)]
struct Profile {
    sub: Option<String>,
    email: Option<String>,
}

impl Identity {
    /// A provider that has not been asked yet.
    #[must_use]
    pub fn new(mut settings: IdentitySettings, outbound: Outbound) -> Self {
        settings
            .issuer
            .truncate(settings.issuer.trim_end_matches('/').len());
        let directory = Directory::new(settings.issuer.clone(), outbound.clone());
        Self {
            inner: Arc::new(Inner {
                settings,
                outbound,
                directory,
            }),
        }
    }

    /// Reads what it publishes ahead of the first sign-in. Where that fails, the first sign-in tries again.
    pub async fn get_ready(&self) {
        if let Ok(known) = self.known().await {
            tracing::info!(
                issuer = self.inner.settings.issuer,
                device_flow = known.document.device_authorization_endpoint.is_some(),
                "the identity provider is known"
            );
        }
    }

    pub(crate) fn settings(&self) -> &IdentitySettings {
        &self.inner.settings
    }

    /// What it publishes.
    pub(crate) async fn known(&self) -> Result<Arc<Known>, DirectoryError> {
        self.inner.directory.known().await
    }

    /// Who an access token is of.
    pub(crate) async fn verify(
        &self,
        presented: &SecretString,
        now: Timestamp,
    ) -> Result<Verified, IdentityError> {
        let settings = &self.inner.settings;
        let presented = presented.expose_secret();
        let name = token::key_name(presented)?;
        let known = self.inner.directory.with_key(&name).await?;
        let key = known.key(&name).ok_or(TokenRefusal::UnknownKey)?;
        let expected = Expected {
            issuer: &settings.issuer,
            audience: &settings.audience,
            clients: [&settings.client_id, &settings.device_client_id],
        };
        let Said { subject, email } = token::check(presented, key, expected, now)?;
        Ok(Verified { subject, email })
    }

    /// The e-mail address of whom an access token is of, as the provider's user info has it; none where it has none.
    pub(crate) async fn email(
        &self,
        presented: &SecretString,
        subject: &str,
    ) -> Result<Option<String>, DirectoryError> {
        let known = self.known().await?;
        let Some(address) = &known.document.userinfo_endpoint else {
            return Ok(None);
        };
        let outbound = &self.inner.outbound;
        let request = outbound
            .request(Method::GET, address)?
            .bearer_auth(presented.expose_secret());
        let reply = outbound.send(request).await?;
        if reply.status.is_server_error() || reply.status == StatusCode::TOO_MANY_REQUESTS {
            return Err(DirectoryError::of(&reply));
        }
        if !reply.status.is_success() {
            return Ok(None);
        }
        let profile: Profile = reply.json()?;
        // An answer about somebody else is none (OpenID Connect Core 5.3.2).
        Ok(profile
            .email
            .filter(|_| profile.sub.as_deref() == Some(subject)))
    }
}
