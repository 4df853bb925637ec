//! What can be asked of the command. The help that people read stands here.

use std::ffi::OsString;
use std::path::PathBuf;

use brasskey_providers::{Protocol, Provider};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

/// Your keys, your models, one honest bill - from the terminal.
#[derive(Parser)]
#[command(
    name = "brasskey",
    version,
    about,
    after_help = "Keys are never taken from the command line: they are typed, piped in, or read from the environment.\n\
                  Exit codes and the JSON lines of `ask --json` are described in docs/command.md.",
    propagate_version = true,
    disable_help_subcommand = true
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Ask a model, and watch it answer.
    Ask(Ask),
    /// List the models that your keys and your plan offer, with their prices.
    Models {
        /// Only those whose name holds this.
        filter: Option<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Add, list, check, replace and remove keys.
    #[command(subcommand)]
    Keys(Keys),
    /// Import, list and forget prices that you negotiated with providers.
    #[command(subcommand)]
    Prices(Prices),
    /// Hand keys to one other program, through its environment.
    Run(RunCommand),
    /// Say what was spent this month.
    Usage {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Sign in, with a code that you enter in any browser.
    Login {
        /// Begin the trial instead, which needs no account.
        #[arg(long)]
        trial: bool,
    },
    /// Sign out.
    Logout,
    /// Say who is signed in, how you pay, and until when.
    Status {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show your plan, and those that are offered.
    Plan {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Change between your own keys and the plan, after showing what that means.
    Switch(Switch),
    /// Show the terms, and accept them.
    Terms {
        /// Those of this mode; without it, of the mode in force.
        mode: Option<Mode>,
        /// Accept them without being asked.
        #[arg(long)]
        accept: bool,
    },
    /// Look at everything that a call needs, and say what is wrong.
    Doctor,
    /// Print what your shell needs to complete this command.
    Completions {
        /// Your shell.
        shell: Shell,
    },
    /// Print the man page.
    Man {
        /// Write it, and those of all sub-commands, into this folder instead.
        #[arg(long, value_name = "FOLDER")]
        folder: Option<PathBuf>,
    },
}

/// Who pays.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Mode {
    /// Your own keys: each provider bills you for its models.
    OwnKeys,
    /// The plan: Brasskey bills you for all of them.
    Plan,
}

/// A change of the billing mode.
#[derive(Args)]
pub(crate) struct Switch {
    /// Who pays from then on.
    pub(crate) mode: Mode,
    /// With the end of the period that is paid, instead of at once.
    #[arg(long)]
    pub(crate) period_end: bool,
    /// Do not ask whether you are sure.
    #[arg(short, long)]
    pub(crate) yes: bool,
}

/// What can be done with keys.
#[derive(Subcommand)]
pub(crate) enum Keys {
    /// List the keys: never their text.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Add a key: typed where nobody sees it, or piped in.
    Add(AddKey),
    /// Ask the providers whether they accept the keys.
    Check {
        /// Which, by name or id; all without one.
        keys: Vec<String>,
    },
    /// Put a new key in the place of an old one.
    Replace(ReplaceKey),
    /// Say how a key's endpoint is reached, in the window, too: what is not given is as usual.
    Reach {
        /// Which, by name or id.
        key: String,
        #[command(flatten)]
        reach: Reach,
    },
    /// Remove a key for good.
    Remove {
        /// Which, by name or id.
        key: String,
        /// Do not ask whether you are sure.
        #[arg(short, long)]
        yes: bool,
    },
}

/// What can be done with negotiated prices.
#[derive(Subcommand)]
pub(crate) enum Prices {
    /// Put a sheet (CSV) in the place of the one before: all of it, or nothing.
    #[command(
        after_help = "The first line names the columns: provider, model, input and output (dollars per million tokens), and as you\n\
                      like from (a day, as 2026-11-27), cache_read, cache_write, cache_write_1h, cache_write_12h.\n\n  \
                      provider,model,from,input,output\n  \
                      openai,gpt-6.1-sol,2026-12-01,1.60,8.00"
    )]
    Import {
        /// The sheet.
        file: PathBuf,
    },
    /// List what was negotiated.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Go back to the listed prices.
    Forget,
}

/// A new key.
#[derive(Args)]
pub(crate) struct AddKey {
    /// Whose key it is.
    #[arg(value_parser = provider)]
    pub(crate) provider: Provider,
    /// What you call it.
    #[arg(short, long)]
    pub(crate) name: Option<String>,
    /// The address that it is for, where it is not the provider's own.
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// Read it from this variable of the environment.
    #[arg(long, value_name = "VAR")]
    pub(crate) key_env: Option<String>,
    /// There is none: the server is on this computer.
    #[arg(long, conflicts_with = "key_env")]
    pub(crate) keyless: bool,
    /// Save it without asking the provider.
    #[arg(long)]
    pub(crate) no_check: bool,
    /// Save it although the check failed, where it may work later.
    #[arg(long)]
    pub(crate) anyway: bool,
}

/// A key in the place of another.
#[derive(Args)]
pub(crate) struct ReplaceKey {
    /// Which, by name or id.
    pub(crate) key: String,
    /// Read the new one from this variable of the environment.
    #[arg(long, value_name = "VAR")]
    pub(crate) key_env: Option<String>,
    /// Save it although the check failed, where it may work later.
    #[arg(long)]
    pub(crate) anyway: bool,
}

/// Another program, and what it gets.
#[derive(Args)]
#[command(after_help = "Example:\n  brasskey run --key Work -- python agent.py")]
pub(crate) struct RunCommand {
    /// A key by name or id, and with `=` the variable that it is handed over in. May be given several times.
    #[arg(short, long, required = true, value_name = "KEY[=VARIABLE]")]
    pub(crate) key: Vec<String>,
    /// Do not ask whether you are sure.
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// The program and its arguments.
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}

/// A question.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
        brasskey ask --model gpt-6.1-sol 'Why is the sky blue?'\n  \
        git diff | brasskey ask --model claude-opus-5-5 --attach - 'Review this change.'\n  \
        brasskey ask --json --provider anthropic --key-env ANTHROPIC_API_KEY --model claude-opus-5-5 Hello")]
pub(crate) struct Ask {
    /// The question; `-`, or nothing, reads it from what is piped in.
    pub(crate) prompt: Option<String>,
    /// The model, as the provider names it.
    #[arg(short, long)]
    pub(crate) model: String,
    /// Instructions that stand before the question.
    #[arg(short, long, value_name = "TEXT")]
    pub(crate) system: Option<String>,
    /// A text, a picture or a PDF to ask about; `-` is what is piped in. May be given several times.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) attach: Vec<PathBuf>,
    /// The most tokens that may be written, thinking included.
    #[arg(long, value_name = "TOKENS")]
    pub(crate) max_output: Option<u32>,
    /// Print one JSON event a line, for scripts.
    #[arg(long)]
    pub(crate) json: bool,
    /// Do not ask again by itself after a failure that may pass.
    #[arg(long, requires = "provider")]
    pub(crate) no_retry: bool,
    /// The key that pays, by name or id, where several offer the model.
    #[arg(short, long, conflicts_with = "provider")]
    pub(crate) key: Option<String>,
    /// Ask this provider, and read nothing that Brasskey has stored.
    #[arg(long, value_parser = provider, value_name = "PROVIDER")]
    pub(crate) provider: Option<Provider>,
    /// Its address, where it is not the provider's own.
    #[arg(long, value_name = "URL", requires = "provider")]
    pub(crate) base_url: Option<String>,
    /// The variable of the environment that holds the key. Servers on this computer may need none.
    #[arg(long, value_name = "VAR", requires = "provider")]
    pub(crate) key_env: Option<String>,
    /// Which of OpenAI's two interfaces is spoken, where it is not the provider's usual one.
    #[arg(long, requires = "provider")]
    pub(crate) api: Option<Api>,
    #[command(flatten)]
    pub(crate) reach: Reach,
}

/// How an endpoint is reached, where that is not as usual.
#[derive(Args)]
pub(crate) struct Reach {
    /// OpenAI's organisation that the call is counted for.
    #[arg(long, value_name = "ID")]
    pub(crate) organization: Option<String>,
    /// OpenAI's project that the call is counted for.
    #[arg(long, value_name = "ID")]
    pub(crate) project: Option<String>,
    /// One more header, which is no secret. May be given several times.
    #[arg(long, value_name = "NAME: VALUE")]
    pub(crate) header: Vec<String>,
    /// Through this proxy; `system` is the one that the system or the environment names. Without it, none is used.
    #[arg(long, value_name = "URL")]
    pub(crate) proxy: Option<String>,
    /// A file with certificates (PEM) to believe besides the system's.
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// How many seconds the provider may be silent.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) timeout: Option<u32>,
}

/// OpenAI's two interfaces.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Api {
    /// Chat Completions.
    Chat,
    /// Responses.
    Responses,
}

impl Api {
    pub(crate) fn protocol(self) -> Protocol {
        match self {
            Self::Chat => Protocol::OpenAiChat,
            Self::Responses => Protocol::OpenAiResponses,
        }
    }
}

fn provider(word: &str) -> Result<Provider, String> {
    word.parse().map_err(|_| {
        let known: Vec<&str> = Provider::all().iter().map(|each| each.as_str()).collect();
        format!("the providers are {}", known.join(", "))
    })
}
