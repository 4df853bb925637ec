//! What is kept of the account: one row, written in one piece, so that a crash leaves the old or the new and nothing between.
//!
//! It never holds a credential: only in which entry of the credential store the credential is.

use brasskey_ledger::Place;
use brasskey_licence::{KeySet, Licence, Marks, PublicKey};
use brasskey_vault::EntryId;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::view::{ClockView, LicenceState, LicenceView};
use crate::App;
use crate::billing::view::BillingMode;
use crate::clock::new_id;
use crate::error::Error;

/// The setting that holds it.
const ACCOUNT: &str = "account";

/// By how much a clock may be wrong without a word.
const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// Whose this computer is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Holder {
    /// Its own, for the trial.
    Trial,
    /// A person's.
    Person { id: String, email: Option<String> },
}

/// Which of the two entries of the credential store holds the credential. They take turns, so that the one in use is never
/// written over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Slot {
    A,
    B,
}

impl Slot {
    pub(super) fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// Where the credential is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "CredentialRow", into = "CredentialRow")]
pub(crate) struct CredentialAt {
    pub(super) slot: Slot,
    pub(super) place: Place,
}

/// How it is written.
#[derive(Serialize, Deserialize)]
struct CredentialRow {
    slot: Slot,
    /// In memory until Brasskey quits.
    in_memory: bool,
    /// In the passphrase vault; rows from before there was one lack it.
    #[serde(default)]
    in_vault: bool,
}

impl From<CredentialRow> for CredentialAt {
    fn from(row: CredentialRow) -> Self {
        let place = match row {
            CredentialRow {
                in_memory: true, ..
            } => Place::Session,
            CredentialRow { in_vault: true, .. } => Place::Passphrase,
            CredentialRow { .. } => Place::System,
        };
        Self {
            slot: row.slot,
            place,
        }
    }
}

impl From<CredentialAt> for CredentialRow {
    fn from(at: CredentialAt) -> Self {
        Self {
            slot: at.slot,
            in_memory: at.place == Place::Session,
            in_vault: at.place == Place::Passphrase,
        }
    }
}

/// The row.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Kept {
    /// This installation's id at the platform.
    pub(super) device: String,
    #[serde(default)]
    pub(super) holder: Option<Holder>,
    #[serde(default)]
    pub(super) credential: Option<CredentialAt>,
    /// The signed licence and the signed key set that it is verified with.
    #[serde(default)]
    pub(super) licence: Option<String>,
    #[serde(default)]
    pub(super) keyset: Option<String>,
    #[serde(default)]
    pub(super) marks: Option<Marks>,
    /// This computer's clock when the licence came.
    #[serde(default)]
    pub(super) taken_at: Option<Timestamp>,
}

impl Kept {
    pub(super) fn new() -> Self {
        Self {
            device: new_id(),
            holder: None,
            credential: None,
            licence: None,
            keyset: None,
            marks: None,
            taken_at: None,
        }
    }

    /// The entry of the credential store.
    pub(super) fn entry(&self, slot: Slot) -> Result<EntryId, Error> {
        let slot = match slot {
            Slot::A => "a",
            Slot::B => "b",
        };
        EntryId::new(&format!("device-{}-{slot}", self.device))
            .map_err(|_| Error::InvalidInput("the device's id cannot name an entry"))
    }

    /// The account of the person who is signed in.
    pub(super) fn person(&self) -> Option<String> {
        match &self.holder {
            Some(Holder::Person { id, .. }) => Some(id.clone()),
            Some(Holder::Trial) | None => None,
        }
    }

    /// Whose keys are listed and used.
    pub(super) fn profile(&self) -> String {
        match &self.holder {
            Some(Holder::Person { id, .. }) => format!("account-{id}"),
            Some(Holder::Trial) | None => super::NOBODYS.to_owned(),
        }
    }

    /// The licence and the keys as they are verified now.
    pub(super) fn verified(&self, roots: &[PublicKey]) -> (Option<KeySet>, Option<Licence>) {
        let keys = self
            .keyset
            .as_deref()
            .and_then(|signed| KeySet::read(signed, roots).ok());
        let licence = self
            .licence
            .as_deref()
            .zip(keys.as_ref())
            .and_then(|(signed, keys)| Licence::read(signed, keys, &self.device).ok());
        (keys, licence)
    }

    /// The time that the licence is judged by.
    pub(super) fn now(&self, local: Timestamp) -> Timestamp {
        self.marks.map_or(local, |marks| marks.now(local))
    }
}

impl App {
    pub(super) async fn write_account(&self, kept: &Kept) -> Result<(), Error> {
        Ok(self.ledger.settings().set(ACCOUNT, kept).await?)
    }
}

/// Reads the row; a computer that has none gets its id.
pub(super) async fn read(ledger: &brasskey_ledger::Ledger) -> Result<Kept, Error> {
    if let Some(kept) = ledger.settings().get(ACCOUNT).await? {
        return Ok(kept);
    }
    let kept = Kept::new();
    ledger.settings().set(ACCOUNT, &kept).await?;
    Ok(kept)
}

/// A licence as the window sees it at a time.
pub(super) fn licence_view(licence: &Licence, kept: &Kept, local: Timestamp) -> LicenceView {
    use brasskey_licence::State;
    let claims = licence.claims();
    LicenceView {
        state: match licence.state(kept.now(local)) {
            State::Active { .. } => LicenceState::Active,
            State::RenewalDue { until, days_left } => LicenceState::RenewalDue {
                until: until.as_millisecond(),
                days_left,
            },
            State::Limited => LicenceState::Limited,
            State::Revoked => LicenceState::Revoked,
        },
        standing: claims.st.into(),
        plan: claims.plan.clone(),
        modes: claims
            .modes
            .iter()
            .copied()
            .filter_map(BillingMode::of)
            .collect(),
        end: claims.end.map(Timestamp::as_millisecond),
        checked_at: claims.iat.as_millisecond(),
        works_until: claims.exp.as_millisecond(),
        grace_until: claims.grace.as_millisecond(),
        clock: clock_view(licence, kept, local),
    }
}

fn clock_view(licence: &Licence, kept: &Kept, local: Timestamp) -> ClockView {
    // A clock that was set right since then says so itself.
    let is_ahead = kept.taken_at.is_some_and(|taken_at| {
        taken_at.duration_since(licence.claims().iat) > A_DAY && local >= taken_at
    });
    if kept.marks.is_some_and(|marks| marks.is_behind(local)) {
        ClockView::Behind
    } else if is_ahead {
        ClockView::Ahead
    } else {
        ClockView::Right
    }
}
