//! A picture of the window on a virtual screen, taken once the page is drawn.

use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::Stop;
use super::headless::Session;
use crate::error::Error;
use crate::process::{self, Running};

const DEADLINE: Duration = Duration::from_secs(60);
/// How long the page may still move once something is drawn; a blinking caret moves for ever.
const SETTLING: Duration = Duration::from_secs(5);
/// A page has some two thousand colours; the title bar alone, before the page has come, about two hundred.
const FEWEST_COLOURS: u32 = 600;

/// Waits until the page is drawn and at rest, and leaves its picture at `path`.
pub(crate) fn take_when_drawn(
    session: &Session,
    app: &mut Running,
    path: &Path,
    stop: &Stop,
) -> Result<(), Error> {
    let started = Instant::now();
    let mut drawn: Option<(Instant, String)> = None;
    while started.elapsed() < DEADLINE && !stop.is_requested() {
        if let Some(status) = app.ended()? {
            return Err(Error::Failed {
                command: "Brasskey".into(),
                status,
            });
        }
        process::show(
            session
                .command("import")
                .args(["-silent", "-window", "root"])
                .arg(path),
        )?;
        let (colours, signature) = describe(path)?;
        if colours >= FEWEST_COLOURS {
            match &drawn {
                Some((since, before)) if *before == signature || since.elapsed() > SETTLING => {
                    return Ok(());
                }
                Some((since, _)) => drawn = Some((*since, signature)),
                None => drawn = Some((Instant::now(), signature)),
            }
        }
        sleep(Duration::from_millis(400));
    }
    if stop.is_requested() {
        return Ok(());
    }
    Err(Error::TooLate {
        what: "the window shows nothing",
        seconds: DEADLINE.as_secs(),
    })
}

/// The number of colours in a picture, and a hash of its pixels.
fn describe(path: &Path) -> Result<(u32, String), Error> {
    let mut command = std::process::Command::new("identify");
    command.args(["-format", "%k %#"]).arg(path);
    let answer = process::read(&mut command)?;
    answer
        .split_once(' ')
        .and_then(|(colours, signature)| Some((colours.parse().ok()?, signature.trim().to_owned())))
        .ok_or_else(|| Error::Answer {
            command: process::line(&command),
            answer: answer.clone(),
        })
}
