//! What a gateway is made of, and its routes.
//!
//! Nested under any path, it serves the stock clients of three vendors with these base URLs below it:
//!
//! | client | base URL | routes |
//! | --- | --- | --- |
//! | OpenAI | `…/openai/v1` | `POST /chat/completions`, `POST /responses`, `GET /models` |
//! | Anthropic | `…/anthropic` | `POST /v1/messages`, `GET /v1/models` |
//! | Gemini | `…/gemini` | `POST /v1beta/models/{model}:generateContent` and `:streamGenerateContent`, `GET /v1beta/models`; `/v1` as well |
//!
//! The same routes stand without the vendor's name as well (`…/chat/completions`, `…/responses`, `…/messages`,
//! `…/v1beta/models/…`); `…/models` then lists all models. The token is a bearer token, or stands in `x-api-key`
//! (Anthropic) or `x-goog-api-key` (Gemini). It is not read from an address, because addresses are logged.
//!
//! It brings its own limits of size and time; a layer around it that ends slow requests would end long answers.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use brasskey_providers::{Protocol, Wire};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use crate::authority::Authority;
use crate::models::{self, Listing};
use crate::problem;
use crate::serve;
use crate::shape::Shape;

/// What a gateway is made of.
pub struct Gateway<A: Authority> {
    /// Who decides.
    pub authority: A,
    /// The way to the providers: [`Wire::relaying`].
    pub wire: Wire,
    /// Admissions and settlements run on it, so that they outlive a client that leaves. When the server has stopped, close
    /// it and wait for it.
    pub tasks: TaskTracker,
    /// Limits.
    pub settings: Settings,
    /// The time in milliseconds since 1970, UTC: prices change.
    pub now_ms: Arc<dyn Fn() -> i64 + Send + Sync>,
    /// A fresh name for a call whose client gave none.
    pub new_id: fn() -> String,
}

/// Limits of one gateway.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The most bytes of a request's body.
    pub longest_body: usize,
    /// The most calls at a time.
    pub most_calls: usize,
    /// How long a request's body may take to arrive.
    pub body_within: Duration,
    /// How long a provider may take to begin its answer.
    pub answer_within: Duration,
    /// How long a provider may be silent within its answer.
    pub silence: Duration,
    /// How long a caller may leave an answer unread that has come.
    pub unread: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            longest_body: 20 * 1024 * 1024,
            most_calls: 4096,
            body_within: Duration::from_secs(2 * 60),
            answer_within: Duration::from_secs(10 * 60),
            // OpenAI sends nothing during long reasoning.
            silence: Duration::from_secs(5 * 60),
            unread: Duration::from_secs(2 * 60),
        }
    }
}

/// A gateway at work.
pub(crate) struct Shared<A: Authority> {
    pub(crate) gateway: Gateway<A>,
    pub(crate) calls: Arc<Semaphore>,
}

/// The routes of a gateway.
pub fn router<A: Authority>(gateway: Gateway<A>) -> Router {
    let calls = Arc::new(Semaphore::new(
        gateway.settings.most_calls.min(Semaphore::MAX_PERMITS),
    ));
    let openai = || {
        Router::new()
            .route("/chat/completions", answer::<A>(Protocol::OpenAiChat))
            .route("/responses", answer::<A>(Protocol::OpenAiResponses))
    };
    let anthropic = || Router::new().route("/messages", answer::<A>(Protocol::AnthropicMessages));
    let gemini = || {
        Router::new()
            .route("/models", list::<A>(Listing::Gemini))
            .route("/models/{*call}", post(generate::<A>))
    };
    let models = |listing| Router::new().route("/models", list::<A>(listing));
    Router::new()
        .nest("/openai/v1", openai().merge(models(Listing::OpenAi)))
        .nest(
            "/anthropic/v1",
            anthropic().merge(models(Listing::Anthropic)),
        )
        .nest("/gemini/v1beta", gemini())
        // Google's newer clients say so; which version the provider is asked in is the endpoint's business.
        .nest("/gemini/v1", gemini())
        .merge(openai())
        .merge(anthropic())
        .nest("/v1beta", gemini())
        .merge(models(Listing::All))
        .fallback(|| async { problem::not_found().render(Shape::OpenAi) })
        .method_not_allowed_fallback(|| async { problem::wrong_method().render(Shape::OpenAi) })
        .with_state(Arc::new(Shared { gateway, calls }))
}

type Served<A> = Arc<Shared<A>>;

fn answer<A: Authority>(protocol: Protocol) -> MethodRouter<Served<A>> {
    post(
        move |State(shared): State<Served<A>>, request: Request| async move {
            serve::answer(shared, protocol, None, request).await
        },
    )
}

/// `{model}:{method}`: the model may hold colons, the method does not.
async fn generate<A: Authority>(
    State(shared): State<Served<A>>,
    Path(call): Path<String>,
    request: Request,
) -> Response {
    let asked = match call.rsplit_once(':') {
        Some((model, "generateContent")) => (model.to_owned(), false),
        Some((model, "streamGenerateContent")) => (model.to_owned(), true),
        _ => return problem::not_found().render(Shape::Gemini),
    };
    serve::answer(shared, Protocol::Gemini, Some(asked), request).await
}

fn list<A: Authority>(listing: Listing) -> MethodRouter<Served<A>> {
    get(
        move |State(shared): State<Served<A>>, request: Request| async move {
            models::list(&shared.gateway.authority, listing, request.headers()).await
        },
    )
}
