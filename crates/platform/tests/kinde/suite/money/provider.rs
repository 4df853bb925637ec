//! The provider of the models, behind a socket: it answers as each request asks it to, and counts what it was asked.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use futures::stream;
use serde_json::{Value, json};

use super::call::{Manner, usage};

/// How often it was asked, by the name of the call.
type Asked = Arc<Mutex<HashMap<String, i64>>>;

pub(super) struct Provider {
    pub(super) url: String,
    asked: Asked,
}

impl Provider {
    pub(super) async fn start() -> Self {
        let asked = Asked::default();
        let routes = Router::new()
            .route("/v1/chat/completions", post(answer))
            .with_state(asked.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { url, asked }
    }

    /// How often each call came up here.
    pub(super) fn asked(&self) -> HashMap<String, i64> {
        self.asked.lock().unwrap().clone()
    }
}

async fn answer(State(asked): State<Asked>, body: String) -> Response {
    let request: Value = serde_json::from_str(&body).unwrap();
    let name = request["user"].as_str().unwrap();
    let words = request["messages"][0]["content"].as_str().unwrap();
    let mut words = words.split(' ');
    let manner = Manner::of(words.next().unwrap());
    let mut number = || words.next().unwrap().parse().unwrap();
    let (input, output): (i64, i64) = (number(), number());
    let is_first = {
        let mut asked = asked.lock().unwrap();
        let times = asked.entry(name.to_owned()).or_default();
        *times += 1;
        *times == 1
    };
    match manner {
        Manner::Refuses if is_first => refusal(),
        Manner::Json | Manner::Refuses => whole(input, output),
        Manner::Stream => events(pieces(input, output), Duration::ZERO),
        Manner::Slow => events(pieces(input, output), Duration::from_millis(20)),
        Manner::Breaks => {
            let mut broken = pieces(input, output);
            broken[1] = Err(io::ErrorKind::ConnectionReset.into());
            events(broken, Duration::from_millis(1))
        }
        Manner::Ends => {
            let mut short = pieces(input, output);
            short.truncate(1);
            events(short, Duration::ZERO)
        }
    }
}

fn refusal() -> Response {
    let body = json!({"error": {
        "message": "Rate limit reached.", "type": "requests", "param": null, "code": "rate_limit_exceeded",
    }});
    (StatusCode::TOO_MANY_REQUESTS, axum::Json(body)).into_response()
}

fn whole(input: i64, output: i64) -> Response {
    axum::Json(json!({
        "id": "chatcmpl-1", "object": "chat.completion", "model": "o1-pro",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}],
        "usage": usage(input, output),
    }))
    .into_response()
}

/// A stream's pieces: text, more of it, the count and the end.
fn pieces(input: i64, output: i64) -> Vec<io::Result<String>> {
    let event = |choices: Value, usage: Value| {
        let chunk = json!({
            "id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "o1-pro", "choices": choices, "usage": usage,
        });
        format!("data: {chunk}\n\n")
    };
    let text = |text: &str, end: Value| json!([{"index": 0, "delta": {"content": text}, "finish_reason": end}]);
    vec![
        Ok(event(text("Hello", Value::Null), Value::Null)),
        Ok(event(text(", world", json!("stop")), Value::Null)),
        Ok(event(json!([]), usage(input, output)) + "data: [DONE]\n\n"),
    ]
}

fn events(pieces: Vec<io::Result<String>>, pause: Duration) -> Response {
    let body = stream::unfold(pieces.into_iter(), move |mut rest| async move {
        let piece = rest.next()?;
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        Some((piece, rest))
    });
    let kind = [(header::CONTENT_TYPE, "text/event-stream")];
    (kind, Body::from_stream(body)).into_response()
}
