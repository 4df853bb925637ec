//! The sandbox provider beside the running application.

use std::process::Command;

use super::Stop;
use super::beside::Beside;
use crate::error::Error;
use crate::process::Running;
use crate::workspace::Workspace;

/// On the port that debug builds of the application look for it.
const PROVIDER: Beside = Beside {
    what: "the sandbox provider",
    port: 41990,
    path: "/sandbox",
    says: "Brasskey sandbox provider",
};

/// Makes sure that the sandbox provider answers. Gives the child when it was started here.
pub(crate) fn start_or_join(workspace: &Workspace, stop: &Stop) -> Result<Option<Running>, Error> {
    let mut command = Command::new(workspace.binary("brasskey-sandbox"));
    command.args(["--port", &PROVIDER.port.to_string()]);
    PROVIDER.start_or_join(&mut command, stop)
}
