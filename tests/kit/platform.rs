//! The platform's service as the real program, with a database and keys of its own, on a free port of this computer.

use std::io::{self, BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, ChildStderr, Command, Stdio};

use tempfile::TempDir;

use crate::clock;
use crate::control::built;
use crate::kinde::KindeDouble;

/// How a [`Platform`] is started.
#[derive(Clone, Debug, Default)]
pub struct PlatformOptions {
    /// Who says who somebody is: the address of an OpenID Connect issuer. Without one there are trials and no accounts.
    pub issuer: Option<String>,
    /// The address of the sandbox provider that stands behind vendor-billed use, without a path.
    pub provider: Option<String>,
    /// Settings that its environment holds besides.
    pub environment: Vec<(String, String)>,
}

impl PlatformOptions {
    /// Its plans are sold by the double, and not by itself.
    #[must_use]
    pub fn sold_by(mut self, kinde: &KindeDouble) -> Self {
        self.environment.extend(kinde.settings());
        self
    }
}

/// A running service. Dropping it ends it.
#[derive(Debug)]
pub struct Platform {
    child: Option<Child>,
    address: SocketAddr,
    roots: String,
    options: PlatformOptions,
    /// What its programs find in their environment besides: another time of day.
    clock: Vec<(String, String)>,
    folder: TempDir,
}

/// What the vendor pays the sandbox provider with.
pub const VENDOR_KEY: &str = "sk-sandbox-vendor-0123456789abcdefghijklmnop";

impl Platform {
    /// Starts the service and waits until it serves.
    ///
    /// # Errors
    /// When its program is not there or does not serve.
    pub fn start(options: PlatformOptions) -> io::Result<Self> {
        let folder = TempDir::new()?;
        // The pages of the embedded billing stand under its own address, which it has to know before.
        let free = TcpListener::bind("127.0.0.1:0")?;
        let address = free.local_addr()?;
        drop(free);
        let mut platform = Self {
            child: None,
            address,
            roots: String::new(),
            options,
            clock: Vec::new(),
            folder,
        };
        platform.start_again()?;
        platform.roots = platform.told(&["keys", "root"])?;
        Ok(platform)
    }

    /// Its address, `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its socket.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// The public key that makes its key sets good.
    #[must_use]
    pub fn roots(&self) -> &str {
        &self.roots
    }

    /// Ends it, as an outage does. What it has kept stays.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may have ended by itself.
            child.kill().ok();
            child.wait().ok();
        }
    }

    /// Starts it again at the same address, with what it had kept.
    ///
    /// # Errors
    /// As [`Platform::start`].
    pub fn start_again(&mut self) -> io::Result<()> {
        self.stop();
        self.child = Some(self.serve()?);
        Ok(())
    }

    /// Starts it again on a computer whose clock is as many days ahead of this one's.
    ///
    /// # Errors
    /// As [`Platform::start`]; when there is no `faketime`.
    pub fn start_again_ahead(&mut self, days: u32) -> io::Result<()> {
        self.clock = clock::ahead(days)?;
        self.start_again()
    }

    /// Runs another command of the program on the same database and keys, and gives what it says.
    ///
    /// # Errors
    /// When it fails.
    pub fn told(&self, arguments: &[&str]) -> io::Result<String> {
        let output = self.command()?.args(arguments).output()?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(io::Error::other(format!("{arguments:?}: {said}")));
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    fn serve(&self) -> io::Result<Child> {
        let mut command = self.command()?;
        let listen = self.address.to_string();
        command
            .args(["serve", "--embedded", "--log", "json", "--listen", &listen])
            .args(["--url", &self.url()])
            .stderr(Stdio::piped());
        if let Some(issuer) = &self.options.issuer {
            command.args(["--issuer", issuer]);
        }
        if let Some(provider) = &self.options.provider {
            let providers = [
                ("openai", "openai/v1"),
                ("anthropic", "anthropic/v1"),
                ("gemini", "gemini/v1beta"),
            ]
            .map(|(name, path)| {
                serde_json::json!({
                    "provider": name,
                    "base_url": format!("{provider}/{path}"),
                    "key": "env://BRASSKEY_SANDBOX_KEY",
                })
            });
            let providers = serde_json::Value::from(providers.to_vec());
            let file = std::fs::File::create(self.folder.path().join("providers.json"))?;
            serde_json::to_writer(file, &providers)?;
            command
                .args(["--providers", "providers.json"])
                .env("BRASSKEY_PLATFORM_SECRETS__ENVIRONMENT", "true")
                .env("BRASSKEY_SANDBOX_KEY", VENDOR_KEY);
        }
        let mut child = command.spawn()?;
        let errors = child
            .stderr
            .take()
            .ok_or_else(|| io::Error::other("its log cannot be read"))?;
        match until_it_serves(BufReader::new(errors)) {
            Ok(()) => Ok(child),
            Err(error) => {
                child.kill().ok();
                child.wait().ok();
                Err(error)
            }
        }
    }

    fn command(&self) -> io::Result<Command> {
        let mut command = Command::new(built("brasskey-platform")?);
        let variables = self.clock.iter().chain(&self.options.environment);
        command
            .current_dir(self.folder.path())
            .env_clear()
            .envs(variables.map(|(name, value)| (name, value)));
        Ok(command)
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Reads the log up to the line with its address, and goes on reading: a full pipe would stop the service.
fn until_it_serves(mut log: BufReader<ChildStderr>) -> io::Result<()> {
    let mut seen = String::new();
    loop {
        let mut line = String::new();
        if log.read_line(&mut line)? == 0 {
            return Err(io::Error::other(format!("it does not serve: {seen}")));
        }
        let entry: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
        if entry["message"] == "serving" {
            std::thread::spawn(move || io::copy(&mut log, &mut io::sink()));
            return Ok(());
        }
        seen += &line;
    }
}
