//! Promise 1, custody: a marked key goes through everything that can be done with it, and is afterwards nowhere but where it
//! belongs: in the credential store (a GNOME Keyring on a bus of its own) and in the header of the calls to its own provider.

use std::time::Duration;

use brasskey_app::chat::view::{Ask, MessageView, NewTurn, TurnEvent};
use brasskey_app::error::StoreStateView;
use brasskey_app::keys::view::{CheckView, KeyView, NewEndpoint, PendingView, ProviderId};
use brasskey_app::settings::view::Preferences;
use brasskey_app::transfer::view::{ExportForm, ExportScope};
use brasskey_tests::{Fault, Script, Search};
use secrecy::{ExposeSecret, SecretString};
use tempfile::TempDir;
use tokio::sync::mpsc::unbounded_channel;
use tracing_subscriber::filter::LevelFilter;

use crate::account::{ANTHROPIC, Account, COMPATIBLE, GEMINI, OPENAI, OPENROUTER};
use crate::again;
use crate::heard::Heard;
use crate::report::saved;
use crate::world::{World, model, question};

/// What nothing else has in common with the keys: with the signs that encodings treat specially.
const MARK: &str = "qZ7w+Xk/93Vb=TnR5yUe8Lp2Mc6Hd4Gs";

/// What a search finds where there is nothing.
const NOWHERE: [&str; 0] = [];

const PROVIDERS: [Account; 5] = [OPENAI, ANTHROPIC, GEMINI, OPENROUTER, COMPATIBLE];

#[tokio::test]
async fn a_key_is_nowhere_but_in_its_store_and_in_the_calls_to_its_provider() {
    if again::is_second() {
        return journey().await;
    }
    // In a process of its own, so that every log line of every library is this journey's.
    let home = TempDir::new().unwrap();
    let test = "canary::a_key_is_nowhere_but_in_its_store_and_in_the_calls_to_its_provider";
    let output = again::with_keyring(home.path(), test)
        .output()
        .expect("dbus-run-session and gnome-keyring-daemon are installed by `cargo xtask setup`");
    let said = [&output.stdout[..], &output.stderr].concat();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&said)
    );
    let mut search = Search::of(MARK).unwrap();
    search.folder(home.path());
    assert!(search.looked_at() > 0, "the keyring is on the disk");
    search.bytes("the program's own output", &said);
    assert_eq!(search.found(), NOWHERE, "and it is encrypted");
}

struct Canary {
    world: World,
    heard: Heard,
}

async fn journey() {
    let log = Heard::default();
    tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_writer(log.clone())
        .init();
    let canary = Canary {
        world: World::with_system_store().await,
        heard: Heard::default(),
    };
    for _ in 0..200 {
        let found = canary.world.app.probe_store(None).await.unwrap();
        if found.state == StoreStateView::Ready {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut changes = canary.world.app.changes();
    for account in PROVIDERS {
        canary.refused_keys(account).await;
        canary.saved_key(account).await;
    }
    canary.mistaken_addresses().await;
    canary.everything_on_screen().await;
    while let Ok(change) = changes.try_recv() {
        canary.heard.saw(change);
    }

    // It is seen where it must be: else the rest would prove nothing.
    let requests = canary.world.sandbox.requests();
    for account in PROVIDERS {
        let with_key = requests.iter().filter(|request| {
            request.path.starts_with(account.wire.path())
                && request.key.as_ref().is_some_and(|key| key.contains(MARK))
        });
        assert!(with_key.count() >= 10, "{account:?}");
    }

    let mut search = Search::of(MARK).unwrap();
    for request in &requests {
        // Nothing but the header of the key holds it.
        let rest = format!(
            "{} {} {:?} {}",
            request.path, request.host, request.headers, request.body
        );
        search.bytes("the rest of a request", rest.as_bytes());
    }
    let before = search.looked_at();
    search.folder(canary.world.folder());
    assert!(
        search.looked_at() - before > 50_000,
        "the database was looked through"
    );
    let Canary { world, heard } = canary;
    let world = world.restarted().await;
    heard.saw(world.app.start_view(Preferences::default()).await.unwrap());
    world.app.quit().await;
    search.folder(world.folder());
    let heard = heard.bytes();
    assert!(
        String::from_utf8_lossy(&heard).contains("[redacted]"),
        "keys were echoed and cut out"
    );
    search.bytes("what the window got", &heard);
    let log = log.bytes();
    for library in ["hyper", "brasskey_providers", "reqwest", "zbus"] {
        assert!(
            String::from_utf8_lossy(&log).contains(library),
            "{library} was heard at trace level"
        );
    }
    search.bytes("the log", &log);
    assert_eq!(search.found(), NOWHERE);
}

impl Canary {
    /// A marked key of the account; its end makes the provider behave so.
    fn key(account: Account, behaviour: &str) -> SecretString {
        let beginning = account.key_that("");
        let end = if behaviour.is_empty() { "-Z9x8" } else { "" };
        SecretString::from(format!(
            "{beginning}{MARK}{end}{}{behaviour}",
            if behaviour.is_empty() { "" } else { "-" }
        ))
    }

    fn submit(&self, account: Account, key: &SecretString) -> PendingView {
        let endpoint = self.world.endpoint(account);
        self.heard
            .answer(self.world.app.submit_key(key, &endpoint))
            .unwrap()
    }

    async fn check(&self, account: Account, pending: &PendingView) -> Option<CheckView> {
        let endpoint = self.world.endpoint(account);
        self.heard.answer(
            self.world
                .app
                .check_pending(&pending.id, &endpoint, false)
                .await,
        )
    }

    /// Keys with which everything goes wrong that can, some of them saved all the same.
    async fn refused_keys(&self, account: Account) {
        let unknown = SecretString::from(format!("sk-nobodys-{MARK}"));
        let pending = self.submit(account, &unknown);
        self.check(account, &pending).await;
        assert!(
            self.heard
                .answer(self.world.app.save_key(&pending.id, "").await)
                .is_none()
        );
        for behaviour in [
            "echo",
            "redirect",
            "captive",
            "out_of_credit",
            "rate_limited",
            "server_error",
        ] {
            let pending = self.submit(account, &Self::key(account, behaviour));
            let check = self.check(account, &pending).await.unwrap();
            assert!(
                matches!(check, CheckView::Failed { .. }),
                "{account:?} {behaviour}: {check:?}"
            );
            if let Some(key) = self
                .heard
                .answer(self.world.app.save_key(&pending.id, behaviour).await)
            {
                self.ask(&key, account, "Hello").await;
                self.heard.answer(self.world.app.recheck_key(&key.id).await);
                self.heard.answer(self.world.app.remove_key(&key.id).await);
            }
        }
        // Stopped, cancelled, sent to nowhere, of another shape.
        let silent = self.submit(account, &Self::key(account, "silent"));
        let before = self.world.sandbox.requests().len();
        let stop = async {
            self.world
                .sandbox
                .wait_until(|seen| seen.len() > before)
                .await
                .unwrap();
            self.world.app.stop_check(&silent.id);
        };
        let (check, ()) = tokio::join!(self.check(account, &silent), stop);
        assert_eq!(check, Some(CheckView::Stopped));
        self.world.app.cancel_pending(&silent.id);
        assert!(self.check(account, &silent).await.is_none());
        let nowhere = NewEndpoint {
            provider: account.provider,
            base_url: Some("http://127.0.0.1:9/v1".to_owned()),
        };
        let key = Self::key(account, "");
        let pending = self
            .heard
            .answer(self.world.app.submit_key(&key, &nowhere))
            .unwrap();
        let check = self
            .world
            .app
            .check_pending(&pending.id, &nowhere, true)
            .await;
        assert!(matches!(
            self.heard.answer(check),
            Some(CheckView::Failed { .. })
        ));
        assert!(
            self.check(account, &pending).await.is_none(),
            "another origin"
        );
    }

    /// A key that works, and all that is done with it.
    async fn saved_key(&self, account: Account) {
        let app = &self.world.app;
        let pending = self.submit(account, &Self::key(account, ""));
        let check = self.check(account, &pending).await;
        assert!(
            matches!(check, Some(CheckView::Works { .. })),
            "{account:?}: {check:?}"
        );
        let key = self
            .heard
            .answer(app.save_key(&pending.id, "").await)
            .unwrap();
        for fault in [
            None,
            Some(Fault::KeyEcho),
            Some(Fault::KeyEchoEncoded),
            Some(Fault::KeyEchoMalformed),
            Some(Fault::Redirect {
                status: 302,
                to: "http://127.0.0.1:9/".to_owned(),
            }),
            Some(Fault::Html200),
            Some(Fault::Error("key_malformed".into())),
            Some(Fault::Error("rate_limited_requests".into())),
            Some(Fault::ErrorInStream {
                events: 12,
                situation: "overloaded".into(),
            }),
            Some(Fault::CutAfter { events: 12 }),
            Some(Fault::Garbage),
            Some(Fault::NoTerminalEvent),
            Some(Fault::Refusal),
        ] {
            // What this wire does not have is not in its fixtures either.
            self.world.sandbox.script(Script {
                fault,
                ..Script::default()
            });
            self.ask(&key, account, "Hello").await;
        }
        self.spoken_key(&key, account).await;
        for fault in [
            Fault::KeyEcho,
            Fault::KeyEchoEncoded,
            Fault::KeyEchoMalformed,
            Fault::Html200,
            Fault::Garbage,
            Fault::CutAfter { events: 0 },
        ] {
            self.world.sandbox.script_check(fault);
            self.heard.answer(app.recheck_key(&key.id).await);
        }
        self.heard.answer(app.recheck_key(&key.id).await);
        let estimate = app.estimate(None, 100, &model(&key, account.model)).await;
        self.heard.answer(estimate);
        self.heard.answer(app.rename_key(&key.id, "Renamed").await);
        let pending = self.submit(account, &Self::key(account, ""));
        self.heard
            .answer(app.replace_key(&key.id, &pending.id).await)
            .unwrap();
        self.ask(&key, account, "Once more").await;
        self.heard.answer(app.remove_key(&key.id).await);
        self.heard.answer(app.restore_key(&key.id).await);
        if account == OPENAI {
            // One stays until the end, the others are taken out of the store at the next start.
            return;
        }
        self.heard.answer(app.remove_key(&key.id).await);
    }

    /// A provider that sends the key back as its answer, and as its thoughts: in pieces of four characters, as it is and escaped.
    async fn spoken_key(&self, key: &KeyView, account: Account) {
        let sent = Self::key(account, "");
        let sent = sent.expose_secret();
        let percent: String = sent.bytes().map(|byte| format!("%{byte:02x}")).collect();
        for said in [sent.to_owned(), percent, sent.to_uppercase()] {
            self.world.sandbox.script(Script {
                answer: format!("Is {said} yours? {said}"),
                thinking: Some(format!("They use {said}. Odd.")),
                ..Script::default()
            });
            let answer = self.ask(key, account, "What is my key?").await;
            let text = format!("{answer:?}");
            assert!(text.contains("[redacted] yours?"), "{account:?}");
        }
    }

    /// A key pasted where the address belongs.
    async fn mistaken_addresses(&self) {
        for address in [
            // A slash would end the host, and what is before it would be one.
            format!("https://{}@api.openai.com/v1", MARK.replace('/', "")),
            format!("https://api.openai.com/v1?key={MARK}"),
            format!("https://api.openai.com/v1#{MARK}"),
            format!("sk-proj-{MARK}"),
        ] {
            let endpoint = NewEndpoint {
                provider: ProviderId::OpenAi,
                base_url: Some(address),
            };
            let app = &self.world.app;
            let held = app.submit_key(&Self::key(OPENAI, ""), &endpoint);
            let pending = self.heard.answer(held).unwrap();
            let check = app.check_pending(&pending.id, &endpoint, true).await;
            assert!(self.heard.answer(check).is_none());
            let saved = app.save_key(&pending.id, "").await;
            assert!(self.heard.answer(saved).is_none());
            app.cancel_pending(&pending.id);
        }
    }

    async fn everything_on_screen(&self) {
        let app = &self.world.app;
        self.heard
            .answer(app.start_view(Preferences::default()).await);
        self.heard.answer(app.keys().await);
        self.heard.answer(app.models().await);
        self.heard.answer(app.totals(None).await);
        self.heard.answer(app.probe_store(None).await);
        for conversation in app.workspace().await.unwrap().conversations {
            self.heard
                .answer(app.open_conversation(&conversation.id).await);
        }
        self.heard.answer(app.search("s", 300).await);
        for (name, form) in [
            ("out.json", ExportForm::Json),
            ("out.md", ExportForm::Markdown),
        ] {
            let path = self.world.folder().join(name);
            let everything = ExportScope::Everything;
            let exported = app.export(&everything, form, &path, Box::new(|_| {}));
            self.heard.answer(exported.await).unwrap();
            assert!(path.metadata().unwrap().len() > 1_000, "{name}");
        }
        let report = saved(&self.world, MARK).await;
        let report = self.heard.answer(report).unwrap();
        assert!(report.text.contains("[a line that held a key]"));
    }

    /// Asks, hears every event, and does not wait for a second try.
    async fn ask(&self, key: &KeyView, account: Account, text: &str) -> MessageView {
        let app = &self.world.app;
        let conversation = self.world.conversation().await;
        let (sender, mut events) = unbounded_channel();
        let heard = self.heard.clone();
        let sink = Box::new(move |event| sender.send(heard.saw(event)).unwrap());
        let ask: Ask = question(&conversation, text);
        let turn = NewTurn {
            ask,
            model: model(key, account.model),
        };
        let turn = self
            .heard
            .answer(app.send(turn, sink).await)
            .expect("the question is taken");
        loop {
            match events.recv().await.unwrap() {
                TurnEvent::Waiting { .. } | TurnEvent::Offline { .. } => app.stop_turn(&turn.id),
                TurnEvent::Ended { answer } => return *answer,
                TurnEvent::Delta { .. } | TurnEvent::Sending | TurnEvent::Unsaved => {}
            }
        }
    }
}
