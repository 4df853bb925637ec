//! Signing in at the identity provider that the platform names: with the browser of this computer (authorization code with PKCE,
//! RFC 8252 and 7636), or with any other (device flow, RFC 8628).
//!
//! It knows nothing of who the identity provider is. What comes of it is an access token that is shown to the platform once; from
//! then on the device has a credential of its own.

mod browser;
mod device;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use reqwest::StatusCode;
use secrecy::SecretString;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::directory::SignInSettings;
use crate::error::Error;
use crate::http::Http;
use crate::platform::is_private;

pub use browser::BrowserSignIn;
pub use device::{DeviceSignIn, Progress};

/// What a sign-in ends with.
#[derive(Debug, Deserialize)]
pub struct Tokens {
    /// For the platform.
    pub access_token: SecretString,
    /// For new ones, where the provider gives it.
    pub refresh_token: Option<SecretString>,
}

/// Why nobody was signed in.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SignInError {
    /// The platform or the identity provider did not answer, or not in a way that is understood.
    #[error(transparent)]
    Error(#[from] Error),
    /// The platform has no identity provider, or cannot reach it, or it offers no such way.
    #[error("signing in this way is not possible now")]
    NotOffered,
    /// Other programs use all ports that the browser may be led back to.
    #[error("all ports that may be redirected to are in use")]
    NoPort,
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    NoRandom,
    /// The person declined, or went away from the page by its own button.
    #[error("the person declined")]
    Declined,
    /// The time in which it could be confirmed is over.
    #[error("it was not confirmed in time")]
    Expired,
    /// The answer names another issuer than the one that was asked (RFC 9207).
    #[error("the answer names another issuer")]
    Issuer,
    /// The provider's own word.
    #[error("the identity provider refused: {0}")]
    Refused(String),
}

impl SignInError {
    fn of(word: String) -> Self {
        match word.as_str() {
            "access_denied" => Self::Declined,
            "expired_token" => Self::Expired,
            _ => Self::Refused(word),
        }
    }
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

/// A person at the identity provider.
#[derive(Clone)]
pub struct SignIn {
    settings: SignInSettings,
    http: Http,
}

impl SignIn {
    /// Signing in as the platform's directory says.
    ///
    /// # Errors
    /// [`SignInError::NotOffered`] when an address could be read on the way; [`Error`] when TLS cannot be set up.
    pub fn new(settings: SignInSettings) -> Result<Self, SignInError> {
        let endpoints = [
            &settings.authorization_endpoint,
            &settings.token_endpoint,
            &settings.device_authorization_endpoint,
        ];
        if !endpoints.into_iter().flatten().all(is_private) {
            return Err(SignInError::NotOffered);
        }
        Ok(Self {
            settings,
            http: Http::new()?,
        })
    }

    /// Asks for new tokens. The refresh token that comes back replaces the one that was used.
    ///
    /// # Errors
    /// [`SignInError`].
    pub async fn refresh(&self, refresh_token: &SecretString) -> Result<Tokens, SignInError> {
        use secrecy::ExposeSecret;
        self.post(
            self.token_endpoint()?,
            &[
                ("grant_type", "refresh_token"),
                ("client_id", &self.settings.client_id),
                ("refresh_token", refresh_token.expose_secret()),
            ],
        )
        .await
    }

    fn token_endpoint(&self) -> Result<&Url, SignInError> {
        self.settings
            .token_endpoint
            .as_ref()
            .ok_or(SignInError::NotOffered)
    }

    async fn post<T: DeserializeOwned>(
        &self,
        url: &Url,
        form: &[(&str, &str)],
    ) -> Result<T, SignInError> {
        const UNREADABLE: SignInError =
            SignInError::Error(Error::Unreadable("not an identity provider's answer"));
        let (status, bytes) = self.http.form(url, form).await?;
        if status.is_success() {
            return serde_json::from_slice(&bytes).map_err(|_| UNREADABLE);
        }
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            return Err(Error::Unreachable.into());
        }
        let refusal: Refusal = serde_json::from_slice(&bytes).map_err(|_| UNREADABLE)?;
        Err(SignInError::of(refusal.error))
    }
}

/// 256 random bits, in letters that an address takes as they are.
fn random() -> Result<String, SignInError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| SignInError::NoRandom)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}
