//! The provider. It never refuses anybody and says when a stream's reader is gone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use futures::stream::{self, Stream};
use tokio::sync::Notify;

use crate::clock;
use crate::wire::{self, Asked, Clocked};

/// Readers that are gone, by the name of their stream.
#[derive(Clone, Default)]
struct Readers(Arc<Mutex<HashMap<String, Arc<Notify>>>>);

impl Readers {
    fn of(&self, name: &str) -> Arc<Notify> {
        let mut readers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(readers.entry(name.to_owned()).or_default())
    }
}

pub(super) fn router() -> Router {
    Router::new()
        .route(wire::PATH, post(answer))
        .route("/v1/models", get(async || axum::Json(wire::models())))
        .route("/left/{name}", get(left))
        .with_state(Readers::default())
}

/// Answers when the reader of a stream is gone.
async fn left(State(readers): State<Readers>, Path(name): Path<String>) -> StatusCode {
    readers.of(&name).notified().await;
    StatusCode::NO_CONTENT
}

async fn answer(State(readers): State<Readers>, body: Bytes) -> Response {
    let Ok(asked) = serde_json::from_slice::<Asked>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let pieces = asked.max_completion_tokens;
    if !asked.stream {
        let kind = [(CONTENT_TYPE, "application/json")];
        return (kind, wire::whole(pieces)).into_response();
    }
    let kind = [
        (CONTENT_TYPE, "text/event-stream; charset=utf-8"),
        (CACHE_CONTROL, "no-cache"),
    ];
    if let Some(clocked) = Clocked::of(&asked.model) {
        let body = Body::from_stream(telling(clocked));
        return (kind, body).into_response();
    }
    let body = match asked.metadata.every_us.parse() {
        Ok(every_us) => {
            let reader =
                (!asked.metadata.name.is_empty()).then(|| Reader(readers.of(&asked.metadata.name)));
            Body::from_stream(paced(pieces, Duration::from_micros(every_us), reader))
        }
        Err(_) => Body::from_stream(at_once(pieces)),
    };
    (kind, body).into_response()
}

/// Tells that it is gone when it is.
struct Reader(Arc<Notify>);

impl Drop for Reader {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

type Piece = Result<Bytes, std::convert::Infallible>;

fn at_once(pieces: u32) -> impl Stream<Item = Piece> {
    let text = (0..pieces).map(|number| wire::piece(number, None));
    stream::iter(text.chain(wire::ending(pieces)).map(Ok))
}

fn paced(pieces: u32, every: Duration, reader: Option<Reader>) -> impl Stream<Item = Piece> {
    at_a_pace(pieces, every, reader, |number| {
        wire::piece(number, Some(clock::unix_ns()))
    })
}

fn telling(clocked: Clocked) -> impl Stream<Item = Piece> {
    let every = Duration::from_secs(1) / clocked.per_second;
    at_a_pace(clocked.pieces, every, None, |_| {
        Clocked::piece(clock::unix_ns())
    })
}

fn at_a_pace(
    pieces: u32,
    every: Duration,
    reader: Option<Reader>,
    piece: impl Fn(u32) -> Bytes,
) -> impl Stream<Item = Piece> {
    let ending = wire::ending(pieces).into_iter();
    let state = (0, tokio::time::interval(every), ending, reader, piece);
    stream::unfold(
        state,
        move |(number, mut pace, mut ending, reader, piece)| async move {
            let next = if number < pieces {
                pace.tick().await;
                piece(number)
            } else {
                ending.next()?
            };
            Some((Ok(next), (number + 1, pace, ending, reader, piece)))
        },
    )
}
