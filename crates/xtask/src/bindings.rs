//! `cargo xtask bindings`: writes `ui/src/bridge/bindings.ts` from the Rust commands and events.
//!
//! The test that refuses stale bindings is the one that writes them, so the two cannot disagree.

use crate::error::Error;
use crate::process;
use crate::setup::{self, Need};
use crate::workspace::Workspace;

/// Writes the bindings again.
pub(crate) fn write(workspace: &Workspace) -> Result<(), Error> {
    setup::provide(workspace, &[Need::Build])?;
    let mut command = workspace.cargo(["test", "--locked", "--workspace", "--test", "bindings"]);
    process::show(command.env("UPDATE_BINDINGS", "1"))
}
