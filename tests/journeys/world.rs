//! A Brasskey of a test's own: a database in a folder of its own, keys in memory, a provider on this computer.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use brasskey_app::App;
use brasskey_app::account::{PlatformSettings, PlatformUrl, PublicKey};
use brasskey_app::billing::view::{BillingMode, TermsAcceptance};
use brasskey_app::chat::view::{Ask, MessageView, NewTurn};
use brasskey_app::error::Error;
use brasskey_app::keys::view::{CheckView, KeyView, NewEndpoint, PendingView};
use brasskey_app::models::view::ModelRef;
use brasskey_tests::{Drawer, Platform, PlatformOptions, Recorded, Sandbox};
use brasskey_vault::{Deadlines, Vault};
use secrecy::SecretString;
use tempfile::TempDir;

use crate::account::Account;
use crate::turn::{Turn, listen};

/// The name of all entries.
pub(crate) const SERVICE: &str = "brasskey-journeys";

/// Where keys are kept.
pub(crate) enum KeysIn {
    /// In memory only, as a user without a credential store chooses it.
    Session,
    /// In a credential store of the test's own, which outlives Brasskey.
    Store(Arc<Drawer>),
    /// In the credential store of this process's session bus.
    System,
}

impl KeysIn {
    /// A vault of its own over the same place.
    fn vault(&self) -> Vault {
        match self {
            Self::Session => session_vault(),
            Self::Store(drawer) => {
                let drawer = drawer.clone();
                Vault::with_store(SERVICE, Deadlines::default(), move || Ok(drawer.store()))
            }
            Self::System => system_vault(),
        }
    }
}

/// A Brasskey, a provider and the platform.
pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) sandbox: Sandbox,
    pub(crate) platform: Platform,
    folder: TempDir,
    keys: KeysIn,
}

impl World {
    /// Just installed: nothing chosen, nothing accepted. There is no credential store, keys stay in memory.
    pub(crate) async fn fresh() -> Self {
        Self::over(KeysIn::Session).await
    }

    /// Own keys are chosen, the terms accepted, the first run is over.
    pub(crate) async fn with_own_keys() -> Self {
        Self::fresh().await.ready().await
    }

    /// As [`World::with_own_keys`], with a credential store that outlives Brasskey.
    pub(crate) async fn with_store() -> Self {
        Self::over(KeysIn::Store(Drawer::new())).await.ready().await
    }

    /// As [`World::with_own_keys`], with the credential store of this process's session bus.
    pub(crate) async fn with_system_store() -> Self {
        Self::over(KeysIn::System).await.ready().await
    }

    async fn over(keys: KeysIn) -> Self {
        let folder = TempDir::new().unwrap();
        let platform = Platform::start(PlatformOptions::default()).unwrap();
        let database = folder.path().join("brasskey.db");
        let app = open_at(&database, keys.vault(), &platform).await;
        app.refresh_billing().await.unwrap();
        Self {
            app,
            sandbox: Sandbox::start().await.unwrap(),
            platform,
            folder,
            keys,
        }
    }

    async fn ready(self) -> Self {
        self.app.choose_billing(BillingMode::Byok).await.unwrap();
        self.accept_terms().await;
        self.app.begin_trial().await.unwrap();
        self.app.finish_first_run().await.unwrap();
        self
    }

    pub(crate) async fn accept_terms(&self) {
        accept_terms(&self.app).await;
    }

    /// The folder that holds everything this Brasskey writes.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Quits, lets `meanwhile` happen to the database, and starts again.
    pub(crate) async fn restarted_after<F: Future<Output = ()>>(
        self,
        meanwhile: impl FnOnce(PathBuf) -> F,
    ) -> Self {
        self.app.quit().await;
        let Self {
            app,
            sandbox,
            platform,
            folder,
            keys,
        } = self;
        drop(app);
        let database = folder.path().join("brasskey.db");
        meanwhile(database.clone()).await;
        let app = open_at(&database, keys.vault(), &platform).await;
        app.settle_in().await;
        Self {
            app,
            sandbox,
            platform,
            folder,
            keys,
        }
    }

    /// Quits and starts again on the same data. Keys of a session do not outlive it.
    pub(crate) async fn restarted(self) -> Self {
        self.restarted_after(|_| async {}).await
    }

    /// The credential store of a world that has one of its own.
    pub(crate) fn drawer(&self) -> &Drawer {
        match &self.keys {
            KeysIn::Store(drawer) => drawer,
            KeysIn::Session | KeysIn::System => panic!("this world has no store of its own"),
        }
    }

    /// A second way to the credential store, for looking what is in it.
    pub(crate) fn store(&self) -> Vault {
        self.keys.vault()
    }

    /// The account's provider, at the sandbox's address.
    pub(crate) fn endpoint(&self, account: Account) -> NewEndpoint {
        NewEndpoint {
            provider: account.provider,
            base_url: Some(self.sandbox.base_url(account.wire)),
        }
    }

    /// Enters a key for the account's provider.
    pub(crate) fn submit(&self, account: Account, key: &str) -> PendingView {
        self.app
            .submit_key(&SecretString::from(key), &self.endpoint(account))
            .unwrap()
    }

    pub(crate) async fn check(&self, account: Account, pending: &PendingView) -> CheckView {
        self.app
            .check_pending(&pending.id, &self.endpoint(account), false)
            .await
            .unwrap()
    }

    /// Enters, checks and saves the account's key.
    pub(crate) async fn add_key(&self, account: Account) -> KeyView {
        self.add_key_with(account, account.key(), "").await
    }

    pub(crate) async fn add_key_with(&self, account: Account, key: &str, label: &str) -> KeyView {
        let pending = self.submit(account, key);
        let check = self.check(account, &pending).await;
        assert!(matches!(check, CheckView::Works { .. }), "{check:?}");
        self.app.save_key(&pending.id, label).await.unwrap()
    }

    /// Enters, checks and saves an endpoint without a key.
    pub(crate) async fn add_keyless(&self, account: Account) -> KeyView {
        let pending = self.app.submit_keyless(&self.endpoint(account)).unwrap();
        let check = self.check(account, &pending).await;
        assert!(matches!(check, CheckView::Works { .. }), "{check:?}");
        self.app.save_key(&pending.id, "").await.unwrap()
    }

    pub(crate) async fn conversation(&self) -> String {
        self.app.create_conversation(None).await.unwrap().id
    }

    /// Asks in a conversation of its own.
    pub(crate) async fn ask(&self, key: &KeyView, account: Account, text: &str) -> Turn {
        let conversation = self.conversation().await;
        self.ask_in(&conversation, key, account, text).await
    }

    pub(crate) async fn ask_in(
        &self,
        conversation: &str,
        key: &KeyView,
        account: Account,
        text: &str,
    ) -> Turn {
        self.send(question(conversation, text), model(key, account.model))
            .await
            .unwrap()
    }

    pub(crate) async fn send(&self, ask: Ask, model: ModelRef) -> Result<Turn, Error> {
        let (sink, events) = listen();
        let view = self.app.send(NewTurn { ask, model }, sink).await?;
        Ok(Turn {
            view,
            events,
            text: String::new(),
            thinking: String::new(),
        })
    }

    pub(crate) async fn messages(&self, conversation: &str) -> Vec<MessageView> {
        self.app
            .open_conversation(conversation)
            .await
            .unwrap()
            .messages
    }

    /// The model calls that reached the provider, without the checks of keys.
    pub(crate) fn calls(&self) -> Vec<Recorded> {
        let is_call =
            |request: &Recorded| request.method == "POST" && !request.path.contains("countTokens");
        self.sandbox
            .requests()
            .into_iter()
            .filter(is_call)
            .collect()
    }
}

/// Accepts the texts of own keys that are in force.
pub(crate) async fn accept_terms(app: &App) {
    app.accept_terms(&shown(app).await, "first_run")
        .await
        .unwrap();
}

/// The texts of own keys, as they are shown.
pub(crate) async fn shown(app: &App) -> Vec<TermsAcceptance> {
    let terms = app.billing().await.unwrap().terms;
    let of_own_keys = terms.into_iter().filter(|text| text.document != "vendor");
    of_own_keys
        .map(|text| TermsAcceptance {
            document: text.document,
            version: text.version,
            sha256: text.sha256,
        })
        .collect()
}

async fn open_at(database: &Path, vault: Vault, platform: &Platform) -> App {
    let platform = settings(&platform.url(), platform.roots());
    App::open(database, vault, platform).await.unwrap()
}

/// The platform at an address, with the key that its key sets are signed with.
pub(crate) fn settings(url: &str, roots: &str) -> PlatformSettings {
    PlatformSettings {
        url: PlatformUrl::parse(url).unwrap(),
        roots: vec![PublicKey::read(roots).unwrap()],
        computer: "Desk".to_owned(),
    }
}

/// A platform that does not answer, for whoever only looks at what was kept.
pub(crate) fn no_platform() -> PlatformSettings {
    PlatformSettings {
        url: PlatformUrl::parse("http://127.0.0.1:9").unwrap(),
        roots: Vec::new(),
        computer: "Desk".to_owned(),
    }
}

/// The credential store of this process's session bus.
pub(crate) fn system_vault() -> Vault {
    Vault::system(SERVICE)
}

/// Keys in memory only, as a user without a credential store chooses it.
pub(crate) fn session_vault() -> Vault {
    let vault = system_vault();
    vault.use_session();
    vault
}

pub(crate) fn question(conversation: &str, text: &str) -> Ask {
    Ask::Question {
        conversation_id: conversation.to_owned(),
        text: text.to_owned(),
    }
}

pub(crate) fn model(key: &KeyView, model: &str) -> ModelRef {
    ModelRef {
        key_id: key.id.clone(),
        model: model.to_owned(),
    }
}

/// Now, in milliseconds since 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "what the product says of time is compared with the real one"
)]
pub(crate) fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}
