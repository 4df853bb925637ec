//! What the tests share: a ledger in a folder of its own, and turns to put into it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use brasskey_ledger::{
    Call, Closing, ConversationId, KeyId, Ledger, MessageId, NewAnswer, NewConversation, OpenTurn,
    Outcome, Payer, PayingKey, Question, ReceiptId, Settlement,
};
use brasskey_metering::{Cost, Money, PriceSource, Tokens, Usage, UsageStatus};
use tempfile::TempDir;

/// Whose everything is.
pub(crate) const PROFILE: &str = "local";

pub(crate) struct Place {
    pub(crate) folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("brasskey.db")
    }

    pub(crate) async fn open(&self) -> Ledger {
        Ledger::open(&self.path()).await.unwrap()
    }
}

/// A connection that knows nothing of the ledger's rules: what another program could do to the file.
pub(crate) async fn raw(path: &Path) -> sqlx::SqliteConnection {
    use sqlx::ConnectOptions;
    sqlx::sqlite::SqliteConnectOptions::new()
        .filename(path)
        .connect()
        .await
        .unwrap()
}

pub(crate) fn conversation(id: &str) -> NewConversation {
    NewConversation {
        id: ConversationId::new(id),
        project_id: None,
        title: "Sorting".to_owned(),
        title_is_users: false,
        model: None,
    }
}

pub(crate) async fn with_conversation(ledger: &Ledger, id: &str) -> ConversationId {
    ledger
        .conversations()
        .create(&conversation(id), 1)
        .await
        .unwrap();
    ConversationId::new(id)
}

pub(crate) fn key() -> Payer {
    Payer::UserKey(PayingKey {
        id: KeyId::new("key-1"),
        label: "Work".to_owned(),
        last4: Some("x9Qz".to_owned()),
    })
}

/// A first question with its answer: ids `q-<name>`, `a-<name>`, `r-<name>`.
pub(crate) fn turn(
    conversation: &ConversationId,
    name: &str,
    parent: Option<&MessageId>,
) -> OpenTurn {
    OpenTurn {
        conversation_id: conversation.clone(),
        new_conversation: None,
        question: Question::New {
            id: MessageId::new(format!("q-{name}")),
            parent_id: parent.cloned(),
            text: format!("Question {name}"),
        },
        answer: NewAnswer {
            id: answer(name),
            endpoint_id: "key-1".to_owned(),
        },
        call: call(name),
        draft: None,
        at: 10,
    }
}

/// Another answer to a stored question.
pub(crate) fn again(conversation: &ConversationId, name: &str, question: &MessageId) -> OpenTurn {
    OpenTurn {
        question: Question::Stored(question.clone()),
        ..turn(conversation, name, None)
    }
}

pub(crate) fn answer(name: &str) -> MessageId {
    MessageId::new(format!("a-{name}"))
}

pub(crate) fn call(name: &str) -> Call {
    Call {
        receipt_id: ReceiptId::new(format!("r-{name}")),
        payer: key(),
        provider: "openai".to_owned(),
        endpoint_origin: "https://api.openai.com".to_owned(),
        model: "gpt-6.1-sol".to_owned(),
    }
}

pub(crate) fn done(name: &str, cost: Cost) -> Closing {
    Closing {
        answer_id: answer(name),
        outcome: Outcome::Done,
        text: format!("Answer {name}"),
        thinking: String::new(),
        failure_json: None,
        ending: None,
        settlement: Some(settlement(cost)),
        at: 20,
    }
}

pub(crate) fn settlement(cost: Cost) -> Settlement {
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
        cost,
        request_id: Some("req_1".to_owned()),
        ttft_ms: Some(412),
        duration_ms: Some(3_000),
    }
}

pub(crate) fn dollars(amount: &str) -> Cost {
    Cost::Known {
        amount: amount.parse::<Money>().unwrap(),
        source: PriceSource {
            list: "LiteLLM 1.109.1".to_owned(),
            as_of: "2026-11-23".to_owned(),
            row: "gpt-6.1-sol".to_owned(),
            to_be_confirmed: false,
        },
    }
}

/// Runs one ignored test of this binary in a process of its own. It finds the database's path in `BRASSKEY_LEDGER_DB`.
pub(crate) fn child(test: &str, db: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env(DB, db)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// In a child: the database's path. `None` when someone runs the ignored tests by hand.
pub(crate) fn child_db() -> Option<PathBuf> {
    std::env::var_os(DB).map(PathBuf::from)
}

/// In a child: a line for the parent, past the test harness, which keeps what `println!` writes.
pub(crate) fn say(line: &str) {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    out.write_all(format!("\n@{line}\n").as_bytes()).unwrap();
    out.flush().unwrap();
}

/// In the parent: what a line of a child says, if it is not the harness's.
pub(crate) fn said(line: &str) -> Option<&str> {
    line.strip_prefix('@')
}

const DB: &str = "BRASSKEY_LEDGER_DB";

/// Test data has no full disk to fear, so it may be written in place.
#[expect(clippy::disallowed_methods, reason = "damages files on purpose")]
pub(crate) fn put(path: &Path, bytes: &[u8]) {
    std::fs::write(path, bytes).unwrap();
}
