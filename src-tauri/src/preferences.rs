//! The window's own preferences, in tauri-plugin-store.
//!
//! The plugin writes by overwriting the file, which a full disk cuts short, and then loads defaults without a word. So its
//! own saving is switched off (at each change and at exit), and what it holds is written here: to a new file, synced, and
//! renamed over the old one. The web view has no permission on the plugin.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use brasskey_app::error::Error;
use brasskey_app::settings::view::Preferences;
use tauri::{AppHandle, Wry};
use tauri_plugin_store::{Store, StoreBuilder, resolve_store_path};

const FILE: &str = "window.json";
const KEY: &str = "preferences";

/// The preferences of the window.
pub struct PreferenceStore {
    store: Arc<Store<Wry>>,
    path: PathBuf,
}

impl PreferenceStore {
    /// Loads the file. A file that cannot be read is set aside as `window.json.unreadable`, and defaults are used.
    ///
    /// # Errors
    /// When the application's data folder cannot be named.
    pub fn open(handle: &AppHandle) -> Result<Self, tauri_plugin_store::Error> {
        let path = resolve_store_path(handle, FILE)?;
        set_aside_unreadable(&path);
        let store = StoreBuilder::new(handle, FILE)
            .disable_auto_save()
            .build()?;
        // Out of the plugin's table, so that it does not overwrite the file at exit.
        store.close_resource();
        Ok(Self { store, path })
    }

    /// The preferences; a value that is missing or unknown is the default.
    #[must_use]
    pub fn read(&self) -> Preferences {
        self.store
            .get(KEY)
            .and_then(|value| serde_json::from_value(value).ok())
            .unwrap_or_default()
    }

    /// Keeps preferences, brought into their ranges.
    ///
    /// # Errors
    /// `storage` when the file cannot be written; the old one is then untouched.
    pub async fn write(&self, preferences: Preferences) -> Result<Preferences, Error> {
        let kept = Preferences {
            text_size: preferences.text_size.clamp(85, 150),
            sidebar_width: preferences.sidebar_width.clamp(200, 360),
            ..preferences
        };
        let value = serde_json::to_value(&kept)
            .map_err(|_| Error::InvalidInput("preferences cannot be written"))?;
        let text = serde_json::to_vec_pretty(&serde_json::json!({ KEY: value }))
            .map_err(|_| Error::InvalidInput("preferences cannot be written"))?;
        let path = self.path.clone();
        tauri::async_runtime::spawn_blocking(move || replace(&path, &text))
            .await
            .map_err(|_| Error::InvalidInput("preferences cannot be written"))?
            .map_err(Error::Disk)?;
        self.store.set(KEY, value);
        Ok(kept)
    }
}

/// Writes a file so that at every instant either the old or the new one is there, whole.
fn replace(path: &Path, contents: &[u8]) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(contents)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|failed| failed.error)?;
    Ok(())
}

fn set_aside_unreadable(path: &Path) {
    let Ok(bytes) = std::fs::read(path) else {
        return;
    };
    if serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&bytes).is_err() {
        tracing::warn!("the window's preferences cannot be read; defaults are used");
        if let Err(error) = std::fs::rename(path, path.with_extension("json.unreadable")) {
            tracing::warn!(kind = ?error.kind(), "they could not be set aside");
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]
    use super::*;

    #[test]
    fn a_full_disk_leaves_the_old_preferences_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        replace(&path, b"{\"old\":true}").unwrap();
        // A folder that takes no more files stands for a disk that does; root may write anywhere, so a file blocks the way.
        let blocked = path.join("below-a-file");
        assert!(replace(&blocked, b"{}").is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"{\"old\":true}");
        replace(&path, b"{\"new\":true}").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"{\"new\":true}");
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            1,
            "no temporary file stays"
        );
    }

    #[test]
    fn a_cut_file_is_set_aside_and_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        std::fs::write(&path, b"{\"preferences\":{\"the").unwrap();
        set_aside_unreadable(&path);
        assert!(!path.exists());
        assert_eq!(
            std::fs::read(path.with_extension("json.unreadable")).unwrap(),
            b"{\"preferences\":{\"the"
        );
    }
}
