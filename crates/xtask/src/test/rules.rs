//! Shows that the rules bite: a scratch crate that breaks each rule of `deny.toml` and `clippy.toml` is refused for
//! each. A rule that names something renamed or misspelt would otherwise hold for ever.
//!
//! The crates it depends on are stand-ins with the real names: nothing is fetched, and nothing of them runs.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Error;
use crate::process;
use crate::setup;
use crate::workspace::Workspace;

/// What a check of our own found.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// Reasons to fail.
    pub problems: Vec<String>,
    /// Worth a look, no reason to fail.
    pub remarks: Vec<String>,
}

/// What the stand-ins hold: the items that `clippy.toml` names.
const STAND_INS: &[(&str, &str)] = &[
    (
        "jiff",
        "pub struct Timestamp; impl Timestamp { pub fn now() {} }\npub struct Zoned; impl Zoned { pub fn now() {} }",
    ),
    ("keyring", "pub mod v1 { pub struct Entry; }"),
    (
        "reqwest",
        "pub struct Client; impl Client { pub fn new() {} pub fn builder() {} }\n\
         pub struct ClientBuilder; impl ClientBuilder { pub fn new() {} }\npub fn get() {}",
    ),
    (
        "tokio",
        "pub fn spawn() {}\npub mod task { pub fn spawn() {} }\npub mod fs { pub fn write() {} }",
    ),
    (
        "uuid",
        "pub struct Uuid; impl Uuid { pub fn now_v7() {} pub fn new_v4() {} }",
    ),
];

/// Features that `deny.toml` denies: a released window must have no inspector.
const DENIED_FEATURES: &[(&str, &str)] = &[("tauri", "devtools")];

/// Breaks every rule of `clippy.toml`.
const INTRUDER: &str = "\
pub fn intrude(_: keyring::v1::Entry) {
    let _ = std::time::SystemTime::now();
    let _ = std::fs::write(\"\", \"\");
    jiff::Timestamp::now();
    jiff::Zoned::now();
    reqwest::Client::new();
    reqwest::Client::builder();
    reqwest::ClientBuilder::new();
    reqwest::get();
    tokio::spawn();
    tokio::task::spawn();
    tokio::fs::write();
    uuid::Uuid::now_v7();
    uuid::Uuid::new_v4();
}
";

/// Builds the scratch crate and looks whether each rule refuses it.
pub(crate) fn check(workspace: &Workspace) -> Result<Findings, Error> {
    let banned = values(&read(&workspace.root.join("deny.toml"))?, "crate");
    let disallowed = values(&read(&workspace.root.join("clippy.toml"))?, "path");
    let scratch = workspace.results("rules");
    write_intruder(&scratch, &banned)?;

    let mut findings = Findings::default();
    let refused = refusals(&mut deny(workspace, &scratch)?)?;
    for name in &banned {
        if !refused.contains(&format!("crate '{name} = 0.0.0' is explicitly banned")) {
            findings.problems.push(format!(
                "deny.toml bans {name}, and a crate that depends on it passed"
            ));
        }
    }
    for (name, feature) in DENIED_FEATURES {
        let said = format!("feature '{feature}' for crate '{name} = 0.0.0' is explicitly denied");
        if !refused.contains(&said) {
            findings.problems.push(format!(
                "deny.toml denies {name}'s {feature}, and a crate that has it passed"
            ));
        }
    }
    let refused = refusals(&mut clippy(workspace, &scratch))?;
    for path in &disallowed {
        if !refused.contains(&format!("`{path}`")) {
            findings.problems.push(format!(
                "clippy.toml disallows {path}, and a crate that uses it passed"
            ));
        }
    }
    if banned.is_empty() || disallowed.is_empty() {
        findings
            .problems
            .push("deny.toml or clippy.toml holds no rule".into());
    }
    Ok(findings)
}

fn deny(workspace: &Workspace, scratch: &Path) -> Result<Command, Error> {
    let mut command =
        workspace.program(setup::cargo_deny(workspace)?.display().to_string(), scratch);
    command
        .arg("--offline")
        .arg("--config")
        .arg(workspace.root.join("deny.toml"));
    command.args(["check", "--hide-inclusion-graph", "bans"]);
    Ok(command)
}

fn clippy(workspace: &Workspace, scratch: &Path) -> Command {
    // The stand-ins are no model of style: of all lints only the two that are configured count.
    let mut command = workspace.cargo([
        "clippy",
        "--offline",
        "--quiet",
        "--package",
        "intruder",
        "--",
    ]);
    command
        .args([
            "-A",
            "warnings",
            "-D",
            "clippy::disallowed_methods",
            "-D",
            "clippy::disallowed_types",
        ])
        .current_dir(scratch)
        .env("CLIPPY_CONF_DIR", &workspace.root)
        .env("CARGO_TARGET_DIR", scratch.join("target"));
    command
}

/// What a checker wrote, which has to have refused.
fn refusals(command: &mut Command) -> Result<String, Error> {
    let output = process::output(command)?;
    let text = [output.stdout, output.stderr]
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .concat();
    if output.status.success() {
        return Err(Error::Answer {
            command: process::line(command),
            answer: "it refused nothing".into(),
        });
    }
    Ok(text)
}

/// The scratch workspace: an intruder that depends on a stand-in for everything that a rule names.
fn write_intruder(scratch: &Path, banned: &[String]) -> Result<(), Error> {
    let mut names: Vec<&str> = banned.iter().map(String::as_str).collect();
    names.extend(STAND_INS.iter().map(|(name, _)| *name));
    names.sort_unstable();
    names.dedup();
    let mut manifest = manifest("intruder");
    manifest.push_str("\n[workspace]\n\n[dependencies]\n");
    for name in &names {
        let features: Vec<&str> = DENIED_FEATURES
            .iter()
            .filter_map(|(of, feature)| (of == name).then_some(*feature))
            .collect();
        manifest.push_str(&format!(
            "{name} = {{ path = \"{name}\", features = {features:?} }}\n"
        ));
        let mut its_own = self::manifest(name);
        its_own.push_str("\n[features]\n");
        for feature in features {
            its_own.push_str(&format!("{feature} = []\n"));
        }
        let code = STAND_INS
            .iter()
            .find(|(stand_in, _)| stand_in == name)
            .map_or("", |(_, code)| *code);
        write_crate(&scratch.join(name), &its_own, code)?;
    }
    write_crate(scratch, &manifest, INTRUDER)
}

fn manifest(name: &str) -> String {
    format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n"
    )
}

fn write_crate(folder: &Path, manifest: &str, code: &str) -> Result<(), Error> {
    let source = folder.join("src");
    fs::create_dir_all(&source).map_err(Error::file(&source))?;
    write(&folder.join("Cargo.toml"), manifest)?;
    write(&source.join("lib.rs"), code)
}

fn write(path: &PathBuf, text: &str) -> Result<(), Error> {
    File::create(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(Error::file(path))
}

fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(Error::file(path))
}

/// The values of one key in inline tables: `tauri` for `crate` in `{ crate = "tauri", … }`. Comments do not count.
fn values(toml: &str, key: &str) -> Vec<String> {
    let opening = format!("{{ {key} = \"");
    let lines = toml
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    lines
        .filter_map(|line| line.split_once(&opening)?.1.split_once('"'))
        .map(|(value, _)| value.to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_from_their_files() {
        let text = "# { crate = \"no\" }\ndeny = [\n  { crate = \"tauri\", wrappers = [\n    \"brasskey\",\n  ] },\n  { crate = \"sqlx\" },\n]\n";
        assert_eq!(values(text, "crate"), ["tauri", "sqlx"]);
        assert!(values(text, "path").is_empty());
    }

    #[test]
    fn every_rule_of_the_workspace_is_found() {
        let workspace = Workspace::locate().unwrap();
        let banned = values(&read(&workspace.root.join("deny.toml")).unwrap(), "crate");
        let disallowed = values(&read(&workspace.root.join("clippy.toml")).unwrap(), "path");
        for name in ["tauri", "keyring", "sqlx", "reqwest", "openssl-sys"] {
            assert!(banned.iter().any(|banned| banned == name), "{name}");
        }
        assert!(
            disallowed
                .iter()
                .any(|path| path == "std::time::SystemTime::now")
        );
    }
}
