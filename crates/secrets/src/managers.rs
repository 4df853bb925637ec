//! The managers that a program can reach, and which of them a reference means.

use std::fmt;

use crate::error::FetchError;
use crate::reference::Reference;
use crate::secret::Secret;
use crate::{local, vault::Vault};

/// The managers that are set up. Files need none; everything else has to be added.
#[derive(Default)]
pub struct Managers {
    vault: Option<Vault>,
    #[cfg(feature = "aws")]
    aws: Option<crate::aws::Aws>,
    #[cfg(feature = "google")]
    google: Option<crate::google::Google>,
    environment: bool,
}

impl Managers {
    /// None but the files of this machine.
    pub fn new() -> Self {
        Self::default()
    }

    /// Serves `vault://`.
    #[must_use]
    pub fn with_vault(mut self, vault: Vault) -> Self {
        self.vault = Some(vault);
        self
    }

    /// Serves `aws-sm://`.
    #[cfg(feature = "aws")]
    #[must_use]
    pub fn with_aws(mut self, aws: crate::aws::Aws) -> Self {
        self.aws = Some(aws);
        self
    }

    /// Serves `gcp-sm://`.
    #[cfg(feature = "google")]
    #[must_use]
    pub fn with_google(mut self, google: crate::google::Google) -> Self {
        self.google = Some(google);
        self
    }

    /// Serves `env://`, **for development**: every program of the same user can read another's environment.
    #[must_use]
    pub fn allow_environment(mut self) -> Self {
        self.environment = true;
        self
    }

    /// Whether `env://` is served. The program warns of it when it starts.
    pub fn allows_environment(&self) -> bool {
        self.environment
    }

    /// Whether a reference could be read at all, without reading it: what a check of the configuration asks.
    ///
    /// # Errors
    /// [`FetchError::NotSetUp`] or [`FetchError::EnvironmentNotAllowed`].
    pub fn check(&self, reference: &Reference) -> Result<(), FetchError> {
        match reference {
            Reference::Vault { .. } => self.vault().map(|_| ()),
            Reference::AwsSm { .. } => self.check_aws(),
            Reference::GcpSm { .. } => self.check_google(),
            Reference::Env { .. } if !self.environment => Err(FetchError::EnvironmentNotAllowed),
            Reference::Env { .. } | Reference::File { .. } => Ok(()),
        }
    }

    /// Reads a secret. Only the cache calls this, since only it keeps the record.
    pub(crate) async fn fetch(&self, reference: &Reference) -> Result<Secret, FetchError> {
        self.check(reference)?;
        match reference {
            Reference::Vault { mount, path, field } => self.vault()?.get(mount, path, field).await,
            #[cfg(feature = "aws")]
            Reference::AwsSm { id, field } => {
                let aws = self.aws.as_ref().ok_or(NO_AWS)?;
                aws.get(id, field.as_deref()).await
            }
            #[cfg(not(feature = "aws"))]
            Reference::AwsSm { .. } => Err(NO_AWS),
            #[cfg(feature = "google")]
            Reference::GcpSm {
                project,
                secret,
                version,
                field,
            } => {
                let google = self.google.as_ref().ok_or(NO_GOOGLE)?;
                google.get(project, secret, version, field.as_deref()).await
            }
            #[cfg(not(feature = "google"))]
            Reference::GcpSm { .. } => Err(NO_GOOGLE),
            Reference::Env { name } => local::environment(name),
            Reference::File { path } => local::file(path),
        }
    }

    /// Keeps what has to be kept alive between reads: Vault's token.
    pub(crate) async fn tend(&self) -> Result<(), FetchError> {
        match &self.vault {
            Some(vault) => vault.tend().await,
            None => Ok(()),
        }
    }

    fn vault(&self) -> Result<&Vault, FetchError> {
        self.vault
            .as_ref()
            .ok_or(FetchError::NotSetUp("Vault or OpenBao"))
    }

    #[cfg(feature = "aws")]
    fn check_aws(&self) -> Result<(), FetchError> {
        self.aws.as_ref().map(|_| ()).ok_or(NO_AWS)
    }

    #[cfg(not(feature = "aws"))]
    fn check_aws(&self) -> Result<(), FetchError> {
        Err(NO_AWS)
    }

    #[cfg(feature = "google")]
    fn check_google(&self) -> Result<(), FetchError> {
        self.google.as_ref().map(|_| ()).ok_or(NO_GOOGLE)
    }

    #[cfg(not(feature = "google"))]
    fn check_google(&self) -> Result<(), FetchError> {
        Err(NO_GOOGLE)
    }
}

const NO_AWS: FetchError = FetchError::NotSetUp("AWS Secrets Manager");
const NO_GOOGLE: FetchError = FetchError::NotSetUp("Google Secret Manager");

impl fmt::Debug for Managers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Managers")
            .field("environment", &self.environment)
            .finish_non_exhaustive()
    }
}
