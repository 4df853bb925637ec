//! Where Brasskey keeps its things on this computer, and which platform this build belongs to: the same for the window and for the
//! command.

use std::path::PathBuf;

use crate::account::{PlatformSettings, PlatformUrl, PublicKey};

/// Names the program's folders, on every system.
pub const IDENTIFIER: &str = "app.brasskey.desktop";

/// The service name of Brasskey's entries in the credential store. Development builds have their own.
pub const SERVICE: &str = if cfg!(debug_assertions) {
    "app.brasskey.desktop.dev"
} else {
    IDENTIFIER
};

/// The database's name in the data folder.
pub const DATABASE: &str = "brasskey.db";

/// Where the service of development listens.
const HERE: &str = "http://127.0.0.1:4100";

/// The folder of the user's data; none where the system names none.
#[must_use]
pub fn data_folder() -> Option<PathBuf> {
    dirs::data_dir().map(|folder| folder.join(IDENTIFIER))
}

/// The platform, and whose signature makes its key sets good. In a release both are fixed when the program is built; a build for
/// development asks the service that `cargo xtask run` starts, or the one that the environment names.
///
/// # Errors
/// When the build was given an address or a key that is none.
pub fn platform() -> Result<PlatformSettings, Box<dyn std::error::Error>> {
    let named = |name: &str, built_in: Option<&str>| {
        built_in.map(str::to_owned).or_else(|| {
            cfg!(debug_assertions)
                .then(|| std::env::var(name).ok())
                .flatten()
        })
    };
    let url = named(
        "BRASSKEY_PLATFORM_URL",
        option_env!("BRASSKEY_PLATFORM_URL"),
    );
    let roots = named(
        "BRASSKEY_LICENCE_ROOTS",
        option_env!("BRASSKEY_LICENCE_ROOTS"),
    );
    let roots = roots.unwrap_or_default();
    Ok(PlatformSettings {
        url: PlatformUrl::parse(url.as_deref().unwrap_or(HERE))?,
        roots: roots
            .split_whitespace()
            .map(PublicKey::read)
            .collect::<Result<_, _>>()?,
        computer: computer(),
    })
}

/// What the system calls this computer; its kind where it has no name.
fn computer() -> String {
    let name = std::fs::read_to_string("/etc/hostname").ok();
    name.or_else(|| std::env::var("COMPUTERNAME").ok())
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| std::env::consts::OS.to_owned())
}
