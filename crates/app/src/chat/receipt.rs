//! From usage to a receipt, and from the ledger's receipt to what the window shows.

use brasskey_ledger as ledger;
use brasskey_metering::{Cost, Tokens, UnknownCost, UsageStatus};

use super::view::{CostView, PayerView, ReceiptView, TokensView, UnknownCostReason};
use crate::plan;

pub(crate) fn tokens_view(tokens: &Tokens) -> TokensView {
    TokensView {
        input: tokens.input(),
        input_uncached: tokens.input_uncached,
        cache_read: tokens.cache_read,
        cache_write: tokens
            .cache_write_5m
            .saturating_add(tokens.cache_write_1h)
            .saturating_add(tokens.cache_write_30m)
            .saturating_add(tokens.cache_write_12h),
        output: tokens.output,
        reasoning: tokens.reasoning,
    }
}

pub(crate) fn cost_view(cost: &Cost) -> CostView {
    match cost {
        Cost::Known { amount, source } => CostView::Known {
            amount: amount.to_string(),
            source: source.list.clone(),
            as_of: source.as_of.clone(),
            to_be_confirmed: source.to_be_confirmed,
        },
        Cost::Unknown { reason, at_least } => CostView::Unknown {
            reason: match reason {
                UnknownCost::NoPrice => UnknownCostReason::NoPrice,
                UnknownCost::NoUsage => UnknownCostReason::NoUsage,
                UnknownCost::PartialUsage => UnknownCostReason::PartialUsage,
                UnknownCost::EarlierTry => UnknownCostReason::EarlierTry,
                UnknownCost::Overflow => UnknownCostReason::Overflow,
            },
            at_least: at_least.map(|amount| amount.to_string()),
        },
        Cost::Free => CostView::Free,
    }
}

/// A receipt as shown. Key and label are those of the time of the call, whatever became of them since.
pub(crate) fn receipt_view(
    receipt: &ledger::Receipt,
    model_name: String,
    endpoint_id: &str,
) -> ReceiptView {
    let provider: brasskey_providers::Provider = receipt
        .provider
        .parse()
        .unwrap_or(brasskey_providers::Provider::OpenAiCompatible);
    let payer = match &receipt.payer {
        ledger::Payer::UserKey(key) => PayerView::UserKey {
            key_id: key.id.as_str().to_owned(),
            label: key.label.clone(),
            last4: key.last4.clone().unwrap_or_default(),
            provider,
            provider_name: provider.name().to_owned(),
        },
        ledger::Payer::Plan => plan::payer_view(provider),
        ledger::Payer::Nobody => PayerView::Nobody {
            key_id: endpoint_id.to_owned(),
            label: provider.name().to_owned(),
            provider,
        },
    };
    let settlement = &receipt.settlement;
    ReceiptView {
        model: receipt.model.clone(),
        model_name,
        payer,
        tokens: (settlement.usage.status != UsageStatus::Missing)
            .then(|| tokens_view(&settlement.usage.tokens)),
        cost: cost_view(&settlement.cost),
        first_token_ms: settlement.ttft_ms,
        duration_ms: settlement.duration_ms.unwrap_or_default(),
        request_id: settlement.request_id.clone(),
    }
}
