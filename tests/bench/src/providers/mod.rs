//! `providers`: what reading an answer takes, in each protocol, against framing alone and framing with serde, by processor time.
//!
//! The yardstick reads the same bytes in the same pieces with the same two libraries, and does nothing with what it read.

mod streams;

use std::borrow::Cow;
use std::hint::black_box;

use brasskey_providers::{AnswerStream, Endpoint, Event};
use bytes::Bytes;
use futures::{StreamExt, stream};
use serde::Deserialize;
use serde_json::json;
use sse_stream::SseByteStream;

use crate::fault::Fault;
use crate::process::main_thread_ns;
use crate::rows::Bound::AtMost;
use crate::rows::Row;
use crate::run::{Options, Run};
use streams::Recording;

/// As a socket hands them out.
const PIECE: usize = 1_400;

/// Measures, shows, and writes.
pub(crate) fn run(options: &Options) -> Result<(), Fault> {
    let mut run = Run::begin("providers", options);
    let rounds = run.rounds(9);
    let events = if run.quick() { 5_000 } else { 50_000 };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Fault::Pipe)?;
    for recording in streams::all(events)? {
        if run.wants(&format!("read.{}", recording.name)) {
            runtime.block_on(reads(&mut run, &recording, rounds));
        }
    }
    run.end(&json!({"events": events, "piece": PIECE, "rounds": rounds}))
}

async fn reads(run: &mut Run<'_>, recording: &Recording, rounds: usize) {
    let (mut framing, mut serde, mut speed) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let bare = timed(frames(recording)).await;
        let typed = timed(frames_and_serde(recording)).await;
        let ours = timed(ours(&recording.endpoint, recording)).await;
        framing.push((ours, bare));
        serde.push((ours, typed));
        #[allow(clippy::cast_precision_loss, reason = "some megabytes")]
        let megabytes = recording.text.len() as f64 / 1e6;
        speed.push(megabytes / (ours / 1e3));
    }
    let name = |what: &str| format!("providers.read.{}.{what}", recording.name);
    let report = &mut run.report;
    report.add(Row::plain(name("speed"), "MB/s", speed));
    report.add(Row::paired(name("vs_framing"), "ms", "framing", &framing));
    let row = Row::paired(name("vs_serde"), "ms", "framing + serde", &serde);
    report.add(row.with(AtMost(2.0), AtMost(1.3)));
}

/// Milliseconds of processor time: this is the program's first thread.
async fn timed(work: impl Future<Output = usize>) -> f64 {
    let before = main_thread_ns(std::process::id());
    black_box(work.await);
    #[allow(clippy::cast_precision_loss, reason = "some seconds")]
    let took = (main_thread_ns(std::process::id()) - before) as f64 / 1e6;
    took
}

fn pieces(recording: &Recording) -> impl stream::Stream<Item = Vec<u8>> + Send + 'static {
    let pieces: Vec<Vec<u8>> = recording.text.chunks(PIECE).map(<[u8]>::to_vec).collect();
    stream::iter(pieces)
}

async fn frames(recording: &Recording) -> usize {
    let bytes = pieces(recording).map(|piece| Ok::<_, std::io::Error>(Bytes::from(piece)));
    let mut events = SseByteStream::new(bytes.boxed());
    let mut read = 0;
    while let Some(Ok(event)) = events.next().await {
        read += event.data.map_or(0, |data| data.len());
    }
    read
}

/// The least that a reader of this protocol has to know of an event.
#[derive(Deserialize)]
struct Least<'a> {
    #[serde(borrow, rename = "type", default)]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    model: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    choices: Option<Vec<Choice<'a>>>,
    #[serde(borrow, default)]
    delta: Option<TextOr<'a>>,
    #[serde(borrow, default)]
    candidates: Option<Vec<Candidate<'a>>>,
}

#[derive(Deserialize)]
struct Choice<'a> {
    #[serde(borrow, default)]
    delta: Option<Said<'a>>,
    #[serde(borrow, default)]
    finish_reason: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Said<'a> {
    #[serde(borrow, default)]
    content: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum TextOr<'a> {
    Text(#[serde(borrow)] Cow<'a, str>),
    Block {
        #[serde(borrow, default)]
        text: Option<Cow<'a, str>>,
    },
}

#[derive(Deserialize)]
struct Candidate<'a> {
    #[serde(borrow, default)]
    content: Option<Parts<'a>>,
}

#[derive(Deserialize)]
struct Parts<'a> {
    #[serde(borrow, default)]
    parts: Vec<Part<'a>>,
}

#[derive(Deserialize)]
struct Part<'a> {
    #[serde(borrow, default)]
    text: Option<Cow<'a, str>>,
}

impl Least<'_> {
    /// The bytes that it says.
    fn said(&self) -> usize {
        let of = |text: &Option<Cow<'_, str>>| text.as_ref().map_or(0, |text| text.len());
        let chosen = self.choices.iter().flatten();
        let chosen = chosen.map(|choice| {
            of(&choice.finish_reason) + choice.delta.as_ref().map_or(0, |said| of(&said.content))
        });
        let candidates = self.candidates.iter().flatten();
        let parts = candidates.filter_map(|candidate| candidate.content.as_ref());
        let parts = parts.flat_map(|content| &content.parts);
        let delta = match &self.delta {
            Some(TextOr::Text(text)) => text.len(),
            Some(TextOr::Block { text }) => of(text),
            None => 0,
        };
        of(&self.kind)
            + of(&self.id)
            + of(&self.model)
            + chosen.sum::<usize>()
            + parts.map(|part| of(&part.text)).sum::<usize>()
            + delta
    }
}

async fn frames_and_serde(recording: &Recording) -> usize {
    let bytes = pieces(recording).map(|piece| Ok::<_, std::io::Error>(Bytes::from(piece)));
    let mut events = SseByteStream::new(bytes.boxed());
    let mut read = 0;
    while let Some(Ok(event)) = events.next().await {
        if let Some(data) = event.data
            && let Ok(event) = serde_json::from_str::<Least<'_>>(&data)
        {
            read += black_box(event.said());
        }
    }
    read
}

async fn ours(endpoint: &Endpoint, recording: &Recording) -> usize {
    let mut answer = AnswerStream::replay(endpoint, pieces(recording));
    let mut read = 0;
    while let Some(event) = answer.next().await {
        if let Event::Text(text) = &event {
            read += text.len();
        }
        black_box(&event);
    }
    read
}
