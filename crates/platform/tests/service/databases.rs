//! Databases of the tests' own: a file for SQLite, and one in this process's PostgreSQL cluster.

use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

use crate::cluster::CLUSTER;

/// A database that nobody else uses.
pub(crate) struct Database {
    pub(crate) url: String,
    _folder: Option<TempDir>,
}

/// A new one of each kind.
pub(crate) fn both() -> [Database; 2] {
    [sqlite(), postgres()]
}

/// A file in a folder.
pub(crate) fn sqlite() -> Database {
    let folder = TempDir::new().unwrap();
    Database {
        url: format!("sqlite:{}", folder.path().join("platform.db").display()),
        _folder: Some(folder),
    }
}

/// An empty one in the cluster.
pub(crate) fn postgres() -> Database {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("platform_{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let cluster = &*CLUSTER;
    cluster.run(
        "createdb",
        &["--host", cluster.path(), "--username", "brasskey", &name],
    );
    Database {
        url: format!(
            "postgres://brasskey@localhost/{name}?host={}",
            cluster.path()
        ),
        _folder: None,
    }
}
