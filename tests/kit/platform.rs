//! The platform's service as the real program, with a database and keys of its own, on a free port of this computer.

use std::io::{self, BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};

use tempfile::TempDir;

/// How a [`Platform`] is started.
#[derive(Clone, Debug, Default)]
pub struct PlatformOptions {
    /// Who says who somebody is: the address of an OpenID Connect issuer. Without one there are trials and no accounts.
    pub issuer: Option<String>,
    /// The address of the sandbox provider that stands behind vendor-billed use, without a path.
    pub provider: Option<String>,
}

/// A running service. Dropping it ends it.
#[derive(Debug)]
pub struct Platform {
    child: Option<Child>,
    address: SocketAddr,
    roots: String,
    options: PlatformOptions,
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
        let listen = free.local_addr()?.to_string();
        drop(free);
        let (child, address) = serve(folder.path(), &options, &listen)?;
        let mut platform = Self {
            child: Some(child),
            address,
            roots: String::new(),
            options,
            folder,
        };
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
        let (child, _) = serve(self.folder.path(), &self.options, &self.address.to_string())?;
        self.child = Some(child);
        Ok(())
    }

    /// Runs another command of the program on the same database and keys, and gives what it says.
    ///
    /// # Errors
    /// When it fails.
    pub fn told(&self, arguments: &[&str]) -> io::Result<String> {
        let output = command(self.folder.path())?.args(arguments).output()?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(io::Error::other(format!("{arguments:?}: {said}")));
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        self.stop();
    }
}

fn serve(
    folder: &Path,
    options: &PlatformOptions,
    listen: &str,
) -> io::Result<(Child, SocketAddr)> {
    let mut command = command(folder)?;
    command
        .args(["serve", "--embedded", "--log", "json", "--listen", listen])
        .args(["--url", &format!("http://{listen}")])
        .stderr(Stdio::piped());
    if let Some(issuer) = &options.issuer {
        command.args(["--issuer", issuer]);
    }
    if let Some(provider) = &options.provider {
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
        let file = std::fs::File::create(folder.join("providers.json"))?;
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
    match address(BufReader::new(errors)) {
        Ok(address) => Ok((child, address)),
        Err(error) => {
            child.kill().ok();
            child.wait().ok();
            Err(error)
        }
    }
}

/// Reads the log up to the line with its address, and goes on reading: a full pipe would stop the service.
fn address(mut log: BufReader<ChildStderr>) -> io::Result<SocketAddr> {
    let mut seen = String::new();
    loop {
        let mut line = String::new();
        if log.read_line(&mut line)? == 0 {
            return Err(io::Error::other(format!("it does not serve: {seen}")));
        }
        let entry: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
        if entry["message"] == "serving"
            && let Some(address) = entry["address"].as_str()
        {
            let address = address.parse().map_err(io::Error::other)?;
            std::thread::spawn(move || io::copy(&mut log, &mut io::sink()));
            return Ok(address);
        }
        seen += &line;
    }
}

fn command(folder: &Path) -> io::Result<Command> {
    let mut command = Command::new(binary()?);
    command.current_dir(folder).env_clear();
    Ok(command)
}

/// The program that was built with the test.
fn binary() -> io::Result<PathBuf> {
    let test = std::env::current_exe()?;
    // target/debug/deps/<test> lies two below the folder of the program.
    let folder = test.ancestors().nth(2).unwrap_or(&test);
    Ok(folder.join(format!("brasskey-platform{}", std::env::consts::EXE_SUFFIX)))
}
