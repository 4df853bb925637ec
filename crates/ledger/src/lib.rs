//! The local database: projects, conversations, messages, receipts, key records and settings in one SQLite file.
//!
//! The only application crate with SQL. It has no clock and makes no ids: callers pass both in. It never holds a key,
//! only what may be shown of one, and it never writes message text, prompts or paths into an error or a log.
//!
//! What was acknowledged survives `kill -9` and a full disk: a question, the closing of an answer, a receipt, a key record
//! and a setting are synced before the call returns; the chunks of a streaming answer are committed without a sync.

mod chunk;
mod conversation;
mod draft;
mod error;
mod file;
mod ids;
mod import;
mod key_handover;
mod key_intent;
mod key_record;
mod ledger;
mod lock;
mod message;
mod metered_use;
mod project;
mod receipt;
mod search;
mod setting;
mod terms;
mod turn;

pub use conversation::{Conversation, Conversations, ModelChoice, NewConversation};
pub use draft::{DraftKey, Drafts};
pub use error::LedgerError;
pub use ids::{ConversationId, KeyId, MessageId, ProjectId, ReceiptId};
pub use import::{ImportedConversation, ImportedMessage, Imports};
pub use key_handover::{KeyHandover, KeyHandovers};
pub use key_intent::{KeyIntent, KeyIntents, StoreAction};
pub use key_record::{KeyEntry, KeyRecord, KeyRecords, NewKeyRecord, Place};
pub use ledger::Ledger;
pub use message::{EarlyEnd, Message, Messages, Role, State};
pub use metered_use::{MeteredUse, MeteredUses};
pub use project::{Project, ProjectSummary, Projects};
pub use receipt::{Outcome, Payer, PayingKey, Receipt, Receipts, Recipient, Totals};
pub use search::{FoundConversation, FoundMessage, FoundProject, Piece, Query, Searches};
pub use setting::Settings;
pub use terms::{TermsAcceptance, TermsAcceptances};
pub use turn::{Call, Closing, NewAnswer, OpenTurn, Question, Settlement, Turns};
