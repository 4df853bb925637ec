//! `brasskey run -- COMMAND`: hands keys to one other program, through its environment alone.
//!
//! What the program prints is passed on with the keys masked. What it does with them is its own: the warning says so.

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::process::{ExitCode, Stdio};

use brasskey_app::App;
use brasskey_app::keys::view::KeyView;
use brasskey_providers::Provider;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;

use crate::arguments::RunCommand;
use crate::confirm;
use crate::exit::Exit;
use crate::keys::find;
use crate::mask::Mask;
use crate::open::{open, told, unlock};

/// Runs it and ends as it ends.
pub(crate) async fn run(command: RunCommand) -> ExitCode {
    let app = match open().await {
        Ok(app) => app,
        Err(exit) => return exit.into(),
    };
    let ran = with_keys(&app, command).await;
    app.quit().await;
    ran.unwrap_or_else(ExitCode::from)
}

async fn with_keys(app: &App, command: RunCommand) -> Result<ExitCode, Exit> {
    let [program, arguments @ ..] = &command.command[..] else {
        return Err(Exit::Usage);
    };
    let mut chosen = Vec::new();
    for word in &command.key {
        let (word, variable) = match word.rsplit_once('=') {
            Some((word, variable)) => (word, Some(variable.to_owned())),
            None => (word.as_str(), None),
        };
        let key = find(app, word).await?;
        let variable = variable
            .or_else(|| usual_variable(key.provider))
            .ok_or_else(|| {
                eprintln!(
                    "brasskey: {} has no usual variable; name one: --key {word}=VARIABLE",
                    key.provider_name
                );
                Exit::Usage
            })?;
        chosen.push((key, variable));
    }
    let name = Path::new(program)
        .file_name()
        .unwrap_or(program)
        .to_string_lossy()
        .into_owned();
    if !command.yes && !warned(&name, &chosen) {
        eprintln!("Nothing was handed over.");
        return Err(Exit::Usage);
    }
    unlock(app).await?;
    let mut handed = Vec::new();
    for (key, variable) in chosen {
        let secret = app.hand_over_key(&key.id, &name).await.map_err(told)?;
        handed.push((variable, secret));
    }
    start(program, arguments, handed).await
}

fn usual_variable(provider: Provider) -> Option<String> {
    provider
        .environment_variable()
        .first()
        .map(|name| (*name).to_owned())
}

fn warned(name: &str, chosen: &[(KeyView, String)]) -> bool {
    for (key, variable) in chosen {
        eprintln!("{name} gets the key {} as {variable}.", key.label);
    }
    eprintln!(
        "It, and every program it starts, can read and send the key; Brasskey cannot take it back, sees none of its calls,\n\
         and counts none of its cost. That it was handed over is kept on record."
    );
    confirm("Hand it over?")
}

async fn start(
    program: &OsString,
    arguments: &[OsString],
    handed: Vec<(String, SecretString)>,
) -> Result<ExitCode, Exit> {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for (variable, secret) in &handed {
        command.env(variable, secret.expose_secret());
    }
    let started = command.spawn();
    // The builder keeps a copy of each key.
    drop(command);
    let mut child = started.map_err(|error| {
        eprintln!(
            "brasskey: {} cannot be started: {error}",
            program.to_string_lossy()
        );
        Exit::Failed
    })?;
    let secrets: Vec<Zeroizing<Vec<u8>>> = handed
        .iter()
        .map(|(_, secret)| Zeroizing::new(secret.expose_secret().as_bytes().to_vec()))
        .collect();
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let passing = async {
        tokio::join!(
            pass_on(out, std::io::stdout(), Mask::new(&secrets)),
            pass_on(err, std::io::stderr(), Mask::new(&secrets)),
        );
        child.wait().await
    };
    match passing.await {
        // Its own code is told as it is; one that was killed has none.
        Ok(status) => Ok(status
            .code()
            .and_then(|code| u8::try_from(code).ok())
            .map_or_else(|| Exit::Interrupted.into(), ExitCode::from)),
        Err(error) => {
            eprintln!("brasskey: {error}");
            Err(Exit::Failed)
        }
    }
}

async fn pass_on(from: Option<impl AsyncRead + Unpin>, mut to: impl Write, mut mask: Mask<'_>) {
    let Some(mut from) = from else { return };
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = from.read(&mut buffer).await.unwrap_or(0);
        let passed = if read == 0 {
            mask.rest()
        } else {
            mask.pass(buffer.get(..read).unwrap_or_default())
        };
        // Whoever reads it may have gone; the program is not stopped for that.
        if to.write_all(&passed).and_then(|()| to.flush()).is_err() || read == 0 {
            return;
        }
    }
}
