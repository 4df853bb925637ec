//! A computer without a network: keys can still be entered, a question waits and goes out when the network returns, and
//! nothing is called billed that was never sent.

use std::time::{Duration, Instant};

use brasskey_app::billing::view::BillingMode;
use brasskey_app::chat::view::{CostView, MessageState};
use brasskey_app::error::{Billed, ErrorCode};
use brasskey_app::keys::view::{CheckView, NewEndpoint};

use crate::account::{OLLAMA, OPENAI};
use crate::again;
use crate::network::{Network, ip};
use crate::one_payer::in_own_network;
use crate::world::World;

#[test]
fn without_a_network_keys_are_saved_and_questions_wait() {
    if !again::is_second() {
        return in_own_network("offline::without_a_network_keys_are_saved_and_questions_wait");
    }
    // This computer reaches itself and nothing else.
    ip(&["link", "set", "lo", "up"]);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let world = World::with_own_keys().await;
        let openai = NewEndpoint {
            provider: OPENAI.provider,
            base_url: None,
        };
        let pending = world.app.submit_key(&OPENAI.key().into(), &openai).unwrap();
        let check = world
            .app
            .check_pending(&pending.id, &openai, false)
            .await
            .unwrap();
        let CheckView::Failed { failure, savable } = check else {
            panic!("nobody can have answered: {check:?}");
        };
        assert_eq!(
            (failure.code, savable),
            (ErrorCode::Offline, true),
            "{failure:?}"
        );
        let key = world.app.save_key(&pending.id, "").await.unwrap();
        assert!(!key.own_address);

        let mut turn = world.ask(&key, OPENAI, "Hello").await;
        let failure = turn.offline().await;
        assert_eq!(
            (failure.code, failure.billed),
            (ErrorCode::Offline, Billed::NotSent)
        );
        world.app.stop_turn(&turn.view.id);
        let answer = turn.ended().await;
        assert_eq!(
            (answer.state, answer.receipt),
            (MessageState::Stopped, None)
        );
        let month = world.app.totals(None).await.unwrap().month;
        assert_eq!((&*month.amount, month.unknown), ("0", 0));

        // Another payer meanwhile: the question does not go out by itself, and is not billed.
        let mut turn = world.ask(&key, OPENAI, "Hello").await;
        turn.offline().await;
        world
            .app
            .choose_billing(BillingMode::VendorBilled)
            .await
            .unwrap();
        world.app.try_now(&turn.view.id);
        let answer = turn.ended().await;
        assert_eq!(answer.state, MessageState::Failed);
        assert_eq!(answer.failure.unwrap().billed, Billed::NotSent);
        assert_eq!(answer.receipt, None);
        world.app.choose_billing(BillingMode::Byok).await.unwrap();

        // A model on this computer needs no network.
        let local = world.add_keyless(OLLAMA).await;
        let answer = world.ask(&local, OLLAMA, "Hello").await.ended().await;
        assert_eq!(answer.receipt.unwrap().cost, CostView::Free);
    });
}

#[test]
fn a_question_goes_out_by_itself_when_the_network_returns() {
    if !again::is_second() {
        return in_own_network("offline::a_question_goes_out_by_itself_when_the_network_returns");
    }
    let network = Network::take();
    network.cut();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let world = World::with_own_keys().await;
        let openai = NewEndpoint {
            provider: OPENAI.provider,
            base_url: None,
        };
        let pending = world.app.submit_key(&OPENAI.key().into(), &openai).unwrap();
        let key = world.app.save_key(&pending.id, "").await.unwrap();
        let mut turn = world.ask(&key, OPENAI, "Hello").await;
        turn.offline().await;

        network.mend();
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let seen = network.seen();
            if let Some(address) = seen.names.get("api.openai.com") {
                let provider = (*address, 443).into();
                if seen.receivers().contains(&provider) {
                    break;
                }
            }
            assert!(Instant::now() < deadline, "nothing went out: {seen:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        world.app.stop_turn(&turn.view.id);
        turn.ended().await;
    });
}
