//! The double of Kinde as a process, for a platform whose plans are sold there. What it is told is what people and days do.

use std::io::{self, BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::json;

use crate::control::{built, tell};

/// What the platform names itself with at the double.
const SECRET: &str = "management-secret-qZ7wK3vT9pXb";

/// A running double. It ends when this value goes away, however the test ends.
#[derive(Debug)]
pub struct KindeDouble {
    child: Child,
    issuer: String,
    control: String,
}

impl KindeDouble {
    /// Starts it and waits until it answers.
    ///
    /// # Errors
    /// When its program, `kinde-double`, was not built beside the test.
    pub fn start() -> io::Result<Self> {
        let mut child = Command::new(built("kinde-double")?)
            // It ends when this pipe does.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child
            .stdout
            .take()
            .ok_or_else(|| io::Error::other("its output cannot be read"))?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let (issuer, control) = line
            .trim()
            .split_once(' ')
            .ok_or_else(|| io::Error::other("it does not say where it is"))?;
        Ok(Self {
            child,
            issuer: issuer.to_owned(),
            control: control.to_owned(),
        })
    }

    /// The settings of a platform whose plans are sold here, as its environment holds them.
    pub(crate) fn settings(&self) -> [(String, String); 8] {
        [
            ("BILLING__KINDE__ISSUER", self.issuer.as_str()),
            ("BILLING__KINDE__MANAGEMENT_CLIENT_ID", "management-client"),
            ("BILLING__KINDE__APPLICATION_CLIENT_ID", "desktop-client"),
            ("BILLING__KINDE__PRICING_TABLES__BYOK", "table_byok"),
            ("BILLING__KINDE__PRICING_TABLES__STANDARD", "table_standard"),
            ("BILLING__KINDE__ORGANIZATION", "org_1"),
            ("BILLING__KINDE__STARTING_PLAN", "free"),
            ("KINDE_SECRET", SECRET),
        ]
        .map(|(name, value)| (format!("BRASSKEY_PLATFORM_{name}"), value.to_owned()))
    }

    /// Sends its webhooks to a platform.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn tells(&self, platform: &str) -> io::Result<()> {
        let endpoint = json!({"url": format!("{platform}/v1/webhooks/kinde")});
        self.told("endpoint", &endpoint)
    }

    /// Somebody has signed up: who signs in by this address is known here as this user.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn knows(&self, user: &str, email: &str) -> io::Result<()> {
        self.told("users", &json!({"id": user, "email": email}))
    }

    /// Lets days pass here.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn passes(&self, days: u32) -> io::Result<()> {
        let milliseconds = i64::from(days) * 24 * 60 * 60 * 1000;
        self.told("clock", &json!({"advance_ms": milliseconds}))
    }

    fn told(&self, what: &str, body: &serde_json::Value) -> io::Result<()> {
        tell(&format!("{}/{what}", self.control), body).map(drop)
    }
}

impl Drop for KindeDouble {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
