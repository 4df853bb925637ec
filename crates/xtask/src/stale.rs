//! Whether something that is made from files is older than they are. Compares times only, never contents.

use std::path::Path;
use std::time::SystemTime;

use crate::error::Error;

/// Whether `made` is missing or older than the newest file among `sources`. Folders are searched whole, but for
/// subfolders named in `besides`; a source that does not exist is no source.
pub(crate) fn is_stale(made: &Path, sources: &[&Path], besides: &[&str]) -> Result<bool, Error> {
    let Ok(made_at) = made.metadata().and_then(|metadata| metadata.modified()) else {
        return Ok(true);
    };
    for source in sources {
        if newest(source, besides)?.is_some_and(|changed_at| changed_at > made_at) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn newest(path: &Path, besides: &[&str]) -> Result<Option<SystemTime>, Error> {
    if !path.exists() {
        return Ok(None);
    }
    let metadata = path.metadata().map_err(Error::file(path))?;
    // A folder's own time counts too: it moves when a file in it is removed.
    let mut latest = metadata.modified().map_err(Error::file(path))?;
    if metadata.is_dir() {
        for entry in path.read_dir().map_err(Error::file(path))? {
            let entry = entry.map_err(Error::file(path))?;
            if besides.iter().any(|name| entry.file_name() == *name) {
                continue;
            }
            if let Some(changed_at) = newest(&entry.path(), besides)? {
                latest = latest.max(changed_at);
            }
        }
    }
    Ok(Some(latest))
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::time::Duration;

    use super::*;

    fn file(path: &Path, age_seconds: u64) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let file = File::create(path).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 - age_seconds))
            .unwrap();
    }

    fn folder(path: &Path, age_seconds: u64) {
        let folder = File::open(path).unwrap();
        folder
            .set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 - age_seconds))
            .unwrap();
    }

    #[test]
    fn what_was_never_made_is_stale() {
        let home = tempfile::tempdir().unwrap();
        file(&home.path().join("src/a.ts"), 10);
        assert!(
            is_stale(
                &home.path().join("dist/index.html"),
                &[&home.path().join("src")],
                &[]
            )
            .unwrap()
        );
    }

    #[test]
    fn one_newer_file_deep_inside_makes_it_stale() {
        let home = tempfile::tempdir().unwrap();
        let (made, src) = (home.path().join("dist/index.html"), home.path().join("src"));
        file(&made, 100);
        file(&src.join("deep/er/a.ts"), 200);
        for path in ["deep/er", "deep", ""] {
            folder(&src.join(path), 200);
        }
        assert!(!is_stale(&made, &[&src], &[]).unwrap());
        file(&src.join("deep/er/a.ts"), 50);
        assert!(is_stale(&made, &[&src], &[]).unwrap());
    }

    #[test]
    fn a_removed_file_makes_it_stale() {
        let home = tempfile::tempdir().unwrap();
        let (made, src) = (home.path().join("dist/index.html"), home.path().join("src"));
        file(&made, 100);
        file(&src.join("a.ts"), 200);
        file(&src.join("b.ts"), 200);
        folder(&src, 200);
        assert!(!is_stale(&made, &[&src], &[]).unwrap());
        fs::remove_file(src.join("b.ts")).unwrap();
        assert!(is_stale(&made, &[&src], &[]).unwrap());
    }

    #[test]
    fn what_is_left_out_does_not_count() {
        let home = tempfile::tempdir().unwrap();
        let made = home.path().join("dist/index.html");
        file(&made, 100);
        file(&home.path().join("node_modules/x/index.js"), 1);
        folder(home.path(), 200);
        assert!(!is_stale(&made, &[home.path()], &["node_modules", "dist"]).unwrap());
        assert!(!is_stale(&made, &[&home.path().join("absent")], &[]).unwrap());
    }
}
