//! Promise 2 in both billing modes: whatever a person does and whatever fails, in any order, who pays for an answer is the mode that
//! was in force when its question was sent, and no other host sees it.
//!
//! Seen from outside: one provider is the person's own, another stands behind the gateway, and both tell what they were asked.

use std::collections::BTreeMap;

use brasskey_app::App;
use brasskey_app::billing::view::BillingMode;
use brasskey_app::chat::view::{Ask, MessageState, MessageView, NewTurn, PayerView, TurnEvent};
use brasskey_app::error::Billed;
use brasskey_app::keys::view::{NewEndpoint, ProviderId};
use brasskey_app::models::view::ModelRef;
use brasskey_app::subscription::view::SwitchTime;
use brasskey_tests::{Recorded, Sandbox, Wire};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use secrecy::SecretString;
use tokio::sync::mpsc::unbounded_channel;

use crate::cable::Cable;
use crate::computer::Computer;
use crate::hosted::Service;
use crate::identity::Provider;
use crate::payer_steps::{Course, Side, Step, steps};
use crate::program::Program;

const VENDOR: &str = "sk-sandbox-vendor-0123456789abcdefghijklmnop";
const OWN: &str = "sk-proj-sandbox-own-0123456789abcdefghijklmnop";
const MODEL: &str = "gpt-6.1-sol";

/// A question that was sent, or was to be.
#[derive(Debug)]
struct Asked {
    /// The modes that were in force just before and just after: it can change by itself in between.
    modes: [Option<BillingMode>; 2],
    /// None when it did not go out.
    answer: Option<MessageView>,
}

struct Scene {
    own: Sandbox,
    vendor: Sandbox,
    service: Service,
    running: Option<Program>,
    cable: Cable,
    computer: Computer,
    key: String,
    asked: Vec<Asked>,
    conversation: Option<String>,
}

impl Scene {
    async fn set(provider: &Provider) -> Self {
        let (own, vendor) = (
            Sandbox::start().await.unwrap(),
            Sandbox::start().await.unwrap(),
        );
        let service = Service::new(provider).serving(&vendor.addr().to_string(), VENDOR);
        let running = Some(service.start());
        let cable = Cable::to(&service.place()).await;
        let computer = Computer::at(cable.end(&service.place())).await;
        let app = &computer.app;
        computer.sign_in("ada@example.com").await.unwrap();
        computer.accept("none").await;
        computer.pay("byok_monthly", "accepted").await.unwrap();
        let endpoint = NewEndpoint {
            provider: ProviderId::OpenAi,
            base_url: Some(own.base_url(Wire::OpenAi)),
        };
        let pending = app.submit_key(&SecretString::from(OWN), &endpoint).unwrap();
        app.check_pending(&pending.id, &endpoint, false)
            .await
            .unwrap();
        let key = app.save_key(&pending.id, "").await.unwrap().id;
        app.settle_in().await;
        Self {
            own,
            vendor,
            service,
            running,
            cable,
            computer,
            key,
            asked: Vec::new(),
            conversation: None,
        }
    }

    async fn mode(&self) -> Option<BillingMode> {
        self.computer.app.billing().await.unwrap().mode
    }

    fn provider(&self, through: BillingMode) -> &Sandbox {
        match through {
            BillingMode::Byok => &self.own,
            BillingMode::VendorBilled => &self.vendor,
        }
    }

    async fn side(&self, side: Side) -> BillingMode {
        let mode = self.mode().await.unwrap();
        match side {
            Side::InForce => mode,
            Side::Other => other(mode),
        }
    }

    async fn act(mut self, step: Step) -> Self {
        let app = self.computer.app.clone();
        match step {
            Step::Ask(side, course) => {
                self.conversation = None;
                self.ask(side, course, async {}).await;
            }
            Step::AskOn(side) => self.ask(side, Course::Answered, async {}).await,
            Step::SwitchMeanwhile => {
                let switch = switch(&app, SwitchTime::Now);
                self.ask(Side::InForce, Course::Answered, switch).await;
            }
            Step::Switch(time) => switch(&app, time).await,
            Step::SwitchCut(request, moment) => {
                self.cable.pull_at(request, moment);
                switch(&app, SwitchTime::Now).await;
                self.cable.mend();
            }
            // Where there is nothing to withdraw, that is said.
            Step::Withdraw => drop(app.withdraw_plan_change().await),
            Step::Renew => drop(app.check_licence().await),
            Step::Restart => {
                drop(app);
                self.computer = self.computer.restarted().await;
                self.computer.app.settle_in().await;
            }
            Step::Outage(side) => {
                drop(self.running.take());
                self.ask(side, Course::Answered, async {}).await;
                self.running = Some(self.service.start());
            }
            Step::Locked(side) => {
                self.computer.drawer.lock(true);
                self.ask(side, Course::Answered, async {}).await;
                self.computer.drawer.lock(false);
            }
        }
        self
    }

    /// Asks, while something else happens from the first word of the answer on, and waits for the end.
    async fn ask(&mut self, side: Side, course: Course, meanwhile: impl Future<Output = ()>) {
        let through = self.side(side).await;
        let before = self.mode().await;
        if before == Some(through) {
            self.provider(through).script(course.script());
        }
        let app = self.computer.app.clone();
        let text = mark(self.asked.len());
        let ask = match &self.conversation {
            Some(conversation) => Ask::Question {
                conversation_id: conversation.clone(),
                text,
            },
            None => Ask::First {
                project_id: None,
                text,
            },
        };
        let key_id = match through {
            BillingMode::Byok => self.key.clone(),
            BillingMode::VendorBilled => "plan-openai".to_owned(),
        };
        let model = ModelRef {
            key_id,
            model: MODEL.to_owned(),
        };
        let (sender, mut events) = unbounded_channel();
        let sink = Box::new(move |event| drop(sender.send(event)));
        let sent = app.send(NewTurn { ask, model }, sink).await;
        let modes = [before, self.mode().await];
        let Ok(turn) = sent else {
            self.provider(through).forget_scripts();
            self.asked.push(Asked {
                modes,
                answer: None,
            });
            return;
        };
        let mut meanwhile = Some(meanwhile);
        let answer = loop {
            match events.recv().await.unwrap() {
                TurnEvent::Ended { answer } => break *answer,
                TurnEvent::Waiting { .. } => app.try_now(&turn.id),
                TurnEvent::Offline { .. } => app.stop_turn(&turn.id),
                TurnEvent::Delta { .. } => {
                    if let Some(meanwhile) = meanwhile.take() {
                        meanwhile.await;
                    }
                    if matches!(course, Course::Stopped) {
                        app.stop_turn(&turn.id);
                    }
                }
                TurnEvent::Sending | TurnEvent::Unsaved => {}
            }
        };
        self.provider(through).forget_scripts();
        self.conversation = Some(turn.conversation_id);
        self.asked.push(Asked {
            modes,
            answer: Some(answer),
        });
    }

    /// What does not hold of all that was seen.
    async fn violations(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let sides = [
            (BillingMode::Byok, &self.own, OWN),
            (BillingMode::VendorBilled, &self.vendor, VENDOR),
        ];
        let mut calls = BTreeMap::<usize, Vec<BillingMode>>::new();
        for (mode, provider, key) in sides {
            for request in provider.requests() {
                if request.key.as_deref() != Some(key) {
                    wrong.push(format!("{mode:?}: another key: {request:?}"));
                }
                if request.method == "POST" {
                    let question = question(&request);
                    calls.entry(question).or_default().push(mode);
                }
            }
        }
        for (number, asked) in self.asked.iter().enumerate() {
            let calls = calls.remove(&number).unwrap_or_default();
            let mut say = |what: &str| wrong.push(format!("{number}: {what}: {calls:?} {asked:?}"));
            if calls
                .iter()
                .any(|payer| !asked.modes.contains(&Some(*payer)))
            {
                say("a host that the mode does not pay saw it");
            }
            if calls.windows(2).any(|pair| pair[0] != pair[1]) {
                say("two payers");
            }
            let Some(answer) = &asked.answer else {
                if !calls.is_empty() {
                    say("it was refused and went out");
                }
                continue;
            };
            match &answer.receipt {
                Some(receipt) => {
                    let paid = match receipt.payer {
                        PayerView::UserKey { .. } => BillingMode::Byok,
                        PayerView::Plan { .. } => BillingMode::VendorBilled,
                        PayerView::Nobody { .. } => {
                            say("nobody paid");
                            continue;
                        }
                    };
                    if !asked.modes.contains(&Some(paid)) {
                        say("the receipt names another payer");
                    }
                    // What a call through the gateway came to before it reached the provider, nobody here knows.
                    if !calls.contains(&paid) && paid == BillingMode::Byok {
                        say("a receipt without a call");
                    }
                }
                None => {
                    let billed = answer.failure.as_ref().map(|failure| &failure.billed);
                    let is_free = matches!(billed, Some(Billed::No | Billed::NotSent))
                        || (answer.state == MessageState::Stopped && calls.is_empty());
                    if !is_free {
                        say("a call without a receipt");
                    }
                }
            }
        }
        if !calls.is_empty() {
            wrong.push(format!("calls that nobody asked for: {calls:?}"));
        }
        wrong
    }
}

fn other(mode: BillingMode) -> BillingMode {
    match mode {
        BillingMode::Byok => BillingMode::VendorBilled,
        BillingMode::VendorBilled => BillingMode::Byok,
    }
}

/// Changes to the plan of the other mode; where that is refused or its outcome unknown, the person is told.
async fn switch(app: &App, time: SwitchTime) {
    let plan = match app.billing().await.unwrap().mode.unwrap() {
        BillingMode::Byok => "standard_monthly",
        BillingMode::VendorBilled => "byok_monthly",
    };
    if let Ok(shown) = app.preview_plan(plan, Some(time)).await {
        drop(app.change_plan(&shown.preview).await);
    }
}

fn mark(question: usize) -> String {
    format!("question number {question:04}")
}

/// The question that a call is for: the last one in it.
fn question(request: &Recorded) -> usize {
    let body = request.body.to_string();
    let (_, number) = body.rsplit_once("question number ").expect("a question");
    number[..4].parse().unwrap()
}

#[test]
fn whoever_pays_is_the_mode_that_was_in_force_and_nobody_else_sees_the_question() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let provider = Provider::start();
    let config = Config {
        cases: 8,
        failure_persistence: None,
        max_shrink_iters: 24,
        ..Config::default()
    };
    let seen = std::cell::Cell::new([0, 0]);
    TestRunner::new(config)
        .run(&steps(), |steps| {
            runtime.block_on(async {
                let mut scene = Scene::set(&provider).await;
                for step in steps {
                    scene = scene.act(step).await;
                }
                prop_assert_eq!(scene.violations().await, Vec::<String>::new());
                let [own, vendor] = seen.get();
                let posts = |provider: &Sandbox| {
                    let requests = provider.requests().into_iter();
                    requests.filter(|it| it.method == "POST").count()
                };
                seen.set([own + posts(&scene.own), vendor + posts(&scene.vendor)]);
                scene.computer.app.quit().await;
                Ok(())
            })
        })
        .unwrap();
    let [own, vendor] = seen.get();
    assert!(
        own > 0 && vendor > 0,
        "both sides were asked: {own}, {vendor}"
    );
}
