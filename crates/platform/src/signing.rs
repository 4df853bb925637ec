//! The keys that licences are signed with, as they stand in the database and the folder. A new set is taken up while the
//! service runs; one that cannot be used, or is older, changes nothing.

use std::sync::Arc;

use brasskey_licence::{KeySet, PublicKey, SigningKey};
use tokio::sync::watch;

use crate::keys::KeyFolder;
use crate::service::ServiceError;
use crate::store::Store;

/// What signs now.
pub(crate) struct Current {
    /// The set as the root signed it.
    pub(crate) signed: Arc<str>,
    pub(crate) key: SigningKey,
    set: KeySet,
}

/// The keys.
pub(crate) struct Signing {
    folder: KeyFolder,
    root: PublicKey,
    current: watch::Sender<Arc<Current>>,
}

impl Signing {
    pub(crate) async fn open(
        store: &Store,
        folder: &KeyFolder,
        root: &PublicKey,
    ) -> Result<Self, ServiceError> {
        let signed = store.keyset().await?.ok_or(ServiceError::NoKeySet)?;
        Ok(Self {
            current: watch::Sender::new(read(signed, folder, root)?),
            folder: folder.clone(),
            root: root.clone(),
        })
    }

    pub(crate) fn current(&self) -> Arc<Current> {
        self.current.borrow().clone()
    }

    /// Takes up the set that the root signed last. The one before stays where the secret key is not here yet.
    pub(crate) async fn look(&self, store: &Store) -> Result<(), ServiceError> {
        let signed = store.keyset().await?.ok_or(ServiceError::NoKeySet)?;
        let before = self.current();
        if *signed == *before.signed {
            return Ok(());
        }
        let next = read(signed, &self.folder, &self.root)?;
        before.set.followed_by(next.set.clone())?;
        tracing::info!(kid = next.key.public().kid(), "another key signs now");
        self.current.send_replace(next);
        Ok(())
    }
}

fn read(
    signed: String,
    folder: &KeyFolder,
    root: &PublicKey,
) -> Result<Arc<Current>, ServiceError> {
    let set = KeySet::read(&signed, std::slice::from_ref(root))?;
    Ok(Arc::new(Current {
        key: folder.active(&set)?,
        signed: signed.into(),
        set,
    }))
}
