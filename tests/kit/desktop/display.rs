//! A display of its own, which no screen shows.

use std::process::Stdio;

use super::environment::Environment;
use super::error::DesktopError;
use super::process::Program;

/// A running Xvfb.
#[derive(Debug)]
pub(super) struct Display {
    _server: Program,
    number: u32,
}

impl Display {
    /// Starts an X server, which takes the first display number that is free.
    pub(super) async fn start(
        environment: &Environment,
        (width, height): (u32, u32),
    ) -> Result<Self, DesktopError> {
        let mut command = environment.held_command("Xvfb");
        command.args([
            "-displayfd",
            "1",
            "-screen",
            "0",
            &format!("{width}x{height}x24"),
            "-nolisten",
            "tcp",
            "-noreset",
        ]);
        let mut server = Program::start("Xvfb", command, Stdio::null(), &environment.logs())?;
        // It writes the number when it accepts clients. Warnings stand on lines of their own.
        let number = server
            .until(|server| {
                let output = server.output();
                let whole = &output[..output.rfind('\n')?];
                whole.lines().find_map(|line| line.trim().parse().ok())
            })
            .await?;
        Ok(Self {
            _server: server,
            number,
        })
    }

    /// The value of `DISPLAY`.
    pub(super) fn name(&self) -> String {
        format!(":{}", self.number)
    }
}
