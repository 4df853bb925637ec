//! Running totals. Sums of known costs; unknown ones are counted beside them and never become zero.

mod last_month;
pub mod view;

use brasskey_ledger::{ConversationId, Totals};

use crate::App;
use crate::error::Error;
use view::{TotalView, TotalsView};

impl App {
    /// The month's total and a conversation's.
    ///
    /// # Errors
    /// `storage`.
    pub async fn totals(&self, conversation: Option<&str>) -> Result<TotalsView, Error> {
        let receipts = self.ledger.receipts();
        let month = self.clock.month();
        let conversation = match conversation {
            Some(id) => Some(
                receipts
                    .conversation_total(&ConversationId::new(id))
                    .await?,
            ),
            None => None,
        };
        Ok(TotalsView {
            month: total(receipts.total(month.from_ms..month.until_ms).await?),
            conversation: conversation.map(total),
            month_of: month.name,
        })
    }
}

fn total(totals: Totals) -> TotalView {
    TotalView {
        amount: totals.known.to_string(),
        unknown: totals.unknown,
    }
}
