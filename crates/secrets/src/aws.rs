//! AWS Secrets Manager, through AWS's own library: for its credential chain (environment, profile, web identity, container,
//! machine) and its signatures. Only the current version of a secret is read.

use std::path::PathBuf;
use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::http::HttpResponse;
use aws_sdk_secretsmanager::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_http_client::tls;

use crate::error::{FetchError, SetupError, Step};
use crate::secret::{Secret, Version, whole_or_field};
use crate::wire;

/// What may be said about AWS. Nothing has to be: the machine usually says it all.
#[derive(Clone, Debug, Default)]
pub struct AwsSettings {
    /// Another endpoint than the region's: a private one, or a double in tests.
    pub endpoint: Option<String>,
    /// The region, where neither environment, profile nor machine tells.
    pub region: Option<String>,
    /// A credentials file in place of `~/.aws/credentials`; its profile `default` is used unless `AWS_PROFILE` says otherwise.
    pub credentials_file: Option<PathBuf>,
}

/// AWS Secrets Manager, as one of its identities.
pub struct Aws {
    client: Client,
}

impl Aws {
    /// Finds region and credentials. Credentials are fetched at the first read and renewed by AWS's library.
    ///
    /// # Errors
    /// [`SetupError`] for an endpoint that may not be spoken to.
    pub async fn connect(settings: AwsSettings) -> Result<Self, SetupError> {
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(tls::Provider::Rustls(
                tls::rustls_provider::CryptoMode::Ring,
            ))
            .build_https();
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .http_client(http)
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(Duration::from_secs(5))
                    .operation_timeout(Duration::from_secs(15))
                    .build(),
            );
        if let Some(endpoint) = settings.endpoint {
            loader = loader.endpoint_url(wire::address(&endpoint)?.as_str());
        }
        if let Some(region) = settings.region {
            loader = loader.region(Region::new(region));
        }
        if let Some(file) = settings.credentials_file {
            loader = loader.profile_files(
                EnvConfigFiles::builder()
                    .with_file(EnvConfigFileKind::Credentials, file)
                    .build(),
            );
        }
        Ok(Self {
            client: Client::new(&loader.load().await),
        })
    }

    pub(crate) async fn get(&self, id: &str, field: Option<&str>) -> Result<Secret, FetchError> {
        let answer = self
            .client
            .get_secret_value()
            .secret_id(id)
            .send()
            .await
            .map_err(|error| refused(&error))?;
        let version = Version::new(answer.version_id().unwrap_or_default());
        let text = match (answer.secret_string(), answer.secret_binary()) {
            (Some(text), _) => text,
            (None, Some(bytes)) => {
                std::str::from_utf8(bytes.as_ref()).map_err(|_| FetchError::NotText)?
            }
            (None, None) => return Err(FetchError::Empty),
        };
        whole_or_field(text, field, version)
    }
}

fn refused<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> FetchError {
    let status = error.raw_response().map(|answer| answer.status().as_u16());
    match error {
        SdkError::ServiceError(answer) if answer.err().code().is_some() => by_code(
            answer.err().code().unwrap_or_default(),
            answer.err().message().unwrap_or_default(),
        ),
        // No words of AWS's: something in front of it spoke, an endpoint's policy or a proxy.
        SdkError::ServiceError(_) | SdkError::ResponseError(_) => match status {
            Some(401 | 403) => FetchError::Denied(Step::Read),
            Some(429) => FetchError::Throttled,
            Some(status @ 500..) => FetchError::Failed(status),
            _ => FetchError::NotUnderstood("no answer of AWS's to this call"),
        },
        SdkError::TimeoutError(_) => FetchError::Unreachable("it took too long"),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => {
            FetchError::Unreachable("it took too long")
        }
        SdkError::DispatchFailure(failure) if failure.is_io() => {
            FetchError::Unreachable("no connection, or no trust in its certificate")
        }
        // What is left of these is the credential chain that came back with nothing.
        SdkError::DispatchFailure(_) | SdkError::ConstructionFailure(_) => {
            FetchError::NoCredentials
        }
        _ => FetchError::NotUnderstood("no answer of AWS's to this call"),
    }
}

/// The codes of GetSecretValue and of every AWS call.
fn by_code(code: &str, message: &str) -> FetchError {
    match code {
        "ResourceNotFoundException" => FetchError::NotFound,
        "InvalidRequestException"
            if message.contains("deletion") || message.contains("deleted") =>
        {
            FetchError::ScheduledForDeletion
        }
        "AccessDeniedException" | "AccessDenied" => FetchError::Denied(Step::Read),
        "DecryptionFailure" => FetchError::Denied(Step::Decrypt),
        "UnrecognizedClientException"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "InvalidClientTokenId"
        | "ExpiredTokenException"
        | "ExpiredToken"
        | "IncompleteSignature"
        | "MissingAuthenticationToken"
        | "NotAuthorized" => FetchError::Denied(Step::Login),
        "ThrottlingException"
        | "Throttling"
        | "TooManyRequestsException"
        | "RequestLimitExceeded" => FetchError::Throttled,
        "InternalServiceError" | "InternalFailure" => FetchError::Failed(500),
        "ServiceUnavailable" => FetchError::Failed(503),
        _ => FetchError::NotUnderstood("an error of AWS's that we do not know"),
    }
}
