//! The folder that holds the service's signing keys, one file each, readable by its own user alone.
//!
//! The root key belongs offline: it is in the folder only where the service signs its own key sets, as on one machine.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use brasskey_licence::{KeyError, KeySet, KeyState, ListedKey, PublicKey, SigningKey, TokenError};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroize};

/// How long a key may sign before it has to be replaced.
const LIFE: SignedDuration = SignedDuration::from_hours(24 * 365);

const ROOT: &str = "root";

/// Keys that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFolderError {
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file holds no key.
    #[error("{path} holds no key: {source}")]
    Key {
        /// Which.
        path: PathBuf,
        /// Why.
        source: KeyError,
    },
    /// No key could be made.
    #[error(transparent)]
    Make(#[from] KeyError),
    /// A key set cannot be signed or read.
    #[error("the key set: {0}")]
    Set(#[from] TokenError),
    /// There is no key that signs now.
    #[error("the key set names no key of this folder that signs now")]
    NoActiveKey,
}

/// The folder.
#[derive(Clone, Debug)]
pub struct KeyFolder {
    path: PathBuf,
}

impl KeyFolder {
    /// A folder that exists or will.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the root key, unless there is one.
    ///
    /// # Errors
    /// [`KeyFolderError`].
    pub fn make_root(&self) -> Result<PublicKey, KeyFolderError> {
        fs::create_dir_all(&self.path).map_err(self.file(&self.path))?;
        let path = self.file_of(ROOT);
        if !path.exists() {
            self.write(&path, &SigningKey::generate()?)?;
        }
        self.root()
    }

    /// The root's public key.
    ///
    /// # Errors
    /// [`KeyFolderError`].
    pub fn root(&self) -> Result<PublicKey, KeyFolderError> {
        Ok(self.read(&self.file_of(ROOT))?.public().clone())
    }

    /// Makes a new signing key and signs a set in which it is active and the keys of `before` are retired.
    ///
    /// # Errors
    /// [`KeyFolderError`].
    pub fn rotate(
        &self,
        before: Option<&KeySet>,
        now: Timestamp,
    ) -> Result<String, KeyFolderError> {
        let root = self.read(&self.file_of(ROOT))?;
        let key = SigningKey::generate()?;
        self.write(&self.file_of(key.public().kid()), &key)?;
        let mut keys: Vec<ListedKey> = before
            .map(|set| set.keys().to_vec())
            .unwrap_or_default()
            .into_iter()
            .map(|mut listed| {
                if listed.state == KeyState::Active {
                    listed.state = KeyState::Retired;
                }
                listed
            })
            .collect();
        keys.push(ListedKey {
            key: key.public().clone(),
            not_before: now,
            not_after: now.checked_add(LIFE).unwrap_or(Timestamp::MAX),
            state: KeyState::Active,
        });
        Ok(KeySet::new(now, keys).sign(&root)?)
    }

    /// The key of the set that signs now.
    ///
    /// # Errors
    /// [`KeyFolderError::NoActiveKey`] when its secret half is not here.
    pub fn active(&self, set: &KeySet) -> Result<SigningKey, KeyFolderError> {
        let listed = set
            .keys()
            .iter()
            .find(|listed| listed.state == KeyState::Active)
            .ok_or(KeyFolderError::NoActiveKey)?;
        let path = self.file_of(listed.key.kid());
        if !path.exists() {
            return Err(KeyFolderError::NoActiveKey);
        }
        self.read(&path)
    }

    fn file_of(&self, name: &str) -> PathBuf {
        self.path.join(format!("{name}.key"))
    }

    fn file<'a>(&self, path: &'a Path) -> impl FnOnce(io::Error) -> KeyFolderError + use<'a> {
        move |source| KeyFolderError::File {
            path: path.to_owned(),
            source,
        }
    }

    fn read(&self, path: &Path) -> Result<SigningKey, KeyFolderError> {
        let mut text = fs::read_to_string(path).map_err(self.file(path))?;
        let secret = SecretString::from(text.trim());
        text.zeroize();
        SigningKey::read(&secret).map_err(|source| KeyFolderError::Key {
            path: path.to_owned(),
            source,
        })
    }

    fn write(&self, path: &Path, key: &SigningKey) -> Result<(), KeyFolderError> {
        let secret = key.write()?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(self.file(path))?;
        file.write_all(secret.expose_secret().as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(self.file(path))
    }
}
