//! A provider that answers every call with one given reply.

use std::net::SocketAddr;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Response, StatusCode, Uri};
use serde_json::Value;

/// What it answers.
#[derive(Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn stream(body: &[u8]) -> Self {
        Self {
            status: 200,
            headers: vec![("content-type".to_owned(), "text/event-stream".to_owned())],
            body: body.to_vec(),
        }
    }
}

/// What it was asked.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

/// A provider on this computer.
pub(crate) struct Provider {
    address: SocketAddr,
    reply: Arc<Mutex<Reply>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Provider {
    pub(crate) async fn start(reply: Reply) -> Self {
        let reply = Arc::new(Mutex::new(reply));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (answers, notes) = (Arc::clone(&reply), Arc::clone(&asked));
        let answer = move |uri: Uri, headers: HeaderMap, body: Bytes| {
            notes.lock().unwrap().push(Asked {
                path: uri.to_string(),
                headers,
                body: serde_json::from_slice(&body).unwrap_or_default(),
            });
            let reply = answers.lock().unwrap().clone();
            async move {
                let mut response =
                    Response::builder().status(StatusCode::from_u16(reply.status).unwrap());
                for (name, value) in reply.headers {
                    response = response.header(name, value);
                }
                response.body(Body::from(reply.body)).unwrap()
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(answer);
        #[expect(clippy::disallowed_methods, reason = "the runtime of the test ends it")]
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            address,
            reply,
            asked,
        }
    }

    pub(crate) fn replies(&self, reply: Reply) {
        *self.reply.lock().unwrap() = reply;
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Calls `brasskey ask --json` with this provider, in an environment that holds the key and nothing else.
    pub(crate) async fn ask(&self, provider: &str, more: &[&str]) -> Lines {
        let mut command = brasskey();
        command
            .args(["ask", "--json", "--provider", provider, "--base-url"])
            .arg(self.base_url())
            .args(["--key-env", "THE_KEY"])
            .args(more)
            .env("THE_KEY", KEY);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap())
            .await
            .unwrap();
        Lines::of(output)
    }
}

/// The key of these tests.
pub(crate) const KEY: &str = "sk-proj-COMMANDq7Zt4Lm9Rw2Xc8Vb5Nh3Kd6Pf1Gs0QeA";

/// The command, in an empty environment.
pub(crate) fn brasskey() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_brasskey"));
    command.env_clear();
    command
}

/// What it printed.
pub(crate) struct Lines {
    pub(crate) events: Vec<Value>,
    pub(crate) code: i32,
    pub(crate) complaints: String,
}

impl Lines {
    pub(crate) fn of(output: Output) -> Self {
        let text = String::from_utf8(output.stdout).unwrap();
        let events = text
            .lines()
            .map(|line| serde_json::from_str(line).expect(line))
            .collect();
        Self {
            events,
            code: output.status.code().unwrap(),
            complaints: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The only event of a type; none when there is none.
    pub(crate) fn event(&self, kind: &str) -> Option<&Value> {
        let mut found = self.events.iter().filter(|event| event["type"] == kind);
        let event = found.next();
        assert!(found.next().is_none(), "{kind} comes once");
        event
    }

    /// All texts of a type in one.
    pub(crate) fn text(&self, kind: &str) -> String {
        let texts = self.events.iter().filter(|event| event["type"] == kind);
        texts.map(|event| event["text"].as_str().unwrap()).collect()
    }
}
