//! `cargo xtask bench`: measures against yardsticks in the same run, and says what is not met.
//!
//! It is a measurement and no test: no check depends on it, and it ends well when it ran to its end, whatever it found.

use clap::{Args, ValueEnum};

use crate::error::Error;
use crate::process;
use crate::setup::{self, Need};
use crate::workspace::Workspace;

/// What can be asked of `cargo xtask bench`.
#[derive(Args)]
pub(crate) struct Options {
    /// What is measured.
    name: Name,
    /// Also write what was found to target/bench/NAME.json.
    #[arg(long)]
    json: bool,
    /// Fewer and shorter rounds, and smaller databases: to see that it runs.
    #[arg(long)]
    quick: bool,
    /// Measure only what begins with this, as `gateway` or `licence.refresh`; may be given several times.
    #[arg(long, value_name = "METRIC")]
    only: Vec<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Name {
    /// The gateway against nginx and a bare pass-through, and the hosted service on both databases.
    Platform,
    /// The search over 100,000 messages against a bare FTS5 table.
    Search,
    /// Prices against plain integers, and reports over a million receipts.
    Cost,
    /// Reading an answer in each protocol against framing alone and framing with serde.
    Providers,
    /// What keeping a streamed answer costs, and what a sudden end takes away.
    Store,
    /// How often the credential store is asked.
    Keys,
    /// A growing answer against a bare page, in Chromium and in WebKitGTK.
    Render,
    /// A conversation of 5,000 messages against one of 50, in both browsers.
    Long,
    /// The start of the program against an empty window.
    Start,
    /// The memory of the program against an empty window.
    Memory,
}

impl Name {
    /// As it is called, here and by the bench.
    fn word(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Search => "search",
            Self::Cost => "cost",
            Self::Providers => "providers",
            Self::Store => "store",
            Self::Keys => "keys",
            Self::Render => "render",
            Self::Long => "long",
            Self::Start => "start",
            Self::Memory => "memory",
        }
    }

    /// What it measures with.
    fn needs(self) -> &'static [Need] {
        match self {
            Self::Platform => &[Need::Build, Need::Bench],
            Self::Search | Self::Cost | Self::Providers | Self::Store => &[Need::Build],
            Self::Keys => &[Need::Build, Need::Window],
            Self::Start | Self::Memory => &[Need::Build, Need::Ui, Need::Window, Need::WindowTests],
            Self::Render | Self::Long => &[
                Need::Build,
                Need::Ui,
                Need::Browser,
                Need::Window,
                Need::WindowTests,
                Need::BrowserDriver,
            ],
        }
    }

    /// What has to be built beside the bench.
    fn measured(self) -> &'static [&'static str] {
        match self {
            Self::Platform | Self::Keys => &["--package", "brasskey-platform"],
            Self::Search
            | Self::Cost
            | Self::Providers
            | Self::Store
            | Self::Render
            | Self::Long => &[],
            Self::Start | Self::Memory => &[
                "--package",
                "brasskey",
                "--package",
                "brasskey-bench-window",
            ],
        }
    }

    /// Whether the program has to be there with its page in it.
    fn starts_the_program(self) -> bool {
        matches!(self, Self::Start | Self::Memory)
    }

    /// Whether it looks at the window over the in-memory backend.
    fn looks_at_the_window(self) -> bool {
        matches!(self, Self::Render | Self::Long)
    }
}

/// Sets up, builds what ships, and measures.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<(), Error> {
    let word = options.name.word();
    setup::provide(workspace, options.name.needs())?;
    println!("building what is measured, as it is released");
    if options.name.starts_the_program() {
        process::show(&mut workspace.npm("ui", ["run", "build"]))?;
    }
    let mut build = workspace.cargo([
        "build",
        "--locked",
        "--profile",
        "service",
        "--package",
        "brasskey-bench",
    ]);
    build.args(options.name.measured());
    process::show(&mut build)?;
    let program = workspace.served("brasskey-bench");
    let mut command = workspace.program(program.display().to_string(), &workspace.root);
    command.arg(word);
    if options.name.looks_at_the_window() {
        let window = workspace.results("bench").join("window");
        let folder = window.display().to_string();
        let build = [
            "run",
            "build:fake",
            "--",
            "--outDir",
            &folder,
            "--emptyOutDir",
        ];
        process::show(&mut workspace.npm("ui", build))?;
        command.arg("--window").arg(window);
    }
    if options.json {
        let file = workspace.results("bench").join(format!("{word}.json"));
        command.arg("--json").arg(file);
    }
    if options.quick {
        command.arg("--quick");
    }
    for metric in &options.only {
        command.args(["--only", metric]);
    }
    process::show(&mut command)
}
