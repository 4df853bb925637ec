//! Chat Completions, spoken by OpenAI, OpenRouter, Mistral, Groq, DeepSeek, xAI, Azure, the servers on this computer and
//! most other endpoints, each with differences of its own.
//!
//! It must never assume a field: whatever a provider leaves out stays unknown.

pub(crate) mod request;
pub(crate) mod stream;
mod usage;
