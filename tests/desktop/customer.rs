//! A person with an account: signs in and pays in the browser, and has a computer whose days can pass.

use std::cell::Cell;
use std::ops::{Deref, DerefMut};

use brasskey_client::{Platform, PlatformUrl, views};
use brasskey_tests::clock::{self, MovingClock};
use brasskey_tests::desktop::Find;
use secrecy::SecretString;

use crate::accounts::{Account, COMPATIBLE};
use crate::person::{Person, SERVICE};
use crate::surfer::{self, Surfer};

pub(crate) const ADA: &str = "ada@example.com";

/// A person with a browser.
pub(crate) struct Customer {
    person: Person,
    surfer: Surfer,
    /// How many of the pages that were opened in the browser are dealt with.
    seen: Cell<usize>,
}

impl Deref for Customer {
    type Target = Person;

    fn deref(&self) -> &Person {
        &self.person
    }
}

impl DerefMut for Customer {
    fn deref_mut(&mut self) -> &mut Person {
        &mut self.person
    }
}

impl Customer {
    pub(crate) fn new(person: Person) -> Self {
        Self {
            person,
            surfer: Surfer::new(),
            seen: Cell::new(0),
        }
    }

    /// Somebody who uses a key of their own and has paid for the plan with this card; with a first answer in the first conversation.
    pub(crate) async fn with_own_key(account: Account, card: &str) -> Self {
        let customer = Self::new(Person::arrives_where_people_sign_in().await);
        customer.begins_with(account).await;
        customer.asks("How long does sencha take?").await;
        customer.is_answered(1).await;
        customer.opens_billing().await;
        customer.sees("You are trying it until").await;
        customer.presses("Choose a plan").await;
        customer.presses("Sign in and pay").await;
        customer.signs_in().await;
        customer.pays(card).await;
        customer.sees("BYOK is yours").await;
        customer.presses("Continue").await;
        customer.sees("The next bill.").await;
        customer
    }

    /// Fills in the sign-in that was opened in the browser.
    pub(crate) async fn signs_in(&self) {
        let led_back = self
            .fills_in("Sign in there and come back.", ("email", ADA))
            .await;
        assert!(led_back.contains("go back to Brasskey"), "{led_back}");
    }

    /// Goes through the sign-in that was opened in the browser, which knows the person from before.
    pub(crate) async fn signs_in_again(&self) {
        self.sees("Sign in there and come back.").await;
        let page = self.next_page().await;
        let led_back = self.surfer.visits(&page);
        assert!(led_back.contains("go back to Brasskey"), "{led_back}");
    }

    /// Fills in the payment that was opened in the browser.
    pub(crate) async fn pays(&self, card: &str) {
        let led_back = self
            .fills_in("Pay there and come back.", ("card", card))
            .await;
        assert!(led_back.contains("go back to Brasskey"), "{led_back}");
    }

    /// Fills in the next page that is opened in the browser, of which the window says something meanwhile. What stands on the page
    /// that this leads to.
    pub(crate) async fn fills_in(&self, says: &str, field: (&str, &str)) -> String {
        self.sees(says).await;
        let page = self.next_page().await;
        self.surfer.fills_in(&page, &[field])
    }

    /// The next page that is opened in the browser.
    pub(crate) async fn next_page(&self) -> String {
        let page = self.page(self.seen.get()).await;
        self.seen.set(self.seen.get() + 1);
        page
    }

    /// Sends a form of the page that stands at an address.
    pub(crate) fn sends(&self, address: &str, fields: &[(&str, &str)]) -> String {
        self.surfer.fills_in(address, fields)
    }

    /// Follows a link of a page in the browser.
    pub(crate) fn follows(&self, page: &str, text: &str) -> String {
        self.surfer.visits(&surfer::link(page, text))
    }

    pub(crate) async fn opens_billing(&self) {
        self.clicks(Find::text("Settings")).await;
        self.sees("How model use is billed").await;
    }

    pub(crate) async fn goes_back(&self) {
        self.clicks(Find::text("Back to workspace")).await;
        self.finds(Find::label("Your message")).await;
    }

    /// Adds a model server of this computer, which needs no key: the sandbox.
    pub(crate) async fn adds_a_model_server(&self) {
        self.clicks(Find::text("Manage keys")).await;
        self.presses("Add a key").await;
        self.chooses_provider(COMPATIBLE.provider).await;
        self.enters_address(COMPATIBLE).await;
        self.clicks(Find::role("checkbox", "This server needs no key"))
            .await;
        self.presses("Check server").await;
        self.sees("models found").await;
        self.presses("Save key").await;
        self.no_longer_sees(Find::css(".sheet")).await;
    }

    /// The same computer after as many days, with Brasskey opened again.
    pub(crate) async fn opens_after(&mut self, days: u32) {
        for (name, value) in clock::ahead(days).unwrap() {
            self.desktop.set(&name, value);
        }
        let restarted = self.desktop.restart().await;
        self.done(restarted).await;
        self.sees("Settings").await;
    }

    /// Opens Brasskey again under a clock that can go ahead while it runs.
    pub(crate) async fn opens_with_a_moving_clock(&mut self) -> MovingClock {
        let clock = MovingClock::new().unwrap();
        for (name, value) in clock.variables().unwrap() {
            self.desktop.set(&name, value);
        }
        let restarted = self.desktop.restart().await;
        self.done(restarted).await;
        self.sees("Settings").await;
        clock
    }

    /// Lets as many days pass from the first on for the service, until it says this of the account, and for this computer.
    pub(crate) async fn passes(&mut self, days: u32, standing: views::Standing) {
        self.platform.start_again_ahead(days).unwrap();
        self.stands_as(standing).await;
        self.opens_after(days).await;
    }

    /// This computer's id at the platform and its credential there, as they lie in the keyring.
    fn enrolment(&self) -> (String, SecretString) {
        let entries = self.desktop.secrets(SERVICE).unwrap();
        let entry = entries
            .iter()
            .find(|entry| entry.secret.contains(&self.platform.url()))
            .expect("the credential of this computer");
        let name = entry.attributes["username"]
            .strip_prefix("device-")
            .unwrap();
        let (device, _) = name.rsplit_once('-').unwrap();
        let stored: serde_json::Value = serde_json::from_str(&entry.secret).unwrap();
        let credential = stored["key"].as_str().unwrap();
        (device.to_owned(), SecretString::from(credential))
    }

    /// This computer's id at the platform.
    pub(crate) fn device(&self) -> String {
        self.enrolment().0
    }

    /// What the platform knows of the account, asked as this computer asks it.
    pub(crate) async fn account(&self) -> views::Account {
        let platform = Platform::at(PlatformUrl::parse(&self.platform.url()).unwrap()).unwrap();
        let (_, credential) = self.enrolment();
        platform.as_device(&credential).account().await.unwrap()
    }

    /// Waits until the platform has done what was due, and says this of the account.
    async fn stands_as(&self, standing: views::Standing) {
        self.eventually(&format!("{standing:?}"), async || {
            self.account().await.subscription.standing == standing
        })
        .await;
    }

    /// No message can be sent, for this reason; the draft is where it was, and the key is not used.
    pub(crate) async fn cannot_send(&self, reason: &str, draft: &str) {
        let calls = self.calls().len();
        self.sees(reason).await;
        self.hits("Enter").await;
        let send = self.finds(Find::button("Send")).await;
        let enabled = send.is_enabled().await;
        assert!(!self.done(enabled.map_err(Into::into)).await);
        assert_eq!(self.value(Find::label("Your message")).await, draft);
        assert_eq!(self.calls().len(), calls, "nothing was sent");
    }

    /// What goes on whatever the licence says: conversations are read, keys are kept and listed, a model of this computer answers.
    pub(crate) async fn has_everything_else(&self, account: Account) {
        self.clicks(Find::text("How long does sencha take?")).await;
        self.finds(Find::css("button.ledger")).await;
        self.opens_billing().await;
        self.clicks(Find::text("Manage keys")).await;
        let key = format!("Actions for {} ··{}", account.provider, account.last4());
        self.finds(Find::button(&key)).await;
        self.goes_back().await;
    }

    /// Sends what stands in the field.
    pub(crate) async fn sends_the_draft(&self) {
        self.clicks(Find::label("Your message")).await;
        self.hits("Enter").await;
    }

    /// Has the model of this computer answer what stands in the field, and sees that no key went along.
    pub(crate) async fn is_answered_here(&self, turn: usize) {
        self.chooses_model(COMPATIBLE).await;
        self.sends_the_draft().await;
        self.is_answered(turn).await;
        assert_eq!(self.calls().pop().unwrap().key, None);
    }
}
