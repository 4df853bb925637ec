//! The steps of `cargo xtask test`: what each runs, needs and builds on. Quick ones first, so that a slip shows early.

use std::process::Command;

use super::count::Runner;
use super::rules::{self, Findings};
use super::size;
use crate::error::Error;
use crate::process;
use crate::setup::{self, Need};
use crate::workspace::Workspace;

/// One step.
pub(crate) struct Step {
    /// What `--only` calls it.
    pub name: &'static str,
    /// What it shows, in a few words.
    pub about: &'static str,
    /// What has to be installed.
    pub needs: &'static [Need],
    /// The steps whose result it uses.
    pub after: &'static [&'static str],
    /// What it does.
    pub job: Job,
}

/// What a step does.
pub(crate) enum Job {
    /// A command that succeeds or does not.
    Check(fn(&Workspace) -> Result<Command, Error>),
    /// A command that runs tests.
    Tests {
        /// Whose summary is read.
        runner: Runner,
        /// Whether having no test is fine.
        may_be_empty: bool,
        /// The command.
        command: fn(&Workspace) -> Result<Command, Error>,
    },
    /// A check of our own.
    Rule(fn(&Workspace) -> Result<Findings, Error>),
}

/// All steps of this system, in order.
pub(crate) fn all() -> Vec<Step> {
    let mut steps = vec![
        check("format", "Rust code is formatted", &[], &[], |at| {
            Ok(at.cargo(["fmt", "--all", "--check", "--", "--color", "never"]))
        }),
        Step {
            name: "size",
            about: "no source file is too long to be read",
            needs: &[],
            after: &[],
            job: Job::Rule(size::check),
        },
        check(
            "spelling",
            "words are spelt right",
            &[Need::Spelling],
            &[],
            |at| Ok(at.program(setup::typos(at)?.display().to_string(), &at.root)),
        ),
        check(
            "dependencies",
            "licences, banned crates, sources (deny.toml)",
            &[Need::Dependencies],
            &[],
            |at| {
                let mut command =
                    at.program(setup::cargo_deny(at)?.display().to_string(), &at.root);
                command.args(["--locked", "check", "bans", "licenses", "sources"]);
                Ok(command)
            },
        ),
        check(
            "unused",
            "every Rust dependency is used",
            &[Need::UnusedDependencies],
            &[],
            |at| {
                let mut command =
                    at.program(setup::cargo_machete(at)?.display().to_string(), &at.root);
                // As cargo would call it: run bare, it reads past the end of its arguments.
                command.args(["machete", "crates", "src-tauri", "tests"]);
                Ok(command)
            },
        ),
        Step {
            name: "rules",
            about: "deny.toml and clippy.toml refuse what they name",
            needs: &[Need::Dependencies, Need::Build],
            after: &["dependencies"],
            job: Job::Rule(rules::check),
        },
        check(
            "ui-lint",
            "lint and format of the UI",
            &[Need::Ui],
            &[],
            |at| Ok(script(at, "ui", "lint")),
        ),
        check("ui-types", "types of the UI", &[Need::Ui], &[], |at| {
            Ok(script(at, "ui", "typecheck"))
        }),
        check(
            "ui-unused",
            "every file, export and package of the UI is used",
            &[Need::Ui],
            &[],
            |at| Ok(script(at, "ui", "knip")),
        ),
        check(
            "ui-layers",
            "layers and cycles of the UI",
            &[Need::Ui],
            &[],
            |at| Ok(script(at, "ui", "deps")),
        ),
        check("ui-build", "the UI builds", &[Need::Ui], &[], |at| {
            Ok(script(at, "ui", "build"))
        }),
        tests(
            "ui-tests",
            "tests of the UI, in jsdom",
            &[Need::Ui],
            &[],
            Runner::Vitest,
            |at| Ok(script(at, "ui", "test")),
        ),
        // The application embeds the built UI, so nothing of the workspace compiles before it.
        check(
            "clippy",
            "Rust lints, warnings refused",
            &[Need::Build],
            &["ui-build"],
            |at| {
                Ok(at.cargo([
                    "clippy",
                    "--locked",
                    "--workspace",
                    "--all-targets",
                    "--",
                    "-D",
                    "warnings",
                ]))
            },
        ),
        check(
            "build",
            "all Rust targets build",
            &[Need::Build],
            &["ui-build"],
            |at| Ok(at.cargo(["build", "--locked", "--workspace", "--all-targets"])),
        ),
        tests(
            "rust-tests",
            "unit, property and integration tests",
            Need::RUST_TESTS,
            &["build"],
            Runner::Cargo,
            rust_tests,
        ),
        Step {
            name: "doc-tests",
            about: "examples in the documentation, and what must not compile",
            needs: &[Need::Build],
            after: &["build"],
            job: Job::Tests {
                runner: Runner::Cargo,
                may_be_empty: true,
                command: |at| Ok(at.cargo(["test", "--locked", "--workspace", "--doc"])),
            },
        },
        tests(
            "screens",
            "every screen in Chromium over the in-memory backend",
            &[Need::Ui, Need::Browser],
            &["ui-build"],
            Runner::Playwright,
            |at| Ok(in_browser(script(at, "tests/ui", "test"))),
        ),
    ];
    // The web view of other systems has no driver that needs nothing installed by hand.
    if cfg!(target_os = "linux") {
        steps.push(tests(
            "desktop",
            "the real window, driven from outside",
            &[Need::Build, Need::Window, Need::WindowTests, Need::Identity],
            &["build"],
            Runner::Cargo,
            |at| Ok(desktop_tests(at)),
        ));
    }
    steps
}

/// The steps to run: all, or the named ones with what they build on.
pub(crate) fn chosen(only: &[String]) -> Result<Vec<Step>, Error> {
    let mut steps = all();
    if only.is_empty() {
        return Ok(steps);
    }
    let mut wanted: Vec<&str> = Vec::new();
    let mut open: Vec<&str> = only.iter().map(String::as_str).collect();
    while let Some(name) = open.pop() {
        let Some(step) = steps.iter().find(|step| step.name == name) else {
            return Err(Error::UnknownStep(name.to_owned()));
        };
        wanted.push(step.name);
        open.extend(step.after);
    }
    steps.retain(|step| wanted.contains(&step.name));
    Ok(steps)
}

/// The tests of the real window.
pub(crate) fn desktop_tests(workspace: &Workspace) -> Command {
    let mut command = if has_nextest(workspace) {
        workspace.cargo([
            "nextest",
            "run",
            "--locked",
            "--workspace",
            "--filterset",
            "binary(desktop)",
        ])
    } else {
        let mut command = workspace.cargo(["test", "--locked", "--workspace", "--test", "desktop"]);
        // As many windows at once as .config/nextest.toml allows.
        command.args(["--", "--test-threads", "2"]);
        command
    };
    command.env("BRASSKEY_BINARY", workspace.binary("brasskey-desktop"));
    command
}

/// Tells a command of `tests/ui` which browser to drive.
pub(crate) fn in_browser(mut command: Command) -> Command {
    if let Some(browser) = setup::browser() {
        command.env("BRASSKEY_BROWSER", browser);
    }
    command
}

/// A script of a folder's `package.json`, with plain output.
pub(crate) fn script(workspace: &Workspace, folder: &str, name: &str) -> Command {
    let mut command = workspace.npm(folder, ["run", name]);
    command.env("NO_COLOR", "1").env_remove("FORCE_COLOR");
    command
}

fn rust_tests(workspace: &Workspace) -> Result<Command, Error> {
    if has_nextest(workspace) {
        return Ok(workspace.cargo([
            "nextest",
            "run",
            "--locked",
            "--workspace",
            "--filterset",
            "not binary(desktop)",
        ]));
    }
    let mut command = workspace.cargo([
        "test",
        "--locked",
        "--workspace",
        "--no-fail-fast",
        "--lib",
        "--bins",
    ]);
    for name in integration_tests(workspace)?
        .iter()
        .filter(|name| *name != "desktop")
    {
        command.args(["--test", name]);
    }
    Ok(command)
}

/// The names of the workspace's integration tests. `cargo test` cannot be told to leave one out.
fn integration_tests(workspace: &Workspace) -> Result<Vec<String>, Error> {
    let mut command =
        workspace.cargo(["metadata", "--locked", "--no-deps", "--format-version", "1"]);
    let answer = process::read(&mut command)?;
    let metadata: serde_json::Value =
        serde_json::from_str(&answer).map_err(|error| Error::Answer {
            command: process::line(&command),
            answer: error.to_string(),
        })?;
    let targets = metadata["packages"].as_array().into_iter().flatten();
    let targets = targets.flat_map(|package| package["targets"].as_array().into_iter().flatten());
    Ok(targets
        .filter(|target| target["kind"][0] == "test")
        .filter_map(|target| target["name"].as_str().map(str::to_owned))
        .collect())
}

fn has_nextest(workspace: &Workspace) -> bool {
    process::succeeds(&mut workspace.cargo(["nextest", "--version"]))
}

const fn check(
    name: &'static str,
    about: &'static str,
    needs: &'static [Need],
    after: &'static [&'static str],
    command: fn(&Workspace) -> Result<Command, Error>,
) -> Step {
    Step {
        name,
        about,
        needs,
        after,
        job: Job::Check(command),
    }
}

const fn tests(
    name: &'static str,
    about: &'static str,
    needs: &'static [Need],
    after: &'static [&'static str],
    runner: Runner,
    command: fn(&Workspace) -> Result<Command, Error>,
) -> Step {
    Step {
        name,
        about,
        needs,
        after,
        job: Job::Tests {
            runner,
            may_be_empty: false,
            command,
        },
    }
}

#[cfg(test)]
mod test {
    use super::*;

    fn names(steps: &[Step]) -> Vec<&str> {
        steps.iter().map(|step| step.name).collect()
    }

    #[test]
    fn every_step_stands_after_what_it_builds_on() {
        let steps = all();
        let names = names(&steps);
        for (index, step) in steps.iter().enumerate() {
            for before in step.after {
                assert!(
                    names[..index].contains(before),
                    "{} is not before {}",
                    before,
                    step.name
                );
            }
            assert_eq!(
                names.iter().filter(|name| **name == step.name).count(),
                1,
                "{}",
                step.name
            );
        }
    }

    #[test]
    fn one_step_brings_what_it_builds_on_and_nothing_else() {
        assert_eq!(
            names(&chosen(&["doc-tests".into()]).unwrap()),
            ["ui-build", "build", "doc-tests"]
        );
        assert_eq!(names(&chosen(&["format".into()]).unwrap()), ["format"]);
    }

    #[test]
    fn several_steps_keep_their_order() {
        let steps = chosen(&["size".into(), "format".into()]).unwrap();
        assert_eq!(names(&steps), ["format", "size"]);
    }

    #[test]
    fn a_step_that_does_not_exist_is_an_error() {
        let error = chosen(&["no-such-step".into()]).err().unwrap();
        assert!(error.to_string().contains("no-such-step"));
    }

    #[test]
    fn without_nextest_the_window_is_still_left_to_its_own_step() {
        let workspace = Workspace::locate().unwrap();
        assert!(
            integration_tests(&workspace)
                .unwrap()
                .contains(&"bindings".to_owned())
        );
    }
}
