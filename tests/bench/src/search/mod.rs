//! `search`: the application's search over 100,000 messages, as it is typed, against a bare FTS5 table with the same words.
//!
//! What is measured is what the command does below the window: projects, titles, the newest messages with their excerpts. Both
//! are asked in turns, word by word, so that the machine's own pace falls out of the ratio.

mod corpus;
mod yardstick;

use std::time::{Duration, Instant};

use brasskey_ledger::{
    ConversationId, ImportedConversation, ImportedMessage, Ledger, MessageId, Query, Role, State,
};
use serde_json::json;

use crate::fault::Fault;
use crate::rows::Bound::AtMost;
use crate::rows::Row;
use crate::run::{Options, Run, folder, percentile, runtime};
use corpus::Corpus;
use yardstick::Yardstick;

/// Messages of one conversation.
const LENGTH: usize = 20;
/// As many as the window shows, and one to know that there are more.
const MOST: u32 = 31;
const MOST_NAMES: u32 = 5;
/// The search may take twice as long as the yardstick, and this.
const ALLOWANCE_US: f64 = 5_000.0;

/// What is typed, by the word that its rows are called.
struct Typed {
    name: &'static str,
    typed: String,
    expression: String,
}

/// Measures, shows, and writes.
pub(crate) fn run(options: &Options) -> Result<(), Fault> {
    runtime()?.block_on(measure(options))
}

async fn measure(options: &Options) -> Result<(), Fault> {
    let (messages, rounds, repeats) = if options.quick {
        (10_000, 3, 20)
    } else {
        (100_000, 7, 60)
    };
    let folder = folder()?;
    println!("{messages} messages");
    let mut run = Run::begin("search", options);

    let path = folder.path().join("brasskey.db");
    let ledger = Ledger::open(&path).await?;
    let mut bare = Yardstick::make(&folder.path().join("bare.db")).await?;
    let mut corpus = Corpus::new();
    let (adding, indexing) = fill(&ledger, &mut bare, &mut corpus, messages).await?;
    #[allow(clippy::cast_precision_loss, reason = "some thousand")]
    let each = |took: Duration| took.as_secs_f64() * 1e6 / messages as f64;
    run.report
        .add(Row::plain("search.fill.import", "us", vec![each(adding)]));
    run.report
        .add(Row::plain("search.fill.index", "us", vec![each(indexing)]));
    let size = std::fs::metadata(&path).map_err(Fault::file(&path))?.len();
    #[allow(clippy::cast_precision_loss, reason = "some hundred megabytes")]
    run.report
        .add(Row::plain("search.size", "MB", vec![size as f64 / 1e6]));

    let mut all = Vec::new();
    for typed in typed(&corpus) {
        if !run.wants(typed.name) {
            continue;
        }
        let mut medians = Vec::new();
        let mut tails = Vec::new();
        for _ in 0..rounds {
            let mut ours = Vec::with_capacity(repeats);
            let mut theirs = Vec::with_capacity(repeats);
            for _ in 0..repeats {
                theirs.push(timed(bare.ask(&typed.expression, MOST)).await?);
                ours.push(timed(ask(&ledger, &typed.typed)).await?);
            }
            medians.push((percentile(&mut ours, 50), percentile(&mut theirs, 50)));
            tails.push((
                percentile(&mut ours, 95),
                2.0 * percentile(&mut theirs, 95) + ALLOWANCE_US,
            ));
            all.append(&mut ours);
        }
        let name = |what: &str| format!("search.{}.{what}", typed.name);
        let p50 = Row::paired(name("p50"), "us", "bare FTS5", &medians);
        run.report.add(p50);
        let p95 = Row::paired(name("p95"), "us", "2 x bare FTS5 + 5 ms", &tails);
        run.report.add(p95.with(AtMost(1.0), None));
    }
    if !all.is_empty() {
        let p99 = Row::plain("search.all.p99", "us", vec![percentile(&mut all, 99)]);
        run.report.add(p99.with(AtMost(50_000.0), AtMost(16_000.0)));
    }
    if run.wants("erase") {
        let erasing = erase(&ledger).await?;
        run.report
            .add(Row::plain("search.erase", "us", vec![erasing]));
    }
    ledger.close().await;
    run.end(&json!({"messages": messages, "rounds": rounds}))
}

/// How long it takes to erase a message, in the index and all, in microseconds: of fifty conversations at once.
async fn erase(ledger: &Ledger) -> Result<f64, Fault> {
    const ERASED: usize = 50;
    for number in 0..ERASED {
        let id = ConversationId::new(number.to_string());
        ledger.conversations().delete(&id, 1).await?;
    }
    let begun = Instant::now();
    ledger.conversations().purge(2).await?;
    #[allow(clippy::cast_precision_loss, reason = "some thousand")]
    let each = begun.elapsed().as_secs_f64() * 1e6 / (ERASED * LENGTH) as f64;
    Ok(each)
}

fn typed(corpus: &Corpus) -> Vec<Typed> {
    let (common, middle, rare) = (corpus.ranked(1), corpus.ranked(300), corpus.ranked(30_000));
    let word = |name, word: &str| Typed {
        name,
        typed: format!("{word} "),
        expression: format!("\"{word}\""),
    };
    let prefix = |name, prefix: &str| Typed {
        name,
        typed: prefix.to_owned(),
        expression: format!("\"{prefix}\"*"),
    };
    vec![
        word("commonest", "the"),
        word("middle", middle),
        word("rare", rare),
        word("absent", "zzzzzzzzzzzz"),
        prefix("prefix1", "e"),
        prefix("prefix2", "th"),
        prefix("prefix3", "eta"),
        Typed {
            name: "two_words",
            typed: format!("{common} {middle} "),
            expression: format!("\"{common}\" \"{middle}\""),
        },
        Typed {
            name: "common_and_rare",
            typed: format!("the {rare} "),
            expression: format!("\"the\" \"{rare}\""),
        },
        Typed {
            name: "phrase",
            typed: format!("\"the {middle}\""),
            expression: format!("\"the {middle}\""),
        },
    ]
}

/// What the command does.
async fn ask(ledger: &Ledger, typed: &str) -> Result<usize, Fault> {
    let Some(query) = Query::read(typed) else {
        return Ok(0);
    };
    let search = ledger.search();
    let projects = search.projects(&query, MOST_NAMES).await?;
    let conversations = search.conversations(&query, MOST_NAMES).await?;
    let messages = search.messages(&query, MOST).await?;
    search.unindexed().await?;
    Ok(projects.len() + conversations.len() + messages.len())
}

async fn timed(work: impl Future<Output = Result<usize, Fault>>) -> Result<f64, Fault> {
    let begun = Instant::now();
    work.await?;
    Ok(begun.elapsed().as_secs_f64() * 1e6)
}

/// Puts the same messages into both. How long adding them to the application's took, and then indexing them.
async fn fill(
    ledger: &Ledger,
    bare: &mut Yardstick,
    corpus: &mut Corpus,
    messages: usize,
) -> Result<(Duration, Duration), Fault> {
    let mut adding = Duration::ZERO;
    for number in 0..messages / LENGTH {
        let texts: Vec<String> = (0..LENGTH).map(|_| corpus.message()).collect();
        bare.add(&texts).await?;
        let whole = conversation(number, texts);
        let begun = Instant::now();
        ledger.imports().conversation(&whole).await?;
        adding += begun.elapsed();
    }
    let begun = Instant::now();
    while ledger.search().catch_up(500).await? > 0 {}
    Ok((adding, begun.elapsed()))
}

fn conversation(number: usize, texts: Vec<String>) -> ImportedConversation {
    let at = i64::try_from(number).unwrap_or(0);
    let id = |place: usize| MessageId::new(format!("{number}-{place}"));
    let last = texts.len() - 1;
    let title = texts.iter().flat_map(|text| text.split(' ')).take(6);
    ImportedConversation {
        id: ConversationId::new(number.to_string()),
        project_id: None,
        title: title.collect::<Vec<_>>().join(" "),
        title_is_users: false,
        created_at: at,
        updated_at: at,
        active_leaf: Some(id(last)),
        model: None,
        draft: String::new(),
        messages: texts
            .into_iter()
            .enumerate()
            .map(|(place, text)| ImportedMessage {
                id: id(place),
                parent_id: place.checked_sub(1).map(id),
                role: if place % 2 == 0 {
                    Role::User
                } else {
                    Role::Assistant
                },
                text,
                thinking: String::new(),
                state: State::Done,
                failure_json: None,
                ending: None,
                endpoint_id: None,
                model: None,
                created_at: at,
                closed_at: at,
            })
            .collect(),
        receipts: Vec::new(),
    }
}
