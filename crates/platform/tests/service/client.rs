//! The application's half of signing in: authorization code with PKCE over a loopback redirect (RFC 8252, RFC 7636), the device
//! flow (RFC 8628), refreshing. It knows the service's directory and nothing of who the identity provider is.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// What the service says about signing in.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Directory {
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    pub(crate) device_client_id: String,
    pub(crate) audience: String,
    pub(crate) scopes: String,
    pub(crate) loopback_ports: Vec<u16>,
    pub(crate) redirect_path: String,
    pub(crate) authorization_endpoint: Url,
    pub(crate) token_endpoint: Url,
    pub(crate) device_authorization_endpoint: Url,
}

/// What a sign-in ends with.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Tokens {
    pub(crate) access_token: String,
    pub(crate) refresh_token: Option<String>,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SignInError {
    #[error("all ports that may be redirected to are in use")]
    NoPort,
    /// The provider's own word: `access_denied`, `invalid_grant`, `expired_token`…
    #[error("the identity provider refused: {0}")]
    Refused(String),
    #[error("the answer names another issuer")]
    Issuer,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

/// A sign-in in the browser that waits for its answer.
pub(crate) struct BrowserSignIn {
    /// To be opened in the browser.
    pub(crate) url: Url,
    listener: TcpListener,
    directory: Directory,
    redirect_uri: String,
    state: String,
    verifier: String,
}

/// A code that was given for this sign-in.
pub(crate) struct Code {
    code: String,
    redirect_uri: String,
    pub(crate) verifier: String,
}

impl BrowserSignIn {
    /// Takes the first port that is free and makes the address to open.
    pub(crate) async fn begin(directory: &Directory) -> Result<Self, SignInError> {
        let (listener, port) = first_free(&directory.loopback_ports)
            .await
            .ok_or(SignInError::NoPort)?;
        let redirect_uri = format!("http://127.0.0.1:{port}{}", directory.redirect_path);
        let (state, verifier) = (random(), random());
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
        let mut url = directory.authorization_endpoint.clone();
        url.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", &directory.client_id),
            ("redirect_uri", &redirect_uri),
            ("scope", &directory.scopes),
            ("audience", &directory.audience),
            ("state", &state),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        Ok(Self {
            url,
            listener,
            directory: directory.clone(),
            redirect_uri,
            state,
            verifier,
        })
    }

    pub(crate) fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// Waits until the browser comes back. What does not belong to this sign-in is turned away, and the wait goes on.
    pub(crate) async fn code(&self) -> Result<Code, SignInError> {
        loop {
            let Ok((mut stream, _)) = self.listener.accept().await else {
                continue;
            };
            let Some(target) = request_target(&mut stream).await else {
                continue;
            };
            let answer = self.read(&target);
            let (status, said) = match &answer {
                None => ("404 Not Found", "This is not for Brasskey."),
                Some(Ok(_)) => ("200 OK", "You are signed in. You may close this page."),
                Some(Err(_)) => ("200 OK", "You are not signed in. You may close this page."),
            };
            let response = format!(
                "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{said}",
                said.len()
            );
            // A browser that does not wait for the page has told us what we need all the same.
            stream.write_all(response.as_bytes()).await.ok();
            if let Some(answer) = answer {
                return answer;
            }
        }
    }

    /// Reads a callback; none when it is not of this sign-in.
    fn read(&self, target: &str) -> Option<Result<Code, SignInError>> {
        let url = Url::parse(&self.redirect_uri).ok()?.join(target).ok()?;
        let value = |name: &str| {
            let mut pairs = url.query_pairs();
            pairs.find_map(|(key, value)| (key == name).then(|| value.into_owned()))
        };
        if url.path() != self.directory.redirect_path
            || value("state").as_ref() != Some(&self.state)
        {
            return None;
        }
        // RFC 9207; Kinde does not document that it names itself.
        if value("iss").is_some_and(|issuer| issuer.trim_end_matches('/') != self.directory.issuer)
        {
            return Some(Err(SignInError::Issuer));
        }
        if let Some(error) = value("error") {
            return Some(Err(SignInError::Refused(error)));
        }
        let code = value("code")?;
        Some(Ok(Code {
            code,
            redirect_uri: self.redirect_uri.clone(),
            verifier: self.verifier.clone(),
        }))
    }
}

/// A sign-in on another device that waits for its approval.
#[derive(Debug, Deserialize)]
pub(crate) struct DeviceSignIn {
    device_code: String,
    pub(crate) user_code: String,
    pub(crate) verification_uri_complete: Url,
    /// In seconds; 5 where the answer does not say (RFC 8628, 3.2).
    #[serde(default = "five")]
    pub(crate) interval: u32,
    pub(crate) qr_code: Option<String>,
}

/// How a device sign-in stands.
#[derive(Debug)]
pub(crate) enum Asked {
    Pending,
    Done(Tokens),
}

fn five() -> u32 {
    5
}

/// The identity provider's token endpoint and the device's.
pub(crate) struct Client {
    http: reqwest::Client,
    directory: Directory,
}

impl Client {
    pub(crate) fn new(http: reqwest::Client, directory: Directory) -> Self {
        Self { http, directory }
    }

    /// Turns a code into tokens.
    pub(crate) async fn exchange(&self, code: &Code) -> Result<Tokens, SignInError> {
        self.post(
            &self.directory.token_endpoint,
            &[
                ("grant_type", "authorization_code"),
                ("client_id", &self.directory.client_id),
                ("redirect_uri", &code.redirect_uri),
                ("code", &code.code),
                ("code_verifier", &code.verifier),
            ],
        )
        .await
    }

    /// Asks for new tokens; the refresh token that comes back replaces the one that was used.
    pub(crate) async fn refresh(&self, refresh_token: &str) -> Result<Tokens, SignInError> {
        self.post(
            &self.directory.token_endpoint,
            &[
                ("grant_type", "refresh_token"),
                ("client_id", &self.directory.client_id),
                ("refresh_token", refresh_token),
            ],
        )
        .await
    }

    /// Begins a sign-in without a browser on this device.
    pub(crate) async fn begin_device(&self) -> Result<DeviceSignIn, SignInError> {
        self.post(
            &self.directory.device_authorization_endpoint,
            &[
                ("client_id", &self.directory.device_client_id),
                ("scope", &self.directory.scopes),
                ("audience", &self.directory.audience),
            ],
        )
        .await
    }

    /// Asks once whether it was approved. Being too fast is no failure: the interval grows.
    pub(crate) async fn ask_device(
        &self,
        sign_in: &mut DeviceSignIn,
    ) -> Result<Asked, SignInError> {
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("client_id", &self.directory.device_client_id),
            ("device_code", &sign_in.device_code),
        ];
        match self.post(&self.directory.token_endpoint, &form).await {
            Ok(tokens) => Ok(Asked::Done(tokens)),
            Err(SignInError::Refused(error)) if error == "authorization_pending" => {
                Ok(Asked::Pending)
            }
            Err(SignInError::Refused(error)) if error == "slow_down" => {
                sign_in.interval += 5;
                Ok(Asked::Pending)
            }
            Err(error) => Err(error),
        }
    }

    /// Asks in the interval until it was approved or is over. The length of a second is a parameter, for tests.
    pub(crate) async fn wait_for_device(
        &self,
        mut sign_in: DeviceSignIn,
        second: Duration,
    ) -> Result<Tokens, SignInError> {
        loop {
            tokio::time::sleep(second * sign_in.interval).await;
            if let Asked::Done(tokens) = self.ask_device(&mut sign_in).await? {
                return Ok(tokens);
            }
        }
    }

    async fn post<T: serde::de::DeserializeOwned>(
        &self,
        url: &Url,
        form: &[(&str, &str)],
    ) -> Result<T, SignInError> {
        let response = self.http.post(url.clone()).form(form).send().await.unwrap();
        if response.status().is_success() {
            return Ok(response.json().await.unwrap());
        }
        let refusal: Refusal = response.json().await.unwrap();
        Err(SignInError::Refused(refusal.error))
    }
}

async fn first_free(ports: &[u16]) -> Option<(TcpListener, u16)> {
    for port in ports {
        if let Ok(listener) = TcpListener::bind(("127.0.0.1", *port)).await {
            return Some((listener, *port));
        }
    }
    None
}

/// The path and query of a request; none when it is no `GET` or never ends.
async fn request_target(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() > 16 * 1024 {
            return None;
        }
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).ok()?;
    Some(head.strip_prefix("GET ")?.split(' ').next()?.to_owned())
}

/// 256 random bits, in letters that a URL takes as they are.
fn random() -> String {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).unwrap();
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
