//! The real program in a world of its own, as the desktop tests have it, and the empty window beside it.

pub(crate) mod memory;
pub(crate) mod start;

use std::path::PathBuf;

use brasskey_app::billing::view::BillingMode;
use brasskey_app::models::view::ModelRef;
use brasskey_tests::desktop::{Desktop, DesktopOptions, Find, Keyring};

use crate::core;
use crate::fault::Fault;
use crate::process::own_pss_kb;
use crate::wire::Clocked;

/// The conversation that a window is to open.
const TITLE: &str = "What time is it?";

/// Which program.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Contestant {
    Brasskey,
    Empty,
}

impl Contestant {
    /// It was built with this program.
    fn binary(self) -> Result<PathBuf, Fault> {
        let own = std::env::current_exe().map_err(Fault::Pipe)?;
        Ok(own.with_file_name(match self {
            Self::Brasskey => "brasskey-desktop",
            Self::Empty => "brasskey-bench-window",
        }))
    }

    /// A desktop with the program in it, which is closed again.
    async fn desktop(self) -> Result<Desktop, Fault> {
        let mut desktop = Desktop::start(DesktopOptions {
            binary: Some(self.binary()?),
            keyring: Keyring::Unlocked,
            screen: (1280, 820),
            ..DesktopOptions::default()
        })
        .await?;
        desktop.kill().await?;
        Ok(desktop)
    }
}

/// The application as somebody left it who uses a model server of this computer: the first run is over, and a conversation
/// asks the model.
async fn set_up(desktop: &Desktop, provider: &str, model: Clocked) -> Result<(), Fault> {
    let folder = desktop.home().join("data/app.brasskey.desktop");
    let app = core::open(&folder).await?;
    app.choose_billing(BillingMode::Byok).await?;
    app.finish_first_run().await?;
    let key = core::add_server(&app, provider).await?;
    let conversation = app.create_conversation(None).await?;
    app.rename_conversation(&conversation.id, TITLE).await?;
    let model = ModelRef {
        key_id: key.id,
        model: model.name(),
    };
    app.choose_model(&conversation.id, &model).await?;
    app.quit().await;
    Ok(())
}

/// Opens the conversation that was set up.
async fn open_conversation(desktop: &Desktop) -> Result<(), Fault> {
    let window = desktop.window()?;
    window.click(&Find::button(TITLE)).await?;
    Ok(())
}

/// Megabytes of the program and its web view's processes, shared pages counted in proportion.
fn megabytes(desktop: &Desktop) -> Result<f64, Fault> {
    let program = desktop
        .binary()
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    let processes = desktop.processes()?.into_iter().filter(|process| {
        process.name == program
            || process.name.starts_with("WebKit") && process.name != "WebKitWebDriver"
    });
    let kilobytes = processes
        .filter_map(|process| u32::try_from(process.id).ok())
        .map(own_pss_kb)
        .sum::<u64>();
    #[allow(clippy::cast_precision_loss, reason = "kilobytes of memory fit")]
    let megabytes = kilobytes as f64 / 1024.0;
    Ok(megabytes)
}
