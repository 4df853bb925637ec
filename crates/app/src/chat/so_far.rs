//! What a running answer has cost so far: by the provider's count where that keeps up with the text, else about, by the text.

use brasskey_metering::{Terms, Tokens, UsageStatus};
use brasskey_providers::ChatRequest;

use super::estimate::tokens_of;
use super::receipt::tokens_view;
use super::relay::Relayed;
use super::view::TokensView;
use crate::billing::route::Route;
use crate::prices::Books;

/// Counts one try of a turn.
pub(super) struct Meter<'a> {
    route: &'a Route,
    request: &'a ChatRequest,
    books: Books,
    /// About how many tokens the model reads, until the provider says how many.
    read: u64,
    /// When the request left, in milliseconds since 1970: prices change by date and by the hour.
    at: i64,
}

/// What is known so far.
pub(super) struct SoFar {
    /// Counts, once the provider sent any.
    pub(super) tokens: Option<TokensView>,
    /// Exact decimal dollars; none when the price is unknown or nothing is billed.
    pub(super) cost: Option<String>,
    /// The text was counted, because the provider's own count lags behind it.
    pub(super) is_estimate: bool,
}

impl<'a> Meter<'a> {
    pub(super) fn new(route: &'a Route, request: &'a ChatRequest, books: Books, at: i64) -> Self {
        let read: usize = request.messages.iter().map(|each| each.text.len()).sum();
        Self {
            route,
            request,
            books,
            read: tokens_of(read as u64),
            at,
        }
    }

    pub(super) fn read(&self, relayed: &Relayed) -> SoFar {
        let written = tokens_of((relayed.text.len() + relayed.thinking.len()) as u64);
        let counted = relayed
            .usage
            .as_ref()
            .filter(|usage| usage.status != UsageStatus::Missing);
        let (tokens, is_estimate) = match counted {
            Some(usage) if usage.status == UsageStatus::Exact || usage.tokens.output >= written => {
                (usage.tokens, false)
            }
            // Anthropic counts a few tokens at the start and the rest at the end.
            Some(usage) => (
                Tokens {
                    output: written,
                    ..usage.tokens
                },
                true,
            ),
            None => (
                Tokens {
                    input_uncached: self.read,
                    output: written,
                    ..Tokens::default()
                },
                true,
            ),
        };
        SoFar {
            tokens: counted.map(|_| tokens_view(&tokens)),
            cost: self.cost(relayed, &tokens),
            is_estimate,
        }
    }

    fn cost(&self, relayed: &Relayed, tokens: &Tokens) -> Option<String> {
        if self.route.is_free() {
            return None;
        }
        let endpoint = self.route.endpoint();
        let model = relayed.served_model.as_deref();
        let asked = model.unwrap_or(&self.request.model);
        let row = self.books.row(endpoint, asked, self.at)?;
        let terms = match &relayed.usage {
            Some(usage) => Terms::of(usage),
            None => Terms {
                region: endpoint.region(),
                ..Terms::default()
            },
        };
        let amount = row.price(tokens, &terms, self.at).ok()?;
        Some(amount.to_string())
    }
}
