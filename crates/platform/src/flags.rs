//! The flags that every command takes: each stands for a setting, over the file and the environment.

use std::ffi::OsString;
use std::path::PathBuf;

use brasskey_platform::settings::{Flag, Settings, SettingsError};
use clap::Args;

/// Every other setting stands in the file, or in the environment as BRASSKEY_PLATFORM_SECTION__FIELD.
#[derive(Args)]
pub(crate) struct Flags {
    /// A file with settings; see platform.example.toml.
    #[arg(long, global = true, env = "BRASSKEY_PLATFORM_CONFIG")]
    config: Option<PathBuf>,
    /// `sqlite:PATH` or `postgres://…`, without a password [env: BRASSKEY_PLATFORM_DATABASE, which may have one].
    #[arg(long, global = true)]
    database: Option<String>,
    /// The folder with the signing keys [env: BRASSKEY_PLATFORM_KEYS].
    #[arg(long, global = true)]
    keys: Option<String>,
    /// The root's public key, `k4.public.…` [env: BRASSKEY_PLATFORM_ROOT].
    #[arg(long, global = true)]
    root: Option<String>,
    /// A catalogue of plans [env: BRASSKEY_PLATFORM_CATALOGUE].
    #[arg(long, global = true)]
    catalogue: Option<String>,
    /// The identity provider's URL, as its tokens name it [env: BRASSKEY_PLATFORM_ISSUER].
    #[arg(long, global = true)]
    issuer: Option<String>,
    /// A file with the vendor's providers [env: BRASSKEY_PLATFORM_PROVIDERS].
    #[arg(long, global = true)]
    providers: Option<String>,
    /// Where to listen [env: BRASSKEY_PLATFORM_LISTEN].
    #[arg(long, global = true)]
    listen: Option<String>,
    /// The URL that the service is reached under [env: BRASSKEY_PLATFORM_URL].
    #[arg(long, global = true)]
    url: Option<String>,
    /// The name of the proxy in front, which ends TLS [env: BRASSKEY_PLATFORM_BEHIND_PROXY].
    #[arg(long, global = true)]
    behind_proxy: Option<String>,
    /// Where metrics are served [env: BRASSKEY_PLATFORM_METRICS_LISTEN].
    #[arg(long, global = true)]
    metrics_listen: Option<String>,
    /// A collector of traces [env: BRASSKEY_PLATFORM_TRACES].
    #[arg(long, global = true)]
    traces: Option<String>,
    /// The form of the log, `text` or `json` [env: BRASSKEY_PLATFORM_LOG].
    #[arg(long, global = true)]
    log: Option<String>,
}

impl Flags {
    /// The settings in force.
    pub(crate) fn settings(&self) -> Result<Settings, SettingsError> {
        let given: [(&'static str, &'static [&'static str], &Option<String>); 12] = [
            ("--database", &["database", "url"], &self.database),
            ("--keys", &["keys", "folder"], &self.keys),
            ("--root", &["keys", "root"], &self.root),
            ("--catalogue", &["catalogue"], &self.catalogue),
            ("--issuer", &["identity", "issuer"], &self.issuer),
            ("--providers", &["gateway", "providers"], &self.providers),
            ("--listen", &["listen"], &self.listen),
            ("--url", &["url"], &self.url),
            ("--behind-proxy", &["behind_proxy"], &self.behind_proxy),
            (
                "--metrics-listen",
                &["telemetry", "metrics_listen"],
                &self.metrics_listen,
            ),
            ("--traces", &["telemetry", "traces"], &self.traces),
            ("--log", &["telemetry", "log"], &self.log),
        ];
        let flags: Vec<Flag> = given
            .into_iter()
            .filter_map(|(name, path, value)| {
                let value = value.clone()?;
                Some(Flag { name, path, value })
            })
            .collect();
        // A name or a value that is no text is none of ours.
        let text = |(name, value): (OsString, OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        let environment = std::env::vars_os()
            .filter_map(text)
            .filter(|(name, _)| name != "BRASSKEY_PLATFORM_CONFIG");
        Settings::read(self.config.as_deref(), environment, &flags)
    }
}
