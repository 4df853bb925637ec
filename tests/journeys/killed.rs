//! Killed at any moment while keys are added, renamed and removed and drafts are written: what was said to be done is done, the
//! credential store holds exactly the keys that are listed, and nothing half done is shown.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use brasskey_app::App;
use brasskey_app::billing::view::BillingMode;
use brasskey_app::error::StoreStateView;
use brasskey_app::keys::view::{NewEndpoint, PlaceView};
use brasskey_tests::{Platform, PlatformOptions, Sandbox};
use tempfile::TempDir;

use crate::account::OPENAI;
use crate::again;
use crate::world::{SERVICE, accept_terms, no_platform, settings, system_vault};

const TEST: &str =
    "killed::whatever_it_is_doing_what_it_said_is_done_and_the_store_holds_no_more_and_no_less";
const VICTIM: &str = "BRASSKEY_JOURNEY_VICTIM";
const ADDRESS: &str = "BRASSKEY_JOURNEY_PROVIDER";

/// How often it is killed.
const KILLS: u64 = 20;

/// What the killed program had said.
#[derive(Default)]
struct Said {
    /// Label by id; none once it was removed.
    keys: BTreeMap<String, Option<String>>,
    draft: String,
}

#[test]
fn whatever_it_is_doing_what_it_said_is_done_and_the_store_holds_no_more_and_no_less() {
    let runtime = || {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap()
    };
    if let Some(folder) = std::env::var_os(VICTIM) {
        return runtime().block_on(works_until_killed(&PathBuf::from(folder)));
    }
    if again::is_second() {
        return runtime().block_on(kills());
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

async fn kills() {
    let folder = TempDir::new().unwrap();
    let database = folder.path().join("brasskey.db");
    let sandbox = Sandbox::start().await.unwrap();
    set_up(&database).await;
    let mut said = Said::default();
    for round in 0..KILLS {
        let mut victim = again::command(&[], TEST)
            .env(VICTIM, folder.path())
            .env(ADDRESS, sandbox.base_url(OPENAI.wire))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(victim.stdout.take().unwrap()).lines();
        // Another number of steps each time, and another moment within the step that follows.
        let (steps, pause) = (1 + round % 7, Duration::from_micros(900 * (round * 7 % 11)));
        let mut heard = 0;
        while heard < steps {
            let line = lines.next().expect("it ended by itself").unwrap();
            heard += u64::from(hear(&mut said, &line));
        }
        tokio::time::sleep(pause).await;
        victim.kill().unwrap();
        victim.wait().unwrap();
        for line in lines {
            hear(&mut said, &line.unwrap());
        }
        let what = format!("after kill {round}, {pause:?} after step {steps}");
        let app = App::open(&database, system_vault(), no_platform())
            .await
            .unwrap();
        app.reconcile_keys().await.unwrap();
        app.look_for_keys().await.unwrap();
        check(&app, &mut said, &what).await;
        app.quit().await;
    }
    let removed = said.keys.values().filter(|label| label.is_none()).count();
    assert!(removed > 2 && said.keys.len() > removed);
}

/// The first run, with own keys.
async fn set_up(database: &Path) {
    let platform = Platform::start(PlatformOptions::default()).unwrap();
    let settings = settings(&platform.url(), platform.roots());
    let app = App::open(database, system_vault(), settings).await.unwrap();
    app.refresh_billing().await.unwrap();
    app.choose_billing(BillingMode::Byok).await.unwrap();
    accept_terms(&app).await;
    app.begin_trial().await.unwrap();
    app.quit().await;
}

/// Takes one line of the victim's. Tells whether it was one.
fn hear(said: &mut Said, line: &str) -> bool {
    // The test's own harness writes its name before the first line.
    let Some(line) = line.split("<< ").nth(1) else {
        return false;
    };
    let (what, rest) = line.split_once(' ').unwrap();
    let (id, label) = rest.split_once(' ').unwrap_or((rest, ""));
    match what {
        "key" => drop(said.keys.insert(id.to_owned(), Some(label.to_owned()))),
        "removed" => drop(said.keys.insert(id.to_owned(), None)),
        "draft" => said.draft = rest.to_owned(),
        other => panic!("{other}"),
    }
    true
}

/// Compares what is there with what was said. What was done without a word before the kill is learnt here.
async fn check(app: &App, said: &mut Said, what: &str) {
    let view = app.keys().await.unwrap();
    for key in &view.keys {
        assert_eq!(key.place, PlaceView::System, "{what}: {key:?}");
        let probed = app.probe_store(Some(&key.id)).await.unwrap();
        assert_eq!(probed.state, StoreStateView::Ready, "{what}: {key:?}");
    }
    let is_there = |id: &str| view.keys.iter().find(|key| key.id == id);
    for (id, label) in &said.keys {
        match (label, is_there(id)) {
            (None, None) => {}
            (None, Some(key)) => panic!("{what}: it was removed, and is there: {key:?}"),
            // The one removal that was under way may have been done.
            (Some(_), None) => {}
            (Some(label), Some(key)) => {
                assert!(
                    key.label == *label || key.label == format!("{label}, renamed"),
                    "{what}: {label}, not {key:?}"
                );
            }
        }
    }
    let gone = said
        .keys
        .iter()
        .filter(|(id, label)| label.is_some() && is_there(id).is_none());
    assert!(gone.count() <= 1, "{what}: more than one is gone");
    let unheard = view
        .keys
        .iter()
        .filter(|key| !said.keys.contains_key(&key.id));
    assert!(unheard.count() <= 1, "{what}: more than one was unheard of");
    assert_eq!(
        entries(),
        view.keys.len(),
        "{what}: the store holds the listed keys and no other"
    );
    let draft = app.draft(None).await.unwrap();
    let number = |text: &str| {
        text.rsplit(' ')
            .next()
            .unwrap_or("")
            .parse()
            .unwrap_or(0_u64)
    };
    assert!(
        (number(&said.draft)..=number(&said.draft) + 1).contains(&number(&draft)),
        "{what}: {:?} was said, {draft:?} is there",
        said.draft
    );
    *said = Said {
        keys: said
            .keys
            .keys()
            .map(|id| (id.clone(), None))
            .chain(
                view.keys
                    .iter()
                    .map(|key| (key.id.clone(), Some(key.label.clone()))),
            )
            .collect(),
        draft,
    };
}

/// How many keys the credential store holds, without the credential of this computer.
fn entries() -> usize {
    let found = Command::new("secret-tool")
        .args(["search", "--all", "service", SERVICE])
        .output()
        .unwrap();
    let text = [&found.stdout[..], &found.stderr].concat();
    String::from_utf8_lossy(&text)
        .lines()
        .filter(|line| line.starts_with("attribute.username = "))
        .filter(|line| !line.contains("= device-"))
        .count()
}

#[allow(clippy::print_stdout, reason = "it tells whoever kills it")]
async fn works_until_killed(folder: &Path) {
    let named = |name: &str| std::env::var(name).unwrap();
    let app = App::open(&folder.join("brasskey.db"), system_vault(), no_platform())
        .await
        .unwrap();
    app.reconcile_keys().await.unwrap();
    let endpoint = NewEndpoint {
        provider: OPENAI.provider,
        base_url: Some(named(ADDRESS)),
    };
    let mut drafts = app.draft(None).await.unwrap();
    let mut written: u64 = drafts.rsplit(' ').next().unwrap().parse().unwrap_or(0);
    loop {
        let start = app.keys().await.unwrap().keys.len();
        let label = format!("Key {start}");
        let pending = app.submit_key(&OPENAI.key().into(), &endpoint).unwrap();
        let key = app.save_key(&pending.id, &label).await.unwrap();
        println!("<< key {} {label}", key.id);
        written += 1;
        drafts = format!("A draft {written}");
        app.save_draft(None, &drafts).await.unwrap();
        println!("<< draft {drafts}");
        let renamed = format!("{label}, renamed");
        app.rename_key(&key.id, &renamed).await.unwrap();
        println!("<< key {} {renamed}", key.id);
        if start > 2 {
            let first = app.keys().await.unwrap().keys[0].id.clone();
            app.remove_key(&first).await.unwrap();
            println!("<< removed {first}");
        }
    }
}
