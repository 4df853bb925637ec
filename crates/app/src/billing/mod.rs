//! Billing mode, plans and terms. Exactly one mode is in force; nothing here or elsewhere falls back from one to the other.

pub mod route;
pub mod terms;
pub mod view;

use brasskey_ledger as ledger;
use serde::Deserialize;

use crate::App;
use crate::changed::Changed;
use crate::clock::now_ms;
use crate::error::Error;
use terms::BYOK;
use view::{BillingMode, BillingView, PlanView, TermsAcceptance, TermsView};

const MODE: &str = "billing_mode";
const SET_UP: &str = "set_up";

/// The plans as the catalogue file states them, until the platform serves its own.
const PLANS: &str = include_str!("../../data/plans.json");

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PlanEntry {
    mode: BillingMode,
    monthly: String,
    annual: Option<String>,
    included: Option<String>,
    trial_days: u32,
}

fn plans() -> Result<Vec<PlanView>, Error> {
    let entries: Vec<PlanEntry> = serde_json::from_str(PLANS)
        .map_err(|_| Error::InvalidInput("the plan catalogue cannot be read"))?;
    Ok(entries
        .into_iter()
        .map(|entry| PlanView {
            mode: entry.mode,
            monthly: entry.monthly,
            annual: entry.annual,
            included: entry.included,
            trial_days: entry.trial_days,
        })
        .collect())
}

impl App {
    /// Mode, plans and terms.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn billing(&self) -> Result<BillingView, Error> {
        let accepted_at = self
            .ledger
            .terms()
            .latest(BYOK.name)
            .await?
            .filter(|acceptance| {
                acceptance.version == BYOK.version && acceptance.sha256 == BYOK.sha256
            })
            .map(|acceptance| acceptance.accepted_at);
        Ok(BillingView {
            mode: self.billing_mode().await?,
            plans: plans()?,
            terms: TermsView {
                document: BYOK.name.to_owned(),
                version: BYOK.version.to_owned(),
                sha256: BYOK.sha256.clone(),
                text: BYOK.text.to_owned(),
                accepted_at,
            },
            set_up: self.is_set_up().await?,
        })
    }

    async fn is_set_up(&self) -> Result<bool, Error> {
        Ok(self.ledger.settings().get(SET_UP).await?.unwrap_or(false))
    }

    /// The first run is over: from now on Brasskey opens where work goes on.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn finish_first_run(&self) -> Result<BillingView, Error> {
        self.ledger.settings().set(SET_UP, &true).await?;
        self.announce(Changed::Billing);
        self.billing().await
    }

    /// At a start: whoever had accepted the terms before has the first run behind them, also where that was not kept yet.
    pub(crate) async fn recognise_set_up(&self) -> Result<(), Error> {
        let billing = self.billing().await?;
        if !billing.set_up && billing.terms.accepted_at.is_some() {
            self.ledger.settings().set(SET_UP, &true).await?;
        }
        Ok(())
    }

    /// The mode in force; none before the first choice.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn billing_mode(&self) -> Result<Option<BillingMode>, Error> {
        Ok(self.ledger.settings().get(MODE).await?)
    }

    /// Puts a mode in force. A running answer ends under the payer it began with.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn choose_billing(&self, mode: BillingMode) -> Result<BillingView, Error> {
        self.ledger.settings().set(MODE, &mode).await?;
        self.announce(Changed::Billing);
        self.billing().await
    }

    /// Records that the user accepted exactly the text that was shown.
    ///
    /// # Errors
    /// `terms_due` when the text shown is not the one in force (the window then shows the new one).
    pub async fn accept_terms(
        &self,
        acceptance: &TermsAcceptance,
        surface: &str,
    ) -> Result<BillingView, Error> {
        let shown = (
            &*acceptance.document,
            &*acceptance.version,
            &*acceptance.sha256,
        );
        if shown != (BYOK.name, BYOK.version, &*BYOK.sha256) {
            return Err(Error::TermsDue);
        }
        self.ledger
            .terms()
            .record(&ledger::TermsAcceptance {
                document: acceptance.document.clone(),
                version: acceptance.version.clone(),
                sha256: acceptance.sha256.clone(),
                accepted_at: now_ms(),
                app_version: env!("CARGO_PKG_VERSION").to_owned(),
                surface: surface.to_owned(),
            })
            .await?;
        self.announce(Changed::Billing);
        self.billing().await
    }

    /// Own keys need the accepted terms before one is saved or used.
    ///
    /// # Errors
    /// `terms_due`.
    async fn require_terms(&self) -> Result<(), Error> {
        match self.billing().await?.terms.accepted_at {
            Some(_) => Ok(()),
            None => Err(Error::TermsDue),
        }
    }
}
