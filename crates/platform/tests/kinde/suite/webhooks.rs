//! What Kinde's webhooks lead to, on both databases: what Kinde itself says, in whatever order and however late they come.

use brasskey_licence::Standing;
use jiff::SignedDuration;
use serde_json::json;

use crate::databases::both;
use crate::double::{Double, release};
use crate::service::{plan, set_up};

#[tokio::test]
async fn a_first_payment_reaches_the_licence() {
    for database in both() {
        let (double, service, mut device) = set_up(&database).await;
        assert_eq!(
            service.stands(&mut device).await,
            plan("byok_monthly", Standing::Trial)
        );
        double.buy("kp_1", "standard_annual").await;
        double.idle().await;
        service.work().await;
        assert_eq!(
            service.stands(&mut device).await,
            plan("standard_annual", Standing::Active)
        );
        assert_eq!(service.events().await, [0, 3, 0]);
    }
}

#[tokio::test]
async fn an_upgrade_ends_the_same_in_whatever_order_its_events_come() {
    for database in both() {
        let (double, service, mut device) = set_up(&database).await;
        let mut plans = ["byok_annual", "standard_monthly"].iter().cycle();
        double.buy("kp_1", "byok_monthly").await;
        double.idle().await;
        service.work().await;
        double.faults(json!({"hold": true})).await;
        for order in [
            [0, 1, 2],
            [0, 2, 1],
            [1, 0, 2],
            [1, 2, 0],
            [2, 0, 1],
            [2, 1, 0],
        ] {
            let next = *plans.next().unwrap();
            double.buy("kp_1", next).await;
            let held = double.state().await["held"].clone();
            assert_eq!(held.as_array().unwrap().len(), 4, "{held}");
            for index in order {
                // Worked off after each: what stands in between must never be the end.
                let kind = &held[index];
                let url = service.events().await;
                let sent = double
                    .tell("/release", json!({"send": [index], "keep": true}))
                    .await;
                assert_eq!(sent["statuses"], json!([200]), "{kind} {url:?}");
                service.work().await;
                assert_eq!(
                    service.stands(&mut device).await,
                    plan(next, Standing::Active),
                    "{order:?}"
                );
            }
            release(&double, json!([])).await;
        }
    }
}

#[tokio::test]
async fn kinde_repeats_what_was_not_taken_in() {
    for database in both() {
        let (double, service, mut device) = set_up(&database).await;
        let other = Double::start();
        let nowhere = format!("{}/nothing", other.issuer);
        let here = double.state().await;
        assert_eq!(here["attempts"], json!([]));
        let endpoint = service.endpoint();
        double.tell("/endpoint", json!({"url": nowhere})).await;
        double.buy("kp_1", "byok_annual").await;
        double.idle().await;
        double.tell("/endpoint", json!({"url": endpoint})).await;
        service.work().await;
        assert_eq!(service.stands(&mut device).await.1, Standing::Trial);
        service.pass(&double, SignedDuration::from_secs(6)).await;
        double.idle().await;
        service.work().await;
        assert_eq!(service.stands(&mut device).await.1, Standing::Active);
        let attempts = double.state().await["attempts"].clone();
        let statuses: Vec<u64> = attempts
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["status"].as_u64().unwrap())
            .collect();
        assert_eq!(statuses, [404, 404, 404, 200, 200, 200]);
    }
}

#[tokio::test]
async fn a_failed_payment_and_a_good_one_count_by_when_they_happened() {
    for database in both() {
        let (double, service, mut device) = set_up(&database).await;
        double.buy("kp_1", "byok_monthly").await;
        double.idle().await;
        service.work().await;
        let told = |kind: &str, ago_ms: i64| {
            let data = json!({"user_id": "kp_1"});
            json!({"kind": kind, "ago_ms": ago_ms, "data": data})
        };
        service.pass(&double, SignedDuration::from_hours(1)).await;
        double.faults(json!({"hold": true})).await;
        double
            .tell("/events", told("customer.payment_failed", 60_000))
            .await;
        double
            .tell("/events", told("customer.payment_succeeded", 30_000))
            .await;
        double
            .tell("/events", told("customer.payment_failed", 0))
            .await;
        for (index, standing) in [
            // The good one comes first, the failed one from before it too late.
            (1, Standing::Active),
            (0, Standing::Active),
            (2, Standing::PastDue),
        ] {
            let sent = double
                .tell("/release", json!({"send": [index], "keep": true}))
                .await;
            assert_eq!(sent["statuses"], json!([200]));
            service.work().await;
            assert_eq!(
                service.stands(&mut device).await,
                plan("byok_monthly", standing),
                "{index}"
            );
        }
        // Looking again does not make it paid: Kinde's agreements say nothing of payments.
        service.reconcile(&double).await;
        assert_eq!(service.stands(&mut device).await.1, Standing::PastDue);
    }
}

#[tokio::test]
async fn numbers_for_ids_and_offsets_of_hours_are_understood() {
    for database in both() {
        let (double, service, mut device) = set_up(&database).await;
        double
            .faults(json!({"numeric_event_id": true, "offset_11": true, "duplicate": 2}))
            .await;
        double.buy("kp_1", "byok_annual").await;
        double.idle().await;
        service.work().await;
        assert_eq!(
            service.stands(&mut device).await,
            plan("byok_annual", Standing::Active)
        );
        assert_eq!(service.events().await, [0, 3, 0]);
    }
}

#[tokio::test]
async fn a_list_that_lags_behind_its_events_is_looked_at_again() {
    for database in both() {
        let (double, service, mut device) = set_up(&database).await;
        double.buy("kp_1", "byok_monthly").await;
        double.idle().await;
        service.work().await;
        double.faults(json!({"slow_reads": 1})).await;
        double.buy("kp_1", "standard_monthly").await;
        double.idle().await;
        service.work().await;
        service.pass(&double, SignedDuration::from_secs(61)).await;
        service.work().await;
        assert_eq!(
            service.stands(&mut device).await,
            plan("standard_monthly", Standing::Active)
        );
    }
}

#[tokio::test]
async fn kinde_may_be_down_for_a_day_and_licences_renew() {
    for database in both() {
        let (double, service, mut device) = set_up(&database).await;
        double.buy("kp_1", "byok_monthly").await;
        double.idle().await;
        service.work().await;
        double.buy("kp_1", "byok_annual").await;
        double.idle().await;
        double.faults(json!({"down": true})).await;
        for hour in 0..24 {
            service.pass(&double, SignedDuration::from_hours(1)).await;
            service.work().await;
            let claims = service.licence(&mut device).await;
            assert_eq!(
                (claims.plan.as_str(), claims.st),
                ("byok_monthly", Standing::Active)
            );
            let (status, problem) = service
                .change(&device, "standard_monthly", &format!("{hour}"))
                .await;
            assert_eq!(
                (status, problem["code"].as_str()),
                (503, Some("billing-unavailable")),
                "{problem}"
            );
        }
        let [waiting, _, parked] = service.events().await;
        assert!(
            waiting > 0 && parked == 0,
            "nothing is lost and nothing given up"
        );
        double.faults(json!({})).await;
        service.pass(&double, SignedDuration::from_hours(1)).await;
        service.work().await;
        assert_eq!(
            service.stands(&mut device).await,
            plan("byok_annual", Standing::Active)
        );
        assert_eq!(service.events().await[0], 0);
    }
}

#[tokio::test]
async fn an_event_that_never_succeeds_waits_for_a_person() {
    for database in both() {
        let (double, service, _device) = set_up(&database).await;
        double.buy("kp_1", "byok_monthly").await;
        double.idle().await;
        double.faults(json!({"down": true})).await;
        for _ in 0..41 {
            service.pass(&double, SignedDuration::from_hours(1)).await;
            service.work().await;
        }
        assert_eq!(service.events().await, [0, 0, 3]);
        service.clock.advance(SignedDuration::from_hours(24 * 30));
        service.work().await;
        assert_eq!(service.events().await, [0, 0, 3], "parked is not forgotten");
    }
}

#[tokio::test]
async fn somebody_who_is_gone_has_no_devices_and_strangers_are_nobody() {
    for database in both() {
        let (double, service, device) = set_up(&database).await;
        let told = |kind: &str, user: &str| json!({"kind": kind, "data": {"user": {"id": user}}});
        double.tell("/events", told("user.updated", "kp_1")).await;
        double
            .tell("/events", told("customer.plan_changed", "kp_2"))
            .await;
        double.idle().await;
        service.work().await;
        assert_eq!(service.events().await, [1, 1, 0]);
        for _ in 0..4 {
            service.pass(&double, SignedDuration::from_hours(1)).await;
            service.work().await;
        }
        assert_eq!(service.events().await, [0, 2, 0]);
        assert_eq!(service.renew(&device).await.0, 200);
        double.tell("/events", told("user.deleted", "kp_1")).await;
        double.idle().await;
        service.work().await;
        let (status, problem) = service.renew(&device).await;
        assert_eq!(
            (status, problem["code"].as_str()),
            (403, Some("device-revoked"))
        );
    }
}

#[tokio::test]
async fn replicas_share_the_inbox() {
    for database in both() {
        let (double, service, mut device) = set_up(&database).await;
        double.buy("kp_1", "byok_annual").await;
        for _ in 0..200 {
            double
                .tell("/events", json!({"kind": "user.updated", "data": {}}))
                .await;
        }
        double.idle().await;
        let workers = (0..4).map(|_| service.work());
        futures::future::join_all(workers).await;
        assert_eq!(service.events().await, [0, 203, 0]);
        assert_eq!(service.stands(&mut device).await.1, Standing::Active);
    }
}
