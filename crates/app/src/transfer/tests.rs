//! Files out and in, over databases of the tests' own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use brasskey_ledger::{
    Call, Closing, ConversationId, DraftKey, MessageId, ModelChoice, NewAnswer, NewConversation,
    OpenTurn, Outcome, Payer, PayingKey, ProjectId, Question, ReceiptId, Settlement,
};
use brasskey_metering::{Cost, Money, PriceSource, Tokens, Usage, UsageStatus};
use brasskey_vault::Vault;
use proptest::prelude::*;
use serde_json::Value;
use tempfile::TempDir;

use super::Progress;
use super::read::{Item, Refused, read, read_up_to};
use super::view::{
    ExportForm, ExportOutcome, ExportScope, ImportOutcome, ImportProblem, TransferProgress,
};
use crate::App;
use crate::account::{PlatformSettings, PlatformUrl};
use crate::error::ErrorCode;

struct Place {
    app: App,
    folder: TempDir,
}

impl Place {
    async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let platform = PlatformSettings {
            // Nobody listens there, and nothing here asks.
            url: PlatformUrl::parse("http://127.0.0.1:9").unwrap(),
            roots: Vec::new(),
            computer: "Desk".to_owned(),
        };
        let vault = Vault::system("app.brasskey.test");
        let app = App::open(&folder.path().join("brasskey.db"), vault, platform)
            .await
            .unwrap();
        Self { app, folder }
    }

    /// Two projects, one without a conversation; three conversations, one of them with versions and a draft, one empty, one
    /// that was deleted.
    async fn filled() -> Self {
        let place = Self::new().await;
        let ledger = &place.app.ledger;
        for (id, name) in [("p1", "Orders service"), ("p2", "An empty one")] {
            ledger
                .projects()
                .create(&ProjectId::new(id), name, "local", 5)
                .await
                .unwrap();
        }
        place
            .conversation("c1", Some("p1"), "Stream | the\nexport")
            .await;
        place.conversation("c2", None, "").await;
        place.conversation("c3", None, "Gone").await;
        place
            .say(
                "c1",
                "1",
                None,
                "How do I stream it?",
                "Use **COPY**.",
                Outcome::Done,
            )
            .await;
        place
            .say(
                "c1",
                "2",
                Some("a-1"),
                "And then?",
                "Rename it \u{0} \"so\".",
                Outcome::Stopped,
            )
            .await;
        place
            .say(
                "c1",
                "3",
                Some("a-1"),
                "And 日本?",
                "はい。",
                Outcome::Failed,
            )
            .await;
        place
            .say("c3", "4", None, "Secret", "Forgotten", Outcome::Done)
            .await;
        let draft = DraftKey::Conversation(ConversationId::new("c1"));
        ledger
            .drafts()
            .set(&draft, "half a thought", 60)
            .await
            .unwrap();
        ledger
            .conversations()
            .delete(&ConversationId::new("c3"), 70)
            .await
            .unwrap();
        place
    }

    async fn conversation(&self, id: &str, project: Option<&str>, title: &str) {
        let at =
            10 + i64::try_from(self.app.workspace().await.unwrap().conversations.len()).unwrap();
        let new = NewConversation {
            id: ConversationId::new(id),
            project_id: project.map(ProjectId::new),
            title: title.to_owned(),
            title_is_users: true,
            model: Some(ModelChoice {
                endpoint_id: "k1".to_owned(),
                model: "gpt-6.1-sol".to_owned(),
            }),
        };
        self.app
            .ledger
            .conversations()
            .create(&new, at)
            .await
            .unwrap();
    }

    async fn say(
        &self,
        id: &str,
        name: &str,
        parent: Option<&str>,
        question: &str,
        text: &str,
        outcome: Outcome,
    ) {
        let turn = OpenTurn {
            conversation_id: ConversationId::new(id),
            new_conversation: None,
            question: Question::New {
                id: MessageId::new(format!("q-{name}")),
                parent_id: parent.map(MessageId::new),
                text: question.to_owned(),
            },
            answer: NewAnswer {
                id: MessageId::new(format!("a-{name}")),
                endpoint_id: "k1".to_owned(),
            },
            call: Call {
                receipt_id: ReceiptId::new(format!("r-{name}")),
                payer: Payer::UserKey(PayingKey {
                    id: brasskey_ledger::KeyId::new("k1"),
                    label: "Work".to_owned(),
                    last4: Some("x9Qz".to_owned()),
                }),
                provider: "openai".to_owned(),
                endpoint_origin: "https://api.openai.com".to_owned(),
                model: "gpt-6.1-sol".to_owned(),
            },
            draft: None,
            at: 20,
        };
        self.app.ledger.turns().open(&turn).await.unwrap();
        let closing = Closing {
            answer_id: turn.answer.id,
            outcome,
            text: text.to_owned(),
            thinking: "Hm.".to_owned(),
            failure_json: (outcome == Outcome::Failed)
                .then(|| r#"{"code":"overloaded"}"#.to_owned()),
            ending: None,
            settlement: Some(settlement()),
            at: 30,
        };
        self.app.ledger.turns().close(&closing).await.unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn export(&self, scope: ExportScope, form: ExportForm) -> String {
        let path = self.path("out");
        let outcome = self
            .app
            .export(&scope, form, &path, nobody())
            .await
            .unwrap();
        assert!(
            matches!(outcome, ExportOutcome::Saved { .. }),
            "{outcome:?}"
        );
        std::fs::read_to_string(path).unwrap()
    }

    async fn everything(&self) -> String {
        self.export(ExportScope::Everything, ExportForm::Json).await
    }

    async fn import(&self, file: &str) -> ImportOutcome {
        let path = self.path("in");
        std::fs::write(&path, file).unwrap();
        self.app.import(&path, nobody()).await.unwrap()
    }
}

fn settlement() -> Settlement {
    Settlement {
        served_model: Some("gpt-6.1-sol-2026-09-30".to_owned()),
        usage: Usage {
            tokens: Tokens {
                input_uncached: 12,
                output: 34,
                ..Tokens::default()
            },
            status: UsageStatus::Exact,
            ..Usage::default()
        },
        cost: Cost::Known {
            amount: "0.0123".parse::<Money>().unwrap(),
            source: PriceSource {
                list: "LiteLLM 1.109.1".to_owned(),
                as_of: "2026-11-23".to_owned(),
                row: "gpt-6.1-sol".to_owned(),
                to_be_confirmed: false,
            },
        },
        request_id: Some("req_1".to_owned()),
        ttft_ms: Some(412),
        duration_ms: Some(3_000),
    }
}

fn nobody() -> Progress {
    Box::new(|_| {})
}

/// The file without what differs by right: ids become the order in which they first stand in it.
fn without_ids(file: &str) -> Value {
    fn rename(value: &mut Value, names: &mut HashMap<String, String>) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| rename(item, names)),
            Value::Object(fields) => {
                fields.remove("exported_at");
                for (field, value) in fields {
                    let is_id = [
                        "id",
                        "project_id",
                        "parent_id",
                        "active_leaf",
                        "message_id",
                        "conversation_id",
                    ]
                    .contains(&field.as_str());
                    match value {
                        Value::String(id) if is_id => {
                            let next = format!("#{}", names.len());
                            *id = names.entry(id.clone()).or_insert(next).clone();
                        }
                        _ => rename(value, names),
                    }
                }
            }
            _ => {}
        }
    }
    let mut value: Value = serde_json::from_str(file).unwrap();
    rename(&mut value, &mut HashMap::new());
    value
}

#[tokio::test]
async fn everything_is_there_again_on_another_computer() {
    let here = Place::filled().await;
    let first = here.everything().await;
    let elsewhere = Place::new().await;
    let outcome = elsewhere.import(&first).await;
    assert_eq!(
        outcome,
        ImportOutcome::Done {
            added: 2,
            already_here: 0
        }
    );

    let second = elsewhere.everything().await;
    let (mut first, mut second) = (without_ids(&first), without_ids(&second));
    // Of a conversation that was deleted only its receipts come along, and they belong to none any more.
    for receipts in [&mut first["receipts"], &mut second["receipts"]] {
        for receipt in receipts.as_array_mut().unwrap() {
            receipt["message_id"] = Value::Null;
            receipt["conversation_id"] = Value::Null;
            receipt["id"] = Value::Null;
        }
    }
    assert_eq!(first, second);
    assert_eq!(first["receipts"].as_array().unwrap().len(), 1);
    assert_eq!(first["projects"].as_array().unwrap().len(), 2);
    let spent = elsewhere.app.ledger.receipts().total(0..100).await.unwrap();
    assert_eq!(
        (spent.calls, spent.known.to_string().as_str()),
        (4, "0.0492")
    );

    // All of it is found, on every path.
    elsewhere.app.index_what_is_there().await.unwrap();
    let found = elsewhere.app.search("日本", 9).await.unwrap();
    assert_eq!(found.messages.len(), 1);
    let opened = elsewhere.app.open_at(&found.messages[0].id).await.unwrap();
    assert_eq!(opened.messages.len(), 4);
    assert_eq!(opened.draft, "half a thought");
    elsewhere.app.ledger.verify().await.unwrap();
}

#[tokio::test]
async fn the_same_file_twice_is_told_and_not_doubled() {
    let here = Place::filled().await;
    let file = here.everything().await;
    let all = ImportOutcome::Done {
        added: 0,
        already_here: 2,
    };
    // Where it comes from it is there, too.
    assert_eq!(here.import(&file).await, all);
    let elsewhere = Place::new().await;
    elsewhere.import(&file).await;
    let once = elsewhere.everything().await;
    assert_eq!(elsewhere.import(&file).await, all);
    assert_eq!(
        without_ids(&elsewhere.everything().await),
        without_ids(&once)
    );
    // From there it comes back to where it was, and still is.
    assert_eq!(here.import(&once).await, all);

    // What was said since is another conversation; nothing of the one that is there is changed.
    here.say("c1", "5", Some("a-3"), "More?", "Yes.", Outcome::Done)
        .await;
    let grown = here.everything().await;
    assert_eq!(
        elsewhere.import(&grown).await,
        ImportOutcome::Done {
            added: 1,
            already_here: 1
        }
    );
    // Each call is counted once.
    let calls = elsewhere
        .app
        .ledger
        .receipts()
        .total(0..100)
        .await
        .unwrap()
        .calls;
    assert_eq!(calls, 5);
}

#[tokio::test]
async fn one_conversation_brings_its_project_and_nothing_else() {
    let here = Place::filled().await;
    let file = here
        .export(ExportScope::Conversation("c1".to_owned()), ExportForm::Json)
        .await;
    assert!(!file.contains("An empty one"));
    let elsewhere = Place::new().await;
    assert_eq!(
        elsewhere.import(&file).await,
        ImportOutcome::Done {
            added: 1,
            already_here: 0
        }
    );
    let workspace = elsewhere.app.workspace().await.unwrap();
    assert_eq!(workspace.projects.len(), 1);
    assert_eq!(
        workspace.conversations[0].project_id.as_ref(),
        Some(&workspace.projects[0].id)
    );
    let project = ExportScope::Project("p2".to_owned());
    assert!(
        here.export(project, ExportForm::Json)
            .await
            .contains("\"conversations\":[],")
    );
    let gone = ExportScope::Project("nowhere".to_owned());
    let refused = here
        .app
        .export(&gone, ExportForm::Json, &here.path("x"), nobody())
        .await;
    assert_eq!(refused.unwrap_err().code(), ErrorCode::NotFound);
}

#[tokio::test]
async fn markdown_shows_the_path_that_is_shown_with_what_it_cost() {
    let here = Place::filled().await;
    let scope = ExportScope::Conversation("c1".to_owned());
    let page = here.export(scope.clone(), ExportForm::Markdown).await;
    assert!(
        page.starts_with("# Orders service: Stream | the export\n\n## You (1970-01-01 "),
        "{page}"
    );
    assert!(page.contains("$0.0123)\n\nUse **COPY**.\n"), "{page}");
    assert!(page.contains("$0.0123, failed)\n\nはい。\n"), "{page}");
    assert!(!page.contains("And then?"), "a version that is not shown");
    let name = here
        .app
        .export_name(&scope, ExportForm::Markdown)
        .await
        .unwrap();
    assert!(
        name.starts_with("Brasskey Stream the export 2") && name.ends_with(".md"),
        "{name}"
    );
}

#[tokio::test]
async fn what_cannot_be_written_leaves_the_old_file_and_nothing_else() {
    let here = Place::filled().await;
    let folder = here.path("folder");
    std::fs::create_dir(&folder).unwrap();
    let path = folder.join("out.json");
    std::fs::write(&path, "before").unwrap();
    // A folder stands where the file is to be: it cannot be given its name.
    let taken = folder.join("taken");
    std::fs::create_dir(&taken).unwrap();
    let failed = here
        .app
        .export(&ExportScope::Everything, ExportForm::Json, &taken, nobody())
        .await;
    assert_eq!(failed.unwrap_err().code(), ErrorCode::Storage);
    let nowhere = folder.join("missing/out.json");
    let failed = here
        .app
        .export(
            &ExportScope::Everything,
            ExportForm::Json,
            &nowhere,
            nobody(),
        )
        .await;
    assert_eq!(failed.unwrap_err().code(), ErrorCode::Storage);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "before");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 2);
}

#[tokio::test]
async fn a_stop_ends_an_export_without_a_file_and_an_import_with_what_is_whole() {
    let here = Place::filled().await;
    for at in 0..20 {
        let id = format!("n{at}");
        here.conversation(&id, None, "One of many").await;
        here.say(
            &id,
            &format!("n{at}"),
            None,
            "Why?",
            &format!("Because {at}."),
            Outcome::Done,
        )
        .await;
    }
    let file = here.everything().await;
    let stopping = |app: &App| -> (Progress, Arc<Mutex<Vec<TransferProgress>>>) {
        let told: Arc<Mutex<Vec<TransferProgress>>> = Arc::default();
        let (app, log) = (app.clone(), told.clone());
        let stop = move |progress: TransferProgress| {
            log.lock().unwrap().push(progress);
            if progress.done == 3 {
                app.stop_transfer();
            }
        };
        (Box::new(stop), told)
    };
    let (progress, told) = stopping(&here.app);
    let path = here.path("stopped.json");
    let outcome = here
        .app
        .export(&ExportScope::Everything, ExportForm::Json, &path, progress)
        .await
        .unwrap();
    assert_eq!(outcome, ExportOutcome::Cancelled);
    assert!(!path.exists());
    assert_eq!(
        told.lock().unwrap().last(),
        Some(&TransferProgress { done: 3, total: 22 })
    );

    let elsewhere = Place::new().await;
    std::fs::write(elsewhere.path("in"), &file).unwrap();
    let (progress, _) = stopping(&elsewhere.app);
    let outcome = elsewhere
        .app
        .import(&elsewhere.path("in"), progress)
        .await
        .unwrap();
    assert_eq!(
        outcome,
        ImportOutcome::Stopped {
            added: 3,
            total: 22
        }
    );
    // The next one goes on with the rest.
    let outcome = elsewhere.import(&file).await;
    assert_eq!(
        outcome,
        ImportOutcome::Done {
            added: 19,
            already_here: 3
        }
    );
}

/// A file as version 1 wrote it. It is never edited: whoever has one can import it for ever.
const VERSION_1: &str = include_str!("version_1.json");

#[tokio::test]
async fn a_file_of_version_1_is_imported() {
    let place = Place::new().await;
    assert_eq!(
        place.import(VERSION_1).await,
        ImportOutcome::Done {
            added: 2,
            already_here: 0
        }
    );
    assert_eq!(
        without_ids(&place.everything().await)["conversations"],
        without_ids(VERSION_1)["conversations"]
    );
}

#[tokio::test]
async fn a_file_that_is_not_as_it_should_be_changes_nothing_and_names_the_place() {
    let place = Place::new().await;
    let cut = &VERSION_1[..VERSION_1.len() / 2];
    let deep = format!(
        "{{\"format\":\"brasskey\",\"version\":1,\"x\":{}",
        "[".repeat(100_000)
    );
    let swapped = VERSION_1.replacen("\"role\":\"assistant\"", "\"role\":\"user\"", 1);
    let orphan = VERSION_1.replacen("\"parent_id\":\"q-1\"", "\"parent_id\":\"a-9\"", 1);
    let cases: [(&str, &str, ImportProblem); 9] = [
        ("nothing", "", ImportProblem::Damaged),
        (
            "another program's",
            "{\"chats\":[]}",
            ImportProblem::NotBrasskey,
        ),
        ("a list", "[1,2]", ImportProblem::Damaged),
        ("not JSON", "Dear aunt,", ImportProblem::Damaged),
        (
            "newer",
            "{\"format\":\"brasskey\",\"version\":2,\"conversations\":{}}",
            ImportProblem::Newer,
        ),
        ("cut", cut, ImportProblem::Damaged),
        ("deep", &deep, ImportProblem::Damaged),
        ("a question for an answer", &swapped, ImportProblem::Damaged),
        ("after what is not there", &orphan, ImportProblem::Damaged),
    ];
    for (what, file, expected) in cases {
        match place.import(file).await {
            ImportOutcome::Unreadable { problem, at } => {
                assert_eq!(problem, expected, "{what}");
                assert!(at.is_some(), "{what}");
            }
            other => panic!("{what}: {other:?}"),
        }
    }
    let workspace = place.app.workspace().await.unwrap();
    assert!(workspace.conversations.is_empty() && workspace.projects.is_empty());
    assert_eq!(
        place
            .app
            .ledger
            .receipts()
            .total(0..100)
            .await
            .unwrap()
            .calls,
        0
    );
}

#[test]
fn an_item_larger_than_memory_is_refused() {
    use std::io::Read;
    let start =
        "{\"format\":\"brasskey\",\"version\":1,\"conversations\":[{\"title\":\"".as_bytes();
    let endless = start.chain(std::io::repeat(b'a'));
    let refused = read_up_to(1 << 20, endless, &mut |_| true);
    assert!(
        matches!(refused, Err(Refused::File(ImportProblem::TooLarge, _))),
        "{refused:?}"
    );
}

#[derive(Debug, Clone)]
enum Damage {
    Flip(usize, u8),
    Cut(usize),
    Drop(usize, usize),
    Repeat(usize, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = 0..VERSION_1.len();
    let length = 1..200_usize;
    prop_oneof![
        (at.clone(), any::<u8>()).prop_map(|(at, byte)| Damage::Flip(at, byte)),
        at.clone().prop_map(Damage::Cut),
        (at.clone(), length.clone()).prop_map(|(at, length)| Damage::Drop(at, length)),
        (at, length).prop_map(|(at, length)| Damage::Repeat(at, length)),
    ]
}

/// What is read of a file is as it should be, and what is refused is the file's fault.
fn survives(bytes: &[u8]) {
    let read = read(bytes, &mut |item| {
        if let Item::Conversation(whole) = item {
            assert!(whole.title.chars().count() <= 200);
            let mut there = Vec::new();
            for message in &whole.messages {
                assert!(
                    message
                        .parent_id
                        .as_ref()
                        .is_none_or(|parent| there.contains(parent))
                );
                there.push(message.id.clone());
            }
        }
        true
    });
    assert!(matches!(read, Ok(()) | Err(Refused::File(..))), "{read:?}");
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        survives(&bytes);
        survives(&[b"{\"format\":\"brasskey\",\"version\":1,".as_slice(), &bytes].concat());
    }

    #[test]
    fn a_damaged_export_is_read_or_refused(damages in proptest::collection::vec(damage(), 1..5)) {
        let mut bytes = VERSION_1.as_bytes().to_vec();
        for damage in damages {
            let length = bytes.len();
            match damage {
                Damage::Flip(at, byte) => if let Some(there) = bytes.get_mut(at) { *there ^= byte },
                Damage::Cut(at) => bytes.truncate(at),
                Damage::Drop(at, count) => { bytes.drain(at.min(length)..(at + count).min(length)); }
                Damage::Repeat(at, count) => {
                    let piece = bytes[at.min(length)..(at + count).min(length)].to_vec();
                    bytes.splice(at.min(length)..at.min(length), piece);
                }
            }
        }
        survives(&bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn whatever_was_said_comes_out_as_it_was(
        titles in proptest::collection::vec("\\PC{0,30}", 1..4),
        texts in proptest::collection::vec(any::<String>(), 1..8),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (here, elsewhere) = (Place::new().await, Place::new().await);
            for (at, title) in titles.iter().enumerate() {
                here.conversation(&format!("c{at}"), None, title).await;
            }
            for (at, text) in texts.iter().enumerate() {
                here.say(&format!("c{}", at % titles.len()), &at.to_string(), None, text, text, Outcome::Done).await;
            }
            let file = here.everything().await;
            elsewhere.import(&file).await;
            assert_eq!(without_ids(&elsewhere.everything().await), without_ids(&file));
        });
    }
}
