//! What settings have to be beyond their form. Looks at files, and never at the network or the database.

use std::fs;
use std::sync::Arc;

use brasskey_licence::PublicKey;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::Settings;
use crate::catalogue::Catalogue;
use crate::clock::Clock;
use crate::identity::{Identity, IdentitySettings};
use crate::outbound::{Outbound, OutboundError};
use crate::store;
use crate::terms::{Terms, TermsError};
use crate::tls;
use crate::vendor_keys::{VendorKeys, VendorProvider};

impl Settings {
    /// Puts the database's password from its file into its URL.
    pub(super) fn take_passwords(&mut self, wrong: &mut Vec<String>) {
        let Some(path) = &self.database.password_file else {
            return;
        };
        let mut say = |reason: String| {
            wrong.push(format!(
                "database.password_file: {}: {reason}",
                path.display()
            ));
        };
        match fs::read_to_string(path) {
            Err(error) => say(error.to_string()),
            Ok(password) => {
                let url = Url::parse(self.database.url.expose_secret());
                let with = url.ok().and_then(|mut url| {
                    url.set_password(Some(password.trim_end())).ok()?;
                    Some(SecretString::from(String::from(url)))
                });
                match with {
                    Some(url) => self.database.url = url,
                    None => say("the database URL takes no password".to_owned()),
                }
            }
        }
    }

    /// Adds all that is wrong to a list.
    pub(super) fn check(&self, wrong: &mut Vec<String>) {
        self.check_doors(wrong);
        self.check_files(wrong);
        self.check_numbers(wrong);
    }

    /// No secret leaves the machine in clear.
    fn check_doors(&self, wrong: &mut Vec<String>) {
        let mut say = |what: &str| wrong.push(what.to_owned());
        match (&self.tls.certificate, &self.tls.key) {
            (Some(_), None) => say("tls.key: is missing beside tls.certificate"),
            (None, Some(_)) => say("tls.certificate: is missing beside tls.key"),
            (None, None) if !self.listen.ip().is_loopback() && self.behind_proxy.is_none() => say(
                "listen: off this machine credentials would pass in clear; set tls.certificate and tls.key, or \
                 name the proxy that ends TLS in behind_proxy",
            ),
            _ => {}
        }
        if self
            .behind_proxy
            .as_ref()
            .is_some_and(|name| name.trim().is_empty())
        {
            say("behind_proxy: is empty; name the proxy or leave the setting out");
        }
        if self.behind_proxy.is_some() && self.trusted_proxies.is_empty() {
            say("trusted_proxies: is empty; say which networks the proxy connects from");
        }
        if !is_web(&self.url, false) {
            say("url: has to begin with http:// or https://");
        }
        if self
            .telemetry
            .traces
            .as_ref()
            .is_some_and(|url| !is_web(url, true))
        {
            say("telemetry.traces: has to begin with https://, or with http:// on this machine");
        }
        if let Err(error) = store::check_url(self.database.url.expose_secret()) {
            say(&format!("database.url: {error}"));
        }
    }

    fn check_files(&self, wrong: &mut Vec<String>) {
        if let (Some(certificate), Some(key)) = (&self.tls.certificate, &self.tls.key)
            && let Err(error) = tls::load(certificate, key)
        {
            wrong.push(format!("tls: {error}"));
        }
        if let Err(error) = self.read_catalogue() {
            wrong.push(format!("catalogue: {error}"));
        }
        if let Err(error) = self.read_terms() {
            wrong.push(format!("terms: {error}"));
        }
        if let Err(error) = self.read_providers() {
            wrong.push(format!("gateway.providers: {error}"));
        }
        if let Some(root) = &self.keys.root
            && let Err(error) = PublicKey::read(root)
        {
            wrong.push(format!("keys.root: {error}"));
        }
    }

    fn check_numbers(&self, wrong: &mut Vec<String>) {
        let (limits, rates) = (&self.limits, &self.rates);
        for (name, number, least) in [
            ("limits.body_bytes", limits.body_bytes as u64, 1024),
            // hyper takes no less.
            ("limits.head_bytes", limits.head_bytes as u64, 8192),
            ("limits.head_seconds", limits.head_seconds, 1),
            ("limits.answer_seconds", limits.answer_seconds, 1),
            ("limits.connections", limits.connections as u64, 1),
            ("rates.replicas", rates.replicas.into(), 1),
            ("rates.trials_per_minute", rates.trials_per_minute.into(), 1),
            ("rates.trials_per_day", rates.trials_per_day.into(), 1),
            (
                "rates.anonymous_per_minute",
                rates.anonymous_per_minute.into(),
                1,
            ),
            (
                "rates.presented_per_minute",
                rates.presented_per_minute.into(),
                1,
            ),
            ("rates.device_per_minute", rates.device_per_minute.into(), 1),
            (
                "rates.account_per_minute",
                rates.account_per_minute.into(),
                1,
            ),
            (
                "database.connections",
                self.database.connections.unwrap_or(1).into(),
                1,
            ),
        ] {
            if number < least {
                wrong.push(format!("{name}: has to be at least {least}"));
            }
        }
    }

    /// The vendor's providers that are meant; none where there is no vendor-billed use.
    fn read_providers(&self) -> Result<Option<Vec<VendorProvider>>, String> {
        let Some(path) = &self.gateway.providers else {
            return Ok(None);
        };
        let failed = |reason: String| format!("{}: {reason}", path.display());
        let text = fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
        let providers: Vec<VendorProvider> =
            serde_json::from_str(&text).map_err(|error| failed(error.to_string()))?;
        for provider in &providers {
            self.secrets.check(&provider.key).map_err(failed)?;
        }
        Ok(Some(providers))
    }

    /// The vendor's providers with their keys' managers opened.
    ///
    /// # Errors
    /// In words.
    pub async fn vendor_keys(&self, clock: &Clock) -> Result<Option<VendorKeys>, String> {
        let Some(providers) = self.read_providers()? else {
            return Ok(None);
        };
        let secrets = Arc::new(self.secrets.open(clock).await?);
        let keys = VendorKeys::new(providers, secrets).map_err(|error| error.to_string())?;
        Ok(Some(keys))
    }

    /// The terms that are meant.
    ///
    /// # Errors
    /// [`TermsError`].
    pub fn read_terms(&self) -> Result<Terms, TermsError> {
        self.terms
            .as_ref()
            .map_or_else(Terms::embedded, |folder| Terms::at(folder))
    }

    /// The identity provider that is meant, if there is one.
    ///
    /// # Errors
    /// [`OutboundError`] when the way to it cannot be set up.
    pub fn identity(&self) -> Result<Option<Identity>, OutboundError> {
        let set = &self.identity;
        let Some(issuer) = &set.issuer else {
            return Ok(None);
        };
        let settings = IdentitySettings {
            issuer: issuer.clone(),
            audience: set.audience.clone(),
            client_id: set.client.clone(),
            device_client_id: set.device_client.clone(),
            loopback_ports: set.loopback_ports.clone(),
        };
        let outbound = Outbound::new(self.outbound_proxy.as_ref())?;
        Ok(Some(Identity::new(settings, outbound)))
    }

    /// The catalogue that is meant.
    ///
    /// # Errors
    /// In words, with the file's name.
    pub fn read_catalogue(&self) -> Result<Catalogue, String> {
        let Some(path) = &self.catalogue else {
            return Catalogue::embedded().map_err(|error| error.to_string());
        };
        let at = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let text = fs::read_to_string(path).map_err(|error| at(&error))?;
        Catalogue::read(&text).map_err(|error| at(&error))
    }
}

/// Whether a URL is of the web: `https`, or `http` where that may be (`here`: only on this machine).
fn is_web(url: &Url, here: bool) -> bool {
    match url.scheme() {
        "https" => true,
        "http" => !here || store::is_this_machine(url.host_str().unwrap_or_default()),
        _ => false,
    }
}
