//! The credential store as another program sees it.

use std::collections::BTreeMap;

use super::environment::Environment;
use super::error::DesktopError;

/// One entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredSecret {
    /// What a password manager shows.
    pub label: String,
    /// The secret itself. Test keys only ever get here.
    pub secret: String,
    /// By what it is found.
    pub attributes: BTreeMap<String, String>,
}

/// The entries whose attribute `service` is `service`.
pub(super) fn of_service(
    environment: &Environment,
    service: &str,
) -> Result<Vec<StoredSecret>, DesktopError> {
    // The attributes go to the error output, between the rest.
    let output = environment
        .command("sh")
        .args([
            "-c",
            "exec secret-tool search --all service \"$1\" 2>&1",
            "sh",
            service,
        ])
        .output()
        .map_err(|source| DesktopError::Program {
            program: "secret-tool".to_owned(),
            source,
        })?;
    Ok(read(&String::from_utf8_lossy(&output.stdout)))
}

fn read(text: &str) -> Vec<StoredSecret> {
    let mut entries: Vec<StoredSecret> = Vec::new();
    for line in text.lines() {
        if line.starts_with("[/") {
            entries.push(StoredSecret::default());
        }
        let (Some(entry), Some((name, value))) = (entries.last_mut(), line.split_once(" = "))
        else {
            continue;
        };
        match name {
            "label" => value.clone_into(&mut entry.label),
            "secret" => value.clone_into(&mut entry.secret),
            name => {
                if let Some(attribute) = name.strip_prefix("attribute.") {
                    let value = value.to_owned();
                    entry.attributes.insert(attribute.to_owned(), value);
                }
            }
        }
    }
    entries
}
