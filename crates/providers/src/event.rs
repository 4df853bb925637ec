//! What an answer consists of while it streams in.
//!
//! It must never hold anything that was not received: an absent count is absent, not zero.

use brasskey_metering::Usage;

use crate::failure::Failure;
use crate::limits::RateLimit;

/// One step of a streaming answer.
#[derive(Clone, Debug, PartialEq)]
#[allow(
    clippy::large_enum_variant,
    reason = "few events wait at a time, and the large one comes once"
)]
pub enum Event {
    /// The provider began to answer. Comes at most once and before everything else.
    Started {
        /// The provider's identifier of this request, for its support.
        request_id: Option<String>,
        /// The model that answers, as the provider names it.
        served_model: Option<String>,
        /// What the provider's headers say of its rate limits.
        limits: Vec<RateLimit>,
    },
    /// Visible text, to be appended.
    Text(String),
    /// Text of the model's thinking or of its summary, to be appended.
    Thinking(String),
    /// The model asks for a tool, whole. Nothing here calls it.
    ToolCall(ToolCall),
    /// The usage so far, cumulative: it replaces what was known before.
    Usage(Usage),
    /// The end, exactly once and last.
    End(Ending),
}

/// A call of a tool that the model asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolCall {
    /// The provider's identifier of the call; Google has none.
    pub id: Option<String>,
    /// The tool.
    pub name: String,
    /// Its arguments as the model wrote them: usually JSON, and not checked.
    pub arguments: String,
}

/// How an answer ended, and what it used.
#[derive(Clone, Debug, PartialEq)]
pub struct Ending {
    /// Why it stopped, or why it failed. A failure does not undo the text that arrived or what it cost.
    pub result: Result<Finish, Failure>,
    /// The provider's own word for the end, where it sent one.
    pub finish_raw: Option<String>,
    /// The tokens that were reported; `status` says whether they are the final ones.
    pub usage: Usage,
    /// The model that answered, as the provider names it.
    pub served_model: Option<String>,
    /// The provider's identifier of this request.
    pub request_id: Option<String>,
}

/// Why an answer stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finish {
    /// The model was done.
    Complete,
    /// The output limit or the context window was reached.
    Length,
    /// The model declined in words of its own, which are the answer's text.
    Refused,
    /// Another reason, in the provider's word.
    Other(String),
}
