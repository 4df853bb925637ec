//! The log: one file a day in the application's log folder, seven kept. Codes, ids, states; never keys, headers, bodies, or addresses
//! with a query, and the libraries that see those are capped.

use std::path::Path;

use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{InitError, RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;

const DAYS_KEPT: usize = 7;

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
