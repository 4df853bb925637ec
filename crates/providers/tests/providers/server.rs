//! A provider on a real socket that answers as told and remembers what it was asked.

use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use brasskey_providers::{
    BaseUrl, ChatRequest, Credential, Endpoint, Message, Payer, Protocol, Provider, Role,
};

/// One request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name)?;
        Some(&found.1)
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("a JSON body")
    }
}

pub(crate) struct Server {
    pub(crate) root: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// Serves every request with `answer` until the test's runtime ends.
    pub(crate) async fn start(answer: impl Fn(&Asked) -> Response + Send + Sync + 'static) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let root = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let answer = Arc::new(answer);
        let remembered = Arc::clone(&asked);
        let router = axum::Router::new().fallback(move |request: Request| {
            let answer = Arc::clone(&answer);
            let remembered = Arc::clone(&remembered);
            async move {
                let (parts, body) = request.into_parts();
                let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
                let asked = Asked {
                    method: parts.method.to_string(),
                    path: parts.uri.to_string(),
                    headers: parts
                        .headers
                        .iter()
                        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
                        .collect(),
                    body: String::from_utf8(body.to_vec()).unwrap(),
                };
                let response = answer(&asked);
                remembered.lock().unwrap().push(asked);
                response
            }
        });
        #[expect(clippy::disallowed_methods, reason = "the runtime of the test ends it")]
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { root, asked }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn endpoint(&self, provider: Provider) -> Endpoint {
        self.endpoint_with(provider, provider.protocol())
    }

    pub(crate) fn endpoint_with(&self, provider: Provider, protocol: Protocol) -> Endpoint {
        Endpoint {
            provider,
            protocol,
            base_url: BaseUrl::parse(&format!("{}/v1", self.root)).unwrap(),
        }
    }
}

pub(crate) const KEY: &str = "sk-proj-CANARYq7Zt4Lm9Rw2Xc8Vb5Nh3Kd6Pf1Gs0QeA";

pub(crate) fn payer(endpoint: &Endpoint) -> Payer {
    payer_with(endpoint, KEY)
}

pub(crate) fn payer_with(endpoint: &Endpoint, key: &str) -> Payer {
    Payer::UserKey {
        key_id: "key_1".to_owned(),
        credential: Credential::new(key.to_owned().into(), endpoint.base_url.origin().clone()),
    }
}

pub(crate) fn question() -> ChatRequest {
    ChatRequest {
        model: "model-1".to_owned(),
        system: Some("Be brief.".to_owned()),
        messages: vec![
            Message::new(Role::User, "One?"),
            Message::new(Role::Assistant, "One."),
            Message::new(Role::User, "Two?"),
        ],
        max_output: Some(100),
    }
}

pub(crate) fn reply(status: u16, kind: &str, body: impl Into<Body>) -> Response {
    Response::builder()
        .status(status)
        .header("content-type", kind)
        .body(body.into())
        .unwrap()
}

pub(crate) fn json(status: u16, body: serde_json::Value) -> Response {
    reply(status, "application/json", body.to_string())
}

pub(crate) fn events(body: impl Into<Body>) -> Response {
    reply(200, "text/event-stream", body)
}
