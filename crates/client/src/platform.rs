//! The platform: its address, and what it answers to anybody.

use std::fmt;

use reqwest::Method;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::device::AsDevice;
use crate::directory::Directory;
use crate::error::Error;
use crate::http::{Ask, Http};
use crate::person::AsPerson;
use crate::views::{Catalogue, TermsText};

/// The address of a platform: `https`, or on this computer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformUrl(Url);

/// Why an address is no platform's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// It is not an address of the web.
    #[error("this is no address")]
    Form,
    /// Whoever is on the way could read what is sent.
    #[error("plain http is for this computer")]
    Plain,
    /// A user name, a question mark or a fragment.
    #[error("an address has a host and perhaps a path, and nothing else")]
    Parts,
}

impl PlatformUrl {
    /// Reads an address.
    ///
    /// # Errors
    /// [`UrlError`].
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let mut url = Url::parse(text.trim()).map_err(|_| UrlError::Form)?;
        if !is_private(&url) {
            return Err(match url.scheme() {
                "http" => UrlError::Plain,
                _ => UrlError::Form,
            });
        }
        let has_more = !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some();
        if has_more {
            return Err(UrlError::Parts);
        }
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        Ok(Self(url))
    }

    /// The address of something under it. `path` is made of our own words and of ids that were checked.
    pub(crate) fn at(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(&format!("{}{path}", self.0.path()));
        url
    }
}

impl fmt::Display for PlatformUrl {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

/// Whether nobody on the way can read what is sent there.
pub(crate) fn is_private(url: &Url) -> bool {
    let is_here = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    match url.scheme() {
        "https" => url.has_host(),
        "http" => is_here,
        _ => false,
    }
}

/// What the platform knows of this computer.
#[derive(Clone, Debug, Serialize)]
pub struct About {
    /// Made once for this installation.
    pub device_id: String,
    /// What its owner calls it.
    pub name: String,
    /// `linux`, `macos` or `windows`.
    pub os: String,
    /// The application's version.
    pub app_version: String,
}

/// A credential and a licence, as the platform hands them out. Both replace what the device had.
#[derive(Debug, Deserialize)]
pub struct Issued {
    /// To be stored, and read back, before it is used: the one before is good until this one was shown.
    pub device_token: SecretString,
    /// Signed; to be verified with the key set.
    pub licence: String,
}

/// The platform. Clones are handles to the same connections.
#[derive(Clone)]
pub struct Platform {
    pub(crate) url: PlatformUrl,
    pub(crate) http: Http,
}

impl Platform {
    /// The platform at an address. Nothing is asked yet.
    ///
    /// # Errors
    /// [`Error::Unreadable`] when TLS cannot be set up on this computer.
    pub fn at(url: PlatformUrl) -> Result<Self, Error> {
        Ok(Self {
            url,
            http: Http::new()?,
        })
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> &PlatformUrl {
        &self.url
    }

    /// Where what is.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn directory(&self) -> Result<Directory, Error> {
        self.ask(Method::GET, ".well-known/brasskey").json().await
    }

    /// The key set that licences are verified with, signed by the root.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn keyset(&self) -> Result<String, Error> {
        self.ask(Method::GET, "v1/keyset").text().await
    }

    /// What is sold.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn plans(&self) -> Result<Catalogue, Error> {
        self.ask(Method::GET, "v1/plans").json().await
    }

    /// The newest version of a text that people accept, or the one that is named: `terms`, `byok`, `vendor`.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn terms(
        &self,
        doc: &str,
        lang: &str,
        version: Option<&str>,
    ) -> Result<TermsText, Error> {
        let version = version.map(|version| ("version", version));
        self.ask(Method::GET, &format!("v1/terms/{doc}"))
            .query([("lang", lang)].into_iter().chain(version))
            .json()
            .await
    }

    /// Begins the trial of this device. Under the same name it may be asked for again when its answer was lost.
    ///
    /// # Errors
    /// [`Error`]; [`TrialUsed`](crate::Code::TrialUsed) when the device had its trial.
    pub async fn begin_trial(&self, about: &About, request: &str) -> Result<Issued, Error> {
        self.ask(Method::POST, "v1/trials")
            .named(request)
            .body(about)?
            .json()
            .await
    }

    /// The platform as a device with a credential asks it.
    #[must_use]
    pub fn as_device<'a>(&'a self, credential: &'a SecretString) -> AsDevice<'a> {
        AsDevice {
            platform: self,
            credential,
        }
    }

    /// The platform as a person asks it who has signed in just now.
    #[must_use]
    pub fn as_person<'a>(&'a self, access_token: &'a SecretString) -> AsPerson<'a> {
        AsPerson {
            platform: self,
            access_token,
        }
    }

    pub(crate) fn ask(&self, method: Method, path: &str) -> Ask<'_> {
        self.http.ask(method, self.url.at(path))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn an_address_is_https_or_on_this_computer_and_nothing_besides() {
        for (text, read) in [
            (
                "https://platform.brasskey.example",
                Ok("https://platform.brasskey.example"),
            ),
            (" https://a.example/b/ ", Ok("https://a.example/b")),
            ("http://127.0.0.1:4100", Ok("http://127.0.0.1:4100")),
            ("http://[::1]:4100", Ok("http://[::1]:4100")),
            ("http://localhost:4100", Ok("http://localhost:4100")),
            ("http://localhost.example", Err(UrlError::Plain)),
            ("http://10.0.0.1", Err(UrlError::Plain)),
            ("ftp://a.example", Err(UrlError::Form)),
            ("file:///etc/passwd", Err(UrlError::Form)),
            ("platform", Err(UrlError::Form)),
            ("https://me@a.example", Err(UrlError::Parts)),
            ("https://a.example/?x", Err(UrlError::Parts)),
            ("https://a.example/#x", Err(UrlError::Parts)),
        ] {
            let parsed = PlatformUrl::parse(text).map(|url| url.to_string());
            assert_eq!(parsed, read.map(str::to_owned), "{text}");
        }
        let url = PlatformUrl::parse("https://a.example/b").unwrap();
        assert_eq!(url.at("v1/plans").as_str(), "https://a.example/b/v1/plans");
    }
}
