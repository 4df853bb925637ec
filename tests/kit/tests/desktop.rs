//! The harness of the real window, tried on WebKit's own small browser.

use std::path::PathBuf;
use std::time::Duration;

use brasskey_tests::desktop::{Desktop, DesktopError, DesktopOptions, Find, Keyring};

const PAGE: &str = "data:text/html,<title>Page</title><h1>Keys</h1>\
<form onsubmit='event.preventDefault(); document.getElementById(\"out\").textContent = \"Saved \" + key.value'>\
<label for=key>API key</label><input id=key type=password>\
<p hidden>never seen</p>\
<button>Save</button></form><p id=out></p>";

fn mini_browser() -> PathBuf {
    let folders = ["x86_64-linux-gnu", "aarch64-linux-gnu"];
    folders
        .iter()
        .map(|folder| PathBuf::from(format!("/usr/lib/{folder}/webkit2gtk-4.1/MiniBrowser")))
        .find(|binary| binary.is_file())
        .expect("MiniBrowser, which libwebkit2gtk-4.1-0 brings")
}

fn options(keyring: Keyring) -> DesktopOptions {
    DesktopOptions {
        binary: Some(mini_browser()),
        arguments: vec!["--automation".to_owned()],
        keyring,
        ..DesktopOptions::default()
    }
}

#[tokio::test]
async fn a_page_is_read_and_used_as_a_person_does() {
    let desktop = Desktop::start(options(Keyring::None)).await.unwrap();
    let window = desktop.window().unwrap();
    window.client().goto(PAGE).await.unwrap();
    window.find(&Find::role("heading", "Keys")).await.unwrap();
    window
        .type_into(&Find::label("API key"), "sk-1")
        .await
        .unwrap();
    window.click(&Find::button("Save")).await.unwrap();
    window.wait_for_text("Saved sk-1").await.unwrap();
    assert!(
        window
            .find_all(&Find::text("never seen"))
            .await
            .unwrap()
            .is_empty()
    );
    let png = window.screenshot().await.unwrap();
    assert_eq!(&png[1..4], b"PNG");
}

#[tokio::test]
async fn the_keyboard_alone_is_enough() {
    let desktop = Desktop::start(options(Keyring::None)).await.unwrap();
    let window = desktop.window().unwrap();
    window.client().goto(PAGE).await.unwrap();
    window.press("Tab").await.unwrap();
    window.type_text("aB9-").await.unwrap();
    window.press("Tab").await.unwrap();
    assert_eq!(
        window.focused().await.unwrap().text().await.unwrap(),
        "Save"
    );
    window.press("Shift+Tab").await.unwrap();
    window.press("Control+a").await.unwrap();
    window.type_text("new").await.unwrap();
    window.press("Enter").await.unwrap();
    window.wait_for_text("Saved new").await.unwrap();
    assert!(matches!(
        window.press("Hyper").await,
        Err(DesktopError::NoSuchKey(_))
    ));
}

#[tokio::test]
async fn the_program_quits_restarts_and_is_killed_on_the_same_home() {
    let mut desktop = Desktop::start(options(Keyring::None)).await.unwrap();
    let home = desktop.home().to_owned();
    std::fs::create_dir(home.join("kept")).unwrap();
    desktop.restart().await.unwrap();
    desktop.window().unwrap().client().goto(PAGE).await.unwrap();
    desktop.kill().await.unwrap();
    assert!(matches!(desktop.window(), Err(DesktopError::NotOpen)));
    desktop.open().await.unwrap();
    desktop.window().unwrap().client().goto(PAGE).await.unwrap();
    desktop
        .window()
        .unwrap()
        .wait_for_text("API key")
        .await
        .unwrap();
    assert!(home.join("kept").is_dir());
    desktop.quit().await.unwrap();
    drop(desktop);
    assert!(!home.exists(), "the home is cleaned up");
}

#[tokio::test]
async fn two_desktops_run_side_by_side_and_leave_nothing_behind() {
    let (one, two) = tokio::join!(
        Desktop::start(options(Keyring::Unlocked)),
        Desktop::start(options(Keyring::Unlocked)),
    );
    let (one, two) = (one.unwrap(), two.unwrap());
    store(&one, "sk-one");
    assert_eq!(one.secrets("dev.brasskey.test").unwrap().len(), 1);
    assert!(two.secrets("dev.brasskey.test").unwrap().is_empty());
    let folders = [one.home().to_owned(), two.home().to_owned()];
    assert_ne!(folders[0], folders[1]);
    drop((one, two));
    for folder in folders {
        assert_eq!(
            processes_with(folder.to_str().unwrap()),
            Vec::<String>::new()
        );
    }
}

#[tokio::test]
async fn the_credential_store_is_in_the_state_that_was_asked_for() {
    let mut desktop = Desktop::start(options(Keyring::Unlocked)).await.unwrap();
    store(&desktop, "sk-secret-4711");
    let secrets = desktop.secrets("dev.brasskey.test").unwrap();
    assert_eq!(secrets[0].secret, "sk-secret-4711");
    assert_eq!(secrets[0].label, "a label");
    assert_eq!(secrets[0].attributes["username"], "openai");
    assert!(
        desktop
            .files_containing("sk-secret-4711")
            .unwrap()
            .is_empty(),
        "it is encrypted"
    );

    desktop.stop_keyring();
    assert!(desktop.secrets("dev.brasskey.test").unwrap().is_empty());
    desktop.start_keyring(Keyring::Unlocked).await.unwrap();
    assert_eq!(
        desktop.secrets("dev.brasskey.test").unwrap()[0].secret,
        "sk-secret-4711"
    );

    desktop.start_keyring(Keyring::Locked).await.unwrap();
    let locked = desktop.secrets("dev.brasskey.test").unwrap();
    assert!(
        locked.iter().all(|entry| entry.secret.is_empty()),
        "{locked:?}"
    );
    assert!(
        property(
            &desktop,
            "/org/freedesktop/secrets/collection/login",
            "Collection",
            "Locked"
        )
        .contains("true")
    );
}

#[tokio::test]
async fn a_store_without_a_collection_and_no_store_at_all_are_told_apart() {
    let without = Desktop::start(options(Keyring::NoCollection))
        .await
        .unwrap();
    let collections = property(
        &without,
        "/org/freedesktop/secrets",
        "Service",
        "Collections",
    );
    assert!(
        collections.contains("session") && !collections.contains("login"),
        "{collections}"
    );
    let none = Desktop::start(options(Keyring::None)).await.unwrap();
    assert_eq!(
        property(&none, "/org/freedesktop/secrets", "Service", "Collections"),
        ""
    );
}

#[tokio::test]
async fn the_environment_of_the_test_run_does_not_reach_the_program() {
    let mut options = options(Keyring::None);
    options
        .environment
        .push(("OPENAI_API_KEY".to_owned(), "sk-given".to_owned()));
    let desktop = Desktop::start(options).await.unwrap();
    let output = desktop.command("env").output().unwrap();
    let variables = String::from_utf8(output.stdout).unwrap();
    assert!(variables.contains("OPENAI_API_KEY=sk-given"));
    assert!(!variables.contains("CARGO"), "{variables}");
}

#[tokio::test]
async fn a_program_that_is_not_there_is_named() {
    let options = DesktopOptions {
        binary: Some("/no/such/program".into()),
        ..DesktopOptions::default()
    };
    let error = Desktop::start(options).await.unwrap_err();
    assert!(error.to_string().contains("/no/such/program"));
}

#[tokio::test]
async fn what_never_comes_is_reported_with_what_the_window_shows() {
    let desktop = Desktop::start(options(Keyring::None)).await.unwrap();
    let window = desktop.window().unwrap();
    window.client().goto(PAGE).await.unwrap();
    let window = window.within(Duration::from_millis(300));
    let error = window
        .wait_for_text("Deleted")
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("Deleted") && error.contains("API key"),
        "{error}"
    );
}

/// Stores a secret as another program would.
fn store(desktop: &Desktop, secret: &str) {
    let stored = desktop
        .command("sh")
        .args(["-c", "printf %s \"$1\" | secret-tool store --label 'a label' service dev.brasskey.test username openai"])
        .args(["sh", secret])
        .output()
        .unwrap();
    assert!(stored.status.success(), "{stored:?}");
}

/// A property of the Secret Service; empty when there is no service.
fn property(desktop: &Desktop, path: &str, interface: &str, name: &str) -> String {
    let output = desktop
        .command("gdbus")
        .args([
            "call",
            "--session",
            "--dest",
            "org.freedesktop.secrets",
            "--object-path",
            path,
        ])
        .args(["--method", "org.freedesktop.DBus.Properties.Get"])
        .args([&format!("org.freedesktop.Secret.{interface}"), name])
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// The commands of all processes that have `text` in their environment.
fn processes_with(text: &str) -> Vec<String> {
    std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| {
            let folder = entry.ok()?.path();
            let environment = std::fs::read(folder.join("environ")).ok()?;
            let found = environment
                .windows(text.len())
                .any(|window| window == text.as_bytes());
            found.then(|| std::fs::read_to_string(folder.join("comm")).ok())?
        })
        .collect()
}
