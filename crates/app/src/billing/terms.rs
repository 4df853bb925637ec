//! Which texts a mode needs, who accepted which version here, and telling the platform of it.
//!
//! An acceptance names the exact bytes that were shown. It counts for whoever gave it: an account on this computer, or whoever
//! uses the computer without one, whose acceptances are the first account's that signs in.

use brasskey_client::Acceptance;
use brasskey_ledger as ledger;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::offer::KnownText;
use super::view::{BillingMode, BillingView, TermsAcceptance, TermsView};
use crate::App;
use crate::account::NOBODYS;
use crate::changed::Changed;
use crate::error::Error;

/// What everybody accepts, and what belongs to one of the modes.
const GENERAL: &str = "terms";
const BYOK: &str = "byok";
const VENDOR: &str = "vendor";

/// All of them.
pub(crate) const DOCUMENTS: [&str; 3] = [GENERAL, BYOK, VENDOR];

/// The setting: until when acceptances without an account have passed to one.
const ADOPTED: &str = "terms_adopted";
/// The setting: which acceptances the platform knows of.
const TOLD: &str = "terms_told";

/// An acceptance that the platform knows of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Told {
    profile: String,
    document: String,
    version: String,
}

impl BillingMode {
    /// The documents that have to be accepted before it is used.
    #[must_use]
    pub const fn documents(self) -> [&'static str; 2] {
        match self {
            Self::Byok => [GENERAL, BYOK],
            Self::VendorBilled => [GENERAL, VENDOR],
        }
    }
}

/// When what was accepted of a text that holds now was accepted: the newest version, or an earlier one after which nothing material
/// came into force.
fn accepted_at(
    text: &KnownText,
    accepted: &[ledger::TermsAcceptance],
    now: Timestamp,
) -> Option<i64> {
    let newest = &text.newest;
    let given = || {
        let given = accepted.iter().rev();
        given.filter(|acceptance| acceptance.document == newest.doc)
    };
    let exactly = given().find(|acceptance| {
        acceptance.version == newest.version && acceptance.sha256 == newest.sha256
    });
    if let Some(acceptance) = exactly {
        return Some(acceptance.accepted_at);
    }
    for version in newest.versions.iter().rev() {
        let mut given = given().filter(|_| version.version != newest.version);
        if let Some(acceptance) = given.find(|it| it.version == version.version) {
            return Some(acceptance.accepted_at);
        }
        if version.material && version.effective_at <= now {
            return None;
        }
    }
    None
}

impl App {
    /// What whoever uses this computer now has accepted, in the order of time.
    pub(crate) async fn accepted(&self) -> Result<Vec<ledger::TermsAcceptance>, Error> {
        let profile = self.account.profile();
        let mut accepted = self.ledger.terms().of(&profile).await?;
        if profile == NOBODYS {
            let adopted: i64 = self.ledger.settings().get(ADOPTED).await?.unwrap_or(0);
            accepted.retain(|acceptance| acceptance.accepted_at > adopted);
        }
        Ok(accepted)
    }

    pub(super) async fn terms_views(&self) -> Result<Vec<TermsView>, Error> {
        let accepted = self.accepted().await?;
        let offer = self.offers.now();
        let now = self.clock.now();
        let view = |text: &KnownText| TermsView {
            document: text.newest.doc.clone(),
            version: text.newest.version.clone(),
            sha256: text.newest.sha256.clone(),
            text: text.newest.text.clone(),
            material: text.newest.material,
            accepted_at: accepted_at(text, &accepted, now),
            before: text.before.as_ref().map(|before| before.text.clone()),
        };
        Ok(offer.texts.iter().map(view).collect())
    }

    /// Records that the user accepted exactly the texts that were shown: all of them or none.
    ///
    /// # Errors
    /// `terms_due` when a text that was shown is not the one in force (the window then shows the new one).
    pub async fn accept_terms(
        &self,
        acceptances: &[TermsAcceptance],
        surface: &str,
    ) -> Result<BillingView, Error> {
        let offer = self.offers.now();
        let is_newest = |shown: &TermsAcceptance| {
            offer.text(&shown.document).is_some_and(|text| {
                text.newest.version == shown.version && text.newest.sha256 == shown.sha256
            })
        };
        if !acceptances.iter().all(is_newest) {
            return Err(Error::TermsDue);
        }
        for shown in acceptances {
            self.ledger
                .terms()
                .record(&ledger::TermsAcceptance {
                    profile: self.account.profile(),
                    document: shown.document.clone(),
                    version: shown.version.clone(),
                    sha256: shown.sha256.clone(),
                    accepted_at: self.clock.now_ms(),
                    app_version: env!("CARGO_PKG_VERSION").to_owned(),
                    surface: surface.to_owned(),
                })
                .await?;
        }
        self.announce(Changed::Billing);
        self.catch_up();
        self.billing().await
    }

    /// A mode needs its accepted texts before it is used.
    ///
    /// # Errors
    /// `terms_due`.
    pub(crate) async fn require_terms(&self, mode: BillingMode) -> Result<(), Error> {
        let accepted = self.accepted().await?;
        let (offer, now) = (self.offers.now(), self.clock.now());
        let is_accepted = |document: &&str| {
            offer
                .text(document)
                .is_some_and(|text| accepted_at(text, &accepted, now).is_some())
        };
        if mode.documents().iter().all(is_accepted) {
            Ok(())
        } else {
            Err(Error::TermsDue)
        }
    }

    /// What was accepted without an account is from now on the person's who has signed in.
    ///
    /// # Errors
    /// `storage`.
    pub(crate) async fn adopt_terms(&self) -> Result<(), Error> {
        let profile = self.account.profile();
        let adopted: i64 = self.ledger.settings().get(ADOPTED).await?.unwrap_or(0);
        let theirs = self.ledger.terms().of(&profile).await?;
        let mut last = adopted;
        for acceptance in self.ledger.terms().of(NOBODYS).await? {
            if acceptance.accepted_at <= adopted {
                continue;
            }
            last = last.max(acceptance.accepted_at);
            // A crash in between leaves some that are theirs already.
            let is_theirs = theirs.iter().any(|known| {
                known.document == acceptance.document && known.version == acceptance.version
            });
            if !is_theirs {
                let acceptance = ledger::TermsAcceptance {
                    profile: profile.clone(),
                    ..acceptance
                };
                self.ledger.terms().record(&acceptance).await?;
            }
        }
        if last > adopted {
            self.ledger.settings().set(ADOPTED, &last).await?;
            self.announce(Changed::Billing);
        }
        Ok(())
    }

    /// Tells the platform what was accepted here, as far as it does not know. What it does not hear now, it hears with the next
    /// renewal.
    pub(crate) async fn tell_terms(&self) {
        if let Err(error) = self.tell_terms_now().await {
            tracing::info!(
                code = error.code().as_str(),
                "the platform does not know yet what was accepted"
            );
        }
    }

    async fn tell_terms_now(&self) -> Result<(), Error> {
        let _one = self.account.telling.lock().await;
        let profile = self.account.profile();
        let mut told: Vec<Told> = self.ledger.settings().get(TOLD).await?.unwrap_or_default();
        let offer = self.offers.now();
        let accepted = self.accepted().await?;
        for text in &offer.texts {
            let newest = &text.newest;
            // The first time counts: what was perhaps told already is told again in the same words.
            let given = accepted.iter().find(|acceptance| {
                acceptance.document == newest.doc && acceptance.version == newest.version
            });
            let Some(given) = given else { continue };
            let telling = Told {
                profile: profile.clone(),
                document: given.document.clone(),
                version: given.version.clone(),
            };
            if told.contains(&telling) {
                continue;
            }
            let credential = self.device_credential().await?;
            let device = self.account.platform().await?.as_device(&credential);
            let acceptance = Acceptance {
                version: given.version.clone(),
                sha256: given.sha256.clone(),
                lang: newest.lang.clone(),
                client_time: Timestamp::from_millisecond(given.accepted_at)
                    .map_err(|_| Error::InvalidInput("accepted at no time"))?,
                surface: given.surface.clone(),
            };
            // Under a name that says what it is: told twice, it is kept once.
            let name = format!("terms-{profile}-{}-{}", given.document, given.version);
            device
                .accept_terms(&given.document, &acceptance, &name)
                .await?;
            told.push(telling);
            self.ledger.settings().set(TOLD, &told).await?;
        }
        Ok(())
    }
}
