//! The `brasskey` command beside an open window: the same keys in a real keyring, the same ledger, safely at the same time.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use brasskey_app::App;
use brasskey_app::home::{DATABASE, IDENTIFIER, SERVICE};
use brasskey_tests::{Platform, PlatformOptions, Sandbox};
use brasskey_vault::Vault;
use serde_json::Value;
use tempfile::TempDir;

use crate::account::OPENAI;
use crate::again;
use crate::world::settings;

const TEST: &str = "command::the_command_works_beside_the_window";

/// The command, built with the tests.
fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(2).unwrap().join("brasskey")
}

/// A terminal of somebody who uses the command.
struct Terminal {
    platform: Platform,
}

impl Terminal {
    /// Runs it, with this piped in, and gives its exit code, what it printed and what it complained of.
    fn run(&self, piped: &str, arguments: &[&str]) -> (i32, String, String) {
        let mut child = Command::new(program())
            .args(arguments)
            .env("BRASSKEY_PLATFORM_URL", self.platform.url())
            .env("BRASSKEY_LICENCE_ROOTS", self.platform.roots())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // One that reads nothing may have ended before.
        child.stdin.take().unwrap().write_all(piped.as_bytes()).ok();
        let output = child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (
            output.status.code().unwrap(),
            text(output.stdout),
            text(output.stderr),
        )
    }

    /// As [`Terminal::run`], where all has to go well.
    fn does(&self, piped: &str, arguments: &[&str]) -> String {
        let (code, printed, complaints) = self.run(piped, arguments);
        assert_eq!(code, 0, "{arguments:?}: {printed}{complaints}");
        printed
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.does("", arguments)).unwrap()
    }
}

#[test]
fn the_command_works_beside_the_window() {
    if again::is_second() {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        return runtime.block_on(beside_the_window());
    }
    let home = TempDir::new().unwrap();
    let output = again::with_keyring(home.path(), TEST).output().unwrap();
    let said = [&output.stdout[..], &output.stderr].concat();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&said)
    );
}

async fn beside_the_window() {
    let sandbox = Sandbox::start().await.unwrap();
    let platform = Platform::start(PlatformOptions::default()).unwrap();
    let data = PathBuf::from(std::env::var_os("XDG_DATA_HOME").unwrap());
    let database = data.join(IDENTIFIER).join(DATABASE);
    let open = settings(&platform.url(), platform.roots());
    let window = App::open(&database, Vault::system(SERVICE), open)
        .await
        .unwrap();
    let terminal = Terminal { platform };
    let address = sandbox.base_url(OPENAI.wire);
    let key = OPENAI.key();

    // From nothing to an answer.
    let (code, _, complaints) =
        terminal.run(key, &["keys", "add", "openai", "--base-url", &address]);
    assert_eq!(code, 21, "terms come first: {complaints}");
    terminal.does("", &["terms", "own-keys", "--accept"]);
    terminal.does("", &["switch", "own-keys"]);
    terminal.does("", &["login", "--trial"]);
    let saved = terminal.does(
        key,
        &[
            "keys",
            "add",
            "openai",
            "--base-url",
            &address,
            "--name",
            "Work",
        ],
    );
    assert!(
        saved.contains("Work") && saved.contains("credential store"),
        "{saved}"
    );
    let answer = terminal.does(
        "",
        &["ask", "--model", OPENAI.model, "Hello from a terminal"],
    );
    assert!(!answer.trim().is_empty());

    // The window has the same key, the same conversation and the same receipt.
    let keys = window.keys().await.unwrap().keys;
    assert_eq!((keys.len(), keys[0].label.as_str()), (1, "Work"));
    let conversations = window.workspace().await.unwrap().conversations;
    assert_eq!(conversations.len(), 1);
    let spent = window.totals(None).await.unwrap().month.amount;
    assert_ne!(spent, "0");
    let usage = terminal.json(&["usage", "--json"]);
    assert_eq!(usage["month"]["amount"], *spent);

    lists(&terminal, key);
    negotiates(&terminal, &home());
    hands_over(&terminal, key);
    scripts(&terminal);

    // Another key in its place, at once the one that is asked with.
    let other = OPENAI.key_that("works");
    terminal.does(&other, &["keys", "replace", "work"]);
    terminal.does(
        "",
        &["ask", "--model", OPENAI.model, "--key", "Work", "Again"],
    );
    let asked = sandbox.requests();
    let sent = asked.last().unwrap();
    assert_eq!(sent.key.as_deref(), Some(other.as_str()));

    let (code, printed, _) = terminal.run("", &["keys", "remove", "Work"]);
    assert!(
        code == 0 && printed.contains("Nothing was removed"),
        "nobody said yes"
    );
    terminal.does("", &["keys", "remove", "Work", "--yes"]);
    assert!(window.keys().await.unwrap().keys.is_empty());
    let (code, _, complaints) = terminal.run("", &["ask", "--model", OPENAI.model, "Hello"]);
    assert_eq!(code, 13, "{complaints}");
    window.quit().await;
    no_key_anywhere(&data, &[key, &other]);
}

fn lists(terminal: &Terminal, key: &str) {
    let listed = terminal.json(&["keys", "list", "--json"]);
    assert_eq!(listed[0]["last4"], key[key.len() - 4..]);
    let table = terminal.does("", &["keys", "list"]);
    assert!(table.contains("Work (default)") && !table.contains(key));
    terminal.does("", &["keys", "check"]);
    let models = terminal.does("", &["models", OPENAI.model]);
    assert!(
        models.contains(OPENAI.model) && models.contains("Work"),
        "{models}"
    );
    let status = terminal.does("", &["status"]);
    assert!(
        status.contains("trial") && status.contains("own keys"),
        "{status}"
    );
    let found = terminal.does("", &["doctor"]);
    assert!(found.contains("written, read back and deleted"), "{found}");
    let (code, _, complaints) = terminal.run("", &["keys", "check", "nobody"]);
    assert_eq!(code, 13, "{complaints}");
}

fn home() -> PathBuf {
    PathBuf::from(std::env::var_os("HOME").unwrap())
}

/// A sheet is taken as a whole or not at all, and prices the next call.
#[allow(clippy::disallowed_methods, reason = "a file of the test")]
fn negotiates(terminal: &Terminal, folder: &Path) {
    let sheet = folder.join("sheet.csv");
    std::fs::write(
        &sheet,
        "provider,model,input,output\nopenai,gpt-6.1-sol,1,x\n",
    )
    .unwrap();
    let path = sheet.to_str().unwrap();
    let (code, _, complaints) = terminal.run("", &["prices", "import", path]);
    assert_eq!(code, 13);
    assert!(complaints.contains("line 2, column output"), "{complaints}");
    std::fs::write(
        &sheet,
        "provider,model,input,output,cache_read,cache_write\nopenai,gpt-6.1-sol,1000,1000,1000,1000\n",
    )
    .unwrap();
    terminal.does("", &["prices", "import", path]);
    let ask = ["ask", "--json", "--model", OPENAI.model, "Hello"];
    let cost = |printed: &str| -> Value {
        let mut events = printed
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        events.find(|event| event["type"] == "cost").unwrap()
    };
    let dear = cost(&terminal.does("", &ask));
    assert_eq!(dear["price"]["list"], "Negotiated", "{dear}");
    terminal.does("", &["prices", "forget"]);
    let usual = cost(&terminal.does("", &ask));
    assert_ne!(usual["price"]["list"], "Negotiated", "{usual}");
}

/// The one deliberate way out: only when it is agreed to, masked in what is printed, and on record.
fn hands_over(terminal: &Terminal, key: &str) {
    let print = "printf '%s|' \"$OPENAI_API_KEY\"; printf %s \"$OPENAI_API_KEY\" | wc -c; exit 7";
    let arguments = ["run", "--key", "Work", "--", "sh", "-c", print];
    let (code, printed, complaints) = terminal.run("", &arguments);
    assert_eq!(
        (code, printed.as_str()),
        (2, ""),
        "nobody said yes: {complaints}"
    );
    let agreed = ["run", "--yes", "--key", "Work", "--", "sh", "-c", print];
    let (code, printed, complaints) = terminal.run("", &agreed);
    assert_eq!(code, 7, "its own code: {complaints}");
    assert_eq!(printed.trim(), format!("[redacted]|{}", key.len()));
}

/// JSON lines with a stored key.
fn scripts(terminal: &Terminal) {
    let printed = terminal.does("", &["ask", "--json", "--model", OPENAI.model, "Hello"]);
    let events: Vec<Value> = printed
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let kinds: Vec<&str> = events
        .iter()
        .map(|event| event["type"].as_str().unwrap())
        .collect();
    assert_eq!((kinds[0], *kinds.last().unwrap()), ("start", "end"));
    assert!(
        kinds.contains(&"text") && kinds.contains(&"usage") && kinds.contains(&"cost"),
        "{printed}"
    );
}

fn no_key_anywhere(folder: &Path, keys: &[&str]) {
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                // The keyring's own files are where the keys belong.
                if !path.ends_with("keyrings") {
                    open.push(path);
                }
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            for key in keys {
                let found = bytes
                    .windows(key.len())
                    .any(|window| window == key.as_bytes());
                assert!(!found, "a key is in {}", path.display());
            }
        }
    }
}
