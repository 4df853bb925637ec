//! Promise 2, one payer: whatever is done in whatever order, no connection and no key reaches any host but the key's own.
//!
//! Seen from outside: the tests run in a network of their own, in which every address of the world answers.

use std::cell::{Cell, RefCell};
use std::io::Write;
use std::net::{SocketAddr, TcpStream};

use brasskey_app::billing::view::BillingMode;
use brasskey_app::chat::view::{CostView, MessageState};
use brasskey_app::keys::view::ProviderId;
use brasskey_tests::Sandbox;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::account::OLLAMA;
use crate::again;
use crate::allowed::Allowed;
use crate::network::{Network, OWN_NETWORK};
use crate::stage::{ACCOUNTS, LOCAL, Stage, actions};
use crate::world::World;

/// Runs a test again in a network of its own.
pub(crate) fn in_own_network(test: &str) {
    let output = again::command(&OWN_NETWORK, test)
        .output()
        .expect("util-linux has `unshare`");
    let said = [&output.stdout[..], &output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(
        !said.contains("unshare failed"),
        "a network namespace is needed and not permitted here: run as root, or with CAP_SYS_ADMIN and CAP_NET_RAW\n{said}"
    );
    assert!(output.status.success(), "{said}");
}

#[test]
fn no_connection_and_no_key_reaches_any_host_but_the_keys_own() {
    if !again::is_second() {
        return in_own_network(
            "one_payer::no_connection_and_no_key_reaches_any_host_but_the_keys_own",
        );
    }
    let network = Network::take();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let config = Config {
        cases: 16,
        failure_persistence: None,
        max_shrink_iters: 64,
        ..Config::default()
    };
    // What was seen in earlier cases was allowed in them, and is in later ones.
    let before = RefCell::new(Allowed::default());
    let cases = Cell::new(0);
    TestRunner::new(config)
        .run(&actions(), |actions| {
            let mut stage = runtime.block_on(Stage::set(cases.get()));
            cases.set(cases.get() + 1);
            for action in &actions {
                runtime.block_on(stage.act(action));
            }
            let mut allowed = before.borrow_mut();
            allowed.keys.append(&mut stage.allowed.keys.clone());
            allowed
                .without_key
                .append(&mut stage.allowed.without_key.clone());
            allowed.names.append(&mut stage.allowed.names.clone());
            let seen = network.seen();
            prop_assert_eq!(allowed.violations(&seen), Vec::<String>::new());
            prop_assert!(stage.keys_are_at_home() >= 2 * ACCOUNTS.len());
            // The platform gave the licence, and saw no model traffic.
            let told = &seen.sent[&stage.world.platform.addr()];
            let holds = |text: &[u8]| told.windows(text.len()).any(|window| window == text);
            prop_assert!(holds(b"POST /v1/trials"));
            prop_assert!(!holds(b"/v1/gateway"));
            // The keys were seen on the wire where they belong: the tap reads what it should.
            let (key, host) = stage
                .allowed
                .keys
                .first_key_value()
                .expect("keys were entered");
            let sent = &seen.sent[host];
            prop_assert!(
                sent.windows(key.len())
                    .any(|window| window == key.as_bytes())
            );
            runtime.block_on(stage.world.app.quit());
            Ok(())
        })
        .unwrap();

    // And a stray call would not go unnoticed, wherever it went.
    let allowed = before.into_inner();
    let (key, _) = allowed.keys.first_key_value().unwrap();
    let stray = |to: &str| {
        let mut connection = TcpStream::connect(to).unwrap();
        let request = format!("GET / HTTP/1.1\r\nAuthorization: Bearer {key}\r\n\r\n");
        connection.write_all(request.as_bytes()).unwrap();
        let address = connection.peer_addr().unwrap();
        let found = allowed.violations(&network.seen());
        assert!(
            found.contains(&format!("{key} went to {address}")),
            "{found:?}"
        );
        assert!(
            found.contains(&format!("a connection went to {address}")),
            "{found:?}"
        );
    };
    stray("203.0.113.9:80");
    stray("collector.example:443");
    assert!(
        allowed
            .violations(&network.seen())
            .contains(&"collector.example was looked up".to_owned())
    );
    // Also where nobody listens.
    TcpStream::connect("203.0.113.10:25").unwrap_err();
    let found = allowed.violations(&network.seen());
    assert!(
        found.contains(&"a connection went to 203.0.113.10:25".to_owned()),
        "{found:?}"
    );
}

#[test]
fn a_model_server_of_this_computer_is_found_without_a_key_and_answers_in_both_modes() {
    if !again::is_second() {
        return in_own_network(
            "one_payer::a_model_server_of_this_computer_is_found_without_a_key_and_answers_in_both_modes",
        );
    }
    let network = Network::take();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let platform = runtime.block_on(async {
        let ollama = Sandbox::start_on(11434).await.unwrap();
        // Nothing chosen, nothing accepted, no key.
        let world = World::fresh().await;
        world.app.settle_in().await;
        let servers = world.app.keys().await.unwrap().local_servers;
        assert_eq!(servers.len(), 1, "{servers:?}");
        assert_eq!(
            (servers[0].provider, &*servers[0].address),
            (ProviderId::Ollama, "127.0.0.1:11434")
        );
        assert_eq!(servers[0].running, Some(2));
        let key = world.app.keys().await.unwrap().keys.remove(0);
        for mode in [
            None,
            Some(BillingMode::VendorBilled),
            Some(BillingMode::Byok),
        ] {
            if let Some(mode) = mode {
                world.app.choose_billing(mode).await.unwrap();
            }
            let answer = world.ask(&key, OLLAMA, "Hello").await.ended().await;
            assert_eq!(answer.state, MessageState::Done, "{mode:?}");
            assert_eq!(answer.receipt.unwrap().cost, CostView::Free);
        }
        // Looking again finds the same one, and what was removed stays removed for the time of undoing.
        assert_eq!(world.app.find_local().await.unwrap().len(), 1);
        assert_eq!(world.app.keys().await.unwrap().keys.len(), 1);
        world.app.remove_key(&key.id).await.unwrap();
        assert!(world.app.find_local().await.unwrap().is_empty());
        world.app.restore_key(&key.id).await.unwrap();
        drop(ollama);
        let gone = world.app.find_local().await.unwrap();
        assert_eq!(gone[0].running, None, "{gone:?}");
        world.platform.addr()
    });
    let local = LOCAL.map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
    let allowed = Allowed {
        without_key: local.into_iter().chain([platform]).collect(),
        ..Allowed::default()
    };
    assert_eq!(allowed.violations(&network.seen()), Vec::<String>::new());
}
