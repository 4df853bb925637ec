//! The desktop application without Tauri: its use cases, and the views that are all the web view can see.
//!
//! It knows no window, no HTTP client type and no SQL. A key passes through it only inside a secret type, on the way from
//! entry to the vault and from the vault to a `Credential` for its own origin.

pub mod account;
pub mod ask;
pub mod billing;
pub mod changed;
pub mod chat;
pub mod clock;
pub mod custody;
pub mod error;
pub mod home;
pub mod keys;
pub mod links;
pub mod models;
mod plan;
pub mod prices;
pub mod process;
pub mod projects;
pub mod report;
pub mod sandbox;
pub mod search;
pub mod settings;
pub mod subscription;
pub mod transfer;
pub mod usage;
pub mod wallet;

use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use brasskey_ledger::Ledger;
use brasskey_providers::Wire;
use brasskey_vault::{Cost, Deadlines, PassphraseVault, Vault};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use account::{Accounts, PlatformSettings};
use billing::offer::Offers;
use changed::Changed;
use chat::Turns;
use clock::Clock;
use error::Error;
use keys::KeyNotes;
use keys::pending::Pending;
use plan::PlanModels;
use prices::Prices;
use subscription::Plans;
use transfer::Transfers;

/// Announcements that a slow listener may lag behind before it must read everything again.
const CHANGES_KEPT: usize = 256;

/// The passphrase vault's file, beside the database.
const VAULT_FILE: &str = "keys.vault";

/// How long a quit waits for running answers to be closed; what is left is closed at the next start.
const QUIT: Duration = Duration::from_secs(2);

/// The application. Clones are handles to the same one.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
}

/// What the use cases share. Fields are visible in this crate only.
pub struct Inner {
    pub(crate) ledger: Ledger,
    pub(crate) vault: Vault,
    pub(crate) passphrase: PassphraseVault,
    pub(crate) wire: Wire,
    pub(crate) account: Accounts,
    pub(crate) offers: Offers,
    pub(crate) plans: Plans,
    pub(crate) plan_models: PlanModels,
    pub(crate) prices: Prices,
    pub(crate) clock: Clock,
    pub(crate) changes: broadcast::Sender<Changed>,
    pub(crate) pending: Pending,
    pub(crate) turns: Turns,
    pub(crate) key_notes: KeyNotes,
    pub(crate) transfers: Transfers,
    pub(crate) report: report::Shown,
    pub(crate) jobs: TaskTracker,
    pub(crate) closing: CancellationToken,
}

impl Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.inner
    }
}

impl App {
    /// Opens the database and closes the answers that the last run left open. Neither the credential store nor the platform is
    /// asked.
    ///
    /// # Errors
    /// `storage`: in use by another Brasskey, damaged, from a newer version, or the disk is full.
    pub async fn open(
        database: &Path,
        vault: Vault,
        platform: PlatformSettings,
    ) -> Result<Self, Error> {
        Self::open_by(database, vault, platform, Clock::default()).await
    }

    /// As [`App::open`], by another clock.
    ///
    /// # Errors
    /// As [`App::open`].
    pub async fn open_by(
        database: &Path,
        vault: Vault,
        platform: PlatformSettings,
        clock: Clock,
    ) -> Result<Self, Error> {
        let ledger = Ledger::open(database).await?;
        Self::with(ledger, database, vault, platform, clock).await
    }

    /// Opens it beside the window, if there is one: for a command. What looks left behind may be the window's, and is left alone.
    ///
    /// # Errors
    /// As [`App::open`]; a window of an older version has to be closed first.
    pub async fn open_as_guest(
        database: &Path,
        vault: Vault,
        platform: PlatformSettings,
    ) -> Result<Self, Error> {
        let ledger = Ledger::open_as_guest(database).await?;
        Self::with(ledger, database, vault, platform, Clock::default()).await
    }

    async fn with(
        ledger: Ledger,
        database: &Path,
        vault: Vault,
        platform: PlatformSettings,
        clock: Clock,
    ) -> Result<Self, Error> {
        let passphrase = PassphraseVault::at(
            database.with_file_name(VAULT_FILE),
            Cost::default(),
            Deadlines::default().idle,
        );
        keys::resume_vault(&ledger, &vault, &passphrase).await?;
        let account = Accounts::open(&ledger, platform, clock.clone()).await?;
        let offers = Offers::open(&ledger).await?;
        let plan_models = PlanModels::open(&ledger).await?;
        let prices = Prices::open(&ledger).await?;
        // What a command is just doing looks as if it had been left behind: a later start mends it.
        let is_alone = ledger.is_alone()?;
        let interrupted = if is_alone {
            ledger.turns().interrupt_open(clock.now_ms()).await?
        } else {
            0
        };
        if interrupted > 0 {
            tracing::info!(
                interrupted,
                "answers of the last run were closed as interrupted"
            );
        }
        let wire =
            Wire::new().map_err(|_| Error::InvalidInput("the HTTP client cannot be built"))?;
        let (changes, _) = broadcast::channel(CHANGES_KEPT);
        let intents = if is_alone {
            ledger.key_intents().list().await?
        } else {
            Vec::new()
        };
        let left_behind = intents.into_iter().map(|intent| intent.entry_id).collect();
        Ok(Self {
            inner: Arc::new(Inner {
                ledger,
                vault,
                passphrase,
                wire,
                account,
                offers,
                plans: Plans::default(),
                plan_models,
                prices,
                changes,
                pending: Pending::by(clock.clone()),
                clock,
                turns: Turns::default(),
                key_notes: KeyNotes::new(left_behind),
                transfers: Transfers::default(),
                report: report::Shown::default(),
                jobs: TaskTracker::new(),
                closing: CancellationToken::new(),
            }),
        })
    }

    /// What can wait until the window is shown: repair between database and credential store, model servers on this
    /// computer, deleted conversations past their time.
    pub async fn settle_in(&self) {
        let log = |what: &str, result: Result<(), Error>| {
            if let Err(error) = result {
                tracing::warn!(code = error.code().as_str(), "{what}");
            }
        };
        log("keys could not be adopted", self.adopt().await);
        log("keys could not be reconciled", self.reconcile_keys().await);
        log("keys could not be looked for", self.look_for_keys().await);
        log(
            "model servers could not be recorded",
            self.find_local().await.map(drop),
        );
        log(
            "deleted conversations could not be removed",
            self.purge_deleted().await,
        );
        let app = self.clone();
        self.jobs.spawn(async move { app.keep_licence().await });
        let app = self.clone();
        self.jobs.spawn(async move { app.keep_plans().await });
        let app = self.clone();
        self.jobs.spawn(async move { app.watch_keys().await });
        let app = self.clone();
        self.jobs.spawn(async move {
            if let Err(error) = app.index_what_is_there().await {
                tracing::warn!(
                    code = error.code().as_str(),
                    "messages could not be indexed for the search"
                );
            }
        });
        // Large databases are not looked through at open, which must not wait.
        log(
            "the database is damaged",
            self.ledger.verify().await.map_err(Error::from),
        );
    }

    /// Announcements of what became stale.
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<Changed> {
        self.changes.subscribe()
    }

    /// Stops running answers, keeps what arrived, and closes the database.
    pub async fn quit(&self) {
        // Answers end by their stop and are stored; timers end by `closing`.
        self.turns.stop_all();
        self.closing.cancel();
        self.jobs.close();
        if tokio::time::timeout(QUIT, self.jobs.wait()).await.is_err() {
            tracing::warn!("some work was cut off by quitting; the next start closes it");
        }
        self.vault.close();
        self.ledger.close().await;
    }

    pub(crate) fn announce(&self, changed: Changed) {
        // Nobody listening is no error: tests and the moment before the window.
        self.changes.send(changed).ok();
    }
}
