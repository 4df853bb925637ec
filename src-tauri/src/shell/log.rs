//! The log: one file a day in the application's log folder, seven kept. Codes, ids, states; never keys, headers, bodies, or addresses
//! with a query, and the libraries that see those are capped.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{InitError, RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;

const DAYS_KEPT: usize = 7;

/// What of the log goes into a report at most.
const TAIL_BYTES: u64 = 64 * 1024;
const TAIL_LINES: usize = 200;

/// What is logged. The crates that handle requests, keys and the bus say nothing below a warning, whatever is asked for.
const FILTER: &str = "info,reqwest=warn,hyper=warn,hyper_util=warn,h2=warn,rustls=warn,zbus=warn,keyring_core=off,sqlx=warn,tauri=warn,wry=warn,tao=warn";

/// Starts the log. Lines are written while the guard lives.
///
/// # Errors
/// When the folder cannot be written.
pub(crate) fn start(folder: &Path) -> Result<WorkerGuard, InitError> {
    let file = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("brasskey")
        .filename_suffix("log")
        .max_log_files(DAYS_KEPT)
        .build(folder)?;
    let (writer, guard) = tracing_appender::non_blocking(file);
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(FILTER))
        .with_ansi(false)
        .with_writer(writer)
        .finish();
    if tracing::subscriber::set_global_default(subscriber).is_err() {
        tracing::debug!("a log is already running");
    }
    Ok(guard)
}

/// The last lines of the log; none where it cannot be read.
pub(crate) fn tail(folder: &Path) -> String {
    read_tail(folder).unwrap_or_default()
}

fn read_tail(folder: &Path) -> std::io::Result<String> {
    let files = std::fs::read_dir(folder)?
        .flatten()
        .map(|entry| entry.path());
    // They are named by their day.
    let newest = files
        .filter(|path| path.extension().is_some_and(|ending| ending == "log"))
        .max();
    let Some(newest) = newest else {
        return Ok(String::new());
    };
    let mut file = File::open(newest)?;
    let from = file.metadata()?.len().saturating_sub(TAIL_BYTES);
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(TAIL_BYTES).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let mut lines: Vec<&str> = text.lines().collect();
    // The first one was cut, and with it perhaps what would have shown what it holds.
    let first = usize::from(from > 0).max(lines.len().saturating_sub(TAIL_LINES));
    Ok(lines.split_off(first.min(lines.len())).join("\n"))
}

/// A panic is logged with its place and nothing else: its text may hold a value.
pub(crate) fn panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        tracing::error!(%place, "panicked");
    }));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::disallowed_methods)]

    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use secrecy::{ExposeSecret, SecretString};
    use tracing_subscriber::fmt::MakeWriter;

    use super::*;

    #[test]
    fn the_tail_is_whole_lines_of_the_newest_file() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(tail(folder.path()), "");
        assert_eq!(tail(&folder.path().join("none")), "");
        std::fs::write(folder.path().join("brasskey.2026-11-26.log"), "old\n").unwrap();
        let newest = folder.path().join("brasskey.2026-11-27.log");
        std::fs::write(&newest, "one\ntwo\n").unwrap();
        assert_eq!(tail(folder.path()), "one\ntwo");
        let long: String = (0..9000)
            .map(|line| format!("line {line} of many\n"))
            .collect();
        std::fs::write(&newest, long).unwrap();
        let tail = tail(folder.path());
        assert_eq!(tail.lines().count(), TAIL_LINES);
        assert_eq!(tail.lines().next(), Some("line 8800 of many"));
        assert_eq!(tail.lines().last(), Some("line 8999 of many"));
    }

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Lines {
        type Writer = Self;

        fn make_writer(&'a self) -> Self {
            self.clone()
        }
    }

    #[tokio::test]
    async fn a_task_that_panics_with_a_key_in_its_hand_logs_its_place_alone() {
        let lines = Lines::default();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(lines.clone())
            .finish();
        tracing::subscriber::set_global_default(subscriber).unwrap();
        panics();
        let key = SecretString::from("sk-proj-Zq7w9Xk393VbTnR5yUe8Lp2Mc6Hd4Gs");
        let task = tokio::spawn(async move {
            let held = key;
            // Debug of a secret says nothing; a careless message says it all.
            assert_eq!(held.expose_secret(), "another", "{held:?}");
        });
        assert!(task.await.unwrap_err().is_panic());
        let log = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        assert!(log.contains("panicked") && log.contains("log.rs"), "{log}");
        assert!(
            !log.contains("Zq7w9Xk393") && !log.contains("another"),
            "{log}"
        );
    }
}
