//! Endpoints of this computer that need no key: whether they run is what the last look found, and what they offer is asked anew
//! at each look.

use brasskey_app::error::ErrorCode;
use brasskey_app::keys::view::{CheckView, KeyView, LocalServerView, NewEndpoint};
use brasskey_tests::{Fault, Sandbox};

use crate::account::{Account, COMPATIBLE, OLLAMA};
use crate::world::World;

/// Adds an endpoint at another provider than the world's.
async fn add(world: &World, account: Account, server: &Sandbox) -> KeyView {
    let endpoint = NewEndpoint {
        provider: account.provider,
        base_url: Some(server.base_url(account.wire)),
    };
    let pending = world.app.submit_keyless(&endpoint).unwrap();
    let check = world.app.check_pending(&pending.id, &endpoint, false).await;
    assert!(matches!(check, Ok(CheckView::Works { .. })), "{check:?}");
    world.app.save_key(&pending.id, "").await.unwrap()
}

fn of(servers: &[LocalServerView], key: &KeyView) -> LocalServerView {
    let found = servers.iter().find(|server| server.key_id == key.id);
    found.unwrap().clone()
}

async fn why_unavailable(world: &World, key: &KeyView) -> Option<brasskey_app::error::FailureView> {
    let groups = world.app.models().await.unwrap();
    let payer = |group: &brasskey_app::models::view::ModelGroupView| {
        serde_json::to_value(&group.payer).unwrap()["keyId"] == *key.id
    };
    groups.into_iter().find(payer).unwrap().unavailable
}

#[tokio::test]
async fn servers_of_one_kind_are_told_apart_by_their_address() {
    let world = World::fresh().await;
    let (one, two) = (
        Sandbox::start().await.unwrap(),
        Sandbox::start().await.unwrap(),
    );
    let first = add(&world, OLLAMA, &one).await;
    let second = add(&world, OLLAMA, &two).await;
    assert_eq!((&*first.label, &*second.label), ("Ollama", "Ollama 2"));
    drop(two);
    let servers = world.app.find_local().await.unwrap();
    assert_eq!(of(&servers, &first).address, one.addr().to_string());
    assert!(of(&servers, &first).running.is_some());
    assert_eq!(of(&servers, &second).running, None);
}

#[tokio::test]
async fn an_endpoint_that_does_not_answer_a_look_is_unavailable_with_its_cause() {
    let world = World::fresh().await;
    let server = Sandbox::start().await.unwrap();
    let address = server.addr();
    for account in [OLLAMA, COMPATIBLE] {
        let key = add(&world, account, &server).await;
        // Just checked: it runs, although nobody has looked yet.
        let servers = world.app.keys().await.unwrap().local_servers;
        assert!(of(&servers, &key).running.is_some());
        assert_eq!(why_unavailable(&world, &key).await, None);
    }
    let keys = world.app.keys().await.unwrap().keys;
    drop(server);
    let servers = world.app.find_local().await.unwrap();
    for key in &keys {
        assert_eq!(of(&servers, key).running, None);
        let failure = why_unavailable(&world, key).await.unwrap();
        assert_eq!(failure.code, ErrorCode::ProxyOrNetwork);
        assert_eq!(failure.provider_code.as_deref(), Some("not_running"));
        assert_eq!(failure.host, address.to_string());
    }

    let _server = Sandbox::start_on(address.port()).await.unwrap();
    let servers = world.app.find_local().await.unwrap();
    for key in &keys {
        assert!(of(&servers, key).running.is_some());
        assert_eq!(why_unavailable(&world, key).await, None);
    }
}

#[tokio::test]
async fn what_an_endpoint_answered_in_an_earlier_run_says_nothing_of_this_one() {
    let world = World::fresh().await;
    let server = Sandbox::start().await.unwrap();
    let key = add(&world, OLLAMA, &server).await;
    drop(server);
    let world = world.restarted().await;
    let servers = world.app.keys().await.unwrap().local_servers;
    assert_eq!(of(&servers, &key).running, None);
    assert!(why_unavailable(&world, &key).await.is_some());
}

#[tokio::test]
async fn a_look_refreshes_the_models_and_an_endpoint_without_a_list_runs_with_those_named() {
    let world = World::fresh().await;
    let server = Sandbox::start().await.unwrap();
    server.script_check(Fault::Error("azure_openai/model_not_found".into()));
    let endpoint = NewEndpoint {
        provider: COMPATIBLE.provider,
        base_url: Some(server.base_url(COMPATIBLE.wire)),
    };
    let pending = world.app.submit_keyless(&endpoint).unwrap();
    world
        .app
        .check_pending(&pending.id, &endpoint, false)
        .await
        .unwrap();
    let key = world.app.save_key(&pending.id, "").await.unwrap();
    world.app.name_model(&key.id, "my-own").await.unwrap();
    server.script_check(Fault::Error("azure_openai/model_not_found".into()));
    let servers = world.app.find_local().await.unwrap();
    assert_eq!(of(&servers, &key).running, Some(1));
    let why = why_unavailable(&world, &key).await;
    let code = why.and_then(|failure| failure.provider_code);
    assert_ne!(code.as_deref(), Some("not_running"));

    let servers = world.app.find_local().await.unwrap();
    assert!(of(&servers, &key).running.unwrap() > 1);
    let group = world.app.models().await.unwrap().remove(0);
    assert!(group.models.len() > 2, "{group:?}");
    assert!(
        group
            .models
            .iter()
            .any(|listed| listed.model.model == "my-own")
    );
}
