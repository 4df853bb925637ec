//! Provider keys from a secrets manager: HashiCorp Vault or OpenBao, AWS Secrets Manager, Google Secret Manager.
//!
//! A [`Reference`] says where a secret lies (`vault://secret/brasskey/openai#api_key`), [`Managers`] know how each place
//! is reached, and [`Secrets`] is what a program holds: it reads through a cache, so that a manager's pause stops nobody,
//! and writes one audit record for every read. After a provider refused a key, [`Secrets::refresh`] looks for a newer one.
//!
//! ```no_run
//! # async fn example(clock: brasskey_secrets::Clock) -> Result<(), Box<dyn std::error::Error>> {
//! use brasskey_secrets::{AppRole, AuditFile, AuditTrace, Login, Managers, Policy, SecretId, Secrets, Vault, VaultSettings};
//!
//! let login = Login::AppRole(AppRole::new("3f1c…", SecretId::Wrapped("s.one-time".into())));
//! let vault = Vault::new(VaultSettings::new("https://vault.internal:8200", login), clock.clone())?;
//! let audit = (AuditFile::open("/var/log/brasskey/secrets.jsonl")?, AuditTrace);
//! let secrets = Secrets::new(Managers::new().with_vault(vault), Policy::default(), clock, "gateway", audit);
//!
//! let reference = "vault://secret/brasskey/openai#api_key".parse()?;
//! let key = secrets.get(&reference).await?;
//! // The provider said 401:
//! let newer = secrets.refresh(&reference, &key).await?;
//! if !newer.same_value(&key) { /* once more, with the new one */ }
//! # Ok(()) }
//! ```
//!
//! This crate must never write a secret down, put one into an error, a log line or an audit record, follow a redirect with
//! a token in hand, or go on serving a secret that its manager has refused, deleted or destroyed.

mod audit;
#[cfg(feature = "aws")]
mod aws;
mod cache;
mod clock;
mod error;
mod flight;
#[cfg(feature = "google")]
mod google;
mod local;
mod managers;
mod reference;
mod secret;
mod vault;
mod wire;

pub use audit::{Audit, AuditError, AuditFile, AuditTrace, Read, Why};
#[cfg(feature = "aws")]
pub use aws::{Aws, AwsSettings};
pub use cache::{Policy, Secrets};
pub use clock::Clock;
pub use error::{FetchError, SetupError, Step};
#[cfg(feature = "google")]
pub use google::{Google, GoogleSettings};
pub use local::read_private_file;
pub use managers::Managers;
pub use reference::{InvalidReference, Reference};
pub use secret::{Secret, Version};
pub use vault::{AppRole, Login, SecretId, TokenRole, Vault, VaultSettings};
