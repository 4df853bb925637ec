//! Messages, receipts and the events of a running answer, as the window sees them.

use serde::{Deserialize, Serialize};
use specta::Type;
use specta_typescript::Number;

use crate::error::FailureView;
use crate::keys::view::ProviderId;
use crate::models::view::ModelRef;

/// Who pays for one call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(
    rename_all = "snake_case",
    rename_all_fields = "camelCase",
    tag = "kind"
)]
pub enum PayerView {
    /// The user, through a key.
    UserKey {
        /// The key's id.
        key_id: String,
        /// The key's label at the time of the call.
        label: String,
        /// Its last four characters.
        last4: String,
        /// Its provider.
        provider: ProviderId,
        /// The provider's name.
        provider_name: String,
    },
    /// Brasskey, through the plan.
    Plan {
        /// The provider that answers.
        provider: ProviderId,
        /// The provider's name.
        provider_name: String,
    },
    /// Nobody: a keyless model on this computer.
    Nobody {
        /// The endpoint's id.
        key_id: String,
        /// The endpoint's label.
        label: String,
        /// Its kind.
        provider: ProviderId,
    },
}

/// What a call cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(
    rename_all = "snake_case",
    rename_all_fields = "camelCase",
    tag = "kind"
)]
pub enum CostView {
    /// Computed or reported, exact decimal dollars.
    Known {
        /// The amount.
        amount: String,
        /// Whose price: "LiteLLM 1.109.1", or "provider" when the provider reported the cost itself.
        source: String,
        /// The price's date, ISO 8601.
        as_of: String,
        /// Two lists disagree: this is the higher price.
        to_be_confirmed: bool,
    },
    /// Not known, which is not zero.
    Unknown {
        /// Why.
        reason: UnknownCostReason,
        /// A lower bound, exact decimal dollars.
        at_least: Option<String>,
    },
    /// On this computer: nothing is billed.
    Free,
}

/// Why a cost is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum UnknownCostReason {
    /// No price is known for the model.
    NoPrice,
    /// The provider sent no token counts.
    NoUsage,
    /// The answer broke off before the final count.
    PartialUsage,
    /// An earlier try of the same message may have been billed as well.
    EarlierTry,
    /// The figures are too large to be true.
    Overflow,
}

/// Tokens by kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct TokensView {
    /// All input tokens, cached ones included.
    #[specta(type = Number)]
    pub input: u64,
    /// Read at the full price.
    #[specta(type = Number)]
    pub input_uncached: u64,
    /// Read from the provider's cache.
    #[specta(type = Number)]
    pub cache_read: u64,
    /// Written to the provider's cache, all retention times.
    #[specta(type = Number)]
    pub cache_write: u64,
    /// Written as answer, thinking included.
    #[specta(type = Number)]
    pub output: u64,
    /// Thinking, part of `output`.
    #[specta(type = Number)]
    pub reasoning: u64,
}

/// One ledger entry, as shown beside an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ReceiptView {
    /// The model asked for.
    pub model: String,
    /// The model as the list names it.
    pub model_name: String,
    /// Who paid.
    pub payer: PayerView,
    /// Token counts, where the provider sent any.
    pub tokens: Option<TokensView>,
    /// What it cost.
    pub cost: CostView,
    /// Milliseconds from sending to the first visible piece.
    #[specta(type = Option<Number>)]
    pub first_token_ms: Option<u64>,
    /// Milliseconds from sending to the end.
    #[specta(type = Number)]
    pub duration_ms: u64,
    /// The provider's id of the request.
    pub request_id: Option<String>,
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum RoleView {
    /// The user.
    User,
    /// The model.
    Assistant,
}

/// Where an answer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// Being written now.
    Open,
    /// Complete.
    Done,
    /// Stopped by the user; what arrived is kept.
    Stopped,
    /// Refused or broken off; what arrived is kept.
    Failed,
    /// Brasskey was closed or crashed while it was written; what arrived is kept.
    Interrupted,
}

/// Why a done answer ended before its model was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum EndingView {
    /// The longest answer, or all that the model can read, was reached.
    Length,
    /// The model declined to go on.
    Refused,
    /// A reason that only the provider knows.
    Other,
}

/// One message of the shown path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct MessageView {
    /// Its id.
    pub id: String,
    /// Who wrote it.
    pub role: RoleView,
    /// Markdown.
    pub text: String,
    /// The model's thinking, where the provider shows it.
    pub thinking: String,
    /// Where it stands; a question is always `done`.
    pub state: MessageState,
    /// Why it failed.
    pub failure: Option<FailureView>,
    /// Why it is done and yet not complete; none where the model was done.
    pub ending: Option<EndingView>,
    /// What it cost and who paid; none for questions and open answers.
    pub receipt: Option<ReceiptView>,
    /// For an answer: the model that was asked.
    pub model: Option<ModelRef>,
    /// For an answer: that model's name.
    pub model_name: Option<String>,
    /// For an answer: who pays.
    pub payer: Option<PayerView>,
    /// When it was written, milliseconds since 1970.
    #[specta(type = Number)]
    pub created_at: i64,
    /// This version's place among its siblings (edits, regenerations), from 0.
    pub version: u32,
    /// The ids of all versions, this one included.
    pub versions: Vec<String>,
}

/// An open conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ConversationView {
    /// Its id.
    pub id: String,
    /// Its project.
    pub project_id: Option<String>,
    /// Its title.
    pub title: String,
    /// The shown path, oldest first.
    pub messages: Vec<MessageView>,
    /// What stood in the composer.
    pub draft: String,
    /// The model of its last answer or the user's choice for the next.
    pub model: Option<ModelRef>,
    /// The running answer's turn.
    pub turn_id: Option<String>,
}

/// What to ask.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(
    rename_all = "snake_case",
    rename_all_fields = "camelCase",
    tag = "kind"
)]
pub enum Ask {
    /// The first question of a conversation, which comes to be with it.
    First {
        /// Its project.
        project_id: Option<String>,
        /// The question.
        text: String,
    },
    /// A new question at the end of the conversation.
    Question {
        /// The conversation.
        conversation_id: String,
        /// The question.
        text: String,
    },
    /// Another answer to the same question: a retry or a regeneration.
    Again {
        /// The answer to replace on screen; it is kept as a version.
        answer_id: String,
    },
    /// The question in other words; the earlier one is kept as a version.
    Edited {
        /// The question.
        question_id: String,
        /// Its new text.
        text: String,
    },
}

/// A request to answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct NewTurn {
    /// What to ask.
    pub ask: Ask,
    /// Whom to ask; who pays follows from it.
    pub model: ModelRef,
}

/// A turn that has begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct TurnView {
    /// Handle for stop and "try now".
    pub id: String,
    /// The conversation.
    pub conversation_id: String,
    /// The question, new or repeated.
    pub question: MessageView,
    /// The open answer.
    pub answer: MessageView,
}

/// What happens in a running turn. `Delta` comes at most about once a frame; `Ended` is the last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(
    rename_all = "snake_case",
    rename_all_fields = "camelCase",
    tag = "kind"
)]
pub enum TurnEvent {
    /// More text.
    Delta {
        /// Appended to the answer.
        text: String,
        /// Appended to the thinking.
        thinking: String,
        /// Token counts so far, where the provider sends them while it writes.
        tokens: Option<TokensView>,
        /// What it cost so far, exact decimal dollars; none when the price is unknown or nothing is billed.
        cost_so_far: Option<String>,
        /// `cost_so_far` is counted from the text, because the provider sends its own count at the end only.
        cost_is_estimate: bool,
    },
    /// The provider asked to wait; the same request goes out again by itself.
    Waiting {
        /// Why.
        failure: FailureView,
        /// Which try comes next, from 2.
        attempt: u32,
        /// Of how many.
        attempts: u32,
        /// When it goes out, milliseconds since 1970.
        #[specta(type = Number)]
        retry_at: i64,
    },
    /// This computer has no connection and nothing was sent: it goes out by itself when the connection returns.
    Offline {
        /// What was found.
        failure: FailureView,
    },
    /// The wait is over; the request is on its way again.
    Sending,
    /// The answer is whole and the disk does not take it: it is in memory, and saving is tried again and again.
    Unsaved,
    /// It is over.
    Ended {
        /// The answer as it is kept.
        answer: Box<MessageView>,
    },
}

/// About what the next answer will cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct EstimateView {
    /// Exact decimal dollars of an estimate; none when the price is unknown.
    pub amount: Option<String>,
    /// Nothing is billed.
    pub free: bool,
}
