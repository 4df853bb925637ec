//! What the platform offers: its plans, and the texts that people accept. Kept as they were last read, so that both can be seen
//! offline; nothing here decides what may be done.

use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

use brasskey_client::views::{Catalogue, Interval, Plan, TermsText};
use brasskey_ledger::Ledger;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::view::{BillingMode, BillingView, PlanView};
use crate::App;
use crate::changed::Changed;
use crate::error::Error;

/// The setting that holds it.
const OFFER: &str = "offer";
/// The language of the window.
const LANGUAGE: &str = "en";

/// A text as it was last read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KnownText {
    /// The newest version.
    pub(crate) newest: TermsText,
    /// The version before it that somebody here accepted.
    pub(crate) before: Option<TermsText>,
}

#[cfg(test)]
impl KnownText {
    /// A text of which there is one version.
    pub(crate) fn only(doc: &str, text: &str) -> Self {
        Self {
            newest: TermsText {
                doc: doc.to_owned(),
                version: "2026-11-01.1".to_owned(),
                lang: LANGUAGE.to_owned(),
                sha256: sha256_hex(text.as_bytes()),
                material: true,
                effective_at: Timestamp::UNIX_EPOCH,
                versions: Vec::new(),
                text: text.to_owned(),
            },
            before: None,
        }
    }
}

/// What was last read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Offer {
    pub(crate) catalogue: Option<Catalogue>,
    pub(crate) texts: Vec<KnownText>,
}

impl Offer {
    /// The newest version of a document.
    pub(crate) fn text(&self, document: &str) -> Option<&KnownText> {
        self.texts.iter().find(|text| text.newest.doc == document)
    }

    /// The plans that can be had at a time, one for each mode.
    pub(crate) fn plans(&self, now: Timestamp) -> Vec<PlanView> {
        let Some(catalogue) = &self.catalogue else {
            return Vec::new();
        };
        let offered = |plan: &&Plan| {
            !plan.retired && plan.until.is_none_or(|until| now < until) && plan.price.is_some()
        };
        let views = catalogue.groups.iter().filter_map(|group| {
            let mode = BillingMode::of(group.mode)?;
            let at = |interval| {
                let mut plans = catalogue.plans.iter();
                plans.find(|plan| {
                    plan.group == group.code && plan.interval == interval && offered(plan)
                })
            };
            let monthly = at(Interval::Month)?;
            let annual = at(Interval::Year);
            let is_tried = catalogue
                .plan(&catalogue.trial.plan)
                .is_some_and(|plan| plan.group == group.code);
            Some(PlanView {
                mode,
                name: monthly.name.clone(),
                monthly: monthly.price.clone()?,
                monthly_code: monthly.code.clone(),
                annual: annual.and_then(|plan| plan.price.clone()),
                annual_code: annual.map(|plan| plan.code.clone()),
                included: monthly.included.clone(),
                trial_days: is_tried.then_some(catalogue.trial.days),
            })
        });
        views.collect()
    }

    /// A plan by its code, also one that nobody can get any more.
    pub(crate) fn plan(&self, code: &str) -> Option<&Plan> {
        self.catalogue.as_ref()?.plan(code)
    }

    /// What people call a plan; its code where it is not known.
    pub(crate) fn plan_name(&self, code: &str) -> String {
        self.plan(code)
            .map_or_else(|| code.to_owned(), |plan| plan.name.clone())
    }

    /// The billing mode that a plan allows.
    pub(crate) fn mode_of(&self, code: &str) -> Option<BillingMode> {
        let catalogue = self.catalogue.as_ref()?;
        BillingMode::of(catalogue.mode_of(catalogue.plan(code)?)?)
    }
}

/// The offer of this run.
pub(crate) struct Offers {
    held: Mutex<Arc<Offer>>,
}

impl Offers {
    /// Reads what is kept. Nobody is asked.
    pub(crate) async fn open(ledger: &Ledger) -> Result<Self, Error> {
        let kept: Offer = ledger.settings().get(OFFER).await?.unwrap_or_default();
        Ok(Self {
            held: Mutex::new(Arc::new(kept)),
        })
    }

    /// What was last read.
    pub(crate) fn now(&self) -> Arc<Offer> {
        self.held
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn replace(&self, offer: Offer) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(offer);
    }
}

impl App {
    /// Asks the platform for plans and texts, and keeps them.
    ///
    /// # Errors
    /// `platform_unreachable`; what was known before stays.
    pub async fn refresh_billing(&self) -> Result<BillingView, Error> {
        self.read_offer().await?;
        self.billing().await
    }

    pub(crate) async fn read_offer(&self) -> Result<(), Error> {
        let platform = self.account.platform().await?;
        let catalogue = platform.plans().await?;
        let known = self.offers.now();
        let accepted = self.accepted().await?;
        let mut texts = Vec::new();
        for document in super::terms::DOCUMENTS {
            let newest = platform.terms(document, LANGUAGE, None).await?;
            // What is accepted is exactly what is shown: a text that is not the one it is said to be is none.
            if newest.doc != document || newest.sha256 != sha256_hex(newest.text.as_bytes()) {
                return Err(Error::PlatformUnreachable);
            }
            let before = known.text(document).and_then(|known| {
                let was_accepted = |text: &TermsText| {
                    accepted.iter().any(|acceptance| {
                        acceptance.document == text.doc && acceptance.version == text.version
                    })
                };
                if known.newest.version != newest.version && was_accepted(&known.newest) {
                    Some(known.newest.clone())
                } else {
                    known.before.clone()
                }
            });
            texts.push(KnownText { newest, before });
        }
        let offer = Offer {
            catalogue: Some(catalogue),
            texts,
        };
        if offer != *known {
            self.ledger.settings().set(OFFER, &offer).await?;
            self.offers.replace(offer);
            self.announce(Changed::Billing);
        }
        Ok(())
    }
}

fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |mut hex, byte| {
            // Writing to a string cannot fail.
            write!(hex, "{byte:02x}").ok();
            hex
        })
}
