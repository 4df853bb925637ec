//! A person at the window: sees, presses, types, and goes through the first run.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use brasskey_tests::desktop::{
    Desktop, DesktopError, DesktopOptions, Find, Found, Keyring, Window,
};
use brasskey_tests::{IdentityProvider, KindeDouble, Platform, PlatformOptions, Recorded, Sandbox};
use tokio::time::{Instant, sleep};

use crate::accounts::Account;
use crate::browser::Browser;

/// The service name of a development build's entries in the keyring.
pub(crate) const SERVICE: &str = "app.brasskey.desktop.dev";

/// What the box below the first run says.
pub(crate) const TERMS: &str = "I accept the terms. I am responsible for every charge made on the keys I add, and Brasskey’s fee is \
                     separate from my provider’s bill.";

/// How long something outside the window may take, which the harness does not wait for by itself.
const PATIENCE: Duration = Duration::from_secs(45);

/// The field for a message.
pub(crate) fn message_field() -> Find {
    Find::label("Your message")
}

/// The notes beside answers that open into a receipt.
pub(crate) fn receipts() -> Find {
    Find::css("button.ledger")
}

/// A person, a computer, a provider and the platform.
pub(crate) struct Person {
    pub(crate) desktop: Desktop,
    pub(crate) sandbox: Sandbox,
    pub(crate) platform: Platform,
    /// Who says who somebody is, where people sign in.
    pub(crate) identity: Option<IdentityProvider>,
    /// Who sells the platform's plans, where it does not itself.
    pub(crate) kinde: Option<KindeDouble>,
    pub(crate) browser: Browser,
}

impl Person {
    /// Starts Brasskey for the first time, on a computer with a GNOME Keyring.
    pub(crate) async fn arrives() -> Self {
        Self::arrives_with(Keyring::Unlocked).await
    }

    /// Starts Brasskey for the first time, on a computer with this credential store.
    pub(crate) async fn arrives_with(keyring: Keyring) -> Self {
        Self::arrives_at(keyring, None, None).await
    }

    /// Starts Brasskey for the first time, with a platform where people sign in and that has the sandbox behind its gateway.
    pub(crate) async fn arrives_where_people_sign_in() -> Self {
        let identity = IdentityProvider::start().unwrap();
        Self::arrives_at(Keyring::Unlocked, Some(identity), None).await
    }

    /// As [`Person::arrives_where_people_sign_in`], with plans that are sold by a double of Kinde, which knows who has this address.
    pub(crate) async fn arrives_where_kinde_sells(email: &str) -> Self {
        let identity = IdentityProvider::start().unwrap();
        let kinde = KindeDouble::start().unwrap();
        let user = identity.subject(email).unwrap();
        kinde.knows(&user, email).unwrap();
        Self::arrives_at(Keyring::Unlocked, Some(identity), Some(kinde)).await
    }

    async fn arrives_at(
        keyring: Keyring,
        identity: Option<IdentityProvider>,
        kinde: Option<KindeDouble>,
    ) -> Self {
        let browser = Browser::installed();
        let sandbox = Sandbox::start().await.unwrap();
        let mut options = PlatformOptions {
            issuer: identity
                .as_ref()
                .map(|identity| identity.issuer().to_owned()),
            provider: identity
                .as_ref()
                .map(|_| format!("http://{}", sandbox.addr())),
            ..PlatformOptions::default()
        };
        if let Some(kinde) = &kinde {
            options = options.sold_by(kinde);
        }
        let platform = Platform::start(options).unwrap();
        if let Some(kinde) = &kinde {
            kinde.tells(&platform.url()).unwrap();
        }
        let options = DesktopOptions {
            keyring,
            environment: vec![
                ("PATH".to_owned(), browser.path()),
                ("BRASSKEY_PLATFORM_URL".to_owned(), platform.url()),
                (
                    "BRASSKEY_LICENCE_ROOTS".to_owned(),
                    platform.roots().to_owned(),
                ),
            ],
            screen: (1400, 900),
            ..DesktopOptions::default()
        };
        match Desktop::start(options).await {
            Ok(desktop) => Self {
                desktop,
                sandbox,
                platform,
                identity,
                kinde,
                browser,
            },
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) fn window(&self) -> &Window {
        self.desktop.window().expect("the program is open")
    }

    /// A result of the harness; what went wrong is told with a picture of the window.
    pub(crate) async fn done<T>(&self, result: Result<T, DesktopError>) -> T {
        match result {
            Ok(value) => value,
            Err(error) => {
                self.shot("failed").await;
                self.tells_the_log();
                panic!("{error}");
            }
        }
    }

    /// Waits until `text` is on screen.
    pub(crate) async fn sees(&self, text: &str) {
        self.done(self.window().wait_for_text(text).await).await;
    }

    /// Waits until this is on screen, and looks at it.
    pub(crate) async fn finds(&self, find: Find) -> Found {
        self.done(self.window().find(&find).await).await
    }

    /// Waits until nothing of it is on screen.
    pub(crate) async fn no_longer_sees(&self, find: Find) {
        self.done(self.window().wait_until_gone(&find).await).await;
    }

    /// Everything of it that is on screen now.
    pub(crate) async fn all(&self, find: Find) -> Vec<Found> {
        self.done(self.window().find_all(&find).await).await
    }

    /// Whether `text` is on screen now.
    pub(crate) async fn reads(&self, text: &str) -> bool {
        let page = self.done(self.window().text().await).await;
        page.split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .contains(text)
    }

    pub(crate) async fn clicks(&self, find: Find) {
        self.done(self.window().click(&find).await).await;
    }

    /// Presses the button of that name.
    pub(crate) async fn presses(&self, button: &str) {
        self.clicks(Find::button(button)).await;
    }

    /// Presses a key or a combination.
    pub(crate) async fn hits(&self, combination: &str) {
        self.done(self.window().press(combination).await).await;
    }

    /// Types into the field of that label.
    pub(crate) async fn types(&self, label: &str, text: &str) {
        let field = Find::label(label);
        self.done(self.window().type_into(&field, text).await).await;
    }

    /// What stands in a field.
    pub(crate) async fn value(&self, find: Find) -> String {
        let field = self.finds(find).await;
        let value = self
            .done(field.prop("value").await.map_err(Into::into))
            .await;
        value.unwrap_or_default()
    }

    /// What a script in the page returns, as the inspector would show it.
    pub(crate) async fn inspects(&self, script: &str) -> serde_json::Value {
        self.done(self.window().evaluate(script).await).await
    }

    /// Keeps a picture of the window as `name`.
    pub(crate) async fn shot(&self, name: &str) {
        let thread = std::thread::current();
        let test = thread.name().unwrap_or_default().replace("::", "-");
        let name = if name == "failed" {
            format!("failed-{test}")
        } else {
            name.to_owned()
        };
        match self.window().screenshot().await {
            Ok(picture) => fs::write(shots().join(format!("{name}.png")), picture).unwrap(),
            Err(error) => eprintln!("no picture of {name}: {error}"),
        }
    }

    /// What the program has written into its log.
    fn tells_the_log(&self) {
        for file in self
            .desktop
            .files_containing("brasskey")
            .unwrap_or_default()
        {
            if file.components().any(|part| part.as_os_str() == "logs") {
                let log = fs::read_to_string(&file).unwrap_or_default();
                eprintln!("{}:\n{log}", file.display());
            }
        }
    }

    /// Chooses who provides, in the key form.
    pub(crate) async fn chooses_provider(&self, name: &str) {
        let list = Find::role("combobox", "Provider");
        let chosen = self.finds(list.clone()).await.prop("textContent").await;
        if self.done(chosen.map_err(Into::into)).await.as_deref() != Some(name) {
            self.clicks(list).await;
            self.clicks(Find::role("option", name)).await;
            self.no_longer_sees(Find::role("option", name)).await;
        }
    }

    /// Types the sandbox's address into the base URL field.
    pub(crate) async fn enters_address(&self, account: Account) {
        let other = Find::button("Use another address");
        if !self.all(other.clone()).await.is_empty() {
            self.clicks(other).await;
        }
        let address = self.sandbox.base_url(account.wire);
        self.types("Base URL", &address).await;
    }

    /// Types a key of the account into the key field and has it checked.
    pub(crate) async fn enters_key(&self, account: Account, key: &str) {
        let label = format!("{} API key", account.provider);
        self.types(&label, key).await;
        self.presses("Check key").await;
        assert_eq!(
            self.value(Find::label(&label)).await,
            "",
            "the field is emptied at once"
        );
    }

    pub(crate) async fn ticks_the_terms(&self) {
        self.clicks(Find::role("checkbox", TERMS)).await;
    }

    /// From the first screen to the one where the first question is asked, with the account's key.
    pub(crate) async fn begins_with(&self, account: Account) {
        self.fills_the_first_run(account).await;
        self.presses("Continue, $12 a month").await;
        self.sees("Your key works. Ask it something.").await;
    }

    /// The first run up to its last button.
    pub(crate) async fn fills_the_first_run(&self, account: Account) {
        self.sees("How should model use be billed?").await;
        self.chooses_provider(account.provider).await;
        self.enters_address(account).await;
        self.enters_key(account, account.key()).await;
        self.sees("It is saved when you continue.").await;
        self.ticks_the_terms().await;
    }

    /// Chooses the account's model for what is asked next.
    pub(crate) async fn chooses_model(&self, account: Account) {
        self.clicks(Find::css(".composer__model")).await;
        self.types("Filter models", account.model.id).await;
        // One that waits for its licence or its key cannot be taken yet.
        let able = ".models__list [role='option']:not([aria-disabled='true'])";
        self.finds(Find::css(able)).await;
        self.hits("Enter").await;
        let chosen = format!(
            ".composer__model[aria-label='Model: {}']",
            account.model.name
        );
        self.finds(Find::css(&chosen)).await;
    }

    /// Types a message and sends it.
    pub(crate) async fn asks(&self, text: &str) {
        self.types("Your message", text).await;
        self.hits("Enter").await;
    }

    /// Waits until the answer of the `turn`-th question is complete and its receipt stands in the margin.
    pub(crate) async fn is_answered(&self, turn: usize) {
        // Rows that are far off screen are not drawn, so the last one is asked for its place.
        let last = 2 * turn - 1;
        let receipt = format!(".thread__row--last[data-index='{last}'] button.ledger");
        self.finds(Find::css(&receipt)).await;
        self.finds(Find::button("Send")).await;
    }

    /// The address that was opened in the system's browser as the `at`-th, once it was.
    pub(crate) async fn page(&self, at: usize) -> String {
        self.eventually("a page in the browser", async || {
            self.browser.pages().len() > at
        })
        .await;
        self.browser.pages().swap_remove(at)
    }

    /// Waits until `done`, which is asked again and again.
    pub(crate) async fn eventually(&self, what: &str, mut done: impl AsyncFnMut() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !done().await {
            if Instant::now() >= deadline {
                self.shot("failed").await;
                self.tells_the_log();
                let page = self.window().text().await.unwrap_or_default();
                panic!("waited in vain for {what}; the window shows:\n{page}");
            }
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits until `text` has reached a file, so that nothing is lost when the program ends now.
    pub(crate) async fn is_on_disk(&self, text: &str) {
        self.eventually(&format!("“{text}” on disk"), async || {
            !self.desktop.files_containing(text).unwrap().is_empty()
        })
        .await;
    }

    /// The keys that the keyring holds for Brasskey, as another program reads them.
    pub(crate) fn keyring(&self) -> Vec<StoredKey> {
        let entries = self.desktop.secrets(SERVICE).unwrap();
        entries
            .iter()
            // One without a secret was deleted while it was listed.
            .filter(|entry| !entry.secret.is_empty())
            .map(|entry| {
                let stored: serde_json::Value = serde_json::from_str(&entry.secret).unwrap();
                let part = |name: &str| stored[name].as_str().unwrap().to_owned();
                StoredKey {
                    key: part("key"),
                    origin: part("origin"),
                }
            })
            // The credential of this computer at the platform lies beside them.
            .filter(|stored| stored.origin != self.platform.url())
            .collect()
    }

    /// No file below the home holds the account's key, in the forms in which programs write text.
    pub(crate) fn finds_the_key_in_no_file(&self, account: Account) {
        self.finds_in_no_file(account.mark());
    }

    /// Looks for a secret text in every file of the person's computer.
    pub(crate) fn finds_in_no_file(&self, secret: &str) {
        let wide: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for form in [secret.as_bytes(), secret.to_lowercase().as_bytes(), &wide] {
            let files = self.desktop.files_containing(form).unwrap();
            assert!(files.is_empty(), "what is secret lies in {files:?}");
        }
    }

    /// The model calls that reached the provider, without the checks of keys.
    pub(crate) fn calls(&self) -> Vec<Recorded> {
        let mut calls = self.sandbox.requests();
        calls.retain(|call| call.method == "POST" && !call.path.contains("countTokens"));
        calls
    }
}

/// An entry of the keyring.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct StoredKey {
    pub(crate) key: String,
    pub(crate) origin: String,
}

/// Where pictures go.
fn shots() -> PathBuf {
    let folder = match std::env::var_os("BRASSKEY_SHOTS") {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/shots"),
    };
    let folder = folder.join("desktop");
    fs::create_dir_all(&folder).unwrap();
    folder
}
