//! The route of a call: which key, endpoint or plan, and who pays. The one place in the application where the billing mode
//! meets a model call; it never falls back from one payer to another.

use brasskey_providers::{Credential, Endpoint, Payer};

use super::view::BillingMode;
use crate::App;
use crate::error::{Error, ErrorCode};
use crate::keys::record::Key;
use crate::models::StoredModel;
use crate::models::view::ModelRef;
use crate::plan::PlanEndpoint;
use crate::prices::Books;

/// A decided route: who answers, and who pays.
pub(crate) struct Route {
    pub(crate) source: Source,
    pub(crate) payer: Payer,
}

/// Who answers.
pub(crate) enum Source {
    /// A provider or a model server of this computer, by a key or an endpoint of the list.
    Key(Box<Key>),
    /// A provider, through the platform's gateway.
    Plan(PlanEndpoint),
}

impl Route {
    pub(crate) fn endpoint(&self) -> &Endpoint {
        match &self.source {
            Source::Key(key) => &key.endpoint,
            Source::Plan(plan) => &plan.endpoint,
        }
    }

    /// The models that were listed there.
    pub(crate) fn models(&self) -> &[StoredModel] {
        match &self.source {
            Source::Key(key) => &key.models,
            Source::Plan(plan) => &plan.models,
        }
    }

    /// Whether nobody is billed.
    pub(crate) fn is_free(&self) -> bool {
        matches!(self.payer, Payer::Nobody)
    }
}

impl App {
    /// Decides who answers and who pays.
    ///
    /// # Errors
    /// `other_mode` for a model of the mode that is not in force; `terms_due` before the mode's terms are accepted;
    /// `sign_in_needed`, `licence_lapsed`, `licence_revoked`, `entitlement_reached`; `not_found` for a removed key; the credential
    /// store's states.
    pub(crate) async fn route(&self, model: &ModelRef) -> Result<Route, Error> {
        if let Some(plan) = self.plan_endpoint(&model.key_id)? {
            self.require_mode(BillingMode::VendorBilled).await?;
            let secret = self.device_credential().await?;
            let origin = plan.endpoint.base_url.origin().clone();
            return Ok(Route {
                payer: Payer::Plan {
                    credential: Credential::new(secret, origin),
                },
                source: Source::Plan(plan),
            });
        }
        let key = self.key(&model.key_id).await?;
        if key.secret.is_some() {
            self.require_mode(BillingMode::Byok).await?;
        }
        let payer = self.payer(&key).await?;
        Ok(Route {
            source: Source::Key(Box::new(key)),
            payer,
        })
    }

    /// The prices of a call: what was negotiated is for the user's own keys.
    pub(crate) fn books_of(&self, route: &Route) -> Books {
        match route.source {
            Source::Key(_) => self.prices.books(),
            Source::Plan(_) => Books::LISTED,
        }
    }

    /// Whether a call that has not gone out yet would still be paid as it was decided: same key, same mode, terms accepted.
    pub(crate) async fn stands(&self, route: &Route) -> bool {
        let permitted = match &route.payer {
            Payer::UserKey { .. } => self.require_mode(BillingMode::Byok).await.is_ok(),
            Payer::Plan { .. } => self.require_mode(BillingMode::VendorBilled).await.is_ok(),
            Payer::Nobody => true,
        };
        permitted && self.is_in_use(route).await
    }

    /// Whether what a call was to go through is still there: a key that is removed or replaced pays for nothing more.
    pub(crate) async fn is_in_use(&self, route: &Route) -> bool {
        match &route.source {
            Source::Key(key) => self.is_current(key).await,
            Source::Plan(_) => true,
        }
    }

    /// A mode is in force, its terms are accepted, and the licence allows it.
    async fn require_mode(&self, mode: BillingMode) -> Result<(), Error> {
        self.require_chosen(mode).await?;
        self.account.permit(mode)
    }

    /// Own keys are saved in the own-keys mode and in no other, and after its terms were accepted.
    ///
    /// # Errors
    /// `other_mode` in vendor-billed mode; `terms_due` before the first choice and before the terms are accepted.
    pub(crate) async fn require_own_keys(&self) -> Result<(), Error> {
        self.require_chosen(BillingMode::Byok).await
    }

    /// Whether keys may be read: not in vendor-billed mode, in which they are kept and nothing more.
    pub(crate) async fn reads_keys(&self) -> Result<bool, Error> {
        Ok(self.billing_mode().await? != Some(BillingMode::VendorBilled))
    }

    async fn require_chosen(&self, mode: BillingMode) -> Result<(), Error> {
        match self.billing_mode().await? {
            Some(chosen) if chosen == mode => self.require_terms(mode).await,
            Some(_) => Err(Error::Refused(ErrorCode::OtherMode)),
            None => Err(Error::TermsDue),
        }
    }
}
