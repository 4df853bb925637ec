//! The session bus, heard by `dbus-monitor`: every call to the credential store, and which of them read a secret.

use std::fs::File;
use std::ops::Sub;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tokio::time::sleep;

use crate::fault::Fault;
use crate::process::{Running, succeeds};

/// How long a call takes to be written down at most.
const WRITTEN: Duration = Duration::from_millis(200);

pub(super) struct Bus {
    _monitor: Running,
    log: PathBuf,
}

/// What was heard so far.
#[derive(Clone, Copy)]
pub(super) struct Heard {
    calls: u32,
    reads: u32,
}

impl Heard {
    pub(super) fn calls(self) -> f64 {
        self.calls.into()
    }

    pub(super) fn reads(self) -> f64 {
        self.reads.into()
    }
}

impl Sub for Heard {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            calls: self.calls - before.calls,
            reads: self.reads - before.reads,
        }
    }
}

impl Bus {
    pub(super) fn listen(folder: &Path) -> Result<Self, Fault> {
        let log = folder.join("bus.log");
        let file = File::create(&log).map_err(Fault::file(&log))?;
        let mut command = Command::new("dbus-monitor");
        command
            .args(["--session", "--profile", "type='method_call'"])
            .stdout(file);
        Ok(Self {
            _monitor: Running::start(&mut command)?,
            log,
        })
    }

    /// Everything up to now: a call of our own is heard after all that came before it.
    pub(super) async fn heard(&self) -> Result<Heard, Fault> {
        succeeds(Command::new("dbus-send").args([
            "--session",
            "--dest=org.freedesktop.DBus",
            "/",
            "org.freedesktop.DBus.GetId",
        ]))?;
        sleep(WRITTEN).await;
        let text = std::fs::read_to_string(&self.log).map_err(Fault::file(&self.log))?;
        let mut heard = Heard { calls: 0, reads: 0 };
        // mc TIME SERIAL SENDER DESTINATION PATH INTERFACE MEMBER
        for line in text.lines() {
            let mut words = line.split('\t').skip(6);
            let (interface, member) = (words.next(), words.next());
            // A lock's or an item's properties are the store's business, too.
            let to_store = line.contains("/org/freedesktop/secrets");
            if !line.starts_with("mc") || !to_store {
                continue;
            }
            heard.calls += 1;
            let is_read = matches!(member, Some("GetSecret" | "GetSecrets"));
            heard.reads += u32::from(is_read && interface.is_some());
        }
        Ok(heard)
    }
}
