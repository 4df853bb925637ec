//! The yardstick: the least that a pass-through of axum and reqwest does, alone, with a gateway's bare work, or with two
//! commits as well.

use std::collections::HashSet;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use clap::Args;
use futures::StreamExt;
use serde::Deserialize;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::commits::Commits;
use crate::fault::Fault;
use crate::wire::{KEY, PATH, TOKEN};

#[derive(Args)]
pub(crate) struct Options {
    /// The provider's address.
    #[arg(long)]
    upstream: String,
    /// Reads the request, looks for the usage in the answer and records it, as every gateway has to.
    #[arg(long)]
    reads: bool,
    /// A database that takes one commit before each call and one after it.
    #[arg(long)]
    commits: Option<String>,
}

struct Inner {
    client: reqwest::Client,
    url: String,
    tokens: HashSet<HeaderValue>,
    key: HeaderValue,
    records: Option<UnboundedSender<Used>>,
    commits: Option<Commits>,
}

pub(super) async fn router(options: &Options) -> Result<Router, Fault> {
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| Fault::Other("no provider of cryptography".into()))?;
    #[expect(
        clippy::disallowed_methods,
        reason = "the yardstick is what the gateway is measured against, so it cannot be built of its parts"
    )]
    let client = reqwest::Client::builder().no_proxy().build()?;
    let header = |secret: &str| {
        HeaderValue::from_str(&format!("Bearer {secret}"))
            .map_err(|error| Fault::Other(error.to_string()))
    };
    let inner = Inner {
        client,
        url: format!("http://{}{PATH}", options.upstream),
        tokens: HashSet::from([header(TOKEN)?]),
        key: header(KEY)?,
        records: options.reads.then(recorder),
        commits: match &options.commits {
            Some(database) => Some(Commits::open(database).await?),
            None => None,
        },
    };
    Ok(Router::new()
        .route(PATH, post(pass))
        .with_state(Arc::new(inner)))
}

/// What is read of a request.
#[derive(Deserialize)]
struct Asked<'a> {
    #[serde(borrow)]
    model: std::borrow::Cow<'a, str>,
}

/// What is read of an answer.
#[derive(Deserialize)]
struct Answered {
    usage: Option<Used>,
}

/// What is recorded.
#[derive(Deserialize)]
struct Used {
    prompt_tokens: u64,
    completion_tokens: u64,
}

/// A task that takes what was used.
fn recorder() -> UnboundedSender<Used> {
    let (sender, mut records) = unbounded_channel::<Used>();
    #[expect(clippy::disallowed_methods, reason = "it ends with the process")]
    tokio::spawn(async move {
        let mut sum = 0_u64;
        while let Some(used) = records.recv().await {
            sum = sum.wrapping_add(used.prompt_tokens + used.completion_tokens);
        }
        std::hint::black_box(sum)
    });
    sender
}

async fn pass(State(inner): State<Arc<Inner>>, headers: HeaderMap, body: Bytes) -> Response {
    if !headers
        .get(AUTHORIZATION)
        .is_some_and(|value| inner.tokens.contains(value))
    {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    if inner.records.is_some() {
        match serde_json::from_slice::<Asked<'_>>(&body) {
            Ok(asked) if !asked.model.is_empty() => {}
            _ => return StatusCode::BAD_REQUEST.into_response(),
        }
    }
    if let Some(commits) = &inner.commits
        && commits.add("before").await.is_err()
    {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let sending = inner
        .client
        .post(&inner.url)
        .header(AUTHORIZATION, inner.key.clone())
        .header(CONTENT_TYPE, "application/json")
        .body(body);
    let Ok(answer) = sending.send().await else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    let status = answer.status();
    let passed =
        [CONTENT_TYPE, CONTENT_LENGTH].map(|name| (answer.headers().get(&name).cloned(), name));
    let body = if inner.records.is_none() && inner.commits.is_none() {
        Body::from_stream(answer.bytes_stream())
    } else {
        with_work(&inner, answer)
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    for (value, name) in passed {
        if let Some(value) = value {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// A body that is read in passing, and is followed by a commit.
fn with_work(inner: &Inner, answer: reqwest::Response) -> Body {
    let mut reader = Reader::default();
    let records = inner.records.clone();
    let commits = inner.commits.clone();
    let bytes = answer.bytes_stream().map(move |piece| {
        if let (Some(records), Ok(piece)) = (&records, &piece)
            && let Some(used) = reader.read(piece)
        {
            // The recorder lives as long as the process.
            records.send(used).ok();
        }
        piece
    });
    let end = futures::stream::once(async move {
        match commits {
            Some(commits) => commits
                .add("after")
                .await
                .map_err(|error| error.to_string()),
            None => Ok(()),
        }
    })
    .filter_map(|done| async move { done.err().map(Err) });
    let whole = bytes
        .map(|piece| piece.map_err(|error| error.to_string()))
        .chain(end);
    Body::from_stream(whole)
}

/// Looks for the usage, line by line, in a stream or in an answer of one line.
#[derive(Default)]
struct Reader(Vec<u8>);

impl Reader {
    fn read(&mut self, piece: &[u8]) -> Option<Used> {
        let mut found = None;
        let mut rest = piece;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let (line, further) = rest.split_at(end + 1);
            self.0.extend_from_slice(line);
            found = used(&self.0).or(found);
            self.0.clear();
            rest = further;
        }
        self.0.extend_from_slice(rest);
        found.or_else(|| used(&self.0))
    }
}

fn used(line: &[u8]) -> Option<Used> {
    let line = line.trim_ascii();
    let json = line.strip_prefix(b"data: ").unwrap_or(line);
    let has_usage = json.windows(10).any(|window| window == b"\"usage\":{\"");
    if !has_usage {
        return None;
    }
    serde_json::from_slice::<Answered>(json).ok()?.usage
}
