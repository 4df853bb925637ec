//! The identity provider of development as the real program: anybody signs in who types an e-mail address.

use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::json;

use crate::clock;
use crate::control::tell;

/// A running provider. It ends when this value goes away, however the test ends.
#[derive(Debug)]
pub struct IdentityProvider {
    child: Child,
    issuer: String,
    control: String,
}

impl IdentityProvider {
    /// Starts it and waits until it answers.
    ///
    /// # Errors
    /// When Node or its packages are not there.
    pub fn start() -> io::Result<Self> {
        Self::start_at("0", Vec::new())
    }

    /// Starts it again at the same address, on a computer whose clock is as many days ahead of this one's. It remembers nobody.
    ///
    /// # Errors
    /// As [`IdentityProvider::start`]; when there is no `faketime`.
    pub fn start_again_ahead(&mut self, days: u32) -> io::Result<()> {
        self.stop();
        let (_, port) = self.issuer.rsplit_once(':').unwrap_or_default();
        *self = Self::start_at(port, clock::ahead(days)?)?;
        Ok(())
    }

    fn start_at(port: &str, clock: Vec<(String, String)>) -> io::Result<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("identity");
        let mut child = Command::new("node")
            .current_dir(folder)
            .args(["main.js", "--port", port])
            .envs(clock)
            // It ends when this pipe does.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let output = child
            .stdout
            .take()
            .ok_or_else(|| io::Error::other("its output cannot be read"))?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let said: serde_json::Value = serde_json::from_str(&line)?;
        let address = |name: &str| {
            let address = said[name].as_str().map(str::to_owned);
            address.ok_or_else(|| io::Error::other("it does not say where it is"))
        };
        Ok(Self {
            child,
            issuer: address("issuer")?,
            control: address("control")?,
        })
    }

    fn stop(&mut self) {
        // It may have ended by itself.
        self.child.kill().ok();
        self.child.wait().ok();
    }

    /// Who somebody is here: the subject of an e-mail address.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn subject(&self, email: &str) -> io::Result<String> {
        let known = tell(&format!("{}/users", self.control), &json!({"email": email}))?;
        let subject = known["subject"].as_str().map(str::to_owned);
        subject.ok_or_else(|| io::Error::other("it does not say who that is"))
    }

    /// Its address, as its tokens name it.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }
}

impl Drop for IdentityProvider {
    fn drop(&mut self) {
        self.stop();
    }
}
