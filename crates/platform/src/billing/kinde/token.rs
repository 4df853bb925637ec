//! The token that the service asks Kinde's Management API with: client credentials, kept in memory alone.
//!
//! One request for a token at a time, whoever waits for it. Nothing of it, and nothing of the secret, is ever in an error: of what
//! the token endpoint answers, only the status is told.

use std::time::Duration;

use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

use super::api::ApiError;
use crate::outbound::Outbound;

/// A token is not used in the last minute of its life: the answer may take a while.
const MARGIN: Duration = Duration::from_secs(60);
/// Where Kinde does not say how long a token lives.
const USUAL_LIFE: u64 = 3600;

/// The source of tokens.
pub(super) struct Tokens {
    out: Outbound,
    url: Url,
    client_id: String,
    secret: SecretString,
    audience: String,
    held: Mutex<Option<Token>>,
}

/// A token, told apart from its successor by a number.
#[derive(Clone)]
pub(super) struct Token {
    pub(super) text: SecretString,
    number: u64,
    until: Instant,
}

#[derive(Deserialize)]
struct Granted {
    access_token: SecretString,
    expires_in: Option<u64>,
}

impl Tokens {
    pub(super) fn new(
        out: Outbound,
        url: Url,
        client_id: String,
        secret: SecretString,
        audience: String,
    ) -> Self {
        Self {
            out,
            url,
            client_id,
            secret,
            audience,
            held: Mutex::new(None),
        }
    }

    /// A token; another one than `refused`, which Kinde did not take.
    pub(super) async fn get(&self, refused: Option<&Token>) -> Result<Token, ApiError> {
        // The lock is held while a token is asked for: all others wait for that one.
        let mut held = self.held.lock().await;
        let refused = refused.map(|token| token.number);
        if let Some(token) = held.as_ref()
            && token.until > Instant::now()
            && Some(token.number) != refused
        {
            return Ok(token.clone());
        }
        let number = held.as_ref().map_or(0, |token| token.number + 1);
        let granted = self.ask().await?;
        let life = Duration::from_secs(granted.expires_in.unwrap_or(USUAL_LIFE));
        let token = Token {
            text: granted.access_token,
            number,
            until: Instant::now() + life.saturating_sub(MARGIN),
        };
        *held = Some(token.clone());
        Ok(token)
    }

    async fn ask(&self) -> Result<Granted, ApiError> {
        let request = self.out.request(Method::POST, &self.url)?.form(&[
            ("grant_type", "client_credentials"),
            ("client_id", &self.client_id),
            ("client_secret", self.secret.expose_secret()),
            ("audience", &self.audience),
        ]);
        let reply = self.out.send(request).await?;
        if !reply.status.is_success() {
            if reply.status.is_client_error() {
                tracing::error!(status = %reply.status, "Kinde gives no token: look at the management client's id, secret and audience");
            }
            return Err(ApiError::Unavailable {
                detail: format!("no token: {}", reply.status),
                retry_after: super::api::reset(&reply.headers),
            });
        }
        // What cannot be read may hold the token.
        reply
            .json()
            .map_err(|_| ApiError::Unreadable("the token".to_owned()))
    }
}
