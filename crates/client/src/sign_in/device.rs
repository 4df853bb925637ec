//! Signing in where no browser opens: this computer shows a code, and the person confirms it in any browser.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use super::{SignIn, SignInError, Tokens};
use crate::error::Error;
use crate::platform::is_private;

/// How much slower a device has to ask that asked too often (RFC 8628, 3.5).
const SLOWER: u64 = 5;
/// The pause where the provider names none (RFC 8628, 3.2).
const PAUSE: u64 = 5;

#[derive(Deserialize)]
struct Answer {
    device_code: SecretString,
    user_code: String,
    verification_uri: Url,
    verification_uri_complete: Option<Url>,
    interval: Option<u64>,
    expires_in: u64,
}

/// A sign-in that waits for its confirmation.
pub struct DeviceSignIn {
    sign_in: SignIn,
    device_code: SecretString,
    user_code: String,
    verification_uri: Url,
    complete: Option<Url>,
    interval: u64,
    expires_in: Duration,
}

/// How it stands.
#[derive(Debug)]
pub enum Progress {
    /// Nobody has confirmed it yet. To be asked again after [`DeviceSignIn::pause`].
    Pending,
    /// It was confirmed.
    Done(Tokens),
}

impl SignIn {
    /// Asks for a code to show.
    ///
    /// # Errors
    /// [`SignInError`].
    pub async fn with_code(&self) -> Result<DeviceSignIn, SignInError> {
        let settings = &self.settings;
        let endpoint = settings.device_authorization_endpoint.as_ref();
        let answer: Answer = self
            .post(
                endpoint.ok_or(SignInError::NotOffered)?,
                &[
                    ("client_id", &settings.device_client_id),
                    ("scope", &settings.scopes),
                    ("audience", &settings.audience),
                ],
            )
            .await?;
        let addresses = [
            Some(&answer.verification_uri),
            answer.verification_uri_complete.as_ref(),
        ];
        if !addresses.into_iter().flatten().all(is_private) {
            return Err(Error::Unreadable("an address that a person is not to open").into());
        }
        Ok(DeviceSignIn {
            sign_in: self.clone(),
            device_code: answer.device_code,
            user_code: answer.user_code,
            verification_uri: answer.verification_uri,
            complete: answer.verification_uri_complete,
            interval: answer.interval.unwrap_or(PAUSE),
            expires_in: Duration::from_secs(answer.expires_in),
        })
    }
}

impl DeviceSignIn {
    /// What the person types, or compares.
    #[must_use]
    pub fn user_code(&self) -> &str {
        &self.user_code
    }

    /// The page to open and to type the code into.
    #[must_use]
    pub fn verification_uri(&self) -> &Url {
        &self.verification_uri
    }

    /// The same with the code in it, for a QR code.
    #[must_use]
    pub fn complete_uri(&self) -> &Url {
        self.complete.as_ref().unwrap_or(&self.verification_uri)
    }

    /// For how long it can be confirmed, from its beginning.
    #[must_use]
    pub fn expires_in(&self) -> Duration {
        self.expires_in
    }

    /// How long to wait before it is asked about.
    #[must_use]
    pub fn pause(&self) -> Duration {
        Duration::from_secs(self.interval)
    }

    /// Asks once. Having asked too often is no failure: the pause grows.
    ///
    /// # Errors
    /// [`SignInError`]; after [`Error::Unreachable`] it may be asked again.
    pub async fn ask(&mut self) -> Result<Progress, SignInError> {
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("client_id", &self.sign_in.settings.device_client_id),
            ("device_code", self.device_code.expose_secret()),
        ];
        let asked = self
            .sign_in
            .post(self.sign_in.token_endpoint()?, &form)
            .await;
        match asked {
            Ok(tokens) => Ok(Progress::Done(tokens)),
            Err(SignInError::Refused(word)) if word == "authorization_pending" => {
                Ok(Progress::Pending)
            }
            Err(SignInError::Refused(word)) if word == "slow_down" => {
                self.interval += SLOWER;
                Ok(Progress::Pending)
            }
            Err(error) => Err(error),
        }
    }
}
