//! Node, and the packages that the lock files name.

use std::path::Path;
use std::process::Command;

use crate::error::Error;
use crate::process;
use crate::stale::is_stale;
use crate::workspace::Workspace;

/// The oldest Node that Vite 8 runs on (its `engines` field).
const OLDEST: (u32, u32) = (20, 19);

/// Checks that Node and npm are here and new enough.
pub(crate) fn check() -> Result<(), Error> {
    let advice = format!(
        "Node {}.{} or newer is needed, with npm: https://nodejs.org",
        OLDEST.0, OLDEST.1
    );
    let Ok(version) = process::read(Command::new("node").arg("--version")) else {
        return Err(Error::Missing(format!("Node is not installed. {advice}")));
    };
    if is_new_enough(version.trim()) {
        Ok(())
    } else {
        Err(Error::Missing(format!(
            "this is Node {}. {advice}",
            version.trim()
        )))
    }
}

fn is_new_enough(version: &str) -> bool {
    let mut numbers = version
        .trim_start_matches('v')
        .split('.')
        .map_while(|part| part.parse::<u32>().ok());
    matches!((numbers.next(), numbers.next()), (Some(major), Some(minor)) if (major, minor) >= OLDEST)
}

/// Installs the packages of one folder, when its lock file changed since the last time.
pub(crate) fn install(workspace: &Workspace, folder: &str) -> Result<(), Error> {
    let home = workspace.root.join(folder);
    if needs_install(&home)? {
        println!("installing the packages of {folder}");
        // Not `npm ci`: it refuses a lock file without the binaries of every other platform, which a registry mirror may not
        // hold. `install --no-save` takes the locked versions and writes neither manifest nor lock file.
        let install = ["install", "--no-save", "--no-audit", "--no-fund"];
        process::show(&mut workspace.npm(folder, install))?;
    }
    Ok(())
}

/// npm writes its own record at the end of an installation, so an interrupted one is not taken for done.
fn needs_install(home: &Path) -> Result<bool, Error> {
    is_stale(
        &home.join("node_modules/.package-lock.json"),
        &[&home.join("package-lock.json")],
        &[],
    )
}

/// Fetches the browser that Playwright keeps for itself, with the system libraries it needs.
pub(crate) fn install_browser(workspace: &Workspace) -> Result<(), Error> {
    println!("installing Playwright's Chromium");
    let mut words = vec!["exec", "--", "playwright", "install", "chromium"];
    if cfg!(target_os = "linux") {
        words.push("--with-deps");
    }
    process::show(&mut workspace.npm("tests/ui", words))
}

#[cfg(test)]
mod tests {
    use std::fs::{File, create_dir_all};
    use std::time::{Duration, SystemTime};

    use super::*;

    #[test]
    fn node_20_19_is_the_oldest_that_will_do() {
        for (version, fits) in [
            ("v20.20.2", true),
            ("v20.19.0", true),
            ("v24.1.0", true),
            ("v20.18.3", false),
            ("v18.20.0", false),
            ("", false),
            ("nonsense", false),
        ] {
            assert_eq!(is_new_enough(version), fits, "{version}");
        }
    }

    #[test]
    fn packages_are_installed_once_per_lock_file() {
        let home = tempfile::tempdir().unwrap();
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let touch = |name: &str, seconds| {
            create_dir_all(home.path().join("node_modules")).unwrap();
            File::create(home.path().join(name))
                .unwrap()
                .set_modified(at(seconds))
                .unwrap();
        };
        touch("package-lock.json", 10);
        assert!(needs_install(home.path()).unwrap());
        touch("node_modules/.package-lock.json", 20);
        assert!(!needs_install(home.path()).unwrap());
        touch("package-lock.json", 30);
        assert!(needs_install(home.path()).unwrap());
    }
}
