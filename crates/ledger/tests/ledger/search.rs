use std::collections::BTreeSet;
use std::fs;

use brasskey_ledger::{
    Closing, ConversationId, Ledger, MessageId, NewConversation, Piece, ProjectId, Query, Question,
};
use proptest::prelude::*;
use sqlx::Connection;

use crate::kit::{
    PROFILE, Place, answer, conversation, dollars, done, put, raw, turn, with_conversation,
};

fn query(typed: &str) -> Query {
    Query::read(typed).unwrap()
}

/// The ids of the messages that are found, in their order.
async fn found(ledger: &Ledger, typed: &str) -> Vec<String> {
    let Some(query) = Query::read(typed) else {
        return Vec::new();
    };
    let found = ledger.search().messages(&query, 100).await.unwrap();
    found
        .into_iter()
        .map(|message| message.id.as_str().to_owned())
        .collect()
}

/// A turn with these texts.
async fn say(ledger: &Ledger, id: &ConversationId, name: &str, question: &str, text: &str) {
    let mut open = turn(id, name, None);
    open.question = Question::New {
        id: MessageId::new(format!("q-{name}")),
        parent_id: None,
        text: question.to_owned(),
    };
    ledger.turns().open(&open).await.unwrap();
    let closing = Closing {
        text: text.to_owned(),
        ..done(name, dollars("1"))
    };
    ledger.turns().close(&closing).await.unwrap();
}

fn line(pieces: &[Piece]) -> String {
    let marked = pieces.iter().map(|piece| match piece.is_hit {
        true => format!("[{}]", piece.text),
        false => piece.text.clone(),
    });
    marked.collect()
}

#[tokio::test]
async fn questions_and_closed_answers_are_found_newest_first() {
    let place = Place::new();
    let ledger = place.open().await;
    let id = with_conversation(&ledger, "c").await;
    say(
        &ledger,
        &id,
        "1",
        "How do I stream the export?",
        "Use COPY.",
    )
    .await;
    say(
        &ledger,
        &id,
        "2",
        "And the import?",
        "Stream it, too: a streaming COPY.",
    )
    .await;
    assert_eq!(found(&ledger, "stream").await, ["a-2", "q-1"]);
    assert_eq!(found(&ledger, "stream ").await, ["a-2", "q-1"]);
    assert_eq!(found(&ledger, "streami").await, ["a-2"]);
    assert_eq!(found(&ledger, "stre ").await, Vec::<String>::new());
    assert_eq!(found(&ledger, "copy stream").await, ["a-2"]);
    assert_eq!(found(&ledger, "\"the export\"").await, ["q-1"]);
    assert_eq!(found(&ledger, "\"export the\"").await, Vec::<String>::new());
    let all = ledger.search().messages(&query("copy"), 1).await.unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].title, "Sorting");
    assert_eq!(line(&all[0].excerpt), "Stream it, too: a streaming [COPY].");
}

#[tokio::test]
async fn an_answer_is_found_when_it_is_closed_also_when_the_next_start_closes_it() {
    let place = Place::new();
    let ledger = place.open().await;
    let id = with_conversation(&ledger, "c").await;
    ledger.turns().open(&turn(&id, "1", None)).await.unwrap();
    ledger
        .turns()
        .append(&answer("1"), "half a loaf of 食パ", "")
        .await
        .unwrap();
    ledger
        .turns()
        .append(&answer("1"), "ン and bread", "")
        .await
        .unwrap();
    assert_eq!(found(&ledger, "loaf").await, Vec::<String>::new());
    ledger.close().await;
    drop(ledger);
    let ledger = place.open().await;
    ledger.turns().interrupt_open(30).await.unwrap();
    assert_eq!(found(&ledger, "loaf").await, ["a-1"]);
    assert_eq!(found(&ledger, "食パン").await, ["a-1"]);
    assert_eq!(ledger.search().unindexed().await.unwrap(), 0);
}

#[tokio::test]
async fn words_are_found_without_accents_and_in_scripts_without_spaces() {
    let place = Place::new();
    let ledger = place.open().await;
    let id = with_conversation(&ledger, "c").await;
    say(
        &ledger,
        &id,
        "1",
        "Où est le café, s'il vous plaît ?",
        "東京で日本語を話します。",
    )
    .await;
    say(
        &ledger,
        &id,
        "2",
        "ภาษาไทยไม่มีช่องว่าง",
        "我们在北京学习中文。",
    )
    .await;
    for (typed, expected) in [
        ("cafe", "q-1"),
        ("CAFÉ ", "q-1"),
        ("plait", "q-1"),
        ("日本", "a-1"),
        ("本", "a-1"),
        ("\"日本語\"", "a-1"),
        ("北京 中文", "a-2"),
        ("ไทย", "q-2"),
        ("ช่อง", "q-2"),
    ] {
        assert_eq!(found(&ledger, typed).await, [expected], "{typed}");
    }
    assert_eq!(found(&ledger, "本日").await, Vec::<String>::new());
}

#[tokio::test]
async fn titles_and_projects_are_found_under_their_present_names() {
    let place = Place::new();
    let ledger = place.open().await;
    let project = ProjectId::new("p");
    ledger
        .projects()
        .create(&project, "Orders service", PROFILE, 1)
        .await
        .unwrap();
    let new = NewConversation {
        project_id: Some(project.clone()),
        title: "注文の書き出し".to_owned(),
        ..conversation("c")
    };
    ledger.conversations().create(&new, 1).await.unwrap();
    let titles = async |typed: &str| {
        ledger
            .search()
            .conversations(&query(typed), 9)
            .await
            .unwrap()
    };
    let projects = async |typed: &str| ledger.search().projects(&query(typed), 9).await.unwrap();

    let by_title = titles("書き").await;
    assert_eq!(line(&by_title[0].title), "注文の[書き]出し");
    assert_eq!(by_title[0].project.as_deref(), Some("Orders service"));
    assert_eq!(line(&projects("ord").await[0].name), "[Orders] service");

    ledger
        .conversations()
        .rename(&new.id, "Nightly export", true)
        .await
        .unwrap();
    ledger
        .projects()
        .rename(&project, "Billing", 2)
        .await
        .unwrap();
    assert!(titles("書き").await.is_empty());
    assert!(projects("ord").await.is_empty());
    assert_eq!(titles("night").await.len(), 1);
    assert_eq!(projects("bill").await.len(), 1);

    ledger.projects().delete(&project, 3).await.unwrap();
    assert!(titles("night").await.is_empty());
    assert!(projects("bill").await.is_empty());
    ledger.projects().restore(&project).await.unwrap();
    assert_eq!(titles("night").await.len(), 1);
    ledger.projects().delete(&project, 4).await.unwrap();
    ledger.projects().purge(5).await.unwrap();
    ledger
        .projects()
        .create(&ProjectId::new("p2"), "Anew", PROFILE, 6)
        .await
        .unwrap();
    assert_eq!(projects("anew").await.len(), 1);
    assert!(projects("bill").await.is_empty());
}

#[tokio::test]
async fn what_is_deleted_is_not_found_and_what_is_erased_is_in_no_file() {
    const CANARY: &str = "qzcanarysings";
    let place = Place::new();
    let ledger = place.open().await;
    let id = with_conversation(&ledger, "c").await;
    let other = with_conversation(&ledger, "other").await;
    say(&ledger, &id, "1", CANARY, &format!("{CANARY} 鳴く鳥")).await;
    say(&ledger, &other, "2", "something else", "that stays").await;
    assert_eq!(found(&ledger, CANARY).await, ["a-1", "q-1"]);

    ledger.conversations().delete(&id, 30).await.unwrap();
    assert_eq!(found(&ledger, CANARY).await, Vec::<String>::new());
    ledger.conversations().restore(&id).await.unwrap();
    assert_eq!(found(&ledger, CANARY).await, ["a-1", "q-1"]);

    ledger.conversations().delete(&id, 40).await.unwrap();
    ledger.conversations().purge(41).await.unwrap();
    assert_eq!(found(&ledger, "stays").await, ["a-2"]);
    // The index keeps words without the letters that they share with the one before.
    for needle in [&CANARY[2..], "鳴", "鳥"] {
        for file in fs::read_dir(place.folder.path()).unwrap() {
            let bytes = fs::read(file.unwrap().path()).unwrap();
            let is_there = bytes
                .windows(needle.len())
                .any(|window| window == needle.as_bytes());
            assert!(!is_there, "{needle}");
        }
    }
    ledger.verify().await.unwrap();
}

#[tokio::test]
async fn an_index_that_changed_since_a_search_is_not_called_damaged() {
    let place = Place::new();
    let ledger = place.open().await;
    let other = with_conversation(&ledger, "other").await;
    say(&ledger, &other, "o", "first", "kept").await;
    for round in 0..8 {
        let id = with_conversation(&ledger, &format!("c{round}")).await;
        say(&ledger, &id, &round.to_string(), "gone", "tomorrow").await;
        // Whichever connections look, they have seen the index as it is now.
        let look = || found(&ledger, "gone");
        tokio::join!(look(), look(), look(), look());
        ledger.conversations().delete(&id, 30).await.unwrap();
        ledger.conversations().purge(31).await.unwrap();
        for _ in 0..8 {
            ledger.verify().await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_long_conversation_is_erased_whole_and_the_others_stay() {
    let place = Place::new();
    let ledger = place.open().await;
    let id = with_conversation(&ledger, "long").await;
    let other = with_conversation(&ledger, "other").await;
    say(&ledger, &other, "o", "first", "kept").await;
    for at in 0..230 {
        say(&ledger, &id, &at.to_string(), "many", "words").await;
    }
    ledger.conversations().delete(&id, 30).await.unwrap();
    assert_eq!(ledger.conversations().purge(31).await.unwrap(), 1);
    assert_eq!(ledger.messages().all(&id).await.unwrap(), []);
    assert_eq!(found(&ledger, "many").await, Vec::<String>::new());
    assert_eq!(found(&ledger, "kept").await, ["a-o"]);
    assert_eq!(
        ledger.messages().active_path(&other).await.unwrap().len(),
        2
    );
    ledger.verify().await.unwrap();
}

#[tokio::test]
async fn a_database_from_before_the_search_is_indexed_little_by_little() {
    let place = Place::new();
    put(&place.path(), b"");
    let mut raw = raw(&place.path()).await;
    sqlx::raw_sql(include_str!("../versions/0003.sql"))
        .execute(&mut raw)
        .await
        .unwrap();
    sqlx::query("UPDATE conversation SET title = '整列する'")
        .execute(&mut raw)
        .await
        .unwrap();
    raw.close().await.unwrap();

    let ledger = place.open().await;
    assert_eq!(ledger.search().unindexed().await.unwrap(), 2);
    assert_eq!(ledger.search().catch_up(1).await.unwrap(), 1);
    assert_eq!(found(&ledger, "answer").await.len(), 1);
    assert_eq!(found(&ledger, "question").await.len(), 0);
    // What is deleted before its turn comes is not indexed at all.
    let id = ledger.conversations().list().await.unwrap()[0].id.clone();
    ledger.conversations().delete(&id, 2).await.unwrap();
    ledger.conversations().restore(&id).await.unwrap();
    while ledger.search().catch_up(1).await.unwrap() > 0 {}
    assert_eq!(found(&ledger, "question").await.len(), 1);
    assert_eq!(
        ledger
            .search()
            .conversations(&query("列す"), 5)
            .await
            .unwrap()
            .len(),
        1
    );
    assert_eq!(ledger.search().unindexed().await.unwrap(), 0);
}

#[tokio::test]
async fn a_message_that_is_erased_before_it_was_indexed_leaves_nothing_behind() {
    let place = Place::new();
    put(&place.path(), b"");
    let mut raw = raw(&place.path()).await;
    sqlx::raw_sql(include_str!("../versions/0003.sql"))
        .execute(&mut raw)
        .await
        .unwrap();
    raw.close().await.unwrap();
    let ledger = place.open().await;
    let id = ledger.conversations().list().await.unwrap()[0].id.clone();
    ledger.conversations().delete(&id, 2).await.unwrap();
    ledger.conversations().purge(3).await.unwrap();
    assert_eq!(ledger.search().unindexed().await.unwrap(), 0);
    assert_eq!(ledger.search().catch_up(9).await.unwrap(), 0);
    ledger.verify().await.unwrap();
}

/// What the words of a history are made of.
const WORDS: [&str; 6] = ["ant", "antler", "bee", "Été", "日本", "本日"];

#[derive(Debug, Clone)]
enum Act {
    Say(usize, Vec<usize>),
    Delete(usize),
    Restore(usize),
    Purge,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let words = proptest::collection::vec(0..WORDS.len(), 0..6);
    let act = prop_oneof![
        6 => (0..3usize, words).prop_map(|(at, words)| Act::Say(at, words)),
        1 => (0..3usize).prop_map(Act::Delete),
        1 => (0..3usize).prop_map(Act::Restore),
        1 => Just(Act::Purge),
    ];
    proptest::collection::vec(act, 1..14)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn exactly_what_is_there_is_found(acts in acts()) {
        runtime().block_on(async {
            let place = Place::new();
            let ledger = place.open().await;
            let mut there: Vec<(String, usize, Vec<usize>)> = Vec::new();
            let mut deleted = BTreeSet::new();
            let mut erased = BTreeSet::new();
            for at in 0..3 {
                with_conversation(&ledger, &format!("c{at}")).await;
            }
            for (step, act) in acts.iter().enumerate() {
                match act {
                    Act::Say(at, words) if !deleted.contains(at) && !erased.contains(at) => {
                        let text: Vec<&str> = words.iter().map(|word| WORDS[*word]).collect();
                        say(&ledger, &ConversationId::new(format!("c{at}")), &step.to_string(), "", &text.join(" and ")).await;
                        there.push((format!("a-{step}"), *at, words.clone()));
                    }
                    Act::Delete(at) if !deleted.contains(at) && !erased.contains(at) => {
                        ledger.conversations().delete(&ConversationId::new(format!("c{at}")), 50).await.unwrap();
                        deleted.insert(*at);
                    }
                    Act::Restore(at) if deleted.remove(at) => {
                        ledger.conversations().restore(&ConversationId::new(format!("c{at}"))).await.unwrap();
                    }
                    Act::Purge => {
                        ledger.conversations().purge(60).await.unwrap();
                        erased.append(&mut deleted);
                    }
                    _ => {}
                }
            }
            for (typed, having) in [
                ("ant ", &[0][..]), ("ant", &[0, 1]), ("b", &[2]), ("ete", &[3]), ("日本", &[4]), ("日", &[4, 5]), ("本", &[4, 5]),
            ] {
                let expected: Vec<String> = there.iter().rev()
                    .filter(|(_, at, words)| !deleted.contains(at) && !erased.contains(at)
                        && words.iter().any(|word| having.contains(word)))
                    .map(|(id, ..)| id.clone())
                    .collect();
                assert_eq!(found(&ledger, typed).await, expected, "{typed}");
            }
            ledger.verify().await.unwrap();
        });
    }
}

/// What means something to the index, and what is nothing to it.
const SYNTAX: &[&str] = &[
    "\"", "*", "(", ")", "{", "}", "NEAR(", "AND", "OR", "NOT", "text:", "^", "+", "-", " ", "\0",
    "日", "a", "\u{301}", "\u{e31}", "'",
];

#[test]
fn whatever_is_typed_is_never_a_syntax_error() {
    let runtime = runtime();
    let (place, ledger) = runtime.block_on(async {
        let place = Place::new();
        let ledger = place.open().await;
        let id = with_conversation(&ledger, "c").await;
        say(
            &ledger,
            &id,
            "1",
            "What of NEAR and NOT?",
            "日本 {text} : AND OR *",
        )
        .await;
        (place, ledger)
    });
    let syntax = proptest::collection::vec(
        prop_oneof![
            any::<char>().prop_map(String::from),
            proptest::sample::select(SYNTAX).prop_map(str::to_owned),
        ],
        0..60,
    );
    proptest!(|(parts in syntax)| {
        let typed = parts.concat();
        if let Some(query) = Query::read(&typed) {
            runtime.block_on(async {
                ledger.search().messages(&query, 5).await.unwrap();
                ledger.search().conversations(&query, 5).await.unwrap();
                ledger.search().projects(&query, 5).await.unwrap();
            });
        }
    });
    let long = "\"a b\" c ".repeat(100_000) + &"本".repeat(100_000);
    runtime.block_on(async { ledger.search().messages(&query(&long), 5).await.unwrap() });
    drop(place);
}
