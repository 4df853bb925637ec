//! The identity provider of development as the real program: anybody signs in who types an e-mail address.

use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A running provider. It ends when this value goes away, however the test ends.
#[derive(Debug)]
pub struct IdentityProvider {
    child: Child,
    issuer: String,
}

impl IdentityProvider {
    /// Starts it and waits until it answers.
    ///
    /// # Errors
    /// When Node or its packages are not there.
    pub fn start() -> io::Result<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("identity");
        let mut child = Command::new("node")
            .current_dir(folder)
            .arg("main.js")
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
        let issuer = said["issuer"]
            .as_str()
            .ok_or_else(|| io::Error::other("it does not say where it is"))?
            .to_owned();
        Ok(Self { child, issuer })
    }

    /// Its address, as its tokens name it.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }
}

impl Drop for IdentityProvider {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
