//! `kill -9` in the middle of an answer: the text between the last token on the disk and the end of the process.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use brasskey_app::chat::view::TurnEvent;
use clap::Args;
use tokio::time::sleep;

use super::PER_SECOND;
use crate::clock::unix_ns;
use crate::core::{add_server, ask, open};
use crate::fault::Fault;
use crate::process::{Running, own};
use crate::run::{folder, runtime};
use crate::wire::Clocked;

/// A process that asks and is killed.
#[derive(Args)]
pub(crate) struct Killed {
    #[arg(long)]
    provider: String,
    #[arg(long)]
    folder: PathBuf,
}

/// What kills took away.
pub(super) struct Outcome {
    /// Milliseconds of text of each.
    pub(super) lost_ms: Vec<f64>,
    /// Calls without a receipt after the next start.
    pub(super) receipts_lost: f64,
}

/// Asks, says in which conversation when there is text, and reads on.
pub(crate) fn answer_until_killed(options: &Killed) -> Result<(), Fault> {
    runtime()?.block_on(async {
        let app = open(&options.folder).await?;
        let key = add_server(&app, &options.provider).await?;
        let mut turn = ask(&app, &key, &Clocked::for_seconds(PER_SECOND, 60)).await?;
        while let Some(event) = turn.events.recv().await {
            if matches!(event, TurnEvent::Delta { .. }) {
                break;
            }
        }
        println!("{}", turn.view.conversation_id);
        turn.end().await
    })
}

/// Kills at moments that are spread over the pause between two commits.
pub(super) async fn lost(kills: u32, provider: &str) -> Result<Outcome, Fault> {
    let mut outcome = Outcome {
        lost_ms: Vec::new(),
        receipts_lost: 0.0,
    };
    for number in 0..kills {
        let folder = folder()?;
        let mut command = own(&["answer-until-killed", "--provider", provider, "--folder"])?;
        command.arg(folder.path()).stdout(Stdio::piped());
        let mut process = Running::start(&mut command)?;
        let conversation = process.line()?;
        sleep(Duration::from_millis(
            1000 + 500 * u64::from(number) / u64::from(kills),
        ))
        .await;
        // It runs no longer from here on, however long its memory takes to be given back.
        let killed_us = unix_ns() / 1000;
        process.kill()?;
        let app = open(folder.path()).await?;
        let view = app.open_conversation(&conversation).await?;
        app.quit().await;
        let answer = view
            .messages
            .last()
            .ok_or_else(|| Fault::Other("nothing was kept of an answer".into()))?;
        let kept_us = Clocked::sent_us(&answer.text).last().unwrap_or(0);
        #[allow(clippy::cast_precision_loss, reason = "milliseconds fit")]
        outcome.lost_ms.push((killed_us - kept_us) as f64 / 1000.0);
        outcome.receipts_lost += f64::from(u8::from(answer.receipt.is_none()));
    }
    Ok(outcome)
}
