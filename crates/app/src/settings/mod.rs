//! What the window needs at its first paint. Its preferences are kept by the shell; what the command line needs too is in
//! the database.

pub mod view;

use crate::App;
use crate::changed::Changed;
use crate::error::Error;
use crate::keys::providers;
use view::{Os, Preferences, StartView};

impl App {
    /// Tells that the window's preferences changed.
    pub fn preferences_changed(&self) {
        self.announce(Changed::Preferences);
    }

    /// Everything for the first paint, in one round trip. The credential store is not asked.
    ///
    /// # Errors
    /// `storage`.
    pub async fn start_view(&self, preferences: Preferences) -> Result<StartView, Error> {
        Ok(StartView {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            os: if cfg!(target_os = "macos") {
                Os::Mac
            } else if cfg!(windows) {
                Os::Windows
            } else {
                Os::Linux
            },
            preferences,
            billing: self.billing().await?,
            keys: self.keys().await?,
            providers: providers(),
            workspace: self.workspace().await?,
            sandbox: self.sandbox_is_there().await,
        })
    }
}
