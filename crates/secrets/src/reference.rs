//! Where a secret lies, as one line of configuration. A reference holds no secret and may be logged.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use url::Url;

/// The longest reference: AWS allows 512 characters for a name and 2,048 for an ARN.
const LONGEST: usize = 4096;

/// Where a secret lies.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Reference {
    /// `vault://<mount>/<path>#<field>`: a field of a secret in Vault's or OpenBao's key-value engine, version 2.
    Vault {
        /// Where the engine is mounted: one segment, as `secret`.
        mount: String,
        /// The path below it, as `brasskey/openai`.
        path: String,
        /// The field of the secret.
        field: String,
    },
    /// `aws-sm://<name or ARN>[#<field>]`: the current version of a secret in AWS Secrets Manager.
    AwsSm {
        /// Its name, as `brasskey/openai`, or its ARN.
        id: String,
        /// The field, where the secret is a JSON object.
        field: Option<String>,
    },
    /// `gcp-sm://<project>/<secret>/<latest or number>[#<field>]`: a version in Google Secret Manager.
    GcpSm {
        /// The project's id or number.
        project: String,
        /// The secret's name.
        secret: String,
        /// `latest` or a number. Google advises a number in production.
        version: String,
        /// The field, where the secret is a JSON object.
        field: Option<String>,
    },
    /// `env://<NAME>`: an environment variable. For development.
    Env {
        /// Its name.
        name: String,
    },
    /// `file:///<path>`: a whole file that nobody but its owner may read.
    File {
        /// Its absolute path.
        path: PathBuf,
    },
}

/// Why a text is no reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidReference {
    /// Longer than any of them is.
    #[error("longer than 4096 bytes")]
    TooLong,
    /// Not one of the five kinds.
    #[error("starts with none of vault://, aws-sm://, gcp-sm://, env://, file://")]
    Scheme,
    /// Nothing where the mount, name or path should be.
    #[error("something is missing: {0}")]
    Missing(&'static str),
    /// A part is not written as its manager writes it.
    #[error("cannot be: {0}")]
    Malformed(&'static str),
    /// `#` without the right thing behind it.
    #[error("the field behind # is empty or has characters other than letters, digits, -, _ and .")]
    Field,
    /// A `#` where the whole secret is the value.
    #[error("there are no fields in an environment variable or a file: leave out the #")]
    NoFields,
}

impl FromStr for Reference {
    type Err = InvalidReference;

    fn from_str(text: &str) -> Result<Self, InvalidReference> {
        if text.len() > LONGEST {
            return Err(InvalidReference::TooLong);
        }
        let (scheme, rest) = text.split_once("://").ok_or(InvalidReference::Scheme)?;
        match scheme {
            "vault" => vault(rest),
            "aws-sm" => aws(rest),
            "gcp-sm" => google(rest),
            "env" => environment(rest),
            "file" => file(text),
            _ => Err(InvalidReference::Scheme),
        }
    }
}

fn vault(rest: &str) -> Result<Reference, InvalidReference> {
    let (place, field) = place_and_field(rest)?;
    let field = field.ok_or(InvalidReference::Missing("the field, as #api_key"))?;
    let (mount, path) = place
        .split_once('/')
        .ok_or(InvalidReference::Missing("the path below the mount"))?;
    if !is_segment(mount) {
        return Err(InvalidReference::Malformed("the mount"));
    }
    if !path.split('/').all(is_segment) {
        return Err(InvalidReference::Malformed(
            "the path: segments of letters, digits, -, _, . and @, none of them . or ..",
        ));
    }
    Ok(Reference::Vault {
        mount: mount.into(),
        path: path.into(),
        field,
    })
}

/// What may stand between two slashes: nothing that a URL would read otherwise.
fn is_segment(text: &str) -> bool {
    !text.is_empty()
        && text != "."
        && text != ".."
        && text.bytes().all(|byte| is_plain(byte, b"-_.@"))
}

fn aws(rest: &str) -> Result<Reference, InvalidReference> {
    let (id, field) = place_and_field(rest)?;
    if id.is_empty() {
        return Err(InvalidReference::Missing("the secret's name or ARN"));
    }
    if id.len() > 2048 || !id.bytes().all(|byte| is_plain(byte, b"/_+=.@:-")) {
        return Err(InvalidReference::Malformed(
            "the name: letters, digits and /_+=.@- (an ARN also has colons)",
        ));
    }
    Ok(Reference::AwsSm {
        id: id.into(),
        field,
    })
}

fn google(rest: &str) -> Result<Reference, InvalidReference> {
    let (place, field) = place_and_field(rest)?;
    let mut parts = place.split('/');
    let (Some(project), Some(secret), Some(version), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(InvalidReference::Missing("project/secret/version"));
    };
    // Old projects of an organisation are named `example.com:name`.
    if project.is_empty() || !project.bytes().all(|byte| is_plain(byte, b"-.:")) {
        return Err(InvalidReference::Malformed("the project"));
    }
    if secret.is_empty() || secret.len() > 255 || !secret.bytes().all(|byte| is_plain(byte, b"-_"))
    {
        return Err(InvalidReference::Malformed(
            "the secret's name: letters, digits, - and _",
        ));
    }
    let is_number = !version.is_empty()
        && version.len() <= 18
        && !version.starts_with('0')
        && version.bytes().all(|byte| byte.is_ascii_digit());
    if version != "latest" && !is_number {
        return Err(InvalidReference::Malformed(
            "the version: latest or a number",
        ));
    }
    Ok(Reference::GcpSm {
        project: project.into(),
        secret: secret.into(),
        version: version.into(),
        field,
    })
}

fn environment(rest: &str) -> Result<Reference, InvalidReference> {
    if rest.contains('#') {
        return Err(InvalidReference::NoFields);
    }
    if rest.is_empty() {
        return Err(InvalidReference::Missing("the variable's name"));
    }
    let starts_right = !rest.starts_with(|first: char| first.is_ascii_digit());
    if starts_right && rest.bytes().all(|byte| is_plain(byte, b"_")) {
        Ok(Reference::Env { name: rest.into() })
    } else {
        Err(InvalidReference::Malformed(
            "the variable's name: letters, digits and _, no digit first",
        ))
    }
}

fn file(text: &str) -> Result<Reference, InvalidReference> {
    const ABSOLUTE: InvalidReference =
        InvalidReference::Malformed("the file: an absolute path, as file:///run/secrets/key");
    if text.contains('#') {
        return Err(InvalidReference::NoFields);
    }
    let url = Url::parse(text).map_err(|_| ABSOLUTE)?;
    if url.query().is_some() || url.host().is_some() {
        return Err(ABSOLUTE);
    }
    let path = url.to_file_path().map_err(|()| ABSOLUTE)?;
    if path.file_name().is_none() || url.path().ends_with('/') {
        return Err(InvalidReference::Missing("the file's name"));
    }
    Ok(Reference::File { path })
}

fn place_and_field(rest: &str) -> Result<(&str, Option<String>), InvalidReference> {
    let Some((place, field)) = rest.split_once('#') else {
        return Ok((rest, None));
    };
    if !field.is_empty() && field.len() <= 255 && field.bytes().all(|byte| is_plain(byte, b"-_.")) {
        Ok((place, Some(field.into())))
    } else {
        Err(InvalidReference::Field)
    }
}

fn is_plain(byte: u8, others: &[u8]) -> bool {
    byte.is_ascii_alphanumeric() || others.contains(&byte)
}

/// As it is parsed: `text.parse::<Reference>()?.to_string()` names the same secret.
impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = match self {
            Self::Vault { mount, path, field } => {
                write!(f, "vault://{mount}/{path}")?;
                Some(field)
            }
            Self::AwsSm { id, field } => {
                write!(f, "aws-sm://{id}")?;
                field.as_ref()
            }
            Self::GcpSm {
                project,
                secret,
                version,
                field,
            } => {
                write!(f, "gcp-sm://{project}/{secret}/{version}")?;
                field.as_ref()
            }
            Self::Env { name } => {
                write!(f, "env://{name}")?;
                None
            }
            Self::File { path } => {
                f.write_str(&file_url(path))?;
                None
            }
        };
        field.map_or(Ok(()), |field| write!(f, "#{field}"))
    }
}

/// A path that came from a URL goes back into one; one made by hand that cannot is shown as it is.
fn file_url(path: &Path) -> String {
    Url::from_file_path(path).map_or_else(|()| format!("file://{}", path.display()), String::from)
}
