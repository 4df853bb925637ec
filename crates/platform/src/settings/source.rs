//! Where settings come from. Each is taken apart into single values, so that one that is wrong hides no other.

use std::path::Path;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::ser::Serializer;
use toml::{Table, Value};
use url::Url;

use super::{Settings, SettingsError};

/// What names of environment variables begin with. The rest is the setting: `BRASSKEY_PLATFORM_LIMITS__BODY_BYTES`.
const PREFIX: &str = "BRASSKEY_PLATFORM_";

/// Secrets that their parts of the service read themselves.
const SECRETS: &[&str] = &["BRASSKEY_PLATFORM_KINDE_SECRET"];

/// Settings of a section that have a short name in the environment, too.
const SHORT: &[(&str, &[&str])] = &[
    ("database", &["database", "url"]),
    ("keys", &["keys", "folder"]),
    ("root", &["keys", "root"]),
    ("providers", &["gateway", "providers"]),
    ("issuer", &["identity", "issuer"]),
    ("audience", &["identity", "audience"]),
    ("client", &["identity", "client"]),
    ("device_client", &["identity", "device_client"]),
    ("loopback_ports", &["identity", "loopback_ports"]),
    ("metrics_listen", &["telemetry", "metrics_listen"]),
    ("traces", &["telemetry", "traces"]),
    ("log", &["telemetry", "log"]),
];

/// A setting that was given on the command line.
#[derive(Clone, Debug)]
pub struct Flag {
    /// As it was written: `--listen`.
    pub name: &'static str,
    /// The setting: `["telemetry", "log"]`.
    pub path: &'static [&'static str],
    /// Its value.
    pub value: String,
}

/// Values with where they stand.
#[derive(Debug)]
pub(super) struct Source {
    leaves: Vec<Leaf>,
}

#[derive(Debug)]
struct Leaf {
    /// For people: the file and the setting, the variable, the flag.
    place: String,
    path: Vec<String>,
    /// What it may mean, the likeliest first: text can be a number.
    readings: Vec<Value>,
    /// Whether a secret may stand here.
    may_be_secret: bool,
}

impl Source {
    /// A TOML file.
    pub(super) fn file(path: &Path) -> Result<Self, SettingsError> {
        let text = std::fs::read_to_string(path).map_err(|source| SettingsError::File {
            path: path.to_owned(),
            source,
        })?;
        let table: Table = text
            .parse()
            .map_err(|error: toml::de::Error| SettingsError::Form {
                path: path.to_owned(),
                reason: error.message().to_owned(),
            })?;
        let mut leaves = Vec::new();
        take_apart(table, &mut Vec::new(), &mut |setting, value| {
            leaves.push(Leaf {
                place: format!("{}: {}", path.display(), setting.join(".")),
                path: setting.to_vec(),
                readings: vec![value],
                may_be_secret: false,
            });
        });
        Ok(Self { leaves })
    }

    /// The variables of the environment that are ours.
    pub(super) fn environment(variables: impl Iterator<Item = (String, String)>) -> Self {
        let settings = variables.filter(|(name, _)| !SECRETS.contains(&name.as_str()));
        let leaves = settings.filter_map(|(name, text)| {
            let setting = name.strip_prefix(PREFIX)?.to_lowercase();
            let short = SHORT.iter().find(|(short, _)| *short == setting);
            let path = match short {
                Some((_, path)) => path.iter().map(|&part| part.to_owned()).collect(),
                None => setting.split("__").map(str::to_owned).collect(),
            };
            Some(Leaf {
                place: name,
                path,
                readings: readings(text),
                may_be_secret: true,
            })
        });
        Self {
            leaves: leaves.collect(),
        }
    }

    /// The command line.
    pub(super) fn flags(flags: &[Flag]) -> Self {
        let leaves = flags.iter().map(|flag| Leaf {
            place: flag.name.to_owned(),
            path: flag.path.iter().map(|&part| part.to_owned()).collect(),
            readings: readings(flag.value.clone()),
            may_be_secret: false,
        });
        Self {
            leaves: leaves.collect(),
        }
    }
}

/// Lays sources over each other. What cannot be read is told, and left out.
pub(super) fn join(sources: Vec<Source>, wrong: &mut Vec<String>) -> Settings {
    let mut all = Table::new();
    for leaf in sources.into_iter().flat_map(|source| source.leaves) {
        match leaf.read() {
            Ok(value) => put(&mut all, &leaf.path, value),
            Err(reason) => wrong.push(format!("{}: {reason}", leaf.place)),
        }
    }
    Settings::deserialize(all).unwrap_or_else(|error| {
        wrong.push(error.message().to_owned());
        Settings::default()
    })
}

impl Leaf {
    /// The first reading that the setting takes.
    fn read(&self) -> Result<Value, String> {
        let mut reason = String::new();
        for reading in &self.readings {
            let mut alone = Table::new();
            put(&mut alone, &self.path, reading.clone());
            match Settings::deserialize(alone) {
                Ok(settings)
                    if !self.may_be_secret
                        && has_password(settings.database.url.expose_secret()) =>
                {
                    return Err("a password does not belong here: name a file with it in \
                        database.password_file"
                        .to_owned());
                }
                Ok(_) => return Ok(reading.clone()),
                // A setting that is wanted beside this one; the whole tells whether it is there.
                Err(error) if error.message().starts_with("missing field") => {
                    return Ok(reading.clone());
                }
                Err(error) => reason = error.message().to_owned(),
            }
        }
        Err(reason)
    }
}

fn readings(text: String) -> Vec<Value> {
    let typed: Option<Table> = format!("value = {text}").parse().ok();
    let typed = typed.and_then(|mut table| table.remove("value"));
    let mut readings = vec![Value::String(text)];
    // A list or a number that is none as text.
    readings.extend(typed);
    readings
}

fn take_apart(table: Table, path: &mut Vec<String>, each: &mut dyn FnMut(&[String], Value)) {
    for (name, value) in table {
        path.push(name);
        match value {
            // An empty section says something, too: that it is there.
            Value::Table(inner) if !inner.is_empty() => take_apart(inner, path, each),
            value => each(path, value),
        }
        path.pop();
    }
}

fn put(table: &mut Table, path: &[String], value: Value) {
    let Some((name, rest)) = path.split_first() else {
        return;
    };
    if rest.is_empty() {
        table.insert(name.clone(), value);
        return;
    }
    let inner = table
        .entry(name.clone())
        .or_insert_with(|| Value::Table(Table::new()));
    if let Value::Table(inner) = inner {
        put(inner, rest, value);
    }
}

fn has_password(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| {
        url.password().is_some() || url.query_pairs().any(|(name, _)| name == "password")
    })
}

/// Shows a database's URL without its password.
pub(super) fn without_password<S: Serializer>(
    url: &SecretString,
    to: S,
) -> Result<S::Ok, S::Error> {
    let url = url.expose_secret();
    if !has_password(url) {
        return to.serialize_str(url);
    }
    to.serialize_str("(has a password)")
}
