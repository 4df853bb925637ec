//! Where secrets are read from: the managers that are set up, and where each read is put on record.

use std::path::PathBuf;
use std::time::Duration;

use brasskey_secrets::{
    AppRole, AuditFile, AuditTrace, Aws, AwsSettings, Clock, FetchError, Google, GoogleSettings,
    Login, Managers, Policy, Reference, SecretId, Secrets, TokenRole, Vault, VaultSettings,
    read_private_file,
};
use serde::{Deserialize, Serialize};

/// What the service calls itself on record.
const WHO: &str = "brasskey-platform";

/// Secrets managers. A reference may mean those alone that have a section here, and files.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SecretsSection {
    /// A file that each read is put on record in, a line each; the log has them, too.
    pub audit: Option<PathBuf>,
    /// For how many minutes a secret is used before it is read again.
    pub fresh_minutes: u64,
    /// Whether `env://NAME` may be read. For development.
    pub environment: bool,
    /// HashiCorp Vault or OpenBao.
    pub vault: Option<VaultSection>,
    /// AWS Secrets Manager.
    pub aws: Option<AwsSection>,
    /// Google Secret Manager.
    pub google: Option<GoogleSection>,
}

/// HashiCorp Vault or OpenBao.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VaultSection {
    /// `https://host:port`; http only for this machine.
    pub address: String,
    /// A namespace.
    #[serde(default)]
    pub namespace: Option<String>,
    /// A file with the certificate of the authority that signed its own.
    #[serde(default)]
    pub authority: Option<PathBuf>,
    /// How the service logs in.
    pub login: LoginSection,
}

/// How the service logs in to Vault.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case", deny_unknown_fields)]
pub enum LoginSection {
    /// A role with an id and a secret id.
    AppRole {
        /// The role's id.
        role_id: String,
        /// A file with the secret id, or with the wrapping token that gives it once.
        secret_id_file: PathBuf,
        /// Whether the file holds a wrapping token.
        #[serde(default)]
        wrapped: bool,
    },
    /// The pod's service account.
    Kubernetes {
        /// The role.
        role: String,
        /// The pod's token.
        token_file: PathBuf,
    },
    /// A signed token of an issuer that Vault knows.
    Jwt {
        /// The role.
        role: String,
        /// The token.
        token_file: PathBuf,
    },
    /// A token that an agent keeps in a file.
    TokenFile {
        /// The file.
        token_file: PathBuf,
    },
}

/// AWS Secrets Manager. The machine usually says it all.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AwsSection {
    /// The region.
    pub region: Option<String>,
    /// Another endpoint than the region's.
    pub endpoint: Option<String>,
}

/// Google Secret Manager. The machine usually says it all.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GoogleSection {
    /// The key file of a service account.
    pub credentials_file: Option<PathBuf>,
    /// Another endpoint.
    pub endpoint: Option<String>,
}

impl Default for SecretsSection {
    fn default() -> Self {
        Self {
            audit: None,
            fresh_minutes: 10,
            environment: false,
            vault: None,
            aws: None,
            google: None,
        }
    }
}

impl SecretsSection {
    /// Whether a reference is one, and of a manager that is set up.
    pub(super) fn check(&self, reference: &str) -> Result<(), String> {
        let read: Reference = reference
            .parse()
            .map_err(|error| format!("{reference}: {error}"))?;
        let (is_set_up, section) = match read {
            Reference::Vault { .. } => (self.vault.is_some(), "secrets.vault"),
            Reference::AwsSm { .. } => (self.aws.is_some(), "secrets.aws"),
            Reference::GcpSm { .. } => (self.google.is_some(), "secrets.google"),
            Reference::Env { .. } => (self.environment, "secrets.environment"),
            Reference::File { .. } => (true, ""),
            // A manager that this version of the service cannot be told of.
            _ => (false, "another version of the service"),
        };
        if is_set_up {
            Ok(())
        } else {
            Err(format!("{reference}: needs {section}"))
        }
    }

    /// Opens the managers. Nothing is read yet, but for what logs in to them.
    ///
    /// # Errors
    /// In words.
    pub async fn open(&self, clock: &crate::Clock) -> Result<Secrets, String> {
        let text = |error: &dyn std::fmt::Display| error.to_string();
        let now = clock.clone();
        let clock = Clock::new(move || now.now().as_millisecond());
        let mut managers = Managers::new();
        if let Some(section) = &self.vault {
            let login = section.login.open().map_err(|error| text(&error))?;
            let mut settings = VaultSettings::new(section.address.clone(), login);
            if let Some(namespace) = &section.namespace {
                settings = settings.in_namespace(namespace);
            }
            if let Some(authority) = &section.authority {
                settings = settings.trusting(authority);
            }
            let vault = Vault::new(settings, clock.clone()).map_err(|error| text(&error))?;
            managers = managers.with_vault(vault);
        }
        if let Some(section) = &self.aws {
            let settings = AwsSettings {
                endpoint: section.endpoint.clone(),
                region: section.region.clone(),
                credentials_file: None,
            };
            let aws = Aws::connect(settings).await.map_err(|error| text(&error))?;
            managers = managers.with_aws(aws);
        }
        if let Some(section) = &self.google {
            let settings = GoogleSettings {
                endpoint: section.endpoint.clone(),
                credentials_file: section.credentials_file.clone(),
            };
            let google = Google::connect(settings).map_err(|error| text(&error))?;
            managers = managers.with_google(google);
        }
        if self.environment {
            tracing::warn!("secrets may be read from the environment: for development only");
            managers = managers.allow_environment();
        }
        let policy = Policy {
            fresh: Duration::from_secs(60 * self.fresh_minutes),
            ..Policy::default()
        };
        Ok(match &self.audit {
            Some(path) => {
                let file = AuditFile::open(path)
                    .map_err(|error| format!("{}: {error}", path.display()))?;
                Secrets::new(managers, policy, clock, WHO, (file, AuditTrace))
            }
            None => Secrets::new(managers, policy, clock, WHO, AuditTrace),
        })
    }
}

impl LoginSection {
    fn open(&self) -> Result<Login, FetchError> {
        Ok(match self {
            Self::AppRole {
                role_id,
                secret_id_file,
                wrapped,
            } => {
                let delivered = read_private_file(secret_id_file)?;
                let secret_id = if *wrapped {
                    SecretId::Wrapped(delivered)
                } else {
                    SecretId::Plain(delivered)
                };
                Login::AppRole(AppRole::new(role_id.clone(), secret_id))
            }
            Self::Kubernetes { role, token_file } => {
                Login::Kubernetes(TokenRole::new("kubernetes", role.clone(), token_file))
            }
            Self::Jwt { role, token_file } => {
                Login::Jwt(TokenRole::new("jwt", role.clone(), token_file))
            }
            Self::TokenFile { token_file } => Login::TokenFile(token_file.clone()),
        })
    }
}
