//! The first run: choose who bills, accept the terms, add a key, ask, read the receipt.

use brasskey_app::billing::view::BillingMode;
use brasskey_app::chat::view::{CostView, MessageState, PayerView, ReceiptView, UnknownCostReason};
use brasskey_app::keys::view::{CheckView, HealthView, PlaceView};
use brasskey_app::settings::view::Preferences;
use brasskey_tests::{Counts, Script};

use crate::account::{ANTHROPIC, Account, COMPATIBLE, GEMINI, OLLAMA, OPENAI, OPENROUTER};
use crate::prices::{Rates, sum};
use crate::world::World;

/// Every kind of token that OpenAI and Anthropic tell apart.
const COUNTS: Counts = Counts {
    input_uncached: 1_234,
    cache_read: 567,
    cache_write: 89,
    output: 432,
    reasoning: 21,
};

const ANSWER: &str = "Two minutes at 70 °C. 🍵";

/// From the first start to the first receipt with a key, asserting all that is the same for every provider.
async fn first_run(account: Account, counts: Counts) -> ReceiptView {
    let world = World::fresh().await;
    let start = world.app.start_view(Preferences::default()).await.unwrap();
    assert_eq!(start.billing.mode, None, "nobody has chosen yet");
    assert!(
        start
            .billing
            .terms
            .iter()
            .all(|text| text.accepted_at.is_none())
    );
    assert!(start.keys.keys.is_empty() && start.workspace.conversations.is_empty());
    assert!(
        start
            .providers
            .iter()
            .any(|offered| offered.id == account.provider)
    );

    let billing = world.app.choose_billing(BillingMode::Byok).await.unwrap();
    assert_eq!(billing.mode, Some(BillingMode::Byok));
    world.accept_terms().await;
    let terms = world.app.billing().await.unwrap().terms;
    let accepted = terms.iter().filter(|text| text.accepted_at.is_some());
    let accepted: Vec<&str> = accepted.map(|text| &*text.document).collect();
    assert_eq!(accepted, ["terms", "byok"]);
    world.app.begin_trial().await.unwrap();

    let pending = world.submit(account, &format!("  {}\n", account.key()));
    let last4 = account.key()[account.key().len() - 4..].to_owned();
    assert_eq!(pending.last4.as_deref(), Some(&*last4));
    assert!(!pending.has_space);
    let CheckView::Works {
        model_count,
        models,
    } = world.check(account, &pending).await
    else {
        panic!("the key works");
    };
    assert!(model_count > 0 && !models.is_empty());
    let key = world.app.save_key(&pending.id, "").await.unwrap();
    assert_eq!(key.last4.as_deref(), Some(&*last4));
    assert_eq!(
        key.place,
        PlaceView::Session,
        "as it was chosen, and said so"
    );
    assert_eq!(key.health, HealthView::Working { model_count });
    assert!(key.is_default && key.on_this_computer && key.own_address);
    assert_eq!(
        world.app.keys().await.unwrap().keys,
        std::slice::from_ref(&key)
    );

    let groups = world.app.models().await.unwrap();
    let [group] = &groups[..] else {
        panic!("one key, one group of models")
    };
    assert_eq!(group.models.len(), model_count as usize);
    assert_eq!(group.unavailable, None);
    assert!(
        group
            .models
            .iter()
            .any(|listed| listed.model.model == account.model)
    );

    world.sandbox.script(Script {
        usage: Some(counts),
        thinking: Some("How hot, how long?".to_owned()),
        ..Script::answer(ANSWER)
    });
    let mut turn = world.ask(&key, account, "How long does sencha take?").await;
    assert_eq!(turn.view.question.text, "How long does sencha take?");
    assert_eq!(turn.view.answer.state, MessageState::Open);
    let expected_payer = PayerView::UserKey {
        key_id: key.id.clone(),
        label: key.label.clone(),
        last4,
        provider: account.provider,
        provider_name: key.provider_name.clone(),
    };
    assert_eq!(
        turn.view.answer.payer,
        Some(expected_payer.clone()),
        "who pays is known before"
    );

    let answer = turn.ended().await;
    assert_eq!(answer.state, MessageState::Done, "{answer:?}");
    assert_eq!(answer.text, ANSWER);
    assert_eq!(answer.failure, None);
    let receipt = answer.receipt.clone().expect("every call has a receipt");
    assert_eq!(receipt.payer, expected_payer);
    assert_eq!(receipt.model, account.model);
    let tokens = receipt.tokens.expect("the provider counted");
    assert_eq!(tokens.input, counts.input());
    assert_eq!(tokens.input_uncached, counts.input_uncached);
    assert_eq!(tokens.cache_read, counts.cache_read);
    assert_eq!(tokens.cache_write, counts.cache_write);
    assert_eq!(
        (tokens.output, tokens.reasoning),
        (counts.output, counts.reasoning)
    );
    let first = receipt.first_token_ms.expect("the time to the first token");
    assert!(first <= receipt.duration_ms);

    let [call] = &world.calls()[..] else {
        panic!("one question, one call")
    };
    assert_eq!(
        call.key.as_deref(),
        Some(account.key()),
        "the key reached its provider"
    );
    assert_eq!(receipt.request_id, call.request_id);
    assert!(call.finished && !call.cancelled);

    // What the window shows later is what it showed at the end.
    let kept = world.messages(turn.conversation()).await;
    assert_eq!(kept, [turn.view.question.clone(), answer]);
    let summary = world.app.workspace().await.unwrap().conversations;
    assert_eq!(summary[0].title, "How long does sencha take?");

    let totals = world.app.totals(Some(turn.conversation())).await.unwrap();
    let (known, unknown) = match &receipt.cost {
        CostView::Known { amount, .. } => (amount.as_str(), 0),
        CostView::Unknown { .. } => ("0", 1),
        CostView::Free => ("0", 0),
    };
    let conversation = totals.conversation.unwrap();
    assert_eq!(
        (&*conversation.amount, conversation.unknown),
        (known, unknown)
    );
    assert_eq!(
        (&*totals.month.amount, totals.month.unknown),
        (known, unknown)
    );
    let key = &world.app.keys().await.unwrap().keys[0];
    assert_eq!(key.spent_this_month, known);
    assert!(key.last_used_at.is_some());
    receipt
}

fn known(receipt: &ReceiptView) -> (&str, &str) {
    match &receipt.cost {
        CostView::Known { amount, source, .. } => (amount, source),
        other => panic!("the cost is known, not {other:?}"),
    }
}

#[tokio::test]
async fn the_first_answer_from_openai_costs_what_its_list_says() {
    let receipt = first_run(OPENAI, COUNTS).await;
    let (amount, source) = known(&receipt);
    assert_eq!(amount, Rates::listed("openai", OPENAI.model).cost(&COUNTS));
    assert!(source.starts_with("LiteLLM"), "{source}");
}

#[tokio::test]
async fn the_first_answer_from_anthropic_costs_what_its_list_says() {
    let receipt = first_run(ANTHROPIC, COUNTS).await;
    let rates = Rates::listed("anthropic", ANTHROPIC.model);
    assert_eq!(known(&receipt).0, rates.cost(&COUNTS));
}

#[tokio::test]
async fn the_first_answer_from_gemini_costs_what_its_list_says() {
    let counts = Counts {
        cache_write: 0,
        ..COUNTS
    };
    let receipt = first_run(GEMINI, counts).await;
    let rates = Rates::listed("gemini", GEMINI.model);
    assert_eq!(known(&receipt).0, rates.cost(&counts));
}

#[tokio::test]
async fn the_first_answer_from_openrouter_costs_what_openrouter_says() {
    let receipt = first_run(OPENROUTER, COUNTS).await;
    // What the sandbox charges for this model.
    let rates = Rates {
        input: "4".to_owned(),
        cache_read: "0.2".to_owned(),
        cache_write: "5".to_owned(),
        output: "20".to_owned(),
    };
    let (amount, source) = known(&receipt);
    assert_eq!(amount, rates.cost(&COUNTS));
    assert_eq!(source, "provider");
}

#[tokio::test]
async fn an_endpoint_of_the_users_own_has_an_unknown_cost_and_never_zero() {
    let counts = Counts {
        cache_write: 0,
        ..COUNTS
    };
    let receipt = first_run(COMPATIBLE, counts).await;
    let expected = CostView::Unknown {
        reason: UnknownCostReason::NoPrice,
        at_least: None,
    };
    assert_eq!(receipt.cost, expected);
}

#[tokio::test]
async fn a_model_on_this_computer_answers_without_a_key_and_costs_nothing() {
    for account in [COMPATIBLE, OLLAMA] {
        // Neither a mode nor the terms are needed: nobody is billed.
        let world = World::fresh().await;
        let key = world.add_keyless(account).await;
        assert_eq!(key.last4, None);
        assert_eq!(key.place, PlaceView::None);
        let mut turn = world.ask(&key, account, "Hello").await;
        let nobody = PayerView::Nobody {
            key_id: key.id.clone(),
            label: key.label.clone(),
            provider: account.provider,
        };
        assert_eq!(turn.view.answer.payer, Some(nobody.clone()));
        let answer = turn.ended().await;
        assert_eq!(answer.state, MessageState::Done);
        let receipt = answer.receipt.unwrap();
        assert_eq!(receipt.cost, CostView::Free);
        assert_eq!(receipt.payer, nobody);
        assert!(receipt.tokens.is_some());
        assert!(
            world
                .sandbox
                .requests()
                .iter()
                .all(|request| request.key.is_none())
        );
        let month = world.app.totals(None).await.unwrap().month;
        assert_eq!((&*month.amount, month.unknown), ("0", 0));
    }
}

#[tokio::test]
async fn totals_are_the_sum_of_the_receipts() {
    let world = World::with_own_keys().await;
    let openai = world.add_key(OPENAI).await;
    let compatible = world.add_key(COMPATIBLE).await;
    let conversation = world.conversation().await;
    let mut amounts = Vec::new();
    for text in ["One", "Two", "Three"] {
        let mut turn = world.ask_in(&conversation, &openai, OPENAI, text).await;
        let receipt = turn.ended().await.receipt.unwrap();
        amounts.push(known(&receipt).0.to_owned());
    }
    let mut unknown = world
        .ask_in(&conversation, &compatible, COMPATIBLE, "Four")
        .await;
    unknown.ended().await;
    let mut elsewhere = world.ask(&openai, OPENAI, "Five").await;
    let fifth = known(&elsewhere.ended().await.receipt.unwrap())
        .0
        .to_owned();

    let totals = world.app.totals(Some(&conversation)).await.unwrap();
    let amounts: Vec<&str> = amounts.iter().map(String::as_str).collect();
    let in_conversation = sum(&amounts);
    assert_eq!(
        totals.conversation.as_ref().unwrap().amount,
        in_conversation
    );
    assert_eq!(totals.conversation.unwrap().unknown, 1);
    assert_eq!(totals.month.amount, sum(&[&in_conversation, &fifth]));
    assert_eq!(totals.month.unknown, 1);
}

#[tokio::test]
async fn the_first_run_is_over_when_it_was_finished_and_not_before() {
    let world = World::fresh().await;
    assert!(!world.app.billing().await.unwrap().set_up);
    // A choice is kept at once, and the terms may be accepted: the first key may still be on its way.
    world.app.choose_billing(BillingMode::Byok).await.unwrap();
    world.accept_terms().await;
    let world = world.restarted().await;
    let start = world.app.start_view(Preferences::default()).await.unwrap();
    assert_eq!(start.billing.mode, Some(BillingMode::Byok));
    assert!(!start.billing.set_up);
    assert!(world.app.finish_first_run().await.unwrap().set_up);
    let world = world.restarted().await;
    assert!(world.app.billing().await.unwrap().set_up);

    // Also with neither a mode nor the terms: a model of this computer needs none.
    let world = World::fresh().await.restarted().await;
    assert!(!world.app.billing().await.unwrap().set_up);
    world.app.finish_first_run().await.unwrap();
    let world = world.restarted().await;
    assert!(world.app.billing().await.unwrap().set_up);
}
