//! Who we are to Vault. What is delivered to a machine is short-lived or works once; nothing here is ever written down.

use std::path::PathBuf;

use secrecy::SecretString;

/// A way to get a token.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Login {
    /// A role with an id and a secret id: for machines of no cloud.
    AppRole(AppRole),
    /// The pod's service-account token, checked by Vault with its cluster.
    Kubernetes(TokenRole),
    /// A signed token of any issuer that Vault knows.
    Jwt(TokenRole),
    /// A token that somebody else keeps in a file, as Vault's or OpenBao's agent does. The file has to be private (0600).
    TokenFile(PathBuf),
}

/// The `AppRole` method.
#[derive(Clone, Debug)]
pub struct AppRole {
    pub(super) mount: String,
    pub(super) role_id: String,
    pub(super) secret_id: SecretId,
}

impl AppRole {
    /// A role at the usual mount, `approle`.
    pub fn new(role_id: impl Into<String>, secret_id: SecretId) -> Self {
        Self {
            mount: "approle".into(),
            role_id: role_id.into(),
            secret_id,
        }
    }

    /// At another mount.
    #[must_use]
    pub fn at(mut self, mount: impl Into<String>) -> Self {
        self.mount = mount.into();
        self
    }
}

/// How the secret id was delivered.
#[derive(Clone, Debug)]
pub enum SecretId {
    /// As it is.
    Plain(SecretString),
    /// As a wrapping token, which gives the secret id once. Whoever used it before us has the secret id: a read then fails
    /// with [`WrappedSecretIdUsed`](crate::FetchError::WrappedSecretIdUsed).
    Wrapped(SecretString),
}

/// A login with a token of somebody else, read anew from its file each time.
#[derive(Clone, Debug)]
pub struct TokenRole {
    pub(super) mount: String,
    pub(super) role: String,
    pub(super) token_file: PathBuf,
}

impl TokenRole {
    /// A role at `mount` (usually `kubernetes` or `jwt`). A pod's token lies at
    /// `/var/run/secrets/kubernetes.io/serviceaccount/token`.
    pub fn new(
        mount: impl Into<String>,
        role: impl Into<String>,
        token_file: impl Into<PathBuf>,
    ) -> Self {
        Self {
            mount: mount.into(),
            role: role.into(),
            token_file: token_file.into(),
        }
    }
}
