//! The five calls to Vault: read, log in, renew, look up, unwrap. Each says what a status means there.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, RequestBuilder};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;
use zeroize::Zeroizing;

use crate::error::{FetchError, SetupError, Step};
use crate::wire::{Answer, exchange};

const TOKEN: HeaderName = HeaderName::from_static("x-vault-token");
const NAMESPACE: HeaderName = HeaderName::from_static("x-vault-namespace");
/// Vault refuses calls without it when it stands behind its own agent; elsewhere it is ignored.
const REQUEST: HeaderName = HeaderName::from_static("x-vault-request");

/// A token as it was granted.
#[derive(Clone)]
pub(super) struct Grant {
    pub(super) token: SecretString,
    /// How long it lives; 0 for one that does not end.
    pub(super) lease_s: u64,
    pub(super) renewable: bool,
}

pub(super) struct Api {
    client: Client,
    address: Url,
    headers: HeaderMap,
}

impl Api {
    pub(super) fn new(
        client: Client,
        address: Url,
        namespace: Option<&str>,
    ) -> Result<Self, SetupError> {
        let mut headers = HeaderMap::new();
        headers.insert(REQUEST, HeaderValue::from_static("true"));
        if let Some(namespace) = namespace {
            let value = HeaderValue::from_str(namespace).map_err(|_| SetupError::Namespace)?;
            headers.insert(NAMESPACE, value);
        }
        Ok(Self {
            client,
            address,
            headers,
        })
    }

    /// Any status is an answer here: what 403 means, the caller finds out.
    pub(super) async fn read(
        &self,
        token: &SecretString,
        mount: &str,
        path: &str,
    ) -> Result<Answer, FetchError> {
        let request = self.request(Method::GET, &[mount, "data", path])?;
        exchange(with_token(request, token)?).await
    }

    pub(super) async fn log_in(
        &self,
        mount: &str,
        body: &impl Serialize,
    ) -> Result<Grant, FetchError> {
        let request = self.request(Method::POST, &["auth", mount, "login"])?;
        let answer = exchange(with_body(request, body)?).await?;
        match answer.status {
            200 => granted(&answer),
            // 400 is a wrong role, secret id or signature; 403 what the method forbids.
            400 | 401 | 404 => Err(FetchError::Denied(Step::Login)),
            _ => Err(denied_by_status(&answer, Step::Login)),
        }
    }

    pub(super) async fn renew(&self, token: &SecretString) -> Result<Grant, FetchError> {
        let request = self.request(Method::POST, &["auth", "token", "renew-self"])?;
        let answer = exchange(with_token(request, token)?).await?;
        match answer.status {
            200 => granted(&answer),
            // 400: not renewable after all.
            400 => Err(FetchError::Denied(Step::Login)),
            _ => Err(denied_by_status(&answer, Step::Login)),
        }
    }

    /// What is left of a token that somebody else got.
    pub(super) async fn look_up(&self, token: &SecretString) -> Result<Grant, FetchError> {
        #[derive(Deserialize)]
        struct Body {
            data: Data,
        }
        #[derive(Deserialize)]
        struct Data {
            ttl: u64,
            #[serde(default)]
            renewable: bool,
        }
        let request = self.request(Method::GET, &["auth", "token", "lookup-self"])?;
        let answer = exchange(with_token(request, token)?).await?;
        if answer.status != 200 {
            return Err(denied_by_status(&answer, Step::Login));
        }
        let body: Body = understood(&answer)?;
        Ok(Grant {
            token: token.clone(),
            lease_s: body.data.ttl,
            renewable: body.data.renewable,
        })
    }

    /// Takes the secret id out of its wrapping, which works once.
    pub(super) async fn unwrap(&self, wrapping: &SecretString) -> Result<SecretString, FetchError> {
        #[derive(Deserialize)]
        struct Body {
            data: Data,
        }
        #[derive(Deserialize)]
        struct Data {
            secret_id: SecretString,
        }
        let request = self.request(Method::POST, &["sys", "wrapping", "unwrap"])?;
        let answer = exchange(with_token(request, wrapping)?).await?;
        match answer.status {
            200 => understood::<Body>(&answer).map(|body| body.data.secret_id),
            400 | 403 => Err(FetchError::WrappedSecretIdUsed),
            _ => Err(denied_by_status(&answer, Step::Login)),
        }
    }

    fn request(&self, method: Method, parts: &[&str]) -> Result<RequestBuilder, FetchError> {
        let mut url = self.address.clone();
        url.path_segments_mut()
            .map_err(|()| FetchError::NotUnderstood("its address has no path"))?
            .pop_if_empty()
            .push("v1")
            .extend(parts.iter().flat_map(|part| part.split('/')));
        Ok(self
            .client
            .request(method, url)
            .headers(self.headers.clone()))
    }
}

/// What a status means wherever it comes from.
pub(super) fn denied_by_status(answer: &Answer, step: Step) -> FetchError {
    match answer.status {
        401 | 403 => FetchError::Denied(step),
        429 => FetchError::Throttled,
        503 if says_sealed(&answer.body) => FetchError::Sealed,
        status => FetchError::Failed(status),
    }
}

fn says_sealed(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Body {
        errors: Vec<String>,
    }
    serde_json::from_slice::<Body>(body)
        .is_ok_and(|body| body.errors.iter().any(|error| error.contains("sealed")))
}

fn granted(answer: &Answer) -> Result<Grant, FetchError> {
    #[derive(Deserialize)]
    struct Body {
        auth: Auth,
    }
    #[derive(Deserialize)]
    struct Auth {
        client_token: SecretString,
        #[serde(default)]
        lease_duration: u64,
        #[serde(default)]
        renewable: bool,
    }
    let auth = understood::<Body>(answer)?.auth;
    Ok(Grant {
        token: auth.client_token,
        lease_s: auth.lease_duration,
        renewable: auth.renewable,
    })
}

fn understood<'answer, T: Deserialize<'answer>>(answer: &'answer Answer) -> Result<T, FetchError> {
    serde_json::from_slice(&answer.body)
        .map_err(|_| FetchError::NotUnderstood("no answer of Vault's to this call"))
}

fn with_token(request: RequestBuilder, token: &SecretString) -> Result<RequestBuilder, FetchError> {
    let mut value = HeaderValue::from_str(token.expose_secret())
        .map_err(|_| FetchError::NotUnderstood("its token has characters that no token has"))?;
    value.set_sensitive(true);
    Ok(request.header(TOKEN, value))
}

fn with_body(request: RequestBuilder, body: &impl Serialize) -> Result<RequestBuilder, FetchError> {
    let bytes = serde_json::to_vec(body)
        .map(Zeroizing::new)
        .map_err(|_| FetchError::NotUnderstood("our own request"))?;
    Ok(request
        .header(reqwest::header::CONTENT_TYPE, "application/json")
        .body(bytes.to_vec()))
}
