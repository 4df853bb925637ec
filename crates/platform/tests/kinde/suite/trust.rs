//! Which webhooks are believed, and how often: forged ones never, good ones once, old ones no more.

use brasskey_licence::Standing;
use jiff::SignedDuration;
use serde_json::json;

use crate::databases::both;
use crate::double::{forge, release};
use crate::service::{plan, set_up};

#[tokio::test]
async fn what_kinde_did_not_sign_is_refused_and_leaves_nothing() {
    for database in both() {
        let (double, service, device) = set_up(&database).await;
        for (how, status) in [
            ("wrong_key", 401),
            ("unknown_kid", 401),
            ("key_url", 401),
            ("hmac", 401),
            ("foreign_issuer", 401),
            ("unsigned", 401),
            ("changed", 401),
            ("no_id", 400),
            ("no_time", 400),
            ("text", 400),
            ("long", 400),
        ] {
            assert_eq!(forge(&double, how, "user.deleted").await, status, "{how}");
        }
        assert_eq!(service.events().await, [0, 0, 0]);
        // The address that a forger named was never asked; the issuer's was, once.
        assert_eq!(double.asked("GET /foreign/jwks").await, 0);
        assert_eq!(double.asked("GET /.well-known/jwks").await, 1);
        service.work().await;
        assert_eq!(service.renew(&device).await.0, 200);
        // An issuer need not be named; where it is, it is Kinde.
        assert_eq!(
            forge(&double, "own_issuer", "customer.plan_changed").await,
            200
        );
        assert_eq!(service.events().await, [1, 0, 0]);
    }
}

#[tokio::test]
async fn ten_thousand_repetitions_are_one_event() {
    for database in both() {
        let (double, service, mut device) = set_up(&database).await;
        double.faults(json!({"hold": true})).await;
        double.buy("kp_1", "byok_annual").await;
        let statuses = release(&double, json!(vec![0; 10_000])).await;
        assert_eq!(statuses.len(), 10_000);
        assert!(statuses.iter().all(|status| *status == 200));
        assert_eq!(service.events().await, [1, 0, 0]);
        service.work().await;
        assert_eq!(
            service.stands(&mut device).await,
            plan("byok_annual", Standing::Active)
        );
        assert_eq!(service.events().await, [0, 1, 0]);
    }
}

#[tokio::test]
async fn a_delivery_may_be_36_hours_late_and_a_replay_of_last_week_is_left() {
    for database in both() {
        let (double, service, mut device) = set_up(&database).await;
        double.faults(json!({"hold": true})).await;
        double.buy("kp_1", "byok_annual").await;
        service.pass(&double, SignedDuration::from_hours(36)).await;
        assert_eq!(
            double
                .tell("/release", json!({"send": [0], "keep": true}))
                .await["statuses"],
            json!([200])
        );
        service.work().await;
        assert_eq!(
            service.stands(&mut device).await,
            plan("byok_annual", Standing::Active)
        );
        assert_eq!(service.events().await, [0, 1, 0]);
        service
            .pass(&double, SignedDuration::from_hours(24 * 8))
            .await;
        service.work().await;
        assert_eq!(service.events().await, [0, 0, 0], "it is forgotten by now");
        // Acknowledged, so that Kinde stops; taken in it is not.
        assert_eq!(release(&double, json!([0, 1])).await, [200, 200]);
        assert_eq!(service.events().await, [0, 0, 0]);
    }
}

#[tokio::test]
async fn a_new_key_is_fetched_once_a_minute_at_most() {
    const KEYS: &str = "GET /.well-known/jwks";
    for database in both() {
        let (double, service, _device) = set_up(&database).await;
        service.work().await;
        assert_eq!(double.asked(KEYS).await, 1, "fetched ahead");
        double.tell("/keys/rotate", json!({})).await;
        for _ in 0..20 {
            assert_eq!(
                forge(&double, "own_issuer", "customer.plan_changed").await,
                401
            );
        }
        assert_eq!(double.asked(KEYS).await, 1);
        service.clock.advance(SignedDuration::from_secs(61));
        let many = (0..20).map(|_| forge(&double, "own_issuer", "customer.plan_changed"));
        let statuses = futures::future::join_all(many).await;
        assert!(statuses.iter().all(|it| *it == 200), "{statuses:?}");
        assert_eq!(double.asked(KEYS).await, 2);
    }
}

#[tokio::test]
async fn keys_that_cannot_be_fetched_make_kinde_come_again() {
    for database in both() {
        let (double, service, _device) = set_up(&database).await;
        double.faults(json!({"down": true})).await;
        assert_eq!(
            forge(&double, "own_issuer", "customer.plan_changed").await,
            503
        );
        assert_eq!(service.events().await, [0, 0, 0]);
        double.faults(json!({})).await;
        service.clock.advance(SignedDuration::from_secs(61));
        assert_eq!(
            forge(&double, "own_issuer", "customer.plan_changed").await,
            200
        );
    }
}
