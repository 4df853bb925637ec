//! Installs what a command needs and this machine lacks, and nothing else. What is there already is used as it is.
//!
//! Debian and Ubuntu are served through apt; on other systems the reader is told exactly what to install.

mod node;
mod packages;
mod python;
mod system;
mod tools;

use std::path::PathBuf;

pub(crate) use python::typos;
pub(crate) use tools::{cargo_deny, cargo_fuzz, cargo_machete};

use crate::error::Error;
use crate::workspace::Workspace;

/// Something that a command cannot do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// A compiler and the libraries that the application links.
    Build,
    /// Node and the packages of `ui`.
    Ui,
    /// The packages of `tests/ui` and a Chromium.
    Browser,
    /// A window, a D-Bus session and a credential store where there is no screen.
    Window,
    /// The program that drives the real window in tests, and what the tests look at it with.
    WindowTests,
    /// What the bench of the platform measures with and against.
    Bench,
    /// What drives a Chromium where Playwright does not.
    BrowserDriver,
    /// Node and the packages of the identity provider for tests and development.
    Identity,
    /// Node and the providers' double that is not ours.
    ProvidersDouble,
    /// The secrets managers that tests run against.
    SecretsManagers,
    /// What tries the platform's described interface.
    InterfaceTests,
    /// The spelling checker.
    Spelling,
    /// The checker of licences, bans and sources.
    Dependencies,
    /// The finder of dependencies that nothing uses.
    UnusedDependencies,
}

impl Need {
    /// All of them.
    pub(crate) const ALL: &[Self] = &[
        Self::Build,
        Self::Ui,
        Self::Browser,
        Self::Window,
        Self::WindowTests,
        Self::Bench,
        Self::BrowserDriver,
        Self::Identity,
        Self::ProvidersDouble,
        Self::SecretsManagers,
        Self::InterfaceTests,
        Self::Spelling,
        Self::Dependencies,
        Self::UnusedDependencies,
    ];

    /// What the Rust tests of all crates start.
    pub(crate) const RUST_TESTS: &[Self] = &[
        Self::Build,
        Self::Window,
        Self::WindowTests,
        Self::Identity,
        Self::ProvidersDouble,
        Self::SecretsManagers,
        Self::InterfaceTests,
    ];
}

/// Makes sure of everything in `needs`; the order and repetitions do not matter.
pub(crate) fn provide(workspace: &Workspace, needs: &[Need]) -> Result<(), Error> {
    let needed = |need| needs.contains(&need);
    system::provide(needs)?;
    let with_node = [
        Need::Ui,
        Need::Browser,
        Need::Identity,
        Need::ProvidersDouble,
    ];
    if with_node.into_iter().any(needed) {
        node::check()?;
    }
    if needed(Need::Ui) {
        node::install(workspace, "ui")?;
    }
    if needed(Need::Browser) {
        node::install(workspace, "tests/ui")?;
        if browser().is_none() {
            node::install_browser(workspace)?;
        }
    }
    if needed(Need::Identity) {
        node::install(workspace, "tests/identity")?;
    }
    if needed(Need::ProvidersDouble) {
        node::install(workspace, "tests/aimock")?;
    }
    if needed(Need::SecretsManagers) {
        python::secrets_managers(workspace)?;
    }
    if needed(Need::InterfaceTests) {
        python::schemathesis(workspace)?;
    }
    if needed(Need::Spelling) {
        typos(workspace)?;
    }
    if needed(Need::Dependencies) {
        cargo_deny(workspace)?;
    }
    if needed(Need::UnusedDependencies) {
        cargo_machete(workspace)?;
    }
    Ok(())
}

/// The Chromium or Chrome of this machine; `None` where the tests bring their own.
pub(crate) fn browser() -> Option<PathBuf> {
    packages::BROWSERS
        .iter()
        .find_map(|name| packages::on_path(name))
}
