//! What crosses to the window: the committed TypeScript bindings are those of the code (`UPDATE_BINDINGS=1` writes them), and
//! the window may call exactly the commands that there are.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn bindings() -> String {
    let fresh =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("bindings-{}.ts", std::process::id()));
    brasskey::ipc::write_bindings(&fresh).expect("the bindings export");
    let text = std::fs::read_to_string(&fresh).expect("the export can be read");
    std::fs::remove_file(&fresh).expect("the export can be removed");
    text
}

#[test]
fn the_committed_bindings_are_those_of_the_code() {
    let committed = here("../ui/src/bridge/bindings.ts");
    if std::env::var_os("UPDATE_BINDINGS").is_some() {
        brasskey::ipc::write_bindings(&committed).expect("the bindings are written");
    }
    let current = std::fs::read_to_string(&committed).unwrap_or_default();
    assert!(
        current == bindings(),
        "ui/src/bridge/bindings.ts is stale: run `cargo xtask bindings`"
    );
}

#[test]
fn the_window_may_call_every_command_and_nothing_broader() {
    let capability: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(here("capabilities/main.json")).unwrap())
            .unwrap();
    let granted: BTreeSet<&str> = capability["permissions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|permission| permission.as_str().unwrap())
        .collect();
    let bindings = bindings();
    let commands: BTreeSet<String> = bindings
        .match_indices("__TAURI_INVOKE(\"")
        .map(|(at, call)| bindings[at + call.len()..].split('"').next().unwrap())
        .map(|name| format!("allow-{}", name.replace('_', "-")))
        .collect();
    assert!(commands.len() > 40, "the bindings list the commands");
    let own: BTreeSet<String> = granted
        .iter()
        .filter(|permission| !permission.contains(':'))
        .map(|permission| (*permission).to_owned())
        .collect();
    assert_eq!(own, commands);
    let platform: Vec<&str> = granted
        .iter()
        .copied()
        .filter(|permission| permission.contains(':'))
        .collect();
    assert!(
        platform
            .iter()
            .all(|permission| permission.starts_with("core:event:allow-")
                || permission.starts_with("core:window:allow-")),
        "no plugin, file, shell or request permission for the web view: {platform:?}"
    );
}

#[test]
fn no_view_has_a_field_that_could_hold_a_key() {
    let suspicious = ["secret", "apikey", "api_key", "password", "credential"];
    let identifier = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let text = bindings();
    let fields: Vec<&str> = text
        .lines()
        .filter_map(|line| Some(line.trim().split_once(':')?.0.trim_end_matches('?')))
        .filter(|field| identifier(field))
        .collect();
    assert!(fields.len() > 100, "the bindings list the fields");
    for field in fields {
        let field = field.to_lowercase();
        assert!(
            !suspicious.iter().any(|word| field.contains(word)),
            "{field}"
        );
    }
}
