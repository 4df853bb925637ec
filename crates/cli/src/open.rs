//! The application, opened beside the window: the same keys, the same ledger.

use brasskey_app::error::{Error, ErrorCode, ErrorView, StoreStateView};
use brasskey_app::{App, home};
use brasskey_vault::Vault;

use crate::exit::Exit;
use crate::secret;

/// Opens it, or says why not.
pub(crate) async fn open() -> Result<App, Exit> {
    let Some(folder) = home::data_folder() else {
        eprintln!("brasskey: the system names no folder for your data; set HOME");
        return Err(Exit::Failed);
    };
    let platform = home::platform().map_err(|error| {
        eprintln!("brasskey: this build names no platform: {error}");
        Exit::Failed
    })?;
    let database = folder.join(home::DATABASE);
    App::open_as_guest(&database, Vault::system(home::SERVICE), platform)
        .await
        .map_err(told)
}

/// Opens the passphrase vault where keys are kept in one and it is locked.
pub(crate) async fn unlock(app: &App) -> Result<(), Exit> {
    let keys = app.keys().await.map_err(told)?;
    if keys.store.state != StoreStateView::VaultLocked {
        return Ok(());
    }
    let passphrase = secret::asked("Passphrase of the vault: ").ok_or_else(|| {
        eprintln!("brasskey: the vault is locked, and nobody is there to type its passphrase");
        Exit::Store
    })?;
    app.unlock_vault(passphrase).await.map_err(told)?;
    Ok(())
}

/// Tells an error, with what mends it, and says how the command ends.
pub(crate) fn told(error: Error) -> Exit {
    let view = ErrorView::from(error);
    let said = view.failure.and_then(|failure| failure.provider_message);
    tell(view.code, said.as_deref());
    if said.is_none() {
        eprintln!("{}", view.message);
    }
    view.code.into()
}

/// Tells a code with what mends it, and what the provider said.
pub(crate) fn tell(code: ErrorCode, said: Option<&str>) {
    anstream::eprintln!(
        "\u{1b}[1;31m{}\u{1b}[0m {}",
        code.as_str(),
        code.action().advice()
    );
    if let Some(said) = said {
        eprintln!("It said: {said}");
    }
}
