//! The checking tools from crates.io: built once, in a pinned version, into the user's cache. One that is on PATH already is
//! used instead.

use std::path::{Path, PathBuf};

use super::packages::on_path;
use crate::error::Error;
use crate::process;
use crate::workspace::{Workspace, cache_folder};

/// A tool from crates.io.
struct CargoTool {
    name: &'static str,
    version: &'static str,
}

const CARGO_DENY: CargoTool = CargoTool {
    name: "cargo-deny",
    version: "0.20.2",
};
const CARGO_MACHETE: CargoTool = CargoTool {
    name: "cargo-machete",
    version: "0.9.2",
};
const CARGO_FUZZ: CargoTool = CargoTool {
    name: "cargo-fuzz",
    version: "0.13.2",
};

/// The program that checks licences, bans and sources.
pub(crate) fn cargo_deny(workspace: &Workspace) -> Result<PathBuf, Error> {
    cargo_tool(workspace, &CARGO_DENY)
}

/// The program that finds dependencies nothing uses.
pub(crate) fn cargo_machete(workspace: &Workspace) -> Result<PathBuf, Error> {
    cargo_tool(workspace, &CARGO_MACHETE)
}

/// The program that builds and drives fuzzers.
pub(crate) fn cargo_fuzz(workspace: &Workspace) -> Result<PathBuf, Error> {
    cargo_tool(workspace, &CARGO_FUZZ)
}

fn cargo_tool(workspace: &Workspace, tool: &CargoTool) -> Result<PathBuf, Error> {
    if let Some(program) = on_path(tool.name) {
        return Ok(program);
    }
    let home = tools_folder()?.join(format!("{}-{}", tool.name, tool.version));
    let program = executable(&home.join("bin"), tool.name);
    let build = home.join("target");
    if !program.is_file() {
        println!(
            "building {} {}, once: this takes a few minutes",
            tool.name, tool.version
        );
        // Unoptimised: it is built here far longer than it will ever run.
        let mut install = workspace.cargo(["install", "--locked", "--debug", "--quiet", tool.name]);
        install
            .args(["--version", tool.version])
            .arg("--root")
            .arg(&home)
            .env("CARGO_TARGET_DIR", &build);
        process::show(&mut install)?;
    }
    // Not only after the installation: an earlier run may have been stopped right here.
    if build.is_dir() {
        std::fs::remove_dir_all(&build).map_err(Error::file(&build))?;
    }
    Ok(program)
}

pub(super) fn tools_folder() -> Result<PathBuf, Error> {
    cache_folder()
        .map(|cache| cache.join("tools"))
        .ok_or_else(|| Error::Missing("no home folder to keep tools in: set HOME".into()))
}

pub(super) fn executable(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}
