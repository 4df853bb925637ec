//! Which platform this build belongs to. In a release it is fixed when the program is built; a build for development asks the
//! service that `cargo xtask run` starts, or the one that the environment names.

use brasskey_app::account::{PlatformSettings, PlatformUrl, PublicKey};

/// Where the service of development listens.
const HERE: &str = "http://127.0.0.1:4100";

/// The platform, and whose signature makes its key sets good.
///
/// # Errors
/// When the build was given an address or a key that is none.
pub(crate) fn settings() -> Result<PlatformSettings, Box<dyn std::error::Error>> {
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
