//! The platform's service beside the running application, with embedded billing: one program, one folder, no account anywhere.

use std::process::Command;

use super::beside::Beside;
use super::{Stop, identity};
use crate::error::Error;
use crate::process::{self, Running};
use crate::workspace::Workspace;

const SERVICE: Beside = Beside {
    what: "the platform's service",
    port: 4100,
    path: "/v1/openapi.json",
    says: "Brasskey platform",
};

/// Makes sure that the service answers. Gives the child when it was started here.
pub(crate) fn start_or_join(workspace: &Workspace, stop: &Stop) -> Result<Option<Running>, Error> {
    let folder = workspace.results("platform");
    std::fs::create_dir_all(&folder).map_err(Error::file(&folder))?;
    let mut command = Command::new(workspace.binary("brasskey-platform"));
    // The sandbox provider stands in for the vendor's provider, too; its key is no secret.
    let providers = folder.join("providers.json");
    std::fs::copy(
        workspace
            .root
            .join("crates/platform/data/providers.sandbox.json"),
        &providers,
    )
    .map_err(Error::file(&providers))?;
    command
        .current_dir(&folder)
        .env("BRASSKEY_PLATFORM_SECRETS__ENVIRONMENT", "true")
        .env(
            "BRASSKEY_SANDBOX_KEY",
            "sk-sandbox-0123456789abcdefghijklmnop",
        )
        .args(["serve", "--embedded"])
        .args(["--providers", "providers.json"])
        .args(["--issuer", &identity::issuer()])
        .args(["--listen", &format!("127.0.0.1:{}", SERVICE.port)]);
    SERVICE.start_or_join(&mut command, stop)
}

/// The public key that makes its key sets good.
pub(crate) fn roots(workspace: &Workspace) -> Result<String, Error> {
    let mut command = Command::new(workspace.binary("brasskey-platform"));
    command
        .current_dir(workspace.results("platform"))
        .args(["keys", "root"]);
    Ok(process::read(&mut command)?.trim().to_owned())
}
