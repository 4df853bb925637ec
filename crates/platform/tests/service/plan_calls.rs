//! Vendor-billed calls, from the application through the service's gateway to a provider: who is asked with which key, who pays, and
//! what is told when it does not go on.

use std::collections::BTreeSet;

use brasskey_app::account::view::LicenceState;
use brasskey_app::billing::view::BillingMode;
use brasskey_app::changed::Changed;
use brasskey_app::chat::view::{
    Ask, CostView, MessageState, MessageView, NewTurn, PayerView, TurnEvent,
};
use brasskey_app::error::ErrorCode;
use brasskey_app::keys::view::{NewEndpoint, ProviderId};
use brasskey_app::models::view::{ModelGroupView, ModelRef};
use brasskey_metering::Money;
use brasskey_tests::{Counts, Recorded, Sandbox, Script, Wire};
use secrecy::SecretString;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::computer::Computer;
use crate::hosted::Service;
use crate::identity::Provider;
use crate::program::Program;

const ADA: &str = "ada@example.com";
/// What the vendor pays its providers with.
const VENDOR: &str = "sk-sandbox-vendor-0123456789abcdefghijklmnop";
/// What Ada pays a provider with.
const OWN: &str = "sk-proj-sandbox-own-0123456789abcdefghijklmnop";
const ENDPOINTS: [(&str, &str); 3] = [
    ("plan-openai", "gpt-6.1-sol"),
    ("plan-anthropic", "claude-opus-5-5"),
    ("plan-gemini", "gemini-3.6-flash"),
];

/// A person with a vendor-billed plan, the service, and the provider behind it.
struct Scene {
    sandbox: Sandbox,
    service: Service,
    running: Option<Program>,
    computer: Computer,
    _identity: Provider,
}

impl Scene {
    async fn set() -> Self {
        let identity = Provider::start();
        let sandbox = Sandbox::start().await.unwrap();
        let address = sandbox.addr().to_string();
        let service = Service::new(&identity).serving(&address, VENDOR);
        let running = Some(service.start());
        let computer = Computer::at(service.place()).await;
        computer.sign_in(ADA).await.unwrap();
        computer.accept("none").await;
        computer.pay("standard_monthly", "accepted").await.unwrap();
        let scene = Self {
            sandbox,
            service,
            running,
            computer,
            _identity: identity,
        };
        scene.plan_models().await;
        scene
    }

    /// The plan's models, once they were listed.
    async fn plan_models(&self) -> Vec<ModelGroupView> {
        let mut changes = self.computer.app.changes();
        loop {
            let groups = self.computer.app.models().await.unwrap();
            let of_plan = |group: &ModelGroupView| matches!(group.payer, PayerView::Plan { .. });
            let groups: Vec<_> = groups.into_iter().filter(of_plan).collect();
            if !groups.is_empty() {
                return groups;
            }
            changes.recv().await.unwrap();
        }
    }

    /// The model calls that reached the provider.
    fn calls(&self) -> Vec<Recorded> {
        let requests = self.sandbox.requests().into_iter();
        requests
            .filter(|request| request.method == "POST")
            .collect()
    }

    async fn own_key(&self) -> ModelRef {
        let endpoint = NewEndpoint {
            provider: ProviderId::OpenAi,
            base_url: Some(self.sandbox.base_url(Wire::OpenAi)),
        };
        let app = &self.computer.app;
        let pending = app.submit_key(&SecretString::from(OWN), &endpoint).unwrap();
        app.check_pending(&pending.id, &endpoint, false)
            .await
            .unwrap();
        let key = app.save_key(&pending.id, "").await.unwrap();
        model(&key.id, "gpt-6.1-sol")
    }

    async fn begin(&self, model: ModelRef) -> Result<UnboundedReceiver<TurnEvent>, ErrorCode> {
        let (sender, events) = unbounded_channel();
        let turn = NewTurn {
            ask: Ask::First {
                project_id: None,
                text: "Hello".to_owned(),
            },
            model,
        };
        let sink = Box::new(move |event| drop(sender.send(event)));
        let begun = self.computer.app.send(turn, sink).await;
        begun.map(|_| events).map_err(|error| error.code())
    }

    async fn ask(&self, model: ModelRef) -> Result<MessageView, ErrorCode> {
        Ok(ended(&mut self.begin(model).await?).await)
    }

    /// Why a question that was sent got no answer.
    async fn refused(&self, id: &str, name: &str) -> ErrorCode {
        let answer = self.ask(model(id, name)).await.unwrap();
        assert_eq!(answer.state, MessageState::Failed);
        assert_eq!(answer.receipt, None, "what was turned away costs nothing");
        answer.failure.unwrap().code
    }
}

async fn ended(events: &mut UnboundedReceiver<TurnEvent>) -> MessageView {
    loop {
        if let TurnEvent::Ended { answer } = events.recv().await.unwrap() {
            return *answer;
        }
    }
}

fn model(key_id: &str, model: &str) -> ModelRef {
    ModelRef {
        key_id: key_id.to_owned(),
        model: model.to_owned(),
    }
}

fn cost(answer: &MessageView) -> Money {
    match &answer.receipt.as_ref().unwrap().cost {
        CostView::Known { amount, .. } => amount.parse().unwrap(),
        other => panic!("a known cost was expected, not {other:?}"),
    }
}

#[tokio::test]
async fn answers_come_from_all_providers_with_the_vendors_key_and_cost_what_the_wallet_pays() {
    let scene = Scene::set().await;
    let groups = scene.plan_models().await;
    let payers: Vec<_> = groups.iter().map(|group| group.payer.clone()).collect();
    assert_eq!(payers.len(), 3, "{payers:?}");
    assert!(groups.iter().all(|group| group.unavailable.is_none()));
    let mut spent = Money::from_pico(0);
    for (id, name) in ENDPOINTS {
        let answer = scene.ask(model(id, name)).await.unwrap();
        assert_eq!(answer.state, MessageState::Done, "{:?}", answer.failure);
        let receipt = answer.receipt.as_ref().unwrap();
        assert!(
            matches!(receipt.payer, PayerView::Plan { .. }),
            "{receipt:?}"
        );
        spent = spent.checked_add(cost(&answer)).unwrap();
    }
    assert!(spent > Money::from_pico(0));
    let wallet = scene.computer.app.wallet().await.unwrap();
    let allowance: Money = wallet.allowance.parse().unwrap();
    let included: Money = wallet.included.parse().unwrap();
    assert_eq!(
        included.checked_sub(allowance),
        Some(spent),
        "to the last digit"
    );
    assert_eq!(wallet.days.len(), 1);
    assert_eq!(wallet.days[0].amount, spent.to_string());

    let keys: BTreeSet<_> = scene.calls().into_iter().map(|call| call.key).collect();
    assert_eq!(keys, BTreeSet::from([Some(VENDOR.to_owned())]));
}

#[tokio::test]
async fn each_mode_pays_its_own_way_and_nothing_falls_back() {
    let scene = Scene::set().await;
    let app = &scene.computer.app;
    let [(id, name), ..] = ENDPOINTS;
    // Own keys are neither saved nor used while the plan pays.
    app.choose_billing(BillingMode::Byok).await.unwrap();
    let own = scene.own_key().await;
    let other = scene.ask(model(id, name)).await.unwrap_err();
    assert_eq!(other, ErrorCode::OtherMode);
    // The plan is of the other mode, so nothing goes out through a key either.
    let none = scene.ask(own.clone()).await.unwrap_err();
    assert_eq!(none, ErrorCode::EntitlementReached);
    assert!(scene.calls().is_empty());

    app.choose_billing(BillingMode::VendorBilled).await.unwrap();
    assert_eq!(scene.ask(own).await.unwrap_err(), ErrorCode::OtherMode);
    let groups = app.models().await.unwrap();
    let out_of_use = |group: &&ModelGroupView| {
        let why = group.unavailable.as_ref().map(|failure| failure.code);
        why == Some(ErrorCode::OtherMode)
    };
    let out_of_use: Vec<_> = groups.iter().filter(out_of_use).collect();
    assert_eq!(out_of_use.len(), 1, "{groups:?}");
    assert!(matches!(out_of_use[0].payer, PayerView::UserKey { .. }));
    assert!(scene.calls().is_empty());
    assert_eq!(
        scene.ask(model(id, name)).await.unwrap().state,
        MessageState::Done
    );
}

#[tokio::test]
async fn a_running_answer_ends_under_its_own_payer_and_the_next_goes_under_the_new_one() {
    let scene = Scene::set().await;
    let app = &scene.computer.app;
    let [(id, name), ..] = ENDPOINTS;
    scene.sandbox.script(Script {
        tokens_per_second: Some(100),
        ..Script::answer("word ".repeat(200))
    });
    let mut running = scene.begin(model(id, name)).await.unwrap();
    let first = running.recv().await;
    assert!(matches!(first, Some(TurnEvent::Delta { .. })), "{first:?}");
    // Meanwhile the plan is changed, and with it the mode and the device's credential.
    let now = Some(brasskey_app::subscription::view::SwitchTime::Now);
    let shown = app.preview_plan("byok_monthly", now).await.unwrap();
    app.change_plan(&shown.preview).await.unwrap();
    let own = scene.own_key().await;
    let next = scene.ask(own).await.unwrap();
    assert!(matches!(
        next.receipt.unwrap().payer,
        PayerView::UserKey { .. }
    ));
    let answer = ended(&mut running).await;
    assert_eq!(answer.state, MessageState::Done, "{:?}", answer.failure);
    assert!(matches!(
        answer.receipt.unwrap().payer,
        PayerView::Plan { .. }
    ));
    let keys: Vec<_> = scene
        .calls()
        .into_iter()
        .map(|call| call.key.unwrap())
        .collect();
    assert_eq!(keys, [VENDOR, OWN]);
}

#[tokio::test]
async fn what_the_gateway_refuses_is_told_as_what_it_is() {
    let mut scene = Scene::set().await;
    let [(id, name), ..] = ENDPOINTS;
    // One answer costs more than all there is.
    scene.sandbox.script(Script {
        usage: Some(Counts {
            input_uncached: 1_000,
            output: 3_000_000,
            ..Counts::default()
        }),
        ..Script::answer("Long.")
    });
    let answer = scene.ask(model(id, name)).await.unwrap();
    assert_eq!(answer.state, MessageState::Done, "{:?}", answer.failure);
    for (id, name) in ENDPOINTS {
        assert_eq!(
            scene.refused(id, name).await,
            ErrorCode::EntitlementReached,
            "{id}"
        );
    }
    assert_eq!(scene.calls().len(), 1, "nothing reached the provider");

    // The service is gone for a while.
    drop(scene.running.take());
    assert_eq!(
        scene.refused(id, name).await,
        ErrorCode::PlatformUnreachable
    );
    scene.running = Some(scene.service.start());

    // Its seat is taken back from another computer, and its licence does not know of it.
    let other = Computer::at(scene.service.place()).await;
    other.sign_in(ADA).await.unwrap();
    let seats = other.app.seats().await.unwrap().seats;
    let seat = seats.iter().find(|seat| !seat.is_this).unwrap();
    let mut told = other.app.changes();
    other.app.release_seat(&seat.id).await.unwrap();
    assert_eq!(told.recv().await.unwrap(), Changed::Account);
    let mut changes = scene.computer.app.changes();
    assert_eq!(scene.refused(id, name).await, ErrorCode::SignInNeeded);
    // It is asked about at once, and says what the matter is from then on.
    let is_revoked = || {
        let licence = scene.computer.app.account().licence.unwrap();
        licence.state == LicenceState::Revoked
    };
    while !is_revoked() {
        changes.recv().await.unwrap();
    }
    let next = scene.ask(model(id, name)).await;
    assert_eq!(next.unwrap_err(), ErrorCode::LicenceRevoked);
    assert_eq!(scene.calls().len(), 1, "nothing reached the provider");
}
