//! The system's browser, as far as Brasskey sees it: a program that is given an address. This one writes it down.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use tempfile::TempDir;

/// A folder with an `xdg-open` of its own.
pub(crate) struct Browser(TempDir);

impl Browser {
    pub(crate) fn installed() -> Self {
        let folder = TempDir::new().unwrap();
        let program = folder.path().join("xdg-open");
        let pages = folder.path().join("pages");
        let script = format!("#!/bin/sh\necho \"$1\" >> '{}'\n", pages.display());
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        Self(folder)
    }

    /// The search path on which this browser is the first to be found.
    pub(crate) fn path(&self) -> String {
        let rest = std::env::var("PATH").unwrap_or_default();
        format!("{}:{rest}", self.0.path().display())
    }

    /// Every address that was opened.
    pub(crate) fn pages(&self) -> Vec<String> {
        let pages = fs::read_to_string(self.0.path().join("pages")).unwrap_or_default();
        pages.lines().map(str::to_owned).collect()
    }
}
