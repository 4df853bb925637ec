//! Provider-shaped routes that are served with a key which the caller never sees.
//!
//! It forwards requests and answers byte for byte, reads the usage in passing, and asks an [`Authority`] who may call, with
//! whose key and within which budget. It must never decide that itself, log a body or a credential, or change a byte.
//!
//! The one addition: a Chat Completions stream tells its usage only when it is asked to, so that a request which does not
//! ask gets `stream_options.include_usage` put in on its way up (see `asked`). Money is then exact. The stream comes back
//! as the provider sent it, with the closing chunk that holds the usage; a request that asks itself is passed on untouched.

mod admitted;
mod asked;
mod authority;
mod cut;
mod gateway;
mod headers;
mod models;
mod problem;
mod relay;
mod sending;
mod serve;
mod shape;
mod tally;
mod unbroken;

pub use authority::{Admission, Authority, Call, Ending, Outcome, Refusal};
pub use gateway::{Gateway, Settings, router};
