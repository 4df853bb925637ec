//! Where things are in the checkout and how its programs are called. Decides nothing about what to run.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Error;
use crate::process;

/// A target folder shared by CI runs is emptied beyond this size: cargo never removes what it no longer needs.
const SHARED_TARGET_LIMIT_BYTES: u64 = 30 * 1024 * 1024 * 1024;

/// The checkout and its build folder.
pub(crate) struct Workspace {
    /// The folder with the workspace's `Cargo.toml`.
    pub root: PathBuf,
    /// The folder that cargo builds into.
    pub target: PathBuf,
    /// Whether this run is unattended (`CI=true`).
    pub ci: bool,
}

impl Workspace {
    /// Finds the checkout that this program was built from.
    pub(crate) fn locate() -> Result<Self, Error> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .ancestors()
            .nth(2)
            .map(Path::to_owned)
            .ok_or_else(|| Error::Missing("the xtask has lost its workspace".into()))?;
        let ci = env::var("CI").is_ok_and(|value| value == "true" || value == "1");
        let shared = (ci && env::var_os("CARGO_TARGET_DIR").is_none())
            .then(|| cache_folder().map(|cache| cache.join("target")))
            .flatten();
        let target = match shared {
            Some(folder) => {
                empty_when_too_large(&folder)?;
                folder
            }
            None => configured_target(&root)?,
        };
        Ok(Self { root, target, ci })
    }

    /// A cargo command in the workspace, building into [`Self::target`].
    pub(crate) fn cargo<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = self.program(
            env::var("CARGO").unwrap_or_else(|_| "cargo".into()),
            &self.root,
        );
        command.args(arguments);
        command
    }

    /// An npm command in a folder of the workspace.
    pub(crate) fn npm<'a>(
        &self,
        folder: &str,
        arguments: impl IntoIterator<Item = &'a str>,
    ) -> Command {
        let program = if cfg!(windows) { "npm.cmd" } else { "npm" };
        let mut command = self.program(program.into(), &self.root.join(folder));
        command.args(arguments);
        command
    }

    /// Any program, in a folder, with the environment that every step shares.
    pub(crate) fn program(&self, program: String, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(folder)
            .env("CARGO_TARGET_DIR", &self.target);
        // `cargo run` describes the xtask to us; passed on, it would make build scripts that watch these run again.
        for (name, _) in env::vars_os() {
            if name.to_str().is_some_and(describes_this_crate) {
                command.env_remove(name);
            }
        }
        if self.ci {
            // Incremental state is written for a next build that does not come.
            command.env("CARGO_INCREMENTAL", "0");
        }
        command
    }

    /// A binary of the workspace in its debug build.
    pub(crate) fn binary(&self, name: &str) -> PathBuf {
        self.target
            .join("debug")
            .join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }

    /// A binary as the hosted service is built.
    pub(crate) fn served(&self, name: &str) -> PathBuf {
        self.target
            .join("service")
            .join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }

    /// A folder for what a command leaves to be looked at: always inside the checkout, wherever cargo builds.
    pub(crate) fn results(&self, name: &str) -> PathBuf {
        self.root.join("target").join(name)
    }
}

/// Brasskey's folder among the user's caches; `None` when the user has no home.
pub(crate) fn cache_folder() -> Option<PathBuf> {
    let folder = |name: &str| {
        env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let caches = if cfg!(windows) {
        folder("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        folder("HOME").map(|home| home.join("Library/Caches"))
    } else {
        folder("XDG_CACHE_HOME").or_else(|| folder("HOME").map(|home| home.join(".cache")))
    };
    caches.map(|caches| caches.join("brasskey"))
}

/// The target folder that cargo itself would use, whether by default, environment or the user's configuration.
fn configured_target(root: &Path) -> Result<PathBuf, Error> {
    let mut command = Command::new(env::var("CARGO").unwrap_or_else(|_| "cargo".into()));
    command
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .current_dir(root);
    let answer = process::read(&mut command)?;
    serde_json::from_str::<serde_json::Value>(&answer)
        .ok()
        .and_then(|metadata| Some(PathBuf::from(metadata.get("target_directory")?.as_str()?)))
        .ok_or_else(|| Error::Answer {
            command: process::line(&command),
            answer: "no target_directory".into(),
        })
}

/// Whether an environment variable tells a program which crate it is run from.
fn describes_this_crate(name: &str) -> bool {
    name.starts_with("CARGO_PKG_")
        || name.starts_with("CARGO_MANIFEST_")
        || [
            "CARGO_BIN_NAME",
            "CARGO_CRATE_NAME",
            "CARGO_PRIMARY_PACKAGE",
            "OUT_DIR",
        ]
        .contains(&name)
}

fn empty_when_too_large(folder: &Path) -> Result<(), Error> {
    if folder.is_dir() && size_bytes(folder)? > SHARED_TARGET_LIMIT_BYTES {
        println!(
            "{} has grown too large: starting it afresh",
            folder.display()
        );
        std::fs::remove_dir_all(folder).map_err(Error::file(folder))?;
    }
    Ok(())
}

fn size_bytes(folder: &Path) -> Result<u64, Error> {
    let mut total = 0;
    for entry in folder.read_dir().map_err(Error::file(folder))? {
        let entry = entry.map_err(Error::file(folder))?;
        let path = entry.path();
        let metadata = entry.metadata().map_err(Error::file(&path))?;
        total += if metadata.is_dir() {
            size_bytes(&path)?
        } else {
            metadata.len()
        };
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_is_the_folder_with_the_lock_file() {
        let workspace = Workspace::locate().unwrap();
        assert!(workspace.root.join("Cargo.lock").is_file());
        assert!(workspace.root.join("crates/xtask").is_dir());
    }

    #[test]
    fn children_are_not_told_that_they_are_the_xtask() {
        let workspace = Workspace::locate().unwrap();
        let command = workspace.cargo(["build"]);
        let manifest = command
            .get_envs()
            .find(|(name, _)| *name == "CARGO_MANIFEST_DIR");
        assert_eq!(manifest, Some(("CARGO_MANIFEST_DIR".as_ref(), None)));
        assert!(!describes_this_crate("CARGO_HOME"));
        assert!(!describes_this_crate("CARGO_TARGET_DIR"));
    }

    #[test]
    fn a_folder_is_as_large_as_all_files_in_it() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("inner")).unwrap();
        for (name, length) in [("a", 3), ("inner/b", 4)] {
            std::fs::File::create(folder.path().join(name))
                .unwrap()
                .set_len(length)
                .unwrap();
        }
        assert_eq!(size_bytes(folder.path()).unwrap(), 7);
    }
}
