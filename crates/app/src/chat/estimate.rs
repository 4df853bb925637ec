//! About what the next answer will cost. An estimate, and labelled so wherever it is shown.

use brasskey_ledger::{ConversationId, Role};
use brasskey_metering::{Terms, Tokens};

use super::view::EstimateView;
use crate::App;
use crate::error::Error;
use crate::models::view::ModelRef;
use crate::prices::Books;

/// Characters to a token in ordinary text; close enough for an estimate.
const CHARS_PER_TOKEN: u64 = 4;

/// The length assumed for an answer while the conversation has none to learn from, in tokens.
const USUAL_ANSWER: u64 = 500;

impl App {
    /// Estimates the next answer: the conversation so far and the question as input, an answer as long as the earlier ones
    /// as output.
    ///
    /// # Errors
    /// `not_found`, `storage`.
    pub async fn estimate(
        &self,
        conversation: Option<&str>,
        text_chars: u32,
        model: &ModelRef,
    ) -> Result<EstimateView, Error> {
        let (endpoint, books) = match self.plan_endpoint(&model.key_id)? {
            Some(plan) => (plan.endpoint, Books::LISTED),
            None => {
                let key = self.key(&model.key_id).await?;
                if key.secret.is_none() {
                    return Ok(EstimateView {
                        amount: None,
                        free: true,
                    });
                }
                (key.endpoint, self.prices.books())
            }
        };
        let (mut chars, mut answers, mut answered) = (u64::from(text_chars), 0_u64, 0_u64);
        if let Some(id) = conversation {
            for message in self
                .ledger
                .messages()
                .active_path(&ConversationId::new(id))
                .await?
            {
                let length = message.text.len() as u64;
                chars += length;
                if message.role == Role::Assistant && length > 0 {
                    answers += 1;
                    answered += length;
                }
            }
        }
        let tokens = Tokens {
            input_uncached: tokens_of(chars),
            output: answered
                .checked_div(answers)
                .map_or(USUAL_ANSWER, tokens_of),
            ..Tokens::default()
        };
        let at = self.clock.now_ms();
        let terms = Terms {
            region: endpoint.region(),
            ..Terms::default()
        };
        let row = books.row(&endpoint, &model.model, at);
        Ok(EstimateView {
            amount: row
                .and_then(|row| row.price(&tokens, &terms, at).ok())
                .map(|amount| amount.to_string()),
            free: false,
        })
    }
}

/// About how many tokens a text of this length is.
pub(super) const fn tokens_of(chars: u64) -> u64 {
    chars.div_ceil(CHARS_PER_TOKEN)
}
