//! The providers: four protocols, one list of failure causes, and the one function that every model call passes.
//!
//! It must never send a key to an origin other than its own, follow a redirect, build a second HTTP client, or let a
//! secret reach a log, an error text or a stored failure.

#![allow(
    clippy::result_large_err,
    reason = "a failure carries all that is shown of it; it is made once per call, never in a loop"
)]

mod access;
mod answer;
mod anthropic;
mod catalogue;
mod classify;
mod compatible;
mod cost;
mod credential;
mod echo;
mod endpoint;
mod event;
mod failure;
mod forward;
mod fragments;
mod gemini;
mod guess;
mod json;
mod limits;
mod local;
mod meter;
mod models;
mod openai;
mod pages;
mod payer;
mod probe;
mod progress;
mod proof;
mod provider;
mod redact;
mod request;
mod resolve;
mod send;
mod sse;
mod unreachable;
mod wire;

pub use access::{Access, AccessError, Proxy};
pub use answer::AnswerStream;
pub use classify::{Reply, classify};
pub use credential::{Credential, last_four};
pub use endpoint::{BaseUrl, BaseUrlError, Endpoint, Origin};
pub use event::{Ending, Event, Finish, ToolCall};
pub use failure::{Cause, Failure, Retry};
pub use forward::{Forward, Forwarded, Refused, Unanswered, forward};
pub use guess::guess;
pub use limits::{Counted, RateLimit};
pub use local::{LocalServer, discover_local};
pub use meter::{BodyKind, Meter};
pub use models::{Abilities, Model};
pub use pages::Page;
pub use payer::{Payer, REFUSED_ORIGIN, REFUSED_PAYER};
pub use probe::{CANNOT_LIST_MODELS, check};
pub use provider::{Protocol, Provider, UnknownProvider};
pub use redact::redact;
pub use request::{Attachment, ChatRequest, Media, Message, Role};
pub use send::send;
pub use wire::{Wire, WireError};
