//! `cargo xtask shots`: a picture of every screen and state in `target/shots`, from the UI in Chromium and from the
//! real window, whose tests take one at each stage of a journey.

use std::fs;
use std::path::Path;

use crate::error::Error;
use crate::process;
use crate::run::build_ui;
use crate::setup::{self, Need};
use crate::test::{desktop_tests, in_browser, script};
use crate::workspace::Workspace;

/// Takes all pictures anew.
pub(crate) fn take(workspace: &Workspace) -> Result<(), Error> {
    let needs = [
        Need::Build,
        Need::Ui,
        Need::Browser,
        Need::Window,
        Need::WindowTests,
        Need::Identity,
    ];
    setup::provide(
        workspace,
        if cfg!(target_os = "linux") {
            &needs
        } else {
            &needs[1..3]
        },
    )?;
    let shots = workspace.results("shots");
    if shots.exists() {
        // A picture of a screen that no longer exists would pass for a current one.
        fs::remove_dir_all(&shots).map_err(Error::file(&shots))?;
    }
    fs::create_dir_all(&shots).map_err(Error::file(&shots))?;

    println!("every screen and state, in Chromium");
    process::show(
        in_browser(script(workspace, "tests/ui", "shots")).env("BRASSKEY_SHOTS", &shots),
    )?;
    if cfg!(target_os = "linux") {
        println!("the real window");
        build_ui(workspace)?;
        process::show(&mut workspace.cargo(["build", "--locked", "--workspace", "--all-targets"]))?;
        process::show(desktop_tests(workspace).env("BRASSKEY_SHOTS", &shots))?;
    }
    match pictures(&shots)? {
        0 => Err(Error::Answer {
            command: "cargo xtask shots".into(),
            answer: "no picture was taken".into(),
        }),
        count => {
            println!("{count} pictures in {}", shots.display());
            Ok(())
        }
    }
}

fn pictures(folder: &Path) -> Result<usize, Error> {
    let mut count = 0;
    for entry in folder.read_dir().map_err(Error::file(folder))? {
        let path = entry.map_err(Error::file(folder))?.path();
        count += if path.is_dir() {
            pictures(&path)?
        } else {
            usize::from(path.extension().is_some_and(|e| e == "png"))
        };
    }
    Ok(count)
}
