//! How the service is set up: a file, over it the environment, over it the command line. Read once, when it starts.
//!
//! All that is wrong is said at once, each with where it stands. A secret never stands in the file or on the command line, only
//! the name of a file that holds it; the environment may carry one.
//!
//! A part of the service gets its settings as a field of [`Settings`]: file, environment and `--check` follow from that.

mod check;
mod secrets;
mod source;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use brasskey_licence::PublicKey;
use ipnet::IpNet;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::billing::kinde::KindeConfiguration;
use crate::keys::{KeyFolder, KeyFolderError};

pub use secrets::{AwsSection, GoogleSection, LoginSection, SecretsSection, VaultSection};
pub use source::Flag;
use source::Source;

/// Settings that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("{path}: {reason}")]
    Form {
        /// Which.
        path: PathBuf,
        /// Why, without the line itself.
        reason: String,
    },
    /// All that is wrong, a line each.
    #[error("{}", .0.join("\n"))]
    Wrong(Vec<String>),
}

/// All settings. Every field may be left out.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Where to listen. Off the machine only with `tls` or `behind_proxy`.
    pub listen: SocketAddr,
    /// The URL that the service is reached under; it stands in licences as their issuer.
    pub url: Url,
    /// A catalogue of plans; the one that ships where none is given.
    pub catalogue: Option<PathBuf>,
    /// A folder with terms and their `index.json`; those that ship where none is given.
    pub terms: Option<PathBuf>,
    /// The oldest version of the application that is served.
    pub oldest_app: String,
    /// A proxy for all that the service asks of others.
    pub outbound_proxy: Option<Url>,
    /// The name of the proxy in front, which ends TLS. Its word is taken on where a request comes from.
    pub behind_proxy: Option<String>,
    /// The networks that the proxy's connections come from.
    pub trusted_proxies: Vec<IpNet>,
    /// The one header in which the proxy says where a request comes from.
    pub proxy_header: ProxyHeader,
    /// The database.
    pub database: DatabaseSettings,
    /// The keys that licences are signed with.
    pub keys: KeySettings,
    /// Who says who somebody is.
    pub identity: IdentitySection,
    /// Vendor-billed use.
    pub gateway: GatewaySettings,
    /// Where the vendor's keys are read from.
    pub secrets: SecretsSection,
    /// Who sells the plans.
    pub billing: BillingSettings,
    /// The service's own certificate.
    pub tls: TlsSettings,
    /// How much and how long.
    pub limits: Limits,
    /// How often.
    pub rates: Rates,
    /// What the service tells about itself.
    pub telemetry: TelemetrySettings,
}

/// In which header a proxy says where a request comes from. One alone is believed: the proxy lets the other through as a
/// client wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProxyHeader {
    /// What most proxies write.
    XForwardedFor,
    /// RFC 7239.
    Forwarded,
}

/// The database.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseSettings {
    /// `sqlite:PATH` or `postgres://…`, without a password. Off the machine `sslmode=verify-full` is a must.
    #[serde(serialize_with = "source::without_password")]
    pub url: SecretString,
    /// A file that holds the password, and nothing else.
    pub password_file: Option<PathBuf>,
    /// At most as many connections; 4 for SQLite and 16 for PostgreSQL where none is given.
    pub connections: Option<u32>,
}

/// The keys that licences are signed with.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeySettings {
    /// The folder with the signing keys, a file each.
    pub folder: PathBuf,
    /// The root's public key, `k4.public.…`; that of the root key in the folder where none is given.
    pub root: Option<String>,
}

/// Who says who somebody is: an OpenID Connect issuer. Without one there are trials and no accounts.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IdentitySection {
    /// Its URL, as its tokens name it.
    pub issuer: Option<String>,
    /// The name of this service in its tokens.
    pub audience: String,
    /// The public client of the desktop application.
    pub client: String,
    /// The public client for the device flow.
    pub device_client: String,
    /// The ports of the redirect URIs that are registered on 127.0.0.1.
    pub loopback_ports: Vec<u16>,
}

/// Vendor-billed use.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GatewaySettings {
    /// A file (JSON) with the vendor's providers and where their keys lie; without one there is no vendor-billed use.
    pub providers: Option<PathBuf>,
}

/// Who sells the plans: Kinde where it is set up, the service itself where it is not.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BillingSettings {
    /// Kinde.
    pub kinde: Option<KindeConfiguration>,
}

/// The service's own certificate. Both or none.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TlsSettings {
    /// A PEM file with the certificate and those between it and the root. Read again when it changes and on SIGHUP.
    pub certificate: Option<PathBuf>,
    /// A PEM file with its secret key.
    pub key: Option<PathBuf>,
}

/// How much and how long. Gateway streams have their own deadlines.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// The longest body of a request, in bytes.
    pub body_bytes: usize,
    /// The longest head of a request, in bytes (at least 8192).
    pub head_bytes: usize,
    /// A connection that sends no whole head for as long is closed, in seconds.
    pub head_seconds: u64,
    /// No answer takes longer, in seconds.
    pub answer_seconds: u64,
    /// So many connections at once; more wait.
    pub connections: usize,
    /// How long running requests may take when the service is stopped, in seconds.
    pub grace_seconds: u64,
}

/// How often, over all replicas together.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rates {
    /// Over how many replicas the service is spread: each allows its part.
    pub replicas: u32,
    /// Trials that one address begins in a minute.
    pub trials_per_minute: u32,
    /// Trials that one address begins in a day.
    pub trials_per_day: u32,
    /// Other requests without a credential, by address, in a minute.
    pub anonymous_per_minute: u32,
    /// Requests with a credential, by address, in a minute: an office shares one.
    pub presented_per_minute: u32,
    /// Requests of one device in a minute.
    pub device_per_minute: u32,
    /// Requests of one account in a minute.
    pub account_per_minute: u32,
}

/// What the service tells about itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TelemetrySettings {
    /// The form of the log on standard error.
    pub log: LogForm,
    /// Which parts log how much, as `info,sqlx=warn`. `RUST_LOG` goes before it.
    pub filter: String,
    /// Where metrics are served at `/metrics`; nowhere where none is given.
    pub metrics_listen: Option<SocketAddr>,
    /// A collector of traces, as `http://127.0.0.1:4318`: OTLP over HTTP. Off where none is given.
    pub traces: Option<Url>,
}

/// The form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogForm {
    /// Lines for people.
    Text,
    /// A JSON object a line.
    Json,
}

impl Default for Settings {
    fn default() -> Self {
        let here = SocketAddr::from(([127, 0, 0, 1], 4100));
        Self {
            listen: here,
            #[expect(clippy::expect_used, reason = "a constant")]
            url: Url::parse("http://127.0.0.1:4100").expect("a URL"),
            catalogue: None,
            terms: None,
            oldest_app: "0.1.0".to_owned(),
            outbound_proxy: None,
            behind_proxy: None,
            trusted_proxies: ["127.0.0.0/8", "::1/128"]
                .iter()
                .filter_map(|network| network.parse().ok())
                .collect(),
            proxy_header: ProxyHeader::XForwardedFor,
            database: DatabaseSettings::default(),
            keys: KeySettings::default(),
            identity: IdentitySection::default(),
            gateway: GatewaySettings::default(),
            secrets: SecretsSection::default(),
            billing: BillingSettings::default(),
            tls: TlsSettings::default(),
            limits: Limits::default(),
            rates: Rates::default(),
            telemetry: TelemetrySettings::default(),
        }
    }
}

impl Default for DatabaseSettings {
    fn default() -> Self {
        Self {
            url: "sqlite:platform.db".into(),
            password_file: None,
            connections: None,
        }
    }
}

impl Default for KeySettings {
    fn default() -> Self {
        Self {
            folder: "keys".into(),
            root: None,
        }
    }
}

impl Default for IdentitySection {
    fn default() -> Self {
        Self {
            issuer: None,
            audience: "brasskey:api".to_owned(),
            client: "brasskey-desktop".to_owned(),
            device_client: "brasskey-device".to_owned(),
            loopback_ports: vec![53180, 53181, 53182],
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 64 * 1024,
            head_bytes: 16 * 1024,
            head_seconds: 15,
            answer_seconds: 20,
            connections: 4096,
            grace_seconds: 25,
        }
    }
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            replicas: 1,
            trials_per_minute: 5,
            trials_per_day: 20,
            anonymous_per_minute: 120,
            presented_per_minute: 1200,
            device_per_minute: 120,
            account_per_minute: 600,
        }
    }
}

impl Default for TelemetrySettings {
    fn default() -> Self {
        Self {
            log: LogForm::Text,
            filter: "info,sqlx=warn".to_owned(),
            metrics_listen: None,
            traces: None,
        }
    }
}

impl Settings {
    /// Reads a file, the environment and flags, the later over the earlier, and checks the whole.
    ///
    /// # Errors
    /// [`SettingsError::Wrong`] names all that is wrong.
    pub fn read(
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
        flags: &[Flag],
    ) -> Result<Self, SettingsError> {
        let mut sources = Vec::new();
        if let Some(path) = file {
            sources.push(Source::file(path)?);
        }
        sources.push(Source::environment(environment));
        sources.push(Source::flags(flags));
        let mut wrong = Vec::new();
        let mut settings = source::join(sources, &mut wrong);
        settings.take_passwords(&mut wrong);
        settings.check(&mut wrong);
        if wrong.is_empty() {
            Ok(settings)
        } else {
            Err(SettingsError::Wrong(wrong))
        }
    }

    /// The root's public key: the one that is set, or that of the root key in the folder.
    ///
    /// # Errors
    /// [`KeyFolderError`] when there is neither.
    pub fn root(&self) -> Result<PublicKey, KeyFolderError> {
        match &self.keys.root {
            Some(text) => Ok(PublicKey::read(text)?),
            None => KeyFolder::at(&self.keys.folder).root(),
        }
    }

    /// The issuer of licences: the URL as it was written, without the slash that a URL of a bare host gets.
    #[must_use]
    pub fn issuer(&self) -> String {
        self.url.as_str().trim_end_matches('/').to_owned()
    }

    /// The settings in force, without secrets.
    ///
    /// # Errors
    /// In words, when they have no TOML form.
    pub fn shown(&self) -> Result<String, String> {
        toml::to_string(self).map_err(|error| error.to_string())
    }
}
