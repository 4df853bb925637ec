//! Two providers that both speak everything, a user with a key for each account of each, and what may happen between them.

use std::net::SocketAddr;

use brasskey_app::billing::view::BillingMode;
use brasskey_app::chat::view::{MessageState, PayerView, TurnEvent};
use brasskey_app::keys::view::{CheckView, KeyView, NewEndpoint, ProviderId};
use brasskey_tests::sandbox::hostile_page;
use brasskey_tests::{Fault, Sandbox, Script};
use proptest::prelude::*;

use crate::account::{ANTHROPIC, Account, COMPATIBLE, GEMINI, OPENAI, OPENROUTER};
use crate::allowed::Allowed;
use crate::world::{World, model, question};

pub(crate) const ACCOUNTS: [Account; 5] = [OPENAI, ANTHROPIC, GEMINI, OPENROUTER, COMPATIBLE];

/// The ports on which a model server of this computer is looked for.
pub(crate) const LOCAL: [u16; 4] = [11434, 1234, 8080, 8000];

/// Something that a user does, or that a provider does to them.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    /// Asks through the how-manieth key.
    Ask(usize, Event),
    /// Checks a saved key again.
    Recheck(usize, Option<Event>),
    /// Enters a key for one host, then names another.
    ChangeOrigin(usize),
    /// Puts a new key in the place of a saved one.
    Replace(usize),
    /// Enters another provider's key at a provider's own address.
    MistakenProvider,
    /// Enters a key for the provider's own address.
    OwnAddress(usize),
    /// Looks for model servers of this computer.
    FindLocal,
    /// Lets the platform bill, asks, and goes back.
    VendorBilled(usize),
    /// Removes a key, asks through it, and takes that back.
    Remove(usize),
}

/// How a provider answers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Event {
    Answer,
    /// An answer full of links, images and scripts.
    Hostile,
    RedirectToWorld,
    /// To the other provider, which would take the call.
    RedirectToOther,
    RateLimited,
    Overloaded,
    KeyEcho,
    Broken,
    WebPage,
}

pub(crate) fn actions() -> impl Strategy<Value = Vec<Action>> {
    let event = || {
        prop::sample::select(vec![
            Event::Answer,
            Event::Hostile,
            Event::RedirectToWorld,
            Event::RedirectToOther,
            Event::RateLimited,
            Event::Overloaded,
            Event::KeyEcho,
            Event::Broken,
            Event::WebPage,
        ])
    };
    let key = || 0..2 * ACCOUNTS.len();
    let action = prop_oneof![
        6 => (key(), event()).prop_map(|(key, event)| Action::Ask(key, event)),
        3 => (key(), prop::option::of(event())).prop_map(|(key, event)| Action::Recheck(key, event)),
        1 => key().prop_map(Action::ChangeOrigin),
        1 => key().prop_map(Action::Replace),
        1 => Just(Action::MistakenProvider),
        1 => key().prop_map(Action::OwnAddress),
        1 => Just(Action::FindLocal),
        1 => key().prop_map(Action::VendorBilled),
        1 => key().prop_map(Action::Remove),
    ];
    prop::collection::vec(action, 4..12)
}

/// Two providers that both speak everything, with a key for each account of each.
pub(crate) struct Stage {
    pub(crate) world: World,
    other: Sandbox,
    keys: Vec<(KeyView, Account, bool)>,
    pub(crate) allowed: Allowed,
    /// No two keys of all cases are the same.
    case: usize,
    entered: u32,
}

impl Stage {
    pub(crate) async fn set(case: usize) -> Self {
        let world = World::with_own_keys().await;
        let mut allowed = Allowed::default();
        allowed.without_key.insert(world.platform.addr());
        let mut stage = Self {
            world,
            other: Sandbox::start().await.unwrap(),
            keys: Vec::new(),
            allowed,
            case,
            entered: 0,
        };
        for at_other in [false, true] {
            for account in ACCOUNTS {
                let pending = stage.enter(account, at_other);
                let endpoint = stage.endpoint(account, at_other);
                stage
                    .world
                    .app
                    .check_pending(&pending, &endpoint, true)
                    .await
                    .unwrap();
                let key = stage.world.app.save_key(&pending, "").await.unwrap();
                stage.keys.push((key, account, at_other));
            }
        }
        stage
    }

    fn endpoint(&self, account: Account, at_other: bool) -> NewEndpoint {
        let provider = if at_other {
            &self.other
        } else {
            &self.world.sandbox
        };
        NewEndpoint {
            provider: account.provider,
            base_url: Some(provider.base_url(account.wire)),
        }
    }

    /// Enters a key that nobody entered before; returns its handle.
    fn enter(&mut self, account: Account, at_other: bool) -> String {
        self.entered += 1;
        let key = account.key_that(&format!("case{:04}number{:04}", self.case, self.entered));
        let provider = if at_other {
            &self.other
        } else {
            &self.world.sandbox
        };
        self.allowed.keys.insert(key.clone(), provider.addr());
        let endpoint = self.endpoint(account, at_other);
        self.world
            .app
            .submit_key(&key.into(), &endpoint)
            .unwrap()
            .id
    }

    pub(crate) async fn act(&mut self, action: &Action) {
        match action {
            Action::Ask(key, event) => self.ask(*key, Some(*event)).await,
            Action::Recheck(key, event) => {
                let (key, _, at_other) = &self.keys[*key];
                let provider = if *at_other {
                    &self.other
                } else {
                    &self.world.sandbox
                };
                if let Some(fault) = event.and_then(|event| self.fault(event, *at_other)) {
                    provider.script_check(fault);
                }
                self.world.app.recheck_key(&key.id).await.unwrap();
            }
            Action::ChangeOrigin(key) => {
                let (_, account, at_other) = self.keys[*key].clone();
                let pending = self.enter(account, at_other);
                let (here, there) = (
                    self.endpoint(account, at_other),
                    self.endpoint(account, !at_other),
                );
                self.world
                    .app
                    .check_pending(&pending, &here, true)
                    .await
                    .unwrap();
                assert!(
                    self.world
                        .app
                        .check_pending(&pending, &there, true)
                        .await
                        .is_err()
                );
                let other_key = &self.keys[(key + ACCOUNTS.len()) % self.keys.len()].0;
                assert!(
                    self.world
                        .app
                        .replace_key(&other_key.id, &pending)
                        .await
                        .is_err()
                );
            }
            Action::Replace(key) => {
                let (saved, account, at_other) = self.keys[*key].clone();
                let pending = self.enter(account, at_other);
                self.world
                    .app
                    .replace_key(&saved.id, &pending)
                    .await
                    .unwrap();
                self.ask(*key, None).await;
            }
            Action::MistakenProvider => {
                let openai = NewEndpoint {
                    provider: ProviderId::OpenAi,
                    base_url: None,
                };
                let pending = self
                    .world
                    .app
                    .submit_key(&ANTHROPIC.key().into(), &openai)
                    .unwrap();
                let check = self
                    .world
                    .app
                    .check_pending(&pending.id, &openai, false)
                    .await
                    .unwrap();
                assert!(matches!(check, CheckView::WrongProvider { .. }));
            }
            Action::OwnAddress(key) => {
                let (_, account, _) = self.keys[*key].clone();
                let name = match account.provider {
                    ProviderId::OpenAi => "api.openai.com",
                    ProviderId::Anthropic => "api.anthropic.com",
                    ProviderId::Gemini => "generativelanguage.googleapis.com",
                    ProviderId::OpenRouter => "openrouter.ai",
                    _ => return,
                };
                self.allowed.names.insert(name);
                let endpoint = NewEndpoint {
                    provider: account.provider,
                    base_url: None,
                };
                let pending = self
                    .world
                    .app
                    .submit_key(&account.key().into(), &endpoint)
                    .unwrap();
                let check = self
                    .world
                    .app
                    .check_pending(&pending.id, &endpoint, true)
                    .await
                    .unwrap();
                assert!(
                    matches!(check, CheckView::Failed { .. }),
                    "nothing there speaks TLS"
                );
            }
            Action::FindLocal => {
                self.allowed
                    .without_key
                    .extend(LOCAL.map(|port| SocketAddr::from(([127, 0, 0, 1], port))));
                self.world.app.find_local().await.unwrap();
            }
            Action::VendorBilled(key) => {
                self.world
                    .app
                    .choose_billing(BillingMode::VendorBilled)
                    .await
                    .unwrap();
                self.refused(*key).await;
                self.world
                    .app
                    .choose_billing(BillingMode::Byok)
                    .await
                    .unwrap();
            }
            Action::Remove(key) => {
                let id = self.keys[*key].0.id.clone();
                self.world.app.remove_key(&id).await.unwrap();
                self.refused(*key).await;
                self.world.app.restore_key(&id).await.unwrap();
            }
        }
    }

    /// Asks and is refused before anything is sent.
    async fn refused(&self, key: usize) {
        let (key, account, _) = &self.keys[key];
        let conversation = self.world.conversation().await;
        let calls = (
            self.world.sandbox.requests().len(),
            self.other.requests().len(),
        );
        let asked = self
            .world
            .send(question(&conversation, "Hello"), model(key, account.model))
            .await;
        assert!(asked.is_err());
        assert_eq!(
            calls,
            (
                self.world.sandbox.requests().len(),
                self.other.requests().len()
            )
        );
    }

    async fn ask(&self, key: usize, event: Option<Event>) {
        let (key, account, at_other) = &self.keys[key];
        let provider = if *at_other {
            &self.other
        } else {
            &self.world.sandbox
        };
        let fault = event.and_then(|event| self.fault(event, *at_other));
        let answer = if matches!(event, Some(Event::Hostile)) {
            hostile_page()
        } else {
            "Yes."
        };
        provider.script(Script {
            fault,
            ..Script::answer(answer)
        });
        let mut turn = self.world.ask(key, *account, "Hello").await;
        // Tries again at once and as often as it may.
        let answer = loop {
            match turn.next().await {
                TurnEvent::Waiting { .. } => self.world.app.try_now(&turn.view.id),
                TurnEvent::Ended { answer } => break *answer,
                _ => {}
            }
        };
        assert_ne!(answer.state, MessageState::Open);
        if let Some(receipt) = answer.receipt {
            let payer = receipt.payer;
            assert!(matches!(payer, PayerView::UserKey { key_id, .. } if key_id == key.id));
        }
    }

    fn fault(&self, event: Event, at_other: bool) -> Option<Fault> {
        let other = if at_other {
            &self.world.sandbox
        } else {
            &self.other
        };
        Some(match event {
            Event::Answer | Event::Hostile => return None,
            Event::RedirectToWorld => Fault::Redirect {
                status: 307,
                to: "http://collector.example/v1".to_owned(),
            },
            Event::RedirectToOther => Fault::Redirect {
                status: 308,
                to: format!("http://{}/openai/v1/models", other.addr()),
            },
            Event::RateLimited => Fault::Error("rate_limited".into()),
            Event::Overloaded => Fault::Error("overloaded".into()),
            Event::KeyEcho => Fault::KeyEcho,
            Event::Broken => Fault::CutAfter { events: 3 },
            Event::WebPage => Fault::Html200,
        })
    }

    /// The keys that reached each provider were entered for it.
    pub(crate) fn keys_are_at_home(&self) -> usize {
        let mut with_key = 0;
        for provider in [&self.world.sandbox, &self.other] {
            for request in provider.requests() {
                let key = request
                    .key
                    .expect("these providers are never asked without a key");
                assert_eq!(self.allowed.keys.get(&key), Some(&provider.addr()), "{key}");
                with_key += 1;
            }
        }
        with_key
    }
}
