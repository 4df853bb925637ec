//! Secrets of this machine.

use std::os::unix::fs::PermissionsExt;

use brasskey_secrets::Managers;
use tempfile::TempDir;

use crate::world::{Hand, World, reference};

#[tokio::test]
async fn the_environment_serves_only_where_that_was_allowed() {
    // Every process of a test has a PATH.
    let at = "env://PATH";
    let production = World::new(Managers::new(), Hand::new());
    assert!(!production.secrets.managers().allows_environment());
    assert!(production.secrets.managers().check(&reference(at)).is_err());
    assert_eq!(production.get(at).await, Err("environment-not-allowed"));
    let development = World::new(Managers::new().allow_environment(), Hand::new());
    assert!(development.secrets.managers().allows_environment());
    let (value, version) = development.get(at).await.unwrap();
    assert_eq!(value, std::env::var("PATH").unwrap());
    assert_eq!(version, "environment");
    assert_eq!(
        development.get("env://BRASSKEY_NO_SUCH_KEY").await,
        Err("not-found")
    );
    assert_eq!(development.reads(), ["needed read", "needed not-found"]);
}

#[tokio::test]
async fn a_file_serves_only_while_its_owner_alone_may_read_it() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a key");
    let at = format!("file://{}/a%20key", folder.path().display());
    let world = World::new(Managers::new(), Hand::new());
    assert_eq!(world.get(&at).await, Err("not-found"));
    let put = |bytes: &[u8], mode| {
        std::io::Write::write_all(&mut std::fs::File::create(&path).unwrap(), bytes).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        world.hand.forward(60_000);
    };
    for mode in [0o644, 0o640, 0o604, 0o620, 0o601] {
        put(b"key", mode);
        assert_eq!(world.get(&at).await, Err("file-open-to-others"), "{mode:o}");
    }
    for (bytes, code) in [
        (&b""[..], "empty"),
        (b"\n", "empty"),
        (b"\xff", "not-text"),
        (&[b'x'; 65 * 1024], "file"),
    ] {
        put(bytes, 0o600);
        assert_eq!(world.get(&at).await, Err(code));
    }
    put(b"key\n", 0o400);
    assert_eq!(world.get(&at).await.unwrap().0, "key");
    let folder = format!("file://{}", folder.path().display());
    assert_eq!(world.get(&folder).await, Err("file"));
}
