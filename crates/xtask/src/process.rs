//! Running other programs: shown, read, or kept as a child that is stopped at the end. Knows nothing of what they do.

use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use crate::error::Error;

/// How long a child may take to end by itself once it was asked to.
const PATIENCE: Duration = Duration::from_secs(3);

/// The command line as a person would type it.
pub(crate) fn line(command: &Command) -> String {
    let mut line = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}

/// Runs a program to its end with its output on the terminal.
pub(crate) fn show(command: &mut Command) -> Result<(), Error> {
    let status = command.status().map_err(|source| Error::Start {
        command: line(command),
        source,
    })?;
    if status.success() {
        Ok(())
    } else {
        Err(Error::Failed {
            command: line(command),
            status,
        })
    }
}

/// Runs a program to its end and gives what it wrote, whatever its exit code.
pub(crate) fn output(command: &mut Command) -> Result<Output, Error> {
    command
        .stdin(Stdio::null())
        .output()
        .map_err(|source| Error::Start {
            command: line(command),
            source,
        })
}

/// Runs a program to its end and gives what it wrote to its standard output; it has to succeed.
pub(crate) fn read(command: &mut Command) -> Result<String, Error> {
    let output = output(command)?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        eprint!("{}", String::from_utf8_lossy(&output.stderr));
        Err(Error::Failed {
            command: line(command),
            status: output.status,
        })
    }
}

/// Whether a program can be started and succeeds. For questions like "is cargo-nextest here".
pub(crate) fn succeeds(command: &mut Command) -> bool {
    output(command).is_ok_and(|output| output.status.success())
}

/// A child that is stopped when this value goes away.
pub(crate) struct Running {
    name: &'static str,
    child: Child,
}

impl Running {
    /// Starts a program in the background.
    pub(crate) fn start(name: &'static str, command: &mut Command) -> Result<Self, Error> {
        let child = command.spawn().map_err(|source| Error::Start {
            command: line(command),
            source,
        })?;
        Ok(Self { name, child })
    }

    /// The child itself, for its pipes.
    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>, Error> {
        self.child.try_wait().map_err(|source| Error::Start {
            command: self.name.to_owned(),
            source,
        })
    }

    /// Asks the child to end. Windows knows only the hard way.
    fn ask_to_end(&mut self) -> bool {
        cfg!(unix)
            && succeeds(
                Command::new("kill")
                    .arg("-TERM")
                    .arg(self.child.id().to_string()),
            )
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        if self.ask_to_end() {
            let deadline = Instant::now() + PATIENCE;
            while Instant::now() < deadline {
                if matches!(self.child.try_wait(), Ok(Some(_))) {
                    return;
                }
                std::thread::sleep(Duration::from_millis(50));
            }
        }
        if let Err(error) = self.child.kill().and_then(|()| self.child.wait()) {
            eprintln!(
                "could not stop {} (process {}): {error}",
                self.name,
                self.child.id()
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_it_would_be_typed() {
        assert_eq!(
            line(Command::new("cargo").args(["fmt", "--check"])),
            "cargo fmt --check"
        );
    }

    #[test]
    fn a_program_that_does_not_exist_is_named() {
        let error = show(&mut Command::new("no-such-program")).unwrap_err();
        assert!(error.to_string().contains("`no-such-program`"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_failing_program_is_an_error_and_not_a_success() {
        assert!(matches!(
            show(&mut Command::new("false")),
            Err(Error::Failed { .. })
        ));
        assert!(matches!(
            read(&mut Command::new("false")),
            Err(Error::Failed { .. })
        ));
        assert!(!succeeds(&mut Command::new("false")));
        assert!(succeeds(&mut Command::new("true")));
    }

    #[cfg(unix)]
    #[test]
    fn a_running_child_ends_with_its_owner() {
        let child = Running::start("sleep", Command::new("sleep").arg("600")).unwrap();
        let id = child.child.id().to_string();
        assert!(succeeds(Command::new("kill").args(["-0", &id])));
        drop(child);
        assert!(!succeeds(Command::new("kill").args(["-0", &id])));
    }

    #[cfg(unix)]
    #[test]
    fn a_child_that_ignores_the_request_is_ended_all_the_same() {
        let mut deaf = Command::new("sh");
        deaf.args(["-c", "trap '' TERM; exec sleep 600"]);
        let child = Running::start("sh", &mut deaf).unwrap();
        let id = child.child.id().to_string();
        drop(child);
        assert!(!succeeds(Command::new("kill").args(["-0", &id])));
    }
}
