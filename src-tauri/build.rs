//! Declares Brasskey's own commands to Tauri's access control, so that a window may call only what its capability grants.
//! Without this declaration every page in every window could call every command.

use std::fs;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=src/ipc.rs");
    // The one list of commands is the one in `ipc.rs`.
    let list = fs::read_to_string("src/ipc.rs")?;
    let commands: Vec<&str> = list
        .lines()
        .filter_map(|line| {
            line.trim()
                .strip_prefix("crate::commands::")?
                .strip_suffix(',')
        })
        .filter_map(|path| path.rsplit("::").next())
        .collect();
    let commands: &'static [&'static str] = Box::leak(
        commands
            .iter()
            .map(|name| &*Box::leak((*name).to_owned().into_boxed_str()))
            .collect(),
    );
    let attributes = tauri_build::Attributes::new()
        .app_manifest(tauri_build::AppManifest::new().commands(commands));
    Ok(tauri_build::try_build(attributes)?)
}
