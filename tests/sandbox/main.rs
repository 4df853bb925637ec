//! `brasskey-sandbox`: the sandbox provider for a person at the running app. It serves on 127.0.0.1 until it is ended.

use std::io::Write;

use brasskey_tests::{SANDBOX_PORT, Sandbox, Script};
use clap::Parser;

/// A provider that costs nothing: it speaks the protocols of OpenAI, Anthropic, Gemini, OpenRouter and Ollama.
/// Ask it `/help`.
#[derive(Parser)]
#[command(name = "brasskey-sandbox", version)]
struct Options {
    /// Port of 127.0.0.1 to serve on; 0 takes a free one.
    #[arg(long, default_value_t = SANDBOX_PORT)]
    port: u16,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = Options::parse();
    let sandbox = Sandbox::start_on(options.port).await?;
    sandbox.always(Script::unhurried());
    let mut out = std::io::stdout();
    writeln!(out, "sandbox provider on http://{}", sandbox.addr())?;
    out.flush()?;
    std::future::pending().await
}
