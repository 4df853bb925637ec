//! Reading from a real OpenBao: rotation, refusals, pauses, and the life of the token.

use brasskey_secrets::{AppRole, FetchError, Login, SecretId, SetupError, Vault, VaultSettings};
use serde_json::json;

use crate::openbao::{KEY, OpenBao};
use crate::world::{HOUR, Hand, MINUTE, World, reference, value};

#[tokio::test]
async fn a_rotated_key_is_served_after_a_refresh_and_the_old_one_until_then() {
    let bao = OpenBao::start().await;
    bao.put_key("key-1").await;
    let world = bao.world().await;
    assert_eq!(world.get(KEY).await, value("key-1", "1"));
    let old = world.secrets.get(&reference(KEY)).await.unwrap();
    bao.put_key("key-2").await;
    assert_eq!(world.get(KEY).await, value("key-1", "1"));
    let new = world.secrets.refresh(&reference(KEY), &old).await.unwrap();
    assert!(!new.same_value(&old));
    assert_eq!(world.get(KEY).await, value("key-2", "2"));
    // Whoever was refused with the old key a little later gets the new one without another read.
    let again = world.secrets.refresh(&reference(KEY), &old).await.unwrap();
    assert!(again.same_value(&new));
    assert_eq!(world.reads(), ["needed read", "refused read"]);
}

#[tokio::test]
async fn missing_deleted_destroyed_and_forbidden_are_told_apart() {
    let bao = OpenBao::start().await;
    bao.put_key("key-1").await;
    bao.put("brasskey/deleted", json!({ "api_key": "x" })).await;
    bao.delete("secret/data/brasskey/deleted").await;
    bao.put("brasskey/destroyed", json!({ "api_key": "x" }))
        .await;
    bao.write(
        "secret/destroy/brasskey/destroyed",
        json!({ "versions": [1] }),
    )
    .await;
    bao.put(
        "brasskey/odd",
        json!({ "number": 7, "empty": "", "line": "key\n" }),
    )
    .await;
    let world = bao.world().await;
    for (at, code) in [
        ("vault://secret/brasskey/missing#api_key", "not-found"),
        ("vault://secret/brasskey/deleted#api_key", "deleted"),
        ("vault://secret/brasskey/destroyed#api_key", "destroyed"),
        ("vault://secret/brasskey/openai#other", "field-missing"),
        ("vault://secret/brasskey/odd#number", "field-not-text"),
        ("vault://secret/brasskey/odd#empty", "empty"),
        ("vault://secret/elsewhere#api_key", "denied-read"),
        ("vault://nowhere/brasskey/openai#api_key", "denied-read"),
    ] {
        assert_eq!(world.get(at).await, Err(code), "{at}");
    }
    let line = world.get("vault://secret/brasskey/odd#line").await;
    assert_eq!(line, value("key", "1"));
}

#[tokio::test]
async fn a_sealed_manager_stops_nobody_for_a_day_and_then_says_so() {
    let bao = OpenBao::start().await;
    bao.put_key("key-1").await;
    let world = bao.world().await;
    assert_eq!(world.get(KEY).await, value("key-1", "1"));
    bao.seal().await;
    world.hand.forward(11 * MINUTE);
    assert_eq!(world.get_and_wait(KEY).await, value("key-1", "1"));
    world.hand.forward(23 * HOUR);
    assert_eq!(world.get_and_wait(KEY).await, value("key-1", "1"));
    world.hand.forward(HOUR);
    assert_eq!(world.get(KEY).await, Err("sealed"));
    assert_eq!(
        world.reads(),
        [
            "needed read",
            "no_longer_fresh sealed",
            "no_longer_fresh sealed",
            "needed sealed"
        ]
    );
    bao.unseal().await;
    world.hand.forward(MINUTE);
    assert_eq!(world.get(KEY).await, value("key-1", "1"));
}

#[tokio::test]
async fn a_manager_that_is_gone_stops_nobody_for_a_day_either() {
    let mut bao = OpenBao::start().await;
    bao.put_key("key-1").await;
    let world = bao.world().await;
    assert_eq!(world.get(KEY).await, value("key-1", "1"));
    bao.stop();
    world.hand.forward(23 * HOUR);
    assert_eq!(world.get_and_wait(KEY).await, value("key-1", "1"));
    world.hand.forward(2 * HOUR);
    assert_eq!(world.get(KEY).await, Err("unreachable"));
}

#[tokio::test]
async fn a_deleted_secret_is_not_served_from_the_cache() {
    let bao = OpenBao::start().await;
    bao.put_key("key-1").await;
    let world = bao.world().await;
    assert_eq!(world.get(KEY).await, value("key-1", "1"));
    bao.delete("secret/data/brasskey/openai").await;
    world.hand.forward(11 * MINUTE);
    assert_eq!(world.get_and_wait(KEY).await, value("key-1", "1"));
    assert_eq!(world.get(KEY).await, Err("deleted"));
}

#[tokio::test]
async fn the_token_is_renewed_after_two_thirds_of_its_lease() {
    let bao = OpenBao::start().await;
    bao.put_key("key-1").await;
    let world = bao.world().await;
    world.get(KEY).await.unwrap();
    world.hand.forward(39 * MINUTE);
    world.secrets.tend().await.unwrap();
    assert!(bao.tokens().await[0]["last_renewal_time"].is_null());
    world.hand.forward(2 * MINUTE);
    world.secrets.tend().await.unwrap();
    let tokens = bao.tokens().await;
    assert_eq!(tokens.len(), 1);
    assert!(tokens[0]["last_renewal_time"].is_number());
}

#[tokio::test]
async fn where_the_longest_life_is_reached_the_next_token_comes_from_a_login() {
    let bao = OpenBao::start().await;
    bao.put_key("key-1").await;
    let world = bao.world().await;
    world.get(KEY).await.unwrap();
    // From now on no token of the role lives longer than a minute, so a renewal grants less than the login did.
    bao.role(json!({ "token_ttl": "1m", "token_max_ttl": "1m" }))
        .await;
    world.hand.forward(41 * MINUTE);
    world.secrets.tend().await.unwrap();
    assert_eq!(bao.tokens().await.len(), 1);
    world.hand.forward(MINUTE);
    world.secrets.tend().await.unwrap();
    assert_eq!(bao.tokens().await.len(), 2);
}

#[tokio::test]
async fn a_token_that_ended_unnoticed_is_replaced_by_one_login() {
    let bao = OpenBao::start().await;
    bao.put_key("key-1").await;
    bao.role(json!({ "token_ttl": "1s", "token_max_ttl": "1s" }))
        .await;
    let world = bao.world().await;
    world.get(KEY).await.unwrap();
    // The clock of the client stands still: it takes its token for good.
    while !bao.tokens().await.is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    bao.role(json!({ "token_ttl": "1h", "token_max_ttl": "24h" }))
        .await;
    let other = "vault://secret/brasskey/openai#other";
    assert_eq!(world.get(other).await, Err("field-missing"));
    assert_eq!(bao.tokens().await.len(), 1);
}

#[tokio::test]
async fn a_revoked_role_is_denied_and_ends_what_is_held() {
    let bao = OpenBao::start().await;
    bao.put_key("key-1").await;
    let world = bao.world().await;
    assert_eq!(world.get(KEY).await, value("key-1", "1"));
    bao.revoke_tokens().await;
    bao.delete("auth/approle/role/brasskey").await;
    world.hand.forward(11 * MINUTE);
    assert_eq!(world.get_and_wait(KEY).await, value("key-1", "1"));
    assert_eq!(world.get(KEY).await, Err("denied-login"));
    world.hand.forward(MINUTE);
    assert_eq!(world.get(KEY).await, Err("denied-login"));
}

#[tokio::test]
async fn a_wrong_secret_id_is_denied() {
    let bao = OpenBao::start().await;
    bao.put_key("key-1").await;
    let wrong = SecretId::Plain("00000000-0000-0000-0000-000000000000".into());
    let login = Login::AppRole(AppRole::new(bao.role_id().await, wrong));
    let hand = Hand::new();
    let world = World::of_vault(bao.vault(login, &hand), hand);
    assert_eq!(world.get(KEY).await, Err("denied-login"));
}

#[tokio::test]
async fn only_this_machine_is_spoken_to_without_tls() {
    let settings = |address| {
        let login = Login::TokenFile("/nowhere".into());
        let settings = VaultSettings::new(address, login);
        Vault::new(settings, Hand::new().clock()).map(|_| ())
    };
    assert_eq!(settings("https://vault.example:8200"), Ok(()));
    assert_eq!(settings("http://127.0.0.1:8200"), Ok(()));
    assert_eq!(settings("http://[::1]:8200"), Ok(()));
    for (address, error) in [
        ("http://vault.example:8200", SetupError::Insecure),
        ("http://127.0.0.1.example:8200", SetupError::Insecure),
        ("ftp://127.0.0.1", SetupError::Address),
        ("https://user:pass@vault.example", SetupError::Address),
        ("https://vault.example?x=1", SetupError::Address),
        ("vault.example", SetupError::Address),
    ] {
        assert_eq!(settings(address), Err(error), "{address}");
    }
}

#[tokio::test]
async fn what_is_not_set_up_is_said_without_asking_anybody() {
    let hand = Hand::new();
    let world = World::new(brasskey_secrets::Managers::new(), hand);
    let managers = world.secrets.managers();
    for at in [KEY, "aws-sm://brasskey/openai", "gcp-sm://p/s/latest"] {
        let missing = managers.check(&reference(at)).unwrap_err();
        assert!(matches!(missing, FetchError::NotSetUp(_)), "{at}");
    }
}
