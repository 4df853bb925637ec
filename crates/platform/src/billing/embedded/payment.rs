//! Taking a payment: simulated. No money moves.

use jiff::Timestamp;

use crate::billing::BillingError;
use crate::store::{Books, Card, NewLine};

use super::invoice;

/// When in the life of a card a payment comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Just entered.
    First,
    /// Any later one.
    Later,
}

/// Whether the card pays.
pub(super) fn pays(card: Option<Card>, turn: Turn) -> bool {
    match card {
        Some(Card::Accepted) => true,
        Some(Card::FailsAtRenewal) => turn == Turn::First,
        Some(Card::Declined) | None => false,
    }
}

/// An invoice that was written.
pub(super) struct Written {
    pub(super) id: String,
    pub(super) is_paid: bool,
}

/// Writes an invoice over lines and has it paid where something is to be paid. It stays open where the card does not pay.
/// `None` where there was nothing to write.
pub(super) async fn collect(
    books: &mut Books,
    currency: &str,
    lines: Vec<NewLine>,
    turn: Turn,
    now: Timestamp,
) -> Result<Option<Written>, BillingError> {
    let Some((mut new, total, left)) = invoice::draft(currency, lines, books.balance) else {
        return Ok(None);
    };
    books.balance = left;
    new.is_paid = total == 0 || pays(books.card, turn);
    Ok(Some(Written {
        id: books.add_invoice(&new, now).await?,
        is_paid: new.is_paid,
    }))
}
