//! What a manager hands out: a text that wipes itself, and the version it carries there.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde_json::value::RawValue;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::error::FetchError;

/// What a manager calls the version of a secret: a number in Vault and Google, an id in AWS, the time of the last change
/// of a file, nothing for the environment. To be compared and told, never computed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(String);

impl Version {
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A secret as it was read. Its value is wiped when it is dropped and has no `Debug`.
#[derive(Clone)]
pub struct Secret {
    value: SecretString,
    version: Version,
}

impl Secret {
    /// One line break at the end is dropped: editors and `echo` add it, and no key ends with one.
    pub(crate) fn new(value: &str, version: Version) -> Result<Self, FetchError> {
        let value = value.strip_suffix('\n').unwrap_or(value);
        let value = value.strip_suffix('\r').unwrap_or(value);
        if value.is_empty() {
            return Err(FetchError::Empty);
        }
        Ok(Self {
            value: value.into(),
            version,
        })
    }

    /// The value. What it is copied into has to be wiped as well.
    pub fn value(&self) -> &SecretString {
        &self.value
    }

    /// The version that the manager gave it.
    pub fn version(&self) -> &Version {
        &self.version
    }

    /// Whether another has the same value, whatever its version; compared in constant time.
    pub fn same_value(&self, other: &Self) -> bool {
        let (mine, theirs) = (self.value.expose_secret(), other.value.expose_secret());
        mine.as_bytes().ct_eq(theirs.as_bytes()).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret")
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// The fields of a JSON object, still as they stand in the text that wipes itself.
#[derive(serde::Deserialize)]
#[serde(transparent)]
pub(crate) struct Fields<'text>(#[serde(borrow)] BTreeMap<Cow<'text, str>, &'text RawValue>);

impl Fields<'_> {
    /// One field, which has to be a text.
    pub(crate) fn text(&self, name: &str) -> Result<Zeroizing<String>, FetchError> {
        let raw = self.0.get(name).ok_or(FetchError::FieldMissing)?;
        serde_json::from_str::<String>(raw.get())
            .map(Zeroizing::new)
            .map_err(|_| FetchError::FieldNotText)
    }
}

/// The whole text, or one field of it when the reference names one.
#[cfg(any(feature = "aws", feature = "google"))]
pub(crate) fn whole_or_field(
    text: &str,
    field: Option<&str>,
    version: Version,
) -> Result<Secret, FetchError> {
    match field {
        None => Secret::new(text, version),
        Some(field) => {
            let fields: Fields = serde_json::from_str(text).map_err(|_| FetchError::NotFields)?;
            Secret::new(&fields.text(field)?, version)
        }
    }
}
