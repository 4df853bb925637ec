//! The shell: the only crate that names Tauri. It opens the window, hands commands to the application, and keeps the
//! window's own preferences. No logic, no secret, no request of its own.

mod arg;
pub mod commands;
pub mod ipc;
mod preferences;
mod shell;

use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use brasskey_app::error::ErrorView;
use brasskey_app::{App, home, process};
use brasskey_vault::Vault;
use tauri::{Manager, RunEvent};
use tracing_appender::non_blocking::WorkerGuard;

use preferences::PreferenceStore;

/// Why there is no [`App`]; the window shows it instead of anything else.
pub(crate) struct NotOpened(pub(crate) ErrorView);

/// The log; its lines are written while the guard lives.
struct OpenLog(Mutex<Option<WorkerGuard>>);

/// Runs Brasskey until its window is closed.
#[must_use]
pub fn run() -> ExitCode {
    shell::log::panics();
    let ipc = ipc::builder();
    let handler = ipc.invoke_handler();
    let built = tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(|handle, _, _| {
            shell::window::focus(handle)
        }))
        .plugin(tauri_plugin_store::Builder::default().build())
        .plugin(tauri_plugin_opener::init())
        .plugin(tauri_plugin_clipboard_manager::init())
        .plugin(tauri_plugin_dialog::init())
        .invoke_handler(handler)
        .setup(move |app| {
            ipc.mount_events(app);
            set_up(app)
        })
        .build(tauri::generate_context!());
    match built {
        Ok(app) => {
            app.run(|handle, event| {
                if let RunEvent::Exit = event {
                    if let Some(app) = handle.try_state::<App>() {
                        tauri::async_runtime::block_on(app.quit());
                    }
                    // The process ends without dropping what is managed: the log's last lines are written here.
                    if let Some(log) = handle.try_state::<OpenLog>() {
                        drop(log.0.lock().unwrap_or_else(PoisonError::into_inner).take());
                    }
                }
            });
            ExitCode::SUCCESS
        }
        Err(error) => {
            tracing::error!(%error, "Brasskey could not start");
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

fn set_up(app: &mut tauri::App) -> Result<(), Box<dyn std::error::Error>> {
    // Without a log Brasskey works all the same.
    if let Ok(guard) = shell::log::start(&app.path().app_log_dir()?) {
        app.manage(OpenLog(Mutex::new(Some(guard))));
    }
    // Before anything is opened that holds a key, and with a log to say it in when it fails.
    process::close_to_others();
    app.manage(PreferenceStore::open(app.handle())?);
    let database = app.path().app_data_dir()?.join(home::DATABASE);
    let opening = App::open(&database, Vault::system(home::SERVICE), home::platform()?);
    match tauri::async_runtime::block_on(opening) {
        Ok(opened) => {
            app.manage(opened.clone());
            let handle = app.handle().clone();
            tauri::async_runtime::spawn(shell::changes::forward(opened.clone(), handle));
            tauri::async_runtime::spawn(async move { opened.settle_in().await });
        }
        Err(error) => {
            tracing::error!(%error, "the database could not be opened");
            app.manage(NotOpened(error.into()));
        }
    }
    shell::window::open(app)?;
    Ok(())
}

#[allow(
    clippy::print_stderr,
    reason = "there is no window and no log to say it in"
)]
fn complain(error: &tauri::Error) {
    eprintln!("Brasskey could not start: {error}");
}
