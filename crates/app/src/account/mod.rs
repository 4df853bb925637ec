//! The account and the licence: whose this computer is at the platform, and what it may do.
//!
//! A licence is verified here, offline; only a signed statement lowers what it grants. No path of a message leads to the
//! platform: what is asked here is what was kept.

mod close;
mod credential;
mod kept;
mod renewal;
mod seats;
mod sign_in;
pub mod view;

use std::sync::{Mutex, PoisonError};

use brasskey_client::{About, Platform};
pub use brasskey_client::{PlatformUrl, UrlError};
use brasskey_ledger::Ledger;
pub use brasskey_licence::PublicKey;
use brasskey_licence::{KeySet, Licence, Mode, State};
use secrecy::SecretString;
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use crate::App;
use crate::billing::view::BillingMode;
use crate::changed::Changed;
use crate::clock::Clock;
use crate::error::{Error, ErrorCode};
use kept::{Holder, Kept, licence_view};
pub(crate) use sign_in::page;
use view::{AccountKind, AccountView, SignInProgress};

/// Whose keys are used while nobody is signed in.
pub(crate) const NOBODYS: &str = "local";

/// Which platform, and who may sign its licences. Built into the program; nothing at run time overrides it in a release.
pub struct PlatformSettings {
    /// Where it is.
    pub url: PlatformUrl,
    /// Whose signature makes its key sets good.
    pub roots: Vec<PublicKey>,
    /// This computer's name, as its owner knows it.
    pub computer: String,
}

/// The account of this run.
pub(crate) struct Accounts {
    url: PlatformUrl,
    /// Made with the first question: setting up TLS reads the system's certificates, which no start waits for.
    platform: OnceCell<Platform>,
    roots: Vec<PublicKey>,
    computer: String,
    clock: Clock,
    held: Mutex<Held>,
    /// One renewal, enrolment or sign-out at a time: each replaces the credential.
    exchanging: tokio::sync::Mutex<()>,
    /// One telling of accepted terms at a time.
    pub(crate) telling: tokio::sync::Mutex<()>,
}

struct Held {
    kept: Kept,
    keys: Option<KeySet>,
    licence: Option<Licence>,
    checking: bool,
    check_failed: Option<ErrorCode>,
    sign_in: Option<SigningIn>,
}

/// A sign-in under way.
struct SigningIn {
    stop: CancellationToken,
    progress: Option<SignInProgress>,
    /// The person has proved who they are; a seat is missing.
    proof: Option<SecretString>,
}

impl Accounts {
    /// Reads what is kept. Nobody is asked.
    pub(crate) async fn open(
        ledger: &Ledger,
        settings: PlatformSettings,
        clock: Clock,
    ) -> Result<Self, Error> {
        let kept = kept::read(ledger).await?;
        let (keys, licence) = kept.verified(&settings.roots);
        Ok(Self {
            url: settings.url,
            platform: OnceCell::new(),
            roots: settings.roots,
            computer: settings.computer,
            clock,
            held: Mutex::new(Held {
                kept,
                keys,
                licence,
                checking: false,
                check_failed: None,
                sign_in: None,
            }),
            exchanging: tokio::sync::Mutex::new(()),
            telling: tokio::sync::Mutex::new(()),
        })
    }

    /// Held while the credential is exchanged or moved.
    pub(crate) async fn exchanging(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.exchanging.lock().await
    }

    fn with<T>(&self, act: impl FnOnce(&mut Held) -> T) -> T {
        act(&mut self.held.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The platform, to be asked.
    ///
    /// # Errors
    /// `platform_unreachable` when TLS cannot be set up on this computer.
    pub(crate) async fn platform(&self) -> Result<&Platform, Error> {
        let make = async || {
            let url = self.url.clone();
            tokio::task::spawn_blocking(move || Platform::at(url))
                .await
                .map_err(|_| Error::PlatformUnreachable)?
                .map_err(Error::from)
        };
        self.platform.get_or_try_init(make).await
    }

    /// Its address.
    pub(crate) fn url(&self) -> &PlatformUrl {
        &self.url
    }

    fn kept(&self) -> Kept {
        self.with(|held| held.kept.clone())
    }

    /// Whose keys are listed and used now.
    pub(crate) fn profile(&self) -> String {
        self.with(|held| held.kept.profile())
    }

    /// What the platform knows of this computer.
    fn about(&self) -> About {
        let os = match std::env::consts::OS {
            "macos" => "macos",
            "windows" => "windows",
            _ => "linux",
        };
        About {
            device_id: self.kept().device,
            name: self.computer.clone(),
            os: os.to_owned(),
            app_version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    /// Whether the licence allows a mode now.
    pub(crate) fn allows(&self, mode: BillingMode) -> bool {
        self.with(|held| {
            let now = held.kept.now(self.clock.now());
            held.licence
                .as_ref()
                .is_some_and(|licence| licence.allows(Mode::from(mode), now))
        })
    }

    /// Whether calls of a mode may be made now, as far as the licence says.
    ///
    /// # Errors
    /// `licence_lapsed`, `licence_revoked`, `entitlement_reached` when the plan is of the other mode; `sign_in_needed` without a
    /// licence: nobody has begun the trial here or signed in.
    pub(crate) fn permit(&self, mode: BillingMode) -> Result<(), Error> {
        self.with(|held| {
            let Some(licence) = &held.licence else {
                return Err(Error::Refused(ErrorCode::SignInNeeded));
            };
            let now = held.kept.now(self.clock.now());
            match licence.state(now) {
                State::Revoked => Err(Error::Refused(ErrorCode::LicenceRevoked)),
                State::Limited => Err(Error::Refused(ErrorCode::LicenceLapsed)),
                State::Active { .. } | State::RenewalDue { .. } => {
                    if licence.allows(Mode::from(mode), now) {
                        Ok(())
                    } else {
                        Err(Error::Refused(ErrorCode::EntitlementReached))
                    }
                }
            }
        })
    }
}

impl App {
    /// The account and its licence, as they are kept: nobody is asked.
    #[must_use]
    pub fn account(&self) -> AccountView {
        let local = self.clock.now();
        self.account.with(|held| {
            let (kind, email) = match &held.kept.holder {
                None => (AccountKind::None, None),
                Some(Holder::Trial) => (AccountKind::Trial, None),
                Some(Holder::Person { email, .. }) => (AccountKind::SignedIn, email.clone()),
            };
            AccountView {
                kind,
                email,
                computer: self.account.computer.clone(),
                licence: held
                    .licence
                    .as_ref()
                    .map(|licence| licence_view(licence, &held.kept, local)),
                checking: held.checking,
                check_failed: held.check_failed,
                sign_in: held
                    .sign_in
                    .as_ref()
                    .and_then(|sign_in| sign_in.progress.clone()),
            }
        })
    }

    /// Begins the trial of this computer, without an account.
    ///
    /// # Errors
    /// `trial_used`; `platform_unreachable`; the credential store's states. In all of them nothing has changed.
    pub async fn begin_trial(&self) -> Result<AccountView, Error> {
        let _one = self.account.exchanging().await;
        if self.account.kept().holder.is_some() {
            return Err(Error::Refused(ErrorCode::TrialUsed));
        }
        let about = self.account.about();
        // The device's own id names the request: a trial whose answer was lost is asked for again.
        let name = format!("trial-{}", about.device_id);
        let issued = self
            .account
            .platform()
            .await?
            .begin_trial(&about, &name)
            .await?;
        self.take(issued, Some(Holder::Trial)).await?;
        self.catch_up();
        Ok(self.account())
    }

    pub(crate) fn account_changed(&self) {
        self.announce(Changed::Account);
    }
}
