//! `cargo xtask soak`: the long forms of what `cargo xtask test` runs in a short one.
//!
//! It looks for what nobody thought of, for as long as one lets it. What it finds is put into the repository as a test by
//! hand: it must never change a file that is kept there.

use std::path::Path;

use clap::{Args, ValueEnum};

use crate::error::Error;
use crate::process;
use crate::setup::{self, Need};
use crate::workspace::Workspace;

/// Where the fuzzer's programs and the inputs that are kept stand.
const FUZZ: &str = "tests/fuzz";

/// The properties of the view of Markdown.
const MARKDOWN: &str = "src/features/markdown/fuzz.test.tsx";

/// What can be asked of `cargo xtask soak`.
#[derive(Args)]
pub(crate) struct Options {
    /// What is done; everything where nothing is named.
    names: Vec<Name>,
    /// How long each reader, and each property of the view of Markdown, is tried.
    #[arg(long, default_value_t = 10)]
    minutes: u64,
    /// Fuzz only these readers.
    #[arg(long, value_name = "TARGET")]
    only: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    /// Everything that reads bytes from outside, by libFuzzer.
    Fuzz,
    /// The view of Markdown, over texts that nobody wrote.
    Markdown,
    /// A hundred thousand vendor-billed calls while processes are killed.
    Money,
}

/// Does what was asked for.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<(), Error> {
    let is_asked = |name| options.names.is_empty() || options.names.contains(&name);
    if is_asked(Name::Fuzz) {
        fuzz(workspace, options)?;
    }
    if is_asked(Name::Markdown) {
        markdown(workspace, options)?;
    }
    if is_asked(Name::Money) {
        money(workspace)?;
    }
    Ok(())
}

fn fuzz(workspace: &Workspace, options: &Options) -> Result<(), Error> {
    setup::provide(workspace, &[Need::Build])?;
    let program = setup::cargo_fuzz(workspace)?;
    let corpus = workspace.root.join(FUZZ).join("corpus");
    let mut targets = names(&corpus)?;
    targets.retain(|target| options.only.is_empty() || options.only.contains(target));
    let found = workspace.results("fuzz");
    for target in targets {
        println!("fuzzing {target} for {} min", options.minutes);
        // New inputs go into a folder of their own; those that are kept are only read.
        let own = found.join(&target);
        std::fs::create_dir_all(&own).map_err(Error::file(&own))?;
        let mut command = workspace.program(program.display().to_string(), &workspace.root);
        command
            // Flags of its own, and therefore a target folder of its own.
            .env("CARGO_TARGET_DIR", workspace.target.join("fuzz-build"))
            // The sanitizer needs a nightly compiler; the readers are safe Rust, and their panics are what is looked for.
            .args(["run", "--sanitizer", "none", "--fuzz-dir"])
            .arg(Path::new(FUZZ).join("targets"))
            .arg(&target)
            .arg(&own)
            .arg(corpus.join(&target))
            .arg("--")
            .arg(format!("-max_total_time={}", options.minutes * 60))
            .arg(format!("-artifact_prefix={}/found-{target}-", found.display()))
            // An input that takes a second, or half a gigabyte, is a finding as well.
            .args(["-timeout=1", "-rss_limit_mb=512", "-print_final_stats=1"]);
        process::show(&mut command)?;
    }
    Ok(())
}

/// The readers, by the folders of their inputs.
fn names(corpus: &Path) -> Result<Vec<String>, Error> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(corpus).map_err(Error::file(corpus))? {
        let entry = entry.map_err(Error::file(corpus))?;
        names.extend(entry.file_name().into_string());
    }
    names.sort();
    Ok(names)
}

/// A failure tells its seed, with which `BRASSKEY_FUZZ_SEED` repeats it, and the smallest text that shows it.
fn markdown(workspace: &Workspace, options: &Options) -> Result<(), Error> {
    setup::provide(workspace, &[Need::Ui])?;
    let mut command = workspace.npm("ui", ["exec", "--", "vitest", "run", MARKDOWN]);
    command.env("BRASSKEY_FUZZ_MINUTES", options.minutes.to_string());
    process::show(&mut command)
}

fn money(workspace: &Workspace) -> Result<(), Error> {
    setup::provide(workspace, &[Need::Build, Need::Identity])?;
    let mut command = workspace.cargo(["test", "--locked", "--workspace", "--test", "kinde"]);
    command
        .args(["--", "--nocapture", "money::every_cent"])
        .env("BRASSKEY_MONEY_CALLS", "100000");
    process::show(&mut command)
}
