//! Programs that the harness starts, each in a process group of its own, and ends with all that they started.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tokio::time::{Instant, sleep};

use super::error::DesktopError;

/// How long anything that is waited for may take on a busy machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(45);

/// The pause between two looks.
const LOOK: Duration = Duration::from_millis(20);

/// As much of a program's output as an error shows.
const SHOWN_OUTPUT: i64 = 4_000;

/// A running program. Dropping it ends its whole process group and waits for it.
#[derive(Debug)]
pub(super) struct Program {
    name: String,
    child: Child,
    output: PathBuf,
}

impl Program {
    /// Starts `command` with its output in a file below `logs`.
    pub(super) fn start(
        name: &str,
        mut command: Command,
        stdin: Stdio,
        logs: &Path,
    ) -> Result<Self, DesktopError> {
        let failed = |source| DesktopError::Program {
            program: name.to_owned(),
            source,
        };
        // A second start of the same program adds to its file.
        let output = logs.join(format!("{name}.log"));
        let file = File::options()
            .create(true)
            .append(true)
            .open(&output)
            .map_err(failed)?;
        let errors = file.try_clone().map_err(failed)?;
        let child = command
            .stdin(stdin)
            .stdout(file)
            .stderr(errors)
            .process_group(0)
            .spawn()
            .map_err(failed)?;
        Ok(Self {
            name: name.to_owned(),
            child,
            output,
        })
    }

    pub(super) fn stdin(&mut self) -> Option<std::process::ChildStdin> {
        self.child.stdin.take()
    }

    /// The end of what it has written.
    pub(super) fn output(&self) -> String {
        tail(&self.output).unwrap_or_else(|error| format!("(its output cannot be read: {error})"))
    }

    /// Waits until `ready` finds what it looks for.
    pub(super) async fn until<T>(
        &mut self,
        mut ready: impl FnMut(&Self) -> Option<T>,
    ) -> Result<T, DesktopError> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = ready(self) {
                return Ok(found);
            }
            let ended = self.child.try_wait().map_err(DesktopError::Files)?;
            if ended.is_some() || Instant::now() >= deadline {
                return Err(DesktopError::NotReady {
                    program: self.name.clone(),
                    output: self.output(),
                });
            }
            sleep(LOOK).await;
        }
    }

    /// The processes of its group that run `binary`.
    pub(super) fn running(&self, binary: &Path) -> Vec<i32> {
        let Ok(group) = i32::try_from(self.child.id()) else {
            return Vec::new();
        };
        let binary = binary.canonicalize().unwrap_or_else(|_| binary.to_owned());
        let Ok(processes) = std::fs::read_dir("/proc") else {
            return Vec::new();
        };
        processes
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
            .filter(|process| group_of(*process) == Some(group))
            .filter(|process| {
                std::fs::read_link(format!("/proc/{process}/exe")).is_ok_and(|exe| exe == binary)
            })
            .collect()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if let Ok(group) = i32::try_from(self.child.id())
            && let Some(group) = Pid::from_raw(group)
            && let Err(error) = kill_process_group(group, Signal::KILL)
        {
            // It has ended by itself; only its status is left to collect.
            debug_assert_eq!(error, rustix::io::Errno::SRCH);
        }
        if let Err(error) = self.child.wait() {
            debug_assert!(false, "{}: {error}", self.name);
        }
    }
}

/// Sends `kill -9`; a process that has gone already is as good.
pub(super) fn kill(process: i32) {
    if let Some(process) = Pid::from_raw(process)
        && let Err(error) = kill_process(process, Signal::KILL)
    {
        debug_assert_eq!(error, rustix::io::Errno::SRCH);
    }
}

/// Waits until `done`, and says whether it came.
pub(super) async fn eventually(mut done: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + PATIENCE;
    while !done() {
        if Instant::now() >= deadline {
            return false;
        }
        sleep(LOOK).await;
    }
    true
}

/// Whether nothing of a process runs any more: its files and sockets are closed then, which they are not yet when only its
/// memory is gone.
pub(super) fn has_ended(process: i32) -> bool {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{process}/task")) else {
        return true;
    };
    threads
        .filter_map(|thread| std::fs::read_to_string(thread.ok()?.path().join("stat")).ok())
        .all(|stat| {
            let state = stat.rsplit_once(')').map(|(_, fields)| fields.trim_start());
            state.is_some_and(|state| state.starts_with(['Z', 'X']))
        })
}

/// The process group, unless the process is gone or only its status is left.
fn group_of(process: i32) -> Option<i32> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name may hold spaces and brackets; what counts comes after the last bracket: state, parent, group.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace();
    let alive = fields.next()? != "Z";
    let group = fields.nth(1)?.parse().ok()?;
    alive.then_some(group)
}

fn tail(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let length = i64::try_from(file.metadata()?.len()).unwrap_or(i64::MAX);
    file.seek(SeekFrom::End(-length.min(SHOWN_OUTPUT)))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
