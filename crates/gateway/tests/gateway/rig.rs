//! A client, a gateway and a provider, connected.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Body;
use axum::http::Request;
use axum::http::request::Builder;
use brasskey_gateway::{Gateway, Settings, router};
use brasskey_metering::{Money, PriceBook};
use brasskey_providers::{BaseUrl, Endpoint, Protocol, Provider, Wire};
use tokio_util::task::TaskTracker;

use crate::authority::{Book, KEY, Rules, TOKEN};
use crate::client::{Got, send};
use crate::upstream::{Answer, Asked, Upstream};

/// The moment of all recorded requests: Monday 2026-11-23 09:00 UTC.
pub(crate) const AT_MS: i64 = 1_795_424_400_000;

/// One protocol with its client, its provider and a recording.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    pub(crate) protocol: Protocol,
    pub(crate) provider: Provider,
    pub(crate) family: &'static str,
    pub(crate) model: &'static str,
    /// Where the vendor's client asks, below the gateway.
    pub(crate) route: &'static str,
    /// Where the provider is asked.
    pub(crate) target: &'static str,
    pub(crate) key_header: &'static str,
    pub(crate) recording: &'static str,
    /// What the recording costs, from `expected.json`.
    pub(crate) cost: &'static str,
    pub(crate) request: &'static str,
}

pub(crate) const CHAT: Line = Line {
    protocol: Protocol::OpenAiChat,
    provider: Provider::OpenAi,
    family: "openai",
    model: "gpt-6.1-sol",
    route: "/openai/v1/chat/completions",
    target: "/v1/chat/completions",
    key_header: "authorization",
    recording: "openai_chat_ok.txt",
    cost: "0.0053552",
    request: r#"{"model": "gpt-6.1-sol", "stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"é \u00e9"}]}"#,
};

pub(crate) const RESPONSES: Line = Line {
    protocol: Protocol::OpenAiResponses,
    route: "/openai/v1/responses",
    target: "/v1/responses",
    recording: "openai_responses_ok.txt",
    cost: "0.0095496",
    request: r#"{"model":"gpt-6.1-sol","stream":true,"input":"Hm?","x":1.0}"#,
    ..CHAT
};

pub(crate) const MESSAGES: Line = Line {
    protocol: Protocol::AnthropicMessages,
    provider: Provider::Anthropic,
    family: "anthropic",
    model: "claude-opus-5-5",
    route: "/anthropic/v1/messages",
    target: "/v1/messages",
    key_header: "x-api-key",
    recording: "anthropic_ok.txt",
    cost: "0.0226584",
    request: r#"{"model":"claude-opus-5-5","stream":true,"max_tokens":9000,"messages":[]}"#,
};

pub(crate) const GEMINI: Line = Line {
    protocol: Protocol::Gemini,
    provider: Provider::Gemini,
    family: "gemini",
    model: "gemini-3.6-flash",
    route: "/gemini/v1beta/models/gemini-3.6-flash:streamGenerateContent?alt=sse",
    target: "/v1/models/gemini-3.6-flash:streamGenerateContent?alt=sse",
    key_header: "x-goog-api-key",
    recording: "gemini_ok.txt",
    cost: "0.00115005",
    request: r#"{"contents":[{"parts":[{"text":"Hm?"}]}]}"#,
};

pub(crate) const ALL: [Line; 4] = [CHAT, RESPONSES, MESSAGES, GEMINI];

impl Line {
    pub(crate) fn recorded(&self) -> Vec<u8> {
        recording(self.recording)
    }

    /// The key as this protocol's header carries it.
    pub(crate) fn key_value(&self, key: &str) -> String {
        if self.key_header == "authorization" {
            format!("Bearer {key}")
        } else {
            key.to_owned()
        }
    }
}

pub(crate) fn recording(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../providers/fixtures/streams");
    std::fs::read(folder.join(name)).unwrap()
}

pub(crate) fn dollars(text: &str) -> Money {
    text.parse().unwrap()
}

fn new_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("call_{}", NEXT.fetch_add(1, Ordering::SeqCst))
}

pub(crate) struct Rig {
    pub(crate) line: Line,
    pub(crate) upstream: Upstream,
    pub(crate) book: Book,
    /// Where the gateway is nested.
    pub(crate) root: String,
    pub(crate) tasks: TaskTracker,
}

/// A rig before it is connected.
pub(crate) struct Plan {
    line: Line,
    settings: Settings,
    change: Box<dyn FnOnce(&mut Rules)>,
}

pub(crate) fn rig(line: Line) -> Plan {
    Plan {
        line,
        settings: Settings::default(),
        change: Box::new(|_| {}),
    }
}

impl Plan {
    pub(crate) fn rules(mut self, change: impl FnOnce(&mut Rules) + 'static) -> Self {
        self.change = Box::new(change);
        self
    }

    pub(crate) fn settings(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self
    }

    pub(crate) async fn answering(self, answer: Answer) -> Rig {
        self.scripted(move |_| answer.clone()).await
    }

    pub(crate) async fn scripted(
        self,
        script: impl Fn(&Asked) -> Answer + Send + Sync + 'static,
    ) -> Rig {
        let Self {
            line,
            settings,
            change,
        } = self;
        let upstream = Upstream::start(script).await;
        let price = PriceBook::embedded()
            .find(line.family, line.model, AT_MS)
            .expect("a price")
            .clone();
        let mut rules = Rules {
            endpoint: Endpoint {
                provider: line.provider,
                protocol: line.protocol,
                base_url: BaseUrl::parse(&format!("{}/v1", upstream.root)).unwrap(),
            },
            price,
            limit: dollars("1000"),
            refusal: None,
            rotates: false,
            panics: false,
            origin: None,
            gate: None,
        };
        change(&mut rules);
        let book = Book::new(rules);
        let tasks = TaskTracker::new();
        let gateway = Gateway {
            authority: book.clone(),
            wire: Wire::relaying(std::time::Duration::from_secs(10)).unwrap(),
            tasks: tasks.clone(),
            settings,
            now_ms: Arc::new(|| AT_MS),
            new_id,
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let root = format!("http://{}/v1/gateway", listener.local_addr().unwrap());
        let service = axum::Router::new().nest("/v1/gateway", router(gateway));
        #[expect(clippy::disallowed_methods, reason = "the runtime of the test ends it")]
        tokio::spawn(async move { axum::serve(listener, service).await });
        Rig {
            line,
            upstream,
            book,
            root,
            tasks,
        }
    }
}

impl Rig {
    /// A request as the vendor's client makes it, but for its body.
    pub(crate) fn request(&self) -> Builder {
        let line = &self.line;
        Request::post(format!("{}{}", self.root, line.route))
            .header("content-type", "application/json")
            .header(line.key_header, line.key_value(TOKEN))
    }

    /// Asks as the vendor's client does.
    pub(crate) async fn ask(&self) -> Got {
        self.ask_with(self.line.request).await
    }

    pub(crate) async fn ask_with(&self, body: impl Into<Body>) -> Got {
        send(self.request().body(body.into()).unwrap()).await
    }

    /// Asks the provider itself, with its key.
    pub(crate) async fn ask_directly(&self) -> Got {
        let line = &self.line;
        let request = Request::post(format!("{}{}", self.upstream.root, line.target))
            .header("content-type", "application/json")
            .header(line.key_header, line.key_value(KEY))
            .body(Body::from(line.request))
            .unwrap();
        send(request).await
    }
}
