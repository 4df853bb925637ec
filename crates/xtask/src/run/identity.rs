//! The identity provider of development beside the running application: anybody signs in who types an e-mail address.

use std::process::{Command, Stdio};

use super::Stop;
use super::beside::Beside;
use crate::error::Error;
use crate::process::Running;
use crate::workspace::Workspace;

const PROVIDER: Beside = Beside {
    what: "the identity provider of development",
    port: 4101,
    path: "/.well-known/openid-configuration",
    says: "/oauth2/v2/user_profile",
};

/// As the platform's service is told of it.
pub(crate) fn issuer() -> String {
    format!("http://127.0.0.1:{}", PROVIDER.port)
}

/// Makes sure that the provider answers. Gives the child when it was started here.
pub(crate) fn start_or_join(workspace: &Workspace, stop: &Stop) -> Result<Option<Running>, Error> {
    let mut command = Command::new("node");
    command
        .current_dir(workspace.root.join("tests/identity"))
        .args(["main.js", "--port", &PROVIDER.port.to_string()])
        // It ends when this pipe does, however we end.
        .stdin(Stdio::piped())
        .stdout(Stdio::null());
    PROVIDER.start_or_join(&mut command, stop)
}
