//! HashiCorp Vault and OpenBao: the key-value engine, version 2, read with a token that is kept alive.
//!
//! Five calls are all there is (`api`). This must never write to the manager, list it, or follow it elsewhere.

mod api;
mod login;
mod session;

use std::path::PathBuf;

pub use login::{AppRole, Login, SecretId, TokenRole};
use serde::Deserialize;

use self::api::{Api, denied_by_status};
use self::session::Session;
use crate::clock::Clock;
use crate::error::{FetchError, SetupError, Step};
use crate::secret::{Fields, Secret, Version};
use crate::wire::{self, Answer};

/// Where Vault is and who we are to it.
#[derive(Clone, Debug)]
pub struct VaultSettings {
    address: String,
    namespace: Option<String>,
    authority: Option<PathBuf>,
    login: Login,
}

impl VaultSettings {
    /// `address` is `https://host:port`; http only for this machine.
    pub fn new(address: impl Into<String>, login: Login) -> Self {
        Self {
            address: address.into(),
            namespace: None,
            authority: None,
            login,
        }
    }

    /// Works in a namespace (OpenBao, Vault Enterprise), as `team/ai`.
    #[must_use]
    pub fn in_namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = Some(namespace.into());
        self
    }

    /// Trusts the certificates of this PEM file besides the system's.
    #[must_use]
    pub fn trusting(mut self, authority: impl Into<PathBuf>) -> Self {
        self.authority = Some(authority.into());
        self
    }
}

/// A Vault or OpenBao.
pub struct Vault {
    api: Api,
    session: Session,
}

impl Vault {
    /// Prepares the client. Nothing is sent yet.
    ///
    /// # Errors
    /// [`SetupError`] for an address, namespace or certificate file that cannot be used.
    pub fn new(settings: VaultSettings, clock: Clock) -> Result<Self, SetupError> {
        let address = wire::address(&settings.address)?;
        let authority = settings
            .authority
            .map(std::fs::read)
            .transpose()
            .map_err(|_| SetupError::Certificates)?;
        let client = wire::client(authority.as_deref())?;
        Ok(Self {
            api: Api::new(client, address, settings.namespace.as_deref())?,
            session: Session::new(settings.login, clock),
        })
    }

    /// Reads one field of a secret's newest version.
    pub(crate) async fn get(
        &self,
        mount: &str,
        path: &str,
        field: &str,
    ) -> Result<Secret, FetchError> {
        let token = self.session.token(&self.api).await?;
        let mut answer = self.api.read(&token, mount, path).await?;
        if answer.status == 403 {
            // An expired token and a missing right look alike: with a new token they do not.
            let token = self.session.replace(&self.api, &token).await?;
            answer = self.api.read(&token, mount, path).await?;
        }
        field_of(&answer, field)
    }

    /// Renews the token where that is due, or logs in.
    pub(crate) async fn tend(&self) -> Result<(), FetchError> {
        self.session.token(&self.api).await.map(|_| ())
    }
}

#[derive(Deserialize)]
struct Outer<'text> {
    #[serde(borrow)]
    data: Option<Inner<'text>>,
}

#[derive(Deserialize)]
struct Inner<'text> {
    #[serde(borrow)]
    data: Option<Fields<'text>>,
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Metadata {
    version: u64,
    #[serde(default)]
    deletion_time: String,
    #[serde(default)]
    destroyed: bool,
}

fn field_of(answer: &Answer, field: &str) -> Result<Secret, FetchError> {
    let inner = || -> Option<Inner<'_>> {
        let text = std::str::from_utf8(&answer.body).ok()?;
        serde_json::from_str::<Outer>(text).ok()?.data
    };
    match answer.status {
        200 => {
            let no_version = FetchError::NotUnderstood("no version: is this a KV engine 2?");
            let inner = inner().ok_or(no_version.clone())?;
            let version = inner.metadata.ok_or(no_version)?.version.to_string();
            let fields = inner.data.ok_or(FetchError::Deleted)?;
            Secret::new(&fields.text(field)?, Version::new(version))
        }
        // A deleted version answers 404 as a missing secret does, but still says when it was deleted.
        404 => Err(match inner().and_then(|inner| inner.metadata) {
            Some(metadata) if metadata.destroyed => FetchError::Destroyed,
            Some(metadata) if !metadata.deletion_time.is_empty() => FetchError::Deleted,
            _ => FetchError::NotFound,
        }),
        _ => Err(denied_by_status(answer, Step::Read)),
    }
}
