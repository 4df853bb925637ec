//! A computer with Brasskey on it, and a person at it, over the real service.

use std::path::Path;
use std::sync::Arc;

use brasskey_app::App;
use brasskey_app::account::view::{AccountView, SignInOutcome, SignInWay};
use brasskey_app::account::{PlatformSettings, PlatformUrl, PublicKey};
use brasskey_app::billing::view::{BillingMode, TermsAcceptance, TermsView};
use brasskey_app::chat::view::{Ask, NewTurn};
use brasskey_app::clock::Clock;
use brasskey_app::error::{Error, ErrorCode};
use brasskey_app::keys::view::{KeyView, NewEndpoint, ProviderId};
use brasskey_app::models::view::ModelRef;
use brasskey_app::subscription::view::PaymentView;
use brasskey_tests::Drawer;
use brasskey_vault::{Deadlines, Vault};
use secrecy::SecretString;
use tempfile::TempDir;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use crate::browser::{Browser, Page};
use crate::instance::Instance;

/// A computer with Brasskey on it, a credential store that outlives Brasskey, and a clock.
pub(crate) struct Computer {
    pub(crate) app: App,
    pub(crate) folder: TempDir,
    pub(crate) drawer: Arc<Drawer>,
    pub(crate) clock: Clock,
    pub(crate) platform: Where,
}

/// Where the platform is, and whose signature makes its key sets good.
#[derive(Clone)]
pub(crate) struct Where {
    pub(crate) address: String,
    pub(crate) root: PublicKey,
}

impl Where {
    pub(crate) fn of(service: &Instance) -> Self {
        Self {
            address: service.address.clone(),
            root: service.root.clone(),
        }
    }

    fn settings(&self) -> PlatformSettings {
        PlatformSettings {
            url: PlatformUrl::parse(&self.address).unwrap(),
            roots: vec![self.root.clone()],
            computer: "Desk".to_owned(),
        }
    }
}

/// A browser goes its own way, as a real one does.
#[expect(
    clippy::disallowed_methods,
    reason = "the test waits for it after the sign-in"
)]
fn visit(address: String, email: String) -> JoinHandle<Page> {
    tokio::spawn(async move {
        let browser = Browser::new();
        browser.sign_in(&address.parse().unwrap(), &email).await
    })
}

/// Brasskey starts, as far as its start waits for.
pub(crate) async fn open(
    folder: &Path,
    drawer: &Arc<Drawer>,
    platform: &Where,
    clock: &Clock,
) -> Result<App, Error> {
    let database = folder.join("brasskey.db");
    let drawer = Arc::clone(drawer);
    let vault = Vault::with_store("brasskey-service-tests", Deadlines::default(), move || {
        Ok(drawer.store())
    });
    App::open_by(&database, vault, platform.settings(), clock.clone()).await
}

impl Computer {
    pub(crate) async fn new(service: &Instance) -> Self {
        Self::at(Where::of(service)).await
    }

    /// Own keys are chosen, and their texts accepted.
    pub(crate) async fn at(platform: Where) -> Self {
        Self::by(Clock::default(), platform).await
    }

    /// As [`Computer::at`], by a clock of its own.
    pub(crate) async fn by(clock: Clock, platform: Where) -> Self {
        let folder = TempDir::new().unwrap();
        let drawer = Drawer::new();
        let app = open(folder.path(), &drawer, &platform, &clock)
            .await
            .unwrap();
        app.choose_billing(BillingMode::Byok).await.unwrap();
        app.refresh_billing().await.unwrap();
        let computer = Self {
            app,
            folder,
            drawer,
            clock,
            platform,
        };
        computer.accept("vendor").await;
        computer
    }

    /// Accepts all texts but one.
    pub(crate) async fn accept(&self, not: &str) {
        let terms = self.app.billing().await.unwrap().terms;
        let shown: Vec<TermsAcceptance> = terms
            .into_iter()
            .filter(|text| text.document != not)
            .map(|text| TermsAcceptance {
                document: text.document,
                version: text.version,
                sha256: text.sha256,
            })
            .collect();
        self.app.accept_terms(&shown, "first_run").await.unwrap();
    }

    /// A text as it is shown.
    pub(crate) async fn text(&self, document: &str) -> TermsView {
        let terms = self.app.billing().await.unwrap().terms;
        let mut texts = terms.into_iter();
        texts.find(|text| text.document == document).unwrap()
    }

    /// Brasskey is quit and started again, as far as its start waits for.
    pub(crate) async fn restarted(self) -> Self {
        let Self {
            app,
            folder,
            drawer,
            clock,
            platform,
        } = self;
        app.quit().await;
        drop(app);
        let app = open(folder.path(), &drawer, &platform, &clock)
            .await
            .unwrap();
        Self {
            app,
            folder,
            drawer,
            clock,
            platform,
        }
    }

    /// A key at an address of this computer where nobody listens: it is saved unchecked.
    pub(crate) async fn add_key(&self, key: &str) -> KeyView {
        let endpoint = NewEndpoint {
            provider: ProviderId::OpenAi,
            base_url: Some("http://127.0.0.1:9/v1".to_owned()),
        };
        let pending = self
            .app
            .submit_key(&SecretString::from(key), &endpoint)
            .unwrap();
        self.app
            .check_pending(&pending.id, &endpoint, false)
            .await
            .unwrap();
        self.app.save_key(&pending.id, "").await.unwrap()
    }

    pub(crate) async fn keys(&self) -> Vec<String> {
        let keys = self.app.keys().await.unwrap().keys;
        keys.into_iter().filter_map(|key| key.last4).collect()
    }

    /// Why a message through a key does not go out; none when it does.
    pub(crate) async fn refusal(&self, key: &KeyView) -> Option<ErrorCode> {
        let turn = NewTurn {
            ask: Ask::First {
                project_id: None,
                text: "Hello".to_owned(),
            },
            model: ModelRef {
                key_id: key.id.clone(),
                model: "gpt-5".to_owned(),
            },
        };
        let sent = self.app.send(turn, Box::new(|_| {})).await;
        sent.err().map(|error| error.code())
    }

    /// Somebody signs in with the browser of this computer.
    pub(crate) async fn sign_in(&self, email: &str) -> Result<SignInOutcome, Error> {
        let email = email.to_owned();
        let visited = Arc::new(Mutex::new(None));
        let page = Arc::clone(&visited);
        let signed_in = self.app.sign_in(SignInWay::Browser, move |address| {
            let (email, page) = (email.clone(), Arc::clone(&page));
            async move {
                *page.lock().await = Some(visit(address, email));
                Ok(())
            }
        });
        let outcome = signed_in.await;
        if let Some(browser) = visited.lock().await.take() {
            let page = browser.await.unwrap();
            assert!(page.text.contains("go back to Brasskey"), "{page:?}");
        }
        outcome
    }

    /// Pays for a plan with a card, in the browser.
    pub(crate) async fn pay(&self, plan: &str, card: &'static str) -> Result<PaymentView, Error> {
        self.app
            .pay_plan(plan, |address| async move {
                paying(address, card);
                Ok(())
            })
            .await
    }

    /// Closes the account; somebody proves in the browser who they are.
    pub(crate) async fn close_account(
        &self,
        email: &str,
        remove_keys: bool,
    ) -> Result<AccountView, Error> {
        let email = email.to_owned();
        let open = move |address| {
            let email = email.clone();
            async move {
                visit(address, email);
                Ok(())
            }
        };
        let way = SignInWay::Browser;
        self.app.close_account(way, remove_keys, open).await
    }

    /// Waits until a mode is in force.
    pub(crate) async fn mode_is(&self, mode: BillingMode) {
        let mut changes = self.app.changes();
        while self.app.billing().await.unwrap().mode != Some(mode) {
            changes.recv().await.unwrap();
        }
    }
}

/// A person fills in the page of the embedded billing.
#[expect(
    clippy::disallowed_methods,
    reason = "a browser goes its own way, as a real one does"
)]
fn paying(address: String, card: &'static str) -> JoinHandle<Page> {
    tokio::spawn(async move {
        let browser = Browser::new();
        let page = browser.open(&address.parse().unwrap()).await;
        browser.submit(&page, &[("card", card)]).await
    })
}
