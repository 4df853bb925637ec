//! WebKitWebDriver, and through it the program under test.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use fantoccini::ClientBuilder;
use fantoccini::wd::Capabilities;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tokio::time::timeout;

use super::environment::Environment;
use super::error::DesktopError;
use super::process::{self, PATIENCE, Program, eventually, has_ended};
use super::window::Window;

/// Another program may take the free port first.
const TRIES: usize = 3;

/// A driver with its one session.
#[derive(Debug)]
pub(super) struct Driver {
    window: Window,
    program: Program,
    binary: PathBuf,
}

impl Driver {
    /// Starts a driver and, through it, `binary`.
    pub(super) async fn start(
        environment: &Environment,
        binary: &Path,
        arguments: &[String],
    ) -> Result<Self, DesktopError> {
        let mut tries = 1;
        loop {
            match Self::try_start(environment, binary, arguments).await {
                Err(DesktopError::NoSession { .. } | DesktopError::NotReady { .. })
                    if tries < TRIES =>
                {
                    tries += 1;
                }
                result => return result,
            }
        }
    }

    async fn try_start(
        environment: &Environment,
        binary: &Path,
        arguments: &[String],
    ) -> Result<Self, DesktopError> {
        let port = free_port().map_err(DesktopError::Files)?;
        let mut command = environment.held_command("WebKitWebDriver");
        command
            .args([&format!("--port={port}"), "--host=127.0.0.1"])
            .env("TAURI_WEBVIEW_AUTOMATION", "true");
        let mut program = Program::start(
            "WebKitWebDriver",
            command,
            Stdio::null(),
            &environment.logs(),
        )?;
        program
            .until(|_| TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok())
            .await?;
        let mut capabilities = Capabilities::new();
        let options = json!({ "binary": binary, "args": arguments });
        capabilities.insert("webkitgtk:browserOptions".to_owned(), options);
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities);
        let address = format!("http://127.0.0.1:{port}");
        let connecting = builder.connect(&address);
        // A driver whose program does not report to it waits for ever.
        match timeout(PATIENCE, connecting).await {
            Ok(Ok(client)) => Ok(Self {
                window: Window::new(client),
                program,
                binary: binary.to_owned(),
            }),
            Ok(Err(error)) => Err(DesktopError::NoSession {
                reason: error.to_string(),
                output: program.output(),
            }),
            Err(_) => Err(DesktopError::NoReport {
                ended: program.running(binary).is_empty(),
                output: program.output(),
            }),
        }
    }

    pub(super) fn window(&self) -> &Window {
        &self.window
    }

    /// Closes the window and waits for the program's end.
    pub(super) async fn quit(self) -> Result<(), DesktopError> {
        let processes = self.program.running(&self.binary);
        // The driver may go without an answer when the window that it is to answer for goes first.
        tokio::select! {
            closed = self.window.close() => closed?,
            gone = gone(&processes) => return gone,
        }
        gone(&processes).await
    }

    /// Kills the program and waits for its end.
    pub(super) async fn kill(self) -> Result<(), DesktopError> {
        let processes = self.program.running(&self.binary);
        for process in &processes {
            process::kill(*process);
        }
        gone(&processes).await
    }
}

async fn gone(processes: &[i32]) -> Result<(), DesktopError> {
    if eventually(|| processes.iter().all(|process| has_ended(*process))).await {
        return Ok(());
    }
    let running = processes.iter().find(|process| !has_ended(**process));
    Err(DesktopError::StillRunning {
        process: running.copied().unwrap_or_default(),
    })
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}
