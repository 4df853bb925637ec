//! The program is killed at any moment: what it was told is stored is stored, and every call is counted exactly once.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};

use brasskey_ledger::{Ledger, Outcome, State};
use sqlx::Connection;

use crate::kit::{
    Place, answer, child, child_db, dollars, done, raw, said, say, turn, with_conversation,
};

const ROUNDS: usize = 24;
const PIECE: &str = "A piece of an answer that streams in. ";

/// What a killed program had been told.
#[derive(Debug, Default)]
struct Told {
    opened: BTreeSet<String>,
    pieces: BTreeMap<String, usize>,
    closed: BTreeSet<String>,
}

impl Told {
    fn hear(&mut self, line: &str) {
        match line.split_once(' ').unwrap() {
            ("opened", name) => assert!(self.opened.insert(name.to_owned())),
            ("appended", name) => *self.pieces.entry(name.to_owned()).or_default() += 1,
            ("closed", name) => assert!(self.closed.insert(name.to_owned())),
            (other, _) => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn a_killed_program_loses_nothing_it_was_told_is_stored() {
    let place = Place::new();
    let ledger = place.open().await;
    let id = with_conversation(&ledger, "c").await;
    ledger.close().await;
    drop(ledger);

    let mut told = Told::default();
    let mut interrupted = 0;
    for round in 0..ROUNDS {
        let mut writer = child("crash::writes_until_it_is_killed", &place.path())
            .env(ROUND, round.to_string())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(writer.stdout.take().unwrap()).lines();
        // Killed after another number of steps each time: between opening, each append and closing.
        let mut heard = 0;
        while heard < 3 + round {
            let line = lines.next().expect("the writer ended by itself").unwrap();
            if let Some(line) = said(&line) {
                told.hear(line);
                heard += 1;
            }
        }
        writer.kill().unwrap();
        writer.wait().unwrap();
        // What it was told and could still say before it died.
        for line in lines {
            if let Some(line) = said(&line.unwrap()) {
                told.hear(line);
            }
        }

        let ledger = place.open().await;
        interrupted += ledger.turns().interrupt_open(1_000).await.unwrap();
        check(&ledger, &told, &id).await;
        ledger.close().await;
    }
    assert!(
        interrupted > 0,
        "no answer was ever cut: the kills come too late to prove anything"
    );
    assert!(told.closed.len() > 1 && told.pieces.len() > told.closed.len() / 2);

    let mut raw = raw(&place.path()).await;
    let verdict: String = sqlx::query_scalar("PRAGMA integrity_check")
        .fetch_one(&mut raw)
        .await
        .unwrap();
    assert_eq!(verdict, "ok");
    let broken = sqlx::query("PRAGMA foreign_key_check")
        .fetch_all(&mut raw)
        .await
        .unwrap();
    assert!(broken.is_empty());
    for (table, sql) in [
        ("call", "SELECT COUNT(*) FROM call"),
        ("chunk", "SELECT COUNT(*) FROM chunk"),
    ] {
        let left: i64 = sqlx::query_scalar(sql).fetch_one(&mut raw).await.unwrap();
        assert_eq!(left, 0, "{table}");
    }
    raw.close().await.unwrap();
}

async fn check(ledger: &Ledger, told: &Told, id: &brasskey_ledger::ConversationId) {
    let receipts = ledger.receipts().by_conversation(id).await.unwrap();
    let counted: BTreeSet<_> = receipts
        .iter()
        .map(|receipt| receipt.message_id.clone().unwrap())
        .collect();
    assert_eq!(counted.len(), receipts.len(), "a call was counted twice");
    for name in &told.opened {
        let message = ledger.messages().get(&answer(name)).await.unwrap();
        assert!(counted.contains(&message.id), "a call was not counted");
        assert_ne!(message.state, State::Open);
        if message.state == State::Interrupted {
            assert!(!told.closed.contains(name));
            let pieces = message.text.len() / PIECE.len();
            assert_eq!(message.text, PIECE.repeat(pieces));
            assert!(
                pieces >= told.pieces.get(name).copied().unwrap_or_default(),
                "a stored piece is gone"
            );
        }
    }
    for receipt in &receipts {
        let message = ledger
            .messages()
            .get(receipt.message_id.as_ref().unwrap())
            .await
            .unwrap();
        match receipt.outcome {
            Outcome::Done => assert_eq!(message.state, State::Done),
            outcome => assert_eq!(
                (outcome, message.state),
                (Outcome::Interrupted, State::Interrupted)
            ),
        }
    }
    let total = ledger.receipts().conversation_total(id).await.unwrap();
    let of = |outcome| {
        u32::try_from(
            receipts
                .iter()
                .filter(|receipt| receipt.outcome == outcome)
                .count(),
        )
        .unwrap()
    };
    assert_eq!(
        (total.calls, total.unknown),
        (
            of(Outcome::Done) + of(Outcome::Interrupted),
            of(Outcome::Interrupted)
        )
    );
    assert_eq!(
        i64::from(of(Outcome::Done)) * 1_000_000_000,
        total.known.pico()
    );
}

const ROUND: &str = "BRASSKEY_LEDGER_ROUND";

#[tokio::test]
#[ignore = "the program that the test above kills"]
async fn writes_until_it_is_killed() {
    let Some(path) = child_db() else { return };
    let round = std::env::var(ROUND).unwrap();
    let ledger = Ledger::open(&path).await.unwrap();
    let id = brasskey_ledger::ConversationId::new("c");
    for number in 0..1_000 {
        let name = format!("{round}-{number}");
        ledger.turns().open(&turn(&id, &name, None)).await.unwrap();
        say(&format!("opened {name}"));
        for _ in 0..number % 5 + 2 {
            ledger
                .turns()
                .append(&answer(&name), PIECE, "")
                .await
                .unwrap();
            say(&format!("appended {name}"));
        }
        ledger
            .turns()
            .close(&done(&name, dollars("0.001")))
            .await
            .unwrap();
        say(&format!("closed {name}"));
    }
}
