//! What the platform says of itself: the least version of the application that it serves, and how to sign in.

use std::collections::BTreeMap;

use serde::Deserialize;
use url::Url;

/// The platform's own description.
#[derive(Clone, Debug, Deserialize)]
pub struct Directory {
    /// The oldest version of the application that it still answers.
    pub min_app_version: String,
    /// The newest version of each text that people accept.
    #[serde(default)]
    pub terms: BTreeMap<String, String>,
    /// How to sign in; none where the platform has no identity provider.
    #[serde(flatten)]
    pub sign_in: Option<SignInSettings>,
}

/// How to sign in at the identity provider.
#[derive(Clone, Debug, Deserialize)]
pub struct SignInSettings {
    /// Who it is, without a slash at the end.
    pub issuer: String,
    /// The application's name there, for signing in with the browser.
    pub client_id: String,
    /// Its name there for signing in without one.
    pub device_client_id: String,
    /// Whom access tokens are for.
    pub audience: String,
    /// Separated by spaces.
    pub scopes: String,
    /// The ports of this computer that the browser may be led back to.
    pub loopback_ports: Vec<u16>,
    /// The path there.
    pub redirect_path: String,
    /// Where the browser goes. None of the three while the identity provider cannot be reached.
    pub authorization_endpoint: Option<Url>,
    /// Where codes become tokens.
    pub token_endpoint: Option<Url>,
    /// Where a device asks for a code to show.
    pub device_authorization_endpoint: Option<Url>,
}
