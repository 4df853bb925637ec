//! `cargo xtask test`: every check and every test, one after the other, with a count at the end.
//!
//! A step that fails shows all it wrote. A step that ran no test where there should be some has failed.

mod count;
mod rules;
mod size;
mod steps;

pub(crate) use self::steps::{desktop_tests, in_browser, script};

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::thread::sleep;
use std::time::{Duration, Instant};

use self::count::Count;
use self::steps::{Job, Step};
use crate::error::Error;
use crate::process;
use crate::setup;
use crate::workspace::Workspace;

/// What can be asked of `cargo xtask test`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Run only this step and what it builds on; may be given several times.
    #[arg(long, value_name = "STEP")]
    only: Vec<String>,
    /// Go on after a step that failed.
    #[arg(long)]
    keep_going: bool,
    /// Name the steps in their order and run none.
    #[arg(long)]
    list: bool,
}

/// How a step went.
struct Outcome {
    holds: bool,
    /// Tests that the step ran; `None` for a check, which counts as one.
    tests: Option<Count>,
    /// What to show when it failed.
    output: String,
    /// What to show in any case.
    remarks: Vec<String>,
}

/// Runs the steps; `true` when all of them hold.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<bool, Error> {
    let steps = steps::chosen(&options.only)?;
    if options.list {
        for step in &steps {
            println!("{:<14} {}", step.name, step.about);
        }
        return Ok(true);
    }
    let needs: Vec<_> = steps.iter().flat_map(|step| step.needs).copied().collect();
    setup::provide(workspace, &needs)?;
    let logs = workspace.results("test");
    fs::create_dir_all(&logs).map_err(Error::file(&logs))?;

    let started = Instant::now();
    let mut total = Count::default();
    let mut failed: Vec<&str> = Vec::new();
    let mut not_run: Vec<&str> = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let stopped = !failed.is_empty() && !options.keep_going;
        if stopped
            || step
                .after
                .iter()
                .any(|name| failed.contains(name) || not_run.contains(name))
        {
            not_run.push(step.name);
            continue;
        }
        print!("[{}/{}] {} …", index + 1, steps.len(), step.name);
        flush();
        let step_started = Instant::now();
        let outcome = perform(workspace, step, &logs.join(format!("{}.log", step.name)))?;
        report(&outcome, step_started.elapsed());
        total.add(counted(&outcome));
        if !outcome.holds {
            failed.push(step.name);
        }
    }
    println!("\n{}", took(started.elapsed()));
    if !failed.is_empty() {
        println!("failed: {} (logs in {})", failed.join(", "), logs.display());
    }
    if !not_run.is_empty() {
        println!("not run: {}", not_run.join(", "));
    }
    println!("{} passed, {} failed", total.passed, total.failed);
    Ok(failed.is_empty())
}

fn perform(workspace: &Workspace, step: &Step, log: &Path) -> Result<Outcome, Error> {
    match &step.job {
        Job::Check(command) => {
            let (status, output) = run_logged(&mut command(workspace)?, log)?;
            Ok(Outcome {
                holds: status.success(),
                tests: None,
                output,
                remarks: Vec::new(),
            })
        }
        Job::Tests {
            runner,
            may_be_empty,
            command,
        } => {
            let (status, output) = run_logged(&mut command(workspace)?, log)?;
            let tests = count::read(*runner, &output);
            let remarks = if tests.is_empty() && status.success() && !may_be_empty {
                vec!["it ran no test".into()]
            } else {
                Vec::new()
            };
            let holds = status.success() && tests.failed == 0 && remarks.is_empty();
            Ok(Outcome {
                holds,
                tests: Some(tests),
                output,
                remarks,
            })
        }
        Job::Rule(rule) => {
            let findings = rule(workspace)?;
            Ok(Outcome {
                holds: findings.problems.is_empty(),
                tests: None,
                output: findings.problems.join("\n"),
                remarks: findings.remarks,
            })
        }
    }
}

/// A check counts as one. Tests count as they are, and a run that failed without a failed test (it did not compile, it
/// broke off) counts as one failure more.
fn counted(outcome: &Outcome) -> Count {
    match (outcome.tests, outcome.holds) {
        (None, true) => Count {
            passed: 1,
            failed: 0,
        },
        (None, false) => Count {
            passed: 0,
            failed: 1,
        },
        (Some(tests), false) if tests.failed == 0 => Count { failed: 1, ..tests },
        (Some(tests), _) => tests,
    }
}

/// Runs a command with everything it writes in a log file. The line on the terminal shows each minute that passed.
fn run_logged(command: &mut Command, log: &Path) -> Result<(ExitStatus, String), Error> {
    let file = File::create(log).map_err(Error::file(log))?;
    let errors = file.try_clone().map_err(Error::file(log))?;
    command
        .stdin(std::process::Stdio::null())
        .stdout(file)
        .stderr(errors);
    let line = process::line(command);
    let failed_to_run = |source| Error::Start {
        command: line.clone(),
        source,
    };
    let mut child = command.spawn().map_err(failed_to_run)?;
    let started = Instant::now();
    let mut minutes = 0;
    let status = loop {
        if let Some(status) = child.try_wait().map_err(failed_to_run)? {
            break status;
        }
        if started.elapsed().as_secs() / 60 > minutes {
            minutes += 1;
            print!(" {minutes} min …");
            flush();
        }
        sleep(Duration::from_millis(50));
    };
    let output = fs::read(log).map_err(Error::file(log))?;
    Ok((status, String::from_utf8_lossy(&output).into_owned()))
}

fn report(outcome: &Outcome, elapsed: Duration) {
    let count = outcome
        .tests
        .map_or_else(String::new, |tests| match tests.failed {
            0 => format!(", {} passed", tests.passed),
            failed => format!(", {} passed, {failed} failed", tests.passed),
        });
    let verdict = if outcome.holds { "" } else { " FAILED after" };
    println!("{verdict} {}{count}", took(elapsed));
    if !outcome.holds {
        println!("{}", outcome.output.trim_end());
    }
    for remark in &outcome.remarks {
        println!("       {remark}");
    }
}

fn took(elapsed: Duration) -> String {
    match elapsed.as_secs() {
        seconds if seconds < 120 => format!("{seconds} s"),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

/// Shows a line that is not finished. A terminal that cannot take it has no reader to tell.
fn flush() {
    io::stdout().flush().unwrap_or_default();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(holds: bool, tests: Option<Count>) -> Outcome {
        Outcome {
            holds,
            tests,
            output: String::new(),
            remarks: Vec::new(),
        }
    }

    #[test]
    fn a_check_counts_as_one() {
        assert_eq!(
            counted(&outcome(true, None)),
            Count {
                passed: 1,
                failed: 0
            }
        );
        assert_eq!(
            counted(&outcome(false, None)),
            Count {
                passed: 0,
                failed: 1
            }
        );
    }

    #[test]
    fn tests_that_did_not_compile_count_as_a_failure() {
        assert_eq!(
            counted(&outcome(false, Some(Count::default()))),
            Count {
                passed: 0,
                failed: 1
            }
        );
        let broken_off = Count {
            passed: 7,
            failed: 0,
        };
        assert_eq!(
            counted(&outcome(false, Some(broken_off))),
            Count {
                passed: 7,
                failed: 1
            }
        );
    }

    #[test]
    fn failed_tests_are_counted_once_each() {
        let tests = Count {
            passed: 3,
            failed: 2,
        };
        assert_eq!(counted(&outcome(false, Some(tests))), tests);
    }

    #[test]
    fn a_long_time_is_told_in_minutes() {
        assert_eq!(took(Duration::from_secs(41)), "41 s");
        assert_eq!(took(Duration::from_secs(141)), "2 min 21 s");
    }

    #[cfg(unix)]
    #[test]
    fn everything_a_step_wrote_is_kept_in_its_order() {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "echo one; echo two >&2; echo three; exit 3"]);
        let (status, output) = run_logged(&mut command, &folder.path().join("step.log")).unwrap();
        assert_eq!(status.code(), Some(3));
        assert_eq!(output, "one\ntwo\nthree\n");
    }
}
