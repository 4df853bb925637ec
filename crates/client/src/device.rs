//! What a device may ask with its credential.
//!
//! Only a renewal changes the credential; everything else may be asked as often as one likes.

use jiff::Timestamp;
use reqwest::Method;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::json;

use brasskey_metering::Money;

use crate::error::Error;
use crate::http::Ask;
use crate::platform::{Issued, Platform};
use crate::views::{
    Account, Checkout, Devices, Invoice, PortalArea, Preview, Subscription, UsageCounted,
    UsageEvent, Wallet, WalletLines, When,
};

/// The platform, asked with a device's credential.
pub struct AsDevice<'a> {
    pub(crate) platform: &'a Platform,
    pub(crate) credential: &'a SecretString,
}

/// A renewed licence with the device's next credential.
#[derive(Debug, Deserialize)]
pub struct Renewed {
    /// What replaces the licence and the credential that were.
    #[serde(flatten)]
    pub issued: Issued,
    /// The service's clock.
    pub server_time: Timestamp,
}

/// A checkout that was begun.
#[derive(Clone, Debug, Deserialize)]
pub struct Begun {
    /// To ask what came of it.
    pub id: String,
    /// For the system's browser.
    pub url: String,
}

/// What of the terms was accepted, as it was shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Acceptance {
    /// Its version.
    pub version: String,
    /// Of the exact bytes that were shown, lower-case hex.
    pub sha256: String,
    /// Its language.
    pub lang: String,
    /// By this computer's clock.
    pub client_time: Timestamp,
    /// Where in the application.
    pub surface: String,
}

impl AsDevice<'_> {
    /// Renews the licence, and the credential with it. The next credential is to be stored before it is used.
    ///
    /// # Errors
    /// [`Error`]; [`DeviceRevoked`](crate::Code::DeviceRevoked) with a signed statement.
    pub async fn renew(&self, app_version: &str) -> Result<Renewed, Error> {
        self.ask(Method::POST, "v1/licence")?
            .body(&json!({"app_version": app_version}))?
            .json()
            .await
    }

    /// The account, its plan, what it grants, and the terms that are to be accepted.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn account(&self) -> Result<Account, Error> {
        self.ask(Method::GET, "v1/account")?.json().await
    }

    /// The devices that have a seat.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn devices(&self) -> Result<Devices, Error> {
        self.ask(Method::GET, "v1/devices")?.json().await
    }

    /// Takes a device's seat back: its own, to sign out, or another one's. `id` comes from [`AsDevice::devices`].
    ///
    /// # Errors
    /// [`Error`].
    pub async fn sign_out(&self, id: &str) -> Result<(), Error> {
        self.ask(Method::DELETE, &format!("v1/devices/{id}"))?
            .done()
            .await
    }

    /// The subscription, with the newest change of plan.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn subscription(&self) -> Result<Subscription, Error> {
        self.ask(Method::GET, "v1/subscription")?.json().await
    }

    /// Lets the plan end with its period.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn cancel(&self) -> Result<Subscription, Error> {
        self.ask(Method::POST, "v1/subscription/cancel")?
            .json()
            .await
    }

    /// Lets a plan that would end go on.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn reactivate(&self) -> Result<Subscription, Error> {
        self.ask(Method::POST, "v1/subscription/reactivate")?
            .json()
            .await
    }

    /// What a change of plan would mean. Without a time, the service's own: a downgrade with the period, all else at once.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn preview(&self, plan: &str, when: Option<When>) -> Result<Preview, Error> {
        self.ask(Method::POST, "v1/plan-changes/preview")?
            .body(&json!({"plan_code": plan, "when": when}))?
            .json()
            .await
    }

    /// Changes the plan exactly as it was shown: `accepted` is [`Preview::preview`]. Under the same name it is done once.
    ///
    /// # Errors
    /// [`Error`]; [`PreviewChanged`](crate::Code::PreviewChanged) when that is not what would happen any more.
    pub async fn change(
        &self,
        plan: &str,
        when: When,
        accepted: &str,
        request: &str,
    ) -> Result<crate::views::PlanChange, Error> {
        let body = json!({"plan_code": plan, "when": when, "accepted_preview": accepted});
        self.ask(Method::POST, "v1/plan-changes")?
            .named(request)
            .body(&body)?
            .json()
            .await
    }

    /// Takes a change back that waits for the end of the period.
    ///
    /// # Errors
    /// [`Error`]; [`NotFound`](crate::Code::NotFound) when none waits.
    pub async fn withdraw_change(&self) -> Result<(), Error> {
        self.ask(Method::DELETE, "v1/plan-changes/current")?
            .done()
            .await
    }

    /// Begins a first payment, which the browser ends. `return_url` is [`Return::url`](crate::Return::url).
    ///
    /// # Errors
    /// [`Error`].
    pub async fn begin_checkout(
        &self,
        plan: &str,
        return_url: &str,
        request: &str,
    ) -> Result<Begun, Error> {
        self.ask(Method::POST, "v1/checkouts")?
            .named(request)
            .body(&json!({"plan_code": plan, "return_url": return_url}))?
            .json()
            .await
    }

    /// What came of a first payment. `id` comes from [`AsDevice::begin_checkout`].
    ///
    /// # Errors
    /// [`Error`].
    pub async fn checkout(&self, id: &str) -> Result<Checkout, Error> {
        self.ask(Method::GET, &format!("v1/checkouts/{id}"))?
            .json()
            .await
    }

    /// A link to one of the billing provider's own pages.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn portal(&self, area: PortalArea, return_url: &str) -> Result<String, Error> {
        #[derive(Deserialize)]
        struct Link {
            url: String,
        }
        let link: Link = self
            .ask(Method::POST, "v1/portal-links")?
            .body(&json!({"area": area, "return_url": return_url}))?
            .json()
            .await?;
        Ok(link.url)
    }

    /// The invoices, newest first; none where they are on the billing provider's pages alone.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn invoices(&self) -> Result<Option<Vec<Invoice>>, Error> {
        #[derive(Deserialize)]
        struct Invoices {
            invoices: Option<Vec<Invoice>>,
        }
        let answer: Invoices = self.ask(Method::GET, "v1/invoices")?.json().await?;
        Ok(answer.invoices)
    }

    /// What is left of vendor-billed use.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn wallet(&self) -> Result<Wallet, Error> {
        self.ask(Method::GET, "v1/wallet")?.json().await
    }

    /// Sets what use beyond the allowance may come to in a month.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn set_overage_cap(&self, cap: Money) -> Result<Wallet, Error> {
        self.ask(Method::PUT, "v1/wallet/cap")?
            .body(&json!({"overage_cap": cap}))?
            .json()
            .await
    }

    /// The lines of the account's ledger, newest first, from where the page before ended.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn wallet_lines(&self, after: Option<&str>) -> Result<WalletLines, Error> {
        self.ask(Method::GET, "v1/wallet/lines")?
            .query(after.map(|after| ("after", after)))
            .json()
            .await
    }

    /// Tells what was used of metered features: at most 500 events, each counted once by its name.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn count_usage(&self, events: &[UsageEvent]) -> Result<UsageCounted, Error> {
        self.ask(Method::POST, "v1/usage")?
            .body(&json!({"events": events}))?
            .json()
            .await
    }

    /// Tells that a text was accepted. Under the same name it is kept once.
    ///
    /// # Errors
    /// [`Error`]; [`TermsChanged`](crate::Code::TermsChanged) when another text is to be accepted.
    pub async fn accept_terms(
        &self,
        doc: &str,
        acceptance: &Acceptance,
        request: &str,
    ) -> Result<(), Error> {
        self.ask(Method::POST, &format!("v1/terms/{doc}/acceptances"))?
            .named(request)
            .body(acceptance)?
            .done()
            .await
    }

    fn ask(&self, method: Method, path: &str) -> Result<Ask<'_>, Error> {
        self.platform.ask(method, path).bearing(self.credential)
    }
}
