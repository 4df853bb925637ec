//! The books of the embedded billing: one customer's at a time, in one transaction.
//!
//! Opening them waits until nobody else has the same customer's open, so that what is read stays true until it is committed.

mod agreement;
mod invoice;
mod page;

use sqlx::{Any, Row, Transaction};

use super::{Store, StoreError};
use crate::clock::new_id;

pub(crate) use agreement::{Running, UnbilledUsage};
pub(crate) use invoice::{NewInvoice, NewLine};
pub(crate) use page::Page;

/// A simulated card, by what it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Card {
    /// Each payment succeeds.
    Accepted,
    /// Each payment fails.
    Declined,
    /// The first payment succeeds, all later ones fail.
    FailsAtRenewal,
}

impl Card {
    const WORDS: [(Self, &'static str); 3] = [
        (Self::Accepted, "accepted"),
        (Self::Declined, "declined"),
        (Self::FailsAtRenewal, "fails_at_renewal"),
    ];

    /// As it is stored and chosen in a form.
    pub(crate) fn word(self) -> &'static str {
        Self::WORDS
            .iter()
            .find(|(card, _)| *card == self)
            .map_or("declined", |(_, word)| word)
    }

    pub(crate) fn read(word: &str) -> Option<Self> {
        Self::WORDS
            .iter()
            .find(|(_, known)| *known == word)
            .map(|(card, _)| *card)
    }
}

/// A customer's books, open for reading and writing until they are committed.
pub(crate) struct Books {
    write: Transaction<'static, Any>,
    pub(crate) customer_id: String,
    pub(crate) account_id: String,
    /// Cents that the next invoice takes from.
    pub(crate) balance: i64,
    pub(crate) card: Option<Card>,
}

impl Store {
    /// The customer of an account: made where there is none.
    pub(crate) async fn billing_customer(&self, account: &str) -> Result<String, StoreError> {
        sqlx::query(
            "INSERT INTO billing_customer (id, account_id, balance, rev) VALUES ($1, $2, 0, 0)
             ON CONFLICT (account_id) DO NOTHING",
        )
        .bind(new_id("cus"))
        .bind(account)
        .execute(&self.pool)
        .await?;
        let row = sqlx::query("SELECT id FROM billing_customer WHERE account_id = $1")
            .bind(account)
            .fetch_one(&self.pool)
            .await?;
        Ok(row.try_get("id")?)
    }

    /// Opens a customer's books; `None` where there is no such customer.
    pub(crate) async fn books(&self, customer: &str) -> Result<Option<Books>, StoreError> {
        let mut write = self.write().await?;
        // The write comes first: whoever else wants these books waits here.
        let row = sqlx::query(
            "UPDATE billing_customer SET rev = rev + 1 WHERE id = $1 RETURNING account_id, balance, card",
        )
        .bind(customer)
        .fetch_optional(&mut *write)
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let card: Option<String> = row.try_get("card")?;
        Ok(Some(Books {
            account_id: row.try_get("account_id")?,
            balance: row.try_get("balance")?,
            card: card.as_deref().and_then(Card::read),
            customer_id: customer.to_owned(),
            write,
        }))
    }
}

impl Books {
    /// Keeps the balance and the card as they are here now, wants the account's subscription compared, and commits.
    pub(crate) async fn commit(mut self, at: jiff::Timestamp) -> Result<(), StoreError> {
        sqlx::query("UPDATE billing_customer SET balance = $2, card = $3 WHERE id = $1")
            .bind(&self.customer_id)
            .bind(self.balance)
            .bind(self.card.map(Card::word))
            .execute(&mut *self.write)
            .await?;
        sqlx::query("UPDATE subscription SET sync_due_at = $2 WHERE account_id = $1")
            .bind(&self.account_id)
            .bind(at.as_millisecond())
            .execute(&mut *self.write)
            .await?;
        self.write.commit().await?;
        Ok(())
    }
}
