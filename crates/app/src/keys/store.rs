//! The credential store as Settings shows it, and the user's choices about it.

use brasskey_ledger::Place;
use brasskey_vault::{Patience, StoreReport, StoreState, Vault};

use super::view::StoreView;
use crate::App;
use crate::changed::Changed;
use crate::error::{Error, ErrorCode, StoreStateView};

impl App {
    /// The last known state; nothing is asked.
    pub(crate) fn store_view(&self) -> StoreView {
        self.store_view_as(self.vault.state().into())
    }

    fn store_view_as(&self, state: StoreStateView) -> StoreView {
        let detail = self.key_notes.with(|notes| notes.store_detail);
        StoreView {
            state,
            name: Vault::store_name().to_owned(),
            detail: detail.map(str::to_owned),
            desktop: desktop(),
            install_command: install_command(state),
            has_vault: self.passphrase.exists(),
        }
    }

    /// Asks the store whether it works: writes, reads back and deletes a probe. With a key, reads that one, too: it may lie in
    /// a collection of its own. The user may be asked to unlock either. The view tells what was found.
    ///
    /// # Errors
    /// `not_found` when there is no such key; `storage`.
    pub async fn probe_store(&self, key: Option<&str>) -> Result<StoreView, Error> {
        let report = self.vault.probe(Patience::User).await;
        self.note(&report);
        let mut found = StoreStateView::from(report.state);
        if matches!(report.state, StoreState::Ready | StoreState::VaultOpen) {
            self.look_again();
            if let Some(id) = key {
                match self.stored(&self.key(id).await?, Patience::User).await {
                    Ok(_) | Err(Error::Refused(ErrorCode::OtherMode)) => {}
                    Err(Error::Store(state)) => found = state,
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(self.store_view_as(found))
    }

    /// Stops waiting for the unlock prompt.
    pub fn give_up_store(&self) {
        self.vault.cancel();
    }

    /// Keeps keys in memory only until Brasskey quits, as the user chose.
    pub fn use_session_store(&self) -> StoreView {
        self.vault.use_session();
        self.announce(Changed::Store);
        self.look_again();
        self.store_view()
    }

    /// Goes back to the system's store once it has proved that it works, and takes the keys of memory, or of the open passphrase
    /// vault, along. Until then keys stay where they are. The view tells what was found.
    ///
    /// # Errors
    /// The passphrase vault's states when keys are kept in one that is not open; `storage`.
    pub async fn use_system_store(&self) -> Result<StoreView, Error> {
        let report = self.vault.probe_system(Patience::User).await;
        self.note(&report);
        if report.state == StoreState::Ready {
            let _saving = self.pending.saving.lock().await;
            match self.vault.state() {
                StoreState::VaultOpen => self.bring_from_vault().await?,
                StoreState::VaultMissing => self.leave_lost_vault().await?,
                state if self.place_now() == Place::Passphrase => {
                    return Err(Error::Store(state.into()));
                }
                _ => {
                    self.vault.use_system();
                    self.bring_from_memory().await?;
                }
            }
            self.announce(Changed::Store);
            self.look_again();
        }
        Ok(self.store_view_as(report.state.into()))
    }

    fn note(&self, report: &StoreReport) {
        self.key_notes
            .with(|notes| notes.store_detail = report.detail);
        self.announce(Changed::Store);
    }

    /// In the background: settles what waited for the store, and looks which keys can be reached now that it answers or that
    /// another place is used.
    pub(crate) fn look_again(&self) {
        let app = self.clone();
        self.jobs.spawn(async move {
            if let Err(error) = app.settle_intents().await {
                tracing::warn!(code = error.code().as_str(), "intents could not be settled");
            }
            if let Err(error) = app.look_for_keys().await {
                tracing::warn!(code = error.code().as_str(), "keys could not be looked for");
            }
        });
    }
}

fn desktop() -> Option<String> {
    #[cfg(target_os = "linux")]
    {
        let release = std::fs::read_to_string("/etc/os-release").ok()?;
        let field = |name: &str| {
            release
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
                .map(|value| value.trim_matches('"').to_owned())
        };
        let name = field("NAME")?.replace(" GNU/Linux", "");
        let distribution = match field("VERSION_ID") {
            Some(version) => format!("{name} {version}"),
            None => name,
        };
        Some(match std::env::var("XDG_CURRENT_DESKTOP") {
            Ok(desktop) if !desktop.is_empty() => format!("{distribution}, {desktop}"),
            _ => distribution,
        })
    }
    #[cfg(not(target_os = "linux"))]
    None
}

/// What installs a Secret Service here.
fn install_command(state: StoreStateView) -> Option<String> {
    if !cfg!(target_os = "linux") || state != StoreStateView::Absent {
        return None;
    }
    let has = |path: &str| std::path::Path::new(path).exists();
    let command = if has("/usr/bin/apt") {
        "sudo apt install gnome-keyring libsecret-1-0"
    } else if has("/usr/bin/dnf") {
        "sudo dnf install gnome-keyring libsecret"
    } else if has("/usr/bin/pacman") {
        "sudo pacman -S gnome-keyring libsecret"
    } else if has("/usr/bin/zypper") {
        "sudo zypper install gnome-keyring libsecret-1-0"
    } else {
        return None;
    };
    Some(command.to_owned())
}
