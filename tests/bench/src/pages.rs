//! Serves what the browsers show: the window over its in-memory backend, under the policy of the product, and the yardstick.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use clap::Args;
use serde_json::Value;
use tokio::net::TcpListener;

use crate::fault::Fault;

const INCR: &str = include_str!("render/page/incr.html");
const INCR_SCRIPT: &str = include_str!("render/page/incr.js");

/// What can be asked of a measurement of the window.
#[derive(Args)]
#[group(id = "pages")]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) run: crate::run::Options,
    /// The window as it was built over its in-memory backend.
    #[arg(long)]
    pub(crate) window: PathBuf,
}

/// The folders that pages come from.
struct Source {
    /// The built window.
    window: PathBuf,
    /// The parser that the window has too.
    parser: PathBuf,
    policy: String,
}

/// Pages at an address of this computer, for as long as this is there.
pub(crate) struct Pages {
    origin: String,
    server: tokio::task::JoinHandle<()>,
}

impl Pages {
    /// `window` is the window as it was built over the in-memory backend.
    pub(crate) async fn serve(window: &Path) -> Result<Self, Fault> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let settings = root.join("src-tauri/tauri.conf.json");
        let text = std::fs::read_to_string(&settings).map_err(Fault::file(&settings))?;
        let settings: Value = serde_json::from_str(&text)?;
        let policy = settings["app"]["security"]["csp"].as_str();
        let source = Source {
            window: window.to_owned(),
            parser: root.join("ui/node_modules/marked/lib/marked.esm.js"),
            policy: policy.unwrap_or_default().to_owned(),
        };
        let router = Router::new()
            .route("/incr/", get(async || page("html", INCR)))
            .route("/incr/incr.js", get(async || page("js", INCR_SCRIPT)))
            .route("/incr/marked.js", get(parser))
            .fallback(file)
            .with_state(Arc::new(source));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let origin = format!("http://{}", listener.local_addr()?);
        #[expect(
            clippy::disallowed_methods,
            reason = "it is ended when this is dropped"
        )]
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                eprintln!("the pages are served no longer: {error}");
            }
        });
        Ok(Self { origin, server })
    }

    /// The window in one of its scenarios.
    pub(crate) fn window(&self, scenario: &str) -> String {
        format!("{}/index.html?scenario={scenario}&theme=light", self.origin)
    }

    /// The yardstick.
    pub(crate) fn incr(&self) -> String {
        format!("{}/incr/", self.origin)
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn parser(State(source): State<Arc<Source>>) -> Response {
    read("js", &source.parser)
}

async fn file(State(source): State<Arc<Source>>, uri: Uri) -> Response {
    let path = Path::new(uri.path().trim_start_matches('/'));
    if !path
        .components()
        .all(|part| matches!(part, Component::Normal(_)))
    {
        return StatusCode::NOT_FOUND.into_response();
    }
    let kind = path.extension().and_then(|kind| kind.to_str());
    let mut response = read(kind.unwrap_or_default(), &source.window.join(path));
    if let Ok(policy) = source.policy.parse() {
        response
            .headers_mut()
            .insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn read(kind: &str, path: &Path) -> Response {
    match std::fs::read(path) {
        Ok(bytes) => page(kind, bytes),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

fn page(kind: &str, body: impl IntoResponse) -> Response {
    let kind = match kind {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "woff2" => "font/woff2",
        "svg" => "image/svg+xml",
        _ => "application/octet-stream",
    };
    ([(CONTENT_TYPE, kind)], body).into_response()
}
