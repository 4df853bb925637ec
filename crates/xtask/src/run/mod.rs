//! `cargo xtask run`: the application in a window, with the sandbox provider, the platform's service and an identity provider
//! beside it. All end with the command.

mod beside;
mod headless;
mod identity;
mod picture;
mod platform;
mod sandbox;

use std::env;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::Duration;

use crate::error::Error;
use crate::process::{self, Running};
use crate::setup::{self, Need};
use crate::stale::is_stale;
use crate::workspace::Workspace;

/// Whose signature a build for development trusts.
const LICENCE_ROOTS: &str = "BRASSKEY_LICENCE_ROOTS";

/// What can be asked of `cargo xtask run`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Open the window without a screen, write its picture, and end.
    #[arg(long)]
    exit_after_picture: bool,
}

/// Sets up, builds and opens the application; returns when it was closed or stopped.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<(), Error> {
    let headless = options.exit_after_picture || !has_screen();
    let needs: &[Need] = if headless {
        &[Need::Build, Need::Ui, Need::Identity, Need::Window]
    } else {
        &[Need::Build, Need::Ui, Need::Identity]
    };
    setup::provide(workspace, needs)?;
    build_ui(workspace)?;
    println!("building the application, the sandbox provider and the platform's service");
    // The workspace as a whole: the same features as for the tests, so that nothing is compiled twice.
    process::show(&mut workspace.cargo(["build", "--workspace", "--bins"]))?;

    let stop = Stop::listen()?;
    let _sandbox = sandbox::start_or_join(workspace, &stop)?;
    let _identity = identity::start_or_join(workspace, &stop)?;
    let _platform = platform::start_or_join(workspace, &stop)?;
    // Its licences are signed with a root of its own, which the application is told of.
    let roots = platform::roots(workspace)?;
    let program = workspace.binary("brasskey-desktop");
    if headless {
        in_a_virtual_screen(workspace, options, &program, &roots, &stop)
    } else {
        println!("opening Brasskey; close its window or press Ctrl-C to stop");
        let mut command = Command::new(&program);
        command.env(LICENCE_ROOTS, &roots);
        let mut app = Running::start("Brasskey", &mut command)?;
        wait_for_end(&mut app, &stop, &program)
    }
}

/// Builds the UI when one of its sources is newer than what was built.
pub(crate) fn build_ui(workspace: &Workspace) -> Result<(), Error> {
    let ui = workspace.root.join("ui");
    let sources = [
        "src",
        "public",
        "index.html",
        "vite.config.ts",
        "package.json",
        "package-lock.json",
    ];
    let sources = sources.map(|name| ui.join(name));
    let sources: Vec<&Path> = sources.iter().map(|path| path.as_path()).collect();
    if is_stale(&ui.join("dist/index.html"), &sources, &[])? {
        println!("building the UI");
        process::show(&mut workspace.npm("ui", ["run", "build"]))?;
    }
    Ok(())
}

fn in_a_virtual_screen(
    workspace: &Workspace,
    options: &Options,
    program: &Path,
    roots: &str,
    stop: &Stop,
) -> Result<(), Error> {
    let results = workspace.results("run");
    std::fs::create_dir_all(&results).map_err(Error::file(&results))?;
    println!(
        "there is no screen here (no DISPLAY, no WAYLAND_DISPLAY): opening Brasskey in a virtual one"
    );
    // A run that has to end by itself is a check, and a check does not touch the user's own keyring.
    let session = if options.exit_after_picture || !has_session_bus() {
        println!(
            "with a keyring of its own, whose password is no secret, in {}: add sandbox keys only",
            results.join("home").display()
        );
        headless::Session::private(&results.join("home"))?
    } else {
        headless::Session::of_the_user()?
    };
    let mut command = session.command(program);
    command.env(LICENCE_ROOTS, roots);
    let mut app = Running::start("Brasskey", &mut command)?;
    let picture = results.join("window.png");
    picture::take_when_drawn(&session, &mut app, &picture, stop)?;
    if stop.is_requested() {
        return Ok(());
    }
    println!("picture of the window: {}", picture.display());
    if options.exit_after_picture {
        return Ok(());
    }
    println!(
        "the window is on display {}; press Ctrl-C to stop (or: kill {})",
        session.display(),
        std::process::id()
    );
    wait_for_end(&mut app, stop, program)
}

fn wait_for_end(app: &mut Running, stop: &Stop, program: &Path) -> Result<(), Error> {
    while !stop.is_requested() {
        match app.ended()? {
            Some(status) if status.success() => break,
            // On Ctrl-C the terminal stops the application too, and it may be first.
            Some(_) if stop.is_requested_soon() => break,
            Some(status) => {
                return Err(Error::Failed {
                    command: program.display().to_string(),
                    status,
                });
            }
            None => sleep(Duration::from_millis(100)),
        }
    }
    Ok(())
}

fn has_screen() -> bool {
    !cfg!(target_os = "linux") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

fn has_session_bus() -> bool {
    is_set("DBUS_SESSION_BUS_ADDRESS")
        || env::var_os("XDG_RUNTIME_DIR")
            .is_some_and(|folder| Path::new(&folder).join("bus").exists())
}

fn is_set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| !value.is_empty())
}

/// Whether the command was asked to stop: Ctrl-C, SIGTERM or a closed terminal.
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Takes over the signals that would end this process and leave its children behind.
    fn listen() -> Result<Self, Error> {
        let requested = Arc::new(AtomicBool::new(false));
        let handler = Arc::clone(&requested);
        ctrlc::set_handler(move || handler.store(true, Ordering::SeqCst))?;
        Ok(Self(requested))
    }

    /// Whether it was asked to stop.
    pub(crate) fn is_requested(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    fn is_requested_soon(&self) -> bool {
        sleep(Duration::from_millis(300));
        self.is_requested()
    }
}
