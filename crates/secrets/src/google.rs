//! Google Secret Manager: one GET, with the credentials that Google's own library finds, and the checksum compared.
//!
//! Google's client for this service would not compare it, and brings forty crates for this one route.

use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use google_cloud_auth::credentials::{self, CacheableResource, Credentials};
use reqwest::Client;
use serde::Deserialize;
use url::Url;
use zeroize::Zeroizing;

use crate::error::{FetchError, SetupError, Step};
use crate::secret::{Secret, Version, whole_or_field};
use crate::wire::{self, Answer, exchange};

const ENDPOINT: &str = "https://secretmanager.googleapis.com";
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";

/// What may be said about Google. Nothing has to be: the application-default credentials are found.
#[derive(Clone, Debug, Default)]
pub struct GoogleSettings {
    /// Another endpoint: a region's, or a double in tests.
    pub endpoint: Option<String>,
    /// The key file of a service account, where it is not the one that `GOOGLE_APPLICATION_CREDENTIALS` names.
    pub credentials_file: Option<PathBuf>,
}

/// Google Secret Manager, as one of its identities.
pub struct Google {
    client: Client,
    endpoint: Url,
    credentials: Credentials,
}

impl Google {
    /// Finds the credentials: the file named here, that of the environment, that of `gcloud`, or the machine's own. Tokens
    /// are fetched at the first read and renewed by Google's library. Has to be called within a tokio runtime.
    ///
    /// # Errors
    /// [`SetupError`] for an endpoint that may not be spoken to and credentials that make no sense.
    pub fn connect(settings: GoogleSettings) -> Result<Self, SetupError> {
        let client = wire::client(None)?;
        let credentials = match settings.credentials_file {
            Some(file) => {
                let text = std::fs::read_to_string(file)
                    .map(Zeroizing::new)
                    .map_err(|_| SetupError::Credentials)?;
                let key = serde_json::from_str(&text).map_err(|_| SetupError::Credentials)?;
                credentials::service_account::Builder::new(key)
                    .with_access_specifier(
                        credentials::service_account::AccessSpecifier::from_scopes([SCOPE]),
                    )
                    .build()
            }
            None => credentials::Builder::default().with_scopes([SCOPE]).build(),
        }
        .map_err(|_| SetupError::Credentials)?;
        Ok(Self {
            client,
            endpoint: wire::address(settings.endpoint.as_deref().unwrap_or(ENDPOINT))?,
            credentials,
        })
    }

    pub(crate) async fn get(
        &self,
        project: &str,
        secret: &str,
        version: &str,
        field: Option<&str>,
    ) -> Result<Secret, FetchError> {
        let mut url = self.endpoint.clone();
        url.path_segments_mut()
            .map_err(|()| FetchError::NotUnderstood("its address has no path"))?
            .pop_if_empty()
            .extend(["v1", "projects", project, "secrets", secret, "versions"])
            .push(&format!("{version}:access"));
        let headers = self.credentials.headers(http::Extensions::new()).await;
        let headers = match headers {
            Ok(CacheableResource::New { data, .. }) => data,
            Ok(CacheableResource::NotModified) => return Err(FetchError::NoCredentials),
            Err(error) if error.is_transient() => {
                return Err(FetchError::Unreachable("its tokens are not to be had"));
            }
            Err(_) => return Err(FetchError::Denied(Step::Login)),
        };
        let answer = exchange(self.client.get(url).headers(headers)).await?;
        if answer.status != 200 {
            return Err(refused(&answer));
        }
        accessed(&answer, field)
    }
}

#[derive(Deserialize)]
struct Accessed<'text> {
    #[serde(borrow)]
    name: &'text str,
    #[serde(borrow)]
    payload: Payload<'text>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload<'text> {
    #[serde(default)]
    data: &'text str,
    /// Google makes one for every version that came without.
    data_crc32c: &'text str,
}

fn accessed(answer: &Answer, field: Option<&str>) -> Result<Secret, FetchError> {
    let not_understood = || FetchError::NotUnderstood("no answer of Google's to this call");
    let text = std::str::from_utf8(&answer.body).map_err(|_| not_understood())?;
    let accessed: Accessed = serde_json::from_str(text).map_err(|_| not_understood())?;
    let bytes = STANDARD
        .decode(accessed.payload.data)
        .map(Zeroizing::new)
        .map_err(|_| not_understood())?;
    let told: u32 = accessed
        .payload
        .data_crc32c
        .parse()
        .map_err(|_| not_understood())?;
    if crc32c::crc32c(&bytes) != told {
        return Err(FetchError::Damaged);
    }
    // `projects/123/secrets/S/versions/7`, whatever was asked for.
    let version = accessed.name.rsplit('/').next().unwrap_or_default();
    let text = std::str::from_utf8(&bytes).map_err(|_| FetchError::NotText)?;
    whole_or_field(text, field, Version::new(version))
}

fn refused(answer: &Answer) -> FetchError {
    #[derive(Default, Deserialize)]
    struct Body {
        error: Said,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Said {
        message: String,
        status: String,
    }
    let said = serde_json::from_slice::<Body>(&answer.body)
        .unwrap_or_default()
        .error;
    match (answer.status, said.status.as_str()) {
        (_, "NOT_FOUND") | (404, _) => FetchError::NotFound,
        (_, "UNAUTHENTICATED") | (401, _) => FetchError::Denied(Step::Login),
        (_, "PERMISSION_DENIED") | (403, _) => FetchError::Denied(Step::Read),
        (_, "FAILED_PRECONDITION") if said.message.contains("DESTROYED") => FetchError::Destroyed,
        (_, "FAILED_PRECONDITION") => FetchError::Disabled,
        (_, "RESOURCE_EXHAUSTED") | (429, _) => FetchError::Throttled,
        (status, _) => FetchError::Failed(status),
    }
}
