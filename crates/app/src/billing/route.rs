//! The route of a call: which key or endpoint, and who pays. The one place in the application where the billing mode
//! meets a model call; it never falls back from one payer to another.

use brasskey_providers::Payer;

use super::view::BillingMode;
use crate::App;
use crate::error::Error;
use crate::keys::record::Key;
use crate::models::view::ModelRef;

/// A decided route.
pub(crate) struct Route {
    pub(crate) key: Key,
    pub(crate) payer: Payer,
}

impl App {
    /// Decides who answers and who pays.
    ///
    /// # Errors
    /// `platform_unreachable` in vendor-billed mode for anything but a model on this computer; `terms_due` before the terms are
    /// accepted; `licence_lapsed`, `licence_revoked`, `entitlement_reached`; `not_found` for a removed key; the credential
    /// store's states.
    pub(crate) async fn route(&self, model: &ModelRef) -> Result<Route, Error> {
        let key = self.key(&model.key_id).await?;
        if key.secret.is_some() {
            self.require_own_keys().await?;
            self.account.permit(BillingMode::Byok)?;
        }
        let payer = self.payer(&key).await?;
        Ok(Route { key, payer })
    }

    /// Whether a call that has not gone out yet would still be paid as it was decided: same key, same mode, terms accepted.
    pub(crate) async fn stands(&self, route: &Route) -> bool {
        let permitted = route.key.secret.is_none()
            || (self.require_own_keys().await.is_ok()
                && self.account.permit(BillingMode::Byok).is_ok());
        permitted && self.is_current(&route.key).await
    }

    /// Own keys are saved and pay in the own-keys mode and in no other, and after its terms were accepted.
    ///
    /// # Errors
    /// `platform_unreachable` in vendor-billed mode; `terms_due` before the first choice and before the terms are accepted.
    pub(crate) async fn require_own_keys(&self) -> Result<(), Error> {
        match self.billing_mode().await? {
            Some(BillingMode::Byok) => self.require_terms(BillingMode::Byok).await,
            Some(BillingMode::VendorBilled) => Err(Error::PlatformUnreachable),
            None => Err(Error::TermsDue),
        }
    }
}
