//! Models as the picker lists them.

use brasskey_providers::Abilities;
use serde::{Deserialize, Serialize};
use specta::Type;
use specta_typescript::Number;

use crate::chat::view::PayerView;
use crate::error::FailureView;

/// A model at an endpoint: which key (or keyless endpoint) asks for it, and its id there.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ModelRef {
    /// Id of the key or keyless endpoint.
    pub key_id: String,
    /// The model's id at the provider.
    pub model: String,
}

/// One model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ModelView {
    /// How to ask for it.
    pub model: ModelRef,
    /// Its name.
    pub name: String,
    /// Dollars per million input tokens, exact decimal; none when unknown. Free endpoints have none either.
    pub input_price: Option<String>,
    /// Dollars per million output tokens.
    pub output_price: Option<String>,
    /// Tokens it can read.
    #[specta(type = Option<Number>)]
    pub context_window: Option<u64>,
    /// Tokens it can write.
    #[specta(type = Option<Number>)]
    pub max_output: Option<u64>,
    /// What it can do besides answering text with text, as far as its provider says.
    pub abilities: Abilities,
}

/// The models of one key or endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ModelGroupView {
    /// Who pays for an answer from this group.
    pub payer: PayerView,
    /// Why the group cannot answer now.
    pub unavailable: Option<FailureView>,
    /// What the last answer or check was refused for, where another may well be given.
    pub trouble: Option<FailureView>,
    /// Its models, in the provider's order.
    pub models: Vec<ModelView>,
    /// The list's age: milliseconds since 1970.
    #[specta(type = Option<Number>)]
    pub fetched_at: Option<i64>,
}
