//! Signing in with the browser of this computer.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use url::Url;

use super::{SignIn, SignInError, Tokens, random};
use crate::loopback::{Loopback, Page, Read};

/// A sign-in in the browser that waits for its answer.
pub struct BrowserSignIn {
    url: Url,
    loopback: Loopback,
    sign_in: SignIn,
    redirect_uri: String,
    state: String,
    verifier: SecretString,
}

impl SignIn {
    /// Takes the first port that is free, and makes the address to open.
    ///
    /// # Errors
    /// [`SignInError::NotOffered`], [`SignInError::NoPort`].
    pub async fn in_browser(&self) -> Result<BrowserSignIn, SignInError> {
        let settings = &self.settings;
        let endpoint = settings.authorization_endpoint.as_ref();
        let mut url = endpoint.ok_or(SignInError::NotOffered)?.clone();
        let loopback = Loopback::first_free(&settings.loopback_ports)
            .await
            .ok_or(SignInError::NoPort)?;
        let redirect_uri = format!("{}{}", loopback.origin(), settings.redirect_path);
        let (state, verifier) = (random()?, random()?);
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
        url.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", &settings.client_id),
            ("redirect_uri", &redirect_uri),
            ("scope", &settings.scopes),
            ("audience", &settings.audience),
            ("state", &state),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        Ok(BrowserSignIn {
            url,
            loopback,
            sign_in: self.clone(),
            redirect_uri,
            state,
            verifier: verifier.into(),
        })
    }
}

impl BrowserSignIn {
    /// To be opened in the browser.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Where the browser is led back to.
    #[must_use]
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// Waits until the browser comes back, for as long as the caller wants to, and takes the tokens.
    ///
    /// # Errors
    /// [`SignInError`].
    pub async fn finish(&self, page: &Page) -> Result<Tokens, SignInError> {
        let code = self.loopback.wait(page, |url| self.read(url)).await?;
        let settings = &self.sign_in.settings;
        self.sign_in
            .post(
                self.sign_in.token_endpoint()?,
                &[
                    ("grant_type", "authorization_code"),
                    ("client_id", &settings.client_id),
                    ("redirect_uri", &self.redirect_uri),
                    ("code", &code),
                    ("code_verifier", self.verifier.expose_secret()),
                ],
            )
            .await
    }

    fn read(&self, url: &Url) -> Read<Result<String, SignInError>> {
        let value = |name: &str| {
            let mut pairs = url.query_pairs();
            pairs.find_map(|(key, value)| (key == name).then(|| value.into_owned()))
        };
        let settings = &self.sign_in.settings;
        if url.path() != settings.redirect_path || value("state").as_ref() != Some(&self.state) {
            return Read::Strange;
        }
        // RFC 9207; Kinde does not document that it names itself.
        if value("iss").is_some_and(|issuer| issuer.trim_end_matches('/') != settings.issuer) {
            return Read::Failed(Err(SignInError::Issuer));
        }
        match (value("error"), value("code")) {
            (Some(error), _) => Read::Failed(Err(SignInError::of(error))),
            (None, Some(code)) => Read::Done(Ok(code)),
            (None, None) => Read::Strange,
        }
    }
}
