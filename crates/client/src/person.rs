//! What a person may ask who has signed in just now: a seat for this device, and the end of the account.

use jiff::Timestamp;
use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::platform::{About, Issued, Platform};

/// The platform, asked with an access token.
pub struct AsPerson<'a> {
    pub(crate) platform: &'a Platform,
    pub(crate) access_token: &'a SecretString,
}

/// A device that has a seat.
#[derive(Debug, Deserialize)]
pub struct Enrolled {
    /// The device's credential and licence.
    #[serde(flatten)]
    pub issued: Issued,
    /// Whose it is.
    pub account: AccountName,
}

/// Whose an account is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AccountName {
    /// The account's id.
    pub id: String,
    /// None where the identity provider does not say.
    pub email: Option<String>,
}

/// An account that was closed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Closed {
    /// The account's id.
    pub id: String,
    /// When.
    pub closed_at: Timestamp,
}

#[derive(Serialize)]
struct Enrol<'a> {
    #[serde(flatten)]
    about: &'a About,
    // The one place where it leaves its wrapping: the body of the request that proves whose the device is.
    #[serde(skip_serializing_if = "Option::is_none")]
    device_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replace: Option<&'a str>,
}

impl AsPerson<'_> {
    /// Gives this device a seat. What the credential that it has belongs to comes along: a trial becomes the person's. `replace`
    /// names the device whose seat it takes when there is no free one.
    ///
    /// # Errors
    /// [`Error`]; [`DeviceLimit`](crate::Code::DeviceLimit) with the devices that have the seats.
    pub async fn enrol(
        &self,
        about: &About,
        had: Option<&SecretString>,
        replace: Option<&str>,
        request: &str,
    ) -> Result<Enrolled, Error> {
        let body = Enrol {
            about,
            device_token: had.map(ExposeSecret::expose_secret),
            replace,
        };
        self.platform
            .ask(Method::POST, "v1/devices")
            .bearing(self.access_token)?
            .named(request)
            .body(&body)?
            .json()
            .await
    }

    /// The person's account.
    ///
    /// # Errors
    /// [`Error`]; [`NotFound`](crate::Code::NotFound) for somebody who has none.
    pub async fn account(&self) -> Result<crate::views::Account, Error> {
        self.platform
            .ask(Method::GET, "v1/account")
            .bearing(self.access_token)?
            .json()
            .await
    }

    /// Closes the account: the person is forgotten, and every device is signed out.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn close_account(&self) -> Result<Closed, Error> {
        self.platform
            .ask(Method::DELETE, "v1/account")
            .bearing(self.access_token)?
            .json()
            .await
    }
}
