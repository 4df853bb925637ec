//! Which access tokens are taken, and what happens while the identity provider is away.

use std::time::Duration;

use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::databases::both;
use crate::identity::Provider;
use crate::instance::Instance;

/// What a token of this content is answered with.
async fn answered(provider: &Provider, service: &Instance, of: Value) -> (u16, String) {
    let token = provider.token(of).await;
    let answer = service.call("GET", "/v1/devices", &token, &[]).await;
    let code = if answer.status == 200 {
        ""
    } else {
        answer.problem()
    };
    (answer.status, code.to_owned())
}

#[tokio::test]
async fn a_token_that_is_not_for_us_from_the_provider_and_of_now_is_refused() {
    let provider = Provider::start();
    for database in both() {
        let service = provider.service(&database).await;
        let token = provider.token_of("ada@example.com").await;
        assert_eq!(
            service.sign_in(&token, "dev_1", json!({})).await.status,
            201
        );
        for taken in [
            json!({}),
            json!({"claims": {"aud": "brasskey:api"}}),
            json!({"claims": {"aud": ["https://other.example", "brasskey:api"]}}),
            json!({"claims": {"azp": "brasskey-device"}}),
            json!({"claims": {"azp": null, "client_id": "brasskey-desktop"}}),
            json!({"claims": {"scp": null, "scope": "openid email"}}),
            json!({"header": {"typ": "at+jwt"}}),
            json!({"header": {"typ": null}}),
        ] {
            let (status, _) = answered(&provider, &service, taken.clone()).await;
            assert_eq!(status, 200, "{taken}");
        }
        let hour = 3600;
        let now = service.clock.now().as_second();
        for (refused, code) in [
            (
                json!({"claims": {"aud": ["https://other.example"]}}),
                "token-audience",
            ),
            (json!({"claims": {"aud": []}}), "token-audience"),
            (json!({"claims": {"aud": null}}), "token-audience"),
            (
                json!({"claims": {"iss": "https://other.example"}}),
                "unauthenticated",
            ),
            (
                json!({"claims": {"iss": format!("{}.evil.example", provider.issuer)}}),
                "unauthenticated",
            ),
            (
                json!({"claims": {"azp": "another-application"}}),
                "unauthenticated",
            ),
            (json!({"claims": {"azp": null}}), "unauthenticated"),
            (json!({"claims": {"exp": now - hour}}), "unauthenticated"),
            (json!({"claims": {"exp": null}}), "unauthenticated"),
            (json!({"claims": {"nbf": now + hour}}), "unauthenticated"),
            (json!({"claims": {"sub": null}}), "unauthenticated"),
            (
                json!({"claims": {"scp": ["read:users"], "gty": ["client_credentials"]}}),
                "unauthenticated",
            ),
            (
                json!({"key": "none", "header": {"alg": "none"}}),
                "unauthenticated",
            ),
            (
                json!({"key": "none", "header": {"alg": "none", "kid": null}}),
                "unauthenticated",
            ),
            (json!({"key": "none"}), "unauthenticated"),
            (
                json!({"key": "public", "header": {"alg": "HS256"}}),
                "unauthenticated",
            ),
            (json!({"key": "public"}), "unauthenticated"),
            (json!({"key": "foreign"}), "unauthenticated"),
            (json!({"header": {"kid": null}}), "unauthenticated"),
            (json!({"header": {"kid": "of-nobody"}}), "unauthenticated"),
            (json!({"header": {"typ": "logout+jwt"}}), "unauthenticated"),
            (json!({"header": {"alg": "RS512"}}), "unauthenticated"),
        ] {
            let answer = answered(&provider, &service, refused.clone()).await;
            assert_eq!(answer, (401, code.to_owned()), "{refused}");
        }
        // A little off is not yet wrong: the provider's clock is another.
        let late = json!({"claims": {"exp": now - 30, "nbf": now + 30}});
        assert_eq!(answered(&provider, &service, late).await.0, 200);
        for nonsense in [
            "",
            "x",
            "a.b.c",
            "eyJhbGciOiJSUzI1NiJ9..",
            &"x".repeat(4000),
        ] {
            let answer = service.call("GET", "/v1/devices", nonsense, &[]).await;
            assert_eq!((answer.status, answer.problem()), (401, "unauthenticated"));
        }
    }
}

#[tokio::test]
async fn a_real_sign_in_under_a_wrong_clock_or_for_somebody_else_is_refused() {
    let provider = Provider::start();
    let service = provider.service(&both()[0]).await;
    for (fault, code) in [
        (json!({"skewSeconds": -100_000}), "unauthenticated"),
        (
            json!({"skewSeconds": 0, "wrongAudience": "https://other.example"}),
            "token-audience",
        ),
    ] {
        provider.set(fault).await;
        let tokens = crate::sign_in::sign_in_at(&service, "ada@example.com").await;
        let refused = service
            .sign_in(tokens.access_token.expose_secret(), "dev_1", json!({}))
            .await;
        assert_eq!((refused.status, refused.problem()), (401, code));
    }
}

const KEYS: &str = "/.well-known/jwks";

#[tokio::test]
async fn a_new_key_is_found_and_keys_that_nobody_has_are_not_asked_for_again_and_again() {
    let provider = Provider::start();
    for database in both() {
        let service = provider.service(&database).await;
        let before = provider.token_of("ada@example.com").await;
        assert_eq!(
            service.sign_in(&before, "dev_1", json!({})).await.status,
            201
        );
        provider.rotate_keys().await;
        let asked = provider.hits(KEYS).await;
        let after = provider.token_of("ada@example.com").await;
        // Many at once, one question.
        let all = (0..16).map(|_| service.call("GET", "/v1/devices", &after, &[]));
        for answer in futures::future::join_all(all).await {
            assert_eq!(answer.status, 200, "{answer:?}");
        }
        assert_eq!(provider.hits(KEYS).await, asked + 1);
        // The key that was taken back is worth nothing, and asking for it again within a minute is not worth a question.
        for _ in 0..5 {
            let refused = service.call("GET", "/v1/devices", &before, &[]).await;
            assert_eq!(
                (refused.status, refused.problem()),
                (401, "unauthenticated")
            );
        }
        assert_eq!(provider.hits(KEYS).await, asked + 1);
    }
}

#[tokio::test]
async fn while_the_provider_is_away_licences_renew_and_nobody_new_signs_in() {
    let provider = Provider::start();
    for database in both() {
        let service = provider.service(&database).await;
        let token = provider.token_of("ada@example.com").await;
        let signed_in = service.sign_in(&token, "dev_1", json!({})).await;
        provider.set(json!({"outage": true})).await;
        let renewed = service.renew(signed_in.text("device_token")).await;
        assert_eq!(renewed.status, 200);
        let credential = renewed.text("device_token");
        for path in ["/v1/account", "/v1/devices"] {
            assert_eq!(service.call("GET", path, credential, &[]).await.status, 200);
        }
        // A token that was given before is checked with the keys that are known.
        assert_eq!(
            service.call("GET", "/v1/devices", &token, &[]).await.status,
            200
        );
        assert_eq!(
            service.sign_in(&token, "dev_2", json!({})).await.status,
            201
        );
        let unknown = json!({"header": {"kid": "of-nobody"}});
        assert_eq!(
            answered(&provider, &service, unknown).await,
            (401, "unauthenticated".to_owned())
        );
        // Somebody new has an address that only the provider knows.
        let new = provider.token_of("grace@example.com").await;
        let refused = service.sign_in(&new, "dev_3", json!({})).await;
        assert_eq!(
            (refused.status, refused.problem()),
            (503, "identity-unavailable")
        );
        assert_eq!(refused.body["retry_after"], 30);
        provider.set(json!({"outage": false})).await;
        assert_eq!(service.sign_in(&new, "dev_3", json!({})).await.status, 201);
    }
}

#[tokio::test]
async fn a_service_that_starts_during_an_outage_serves_and_finds_the_provider_later() {
    let provider = Provider::start();
    for database in both() {
        provider.set(json!({"outage": true})).await;
        let service = provider.service(&database).await;
        let trial = service.trial("dev_1", "k1").await;
        assert_eq!(service.renew(trial.text("device_token")).await.status, 200);
        let token = provider.token_of("ada@example.com").await;
        let refused = service.call("DELETE", "/v1/account", &token, &[]).await;
        assert_eq!(
            (refused.status, refused.problem()),
            (503, "identity-unavailable")
        );
        let known = service.get("/.well-known/brasskey").await;
        assert_eq!(
            (known.status, &known.body["issuer"]),
            (200, &json!(provider.issuer))
        );
        assert!(known.body["token_endpoint"].is_null());
        // A token that is none needs no provider to be refused.
        let nonsense = service.call("DELETE", "/v1/account", "a.b.c", &[]).await;
        assert_eq!(nonsense.status, 401);
        provider.set(json!({"outage": false})).await;
        let found = async {
            while service.sign_in(&token, "dev_2", json!({})).await.status != 201 {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        let deadline = Duration::from_secs(60);
        tokio::time::timeout(deadline, found)
            .await
            .expect("it is found");
    }
}
