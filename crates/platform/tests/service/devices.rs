//! A device tries Brasskey, renews its licence, loses an answer, is copied, and is revoked.

use brasskey_licence::{Grant, Mode, Standing, State};
use jiff::SignedDuration;

use crate::databases::both;
use crate::instance::Instance;

#[tokio::test]
async fn a_trial_is_a_licence_for_this_device_alone() {
    for database in both() {
        let service = Instance::start(&database.url).await;
        let begun = service.trial("dev_1", "k1").await;
        assert_eq!(begun.status, 201, "{begun:?}");
        let licence = service.read(&begun.body["licence"], "dev_1").await.unwrap();
        let claims = licence.claims();
        assert_eq!(claims.st, Standing::Trial);
        assert_eq!(claims.plan, "byok_monthly");
        let days = |from, until: jiff::Timestamp| until.duration_since(from).as_hours() / 24;
        assert_eq!(days(claims.iat, claims.end.unwrap()), 14);
        assert!(licence.allows(Mode::Byok, claims.iat));
        assert!(!licence.allows(Mode::VendorBilled, claims.iat));
        assert_eq!(licence.grant("projects", claims.iat), Grant::Unlimited);
        let after_the_grace = claims.grace + SignedDuration::from_secs(1);
        assert_eq!(licence.state(after_the_grace), State::Limited);
        assert!(service.read(&begun.body["licence"], "dev_2").await.is_err());
    }
}

#[tokio::test]
async fn a_device_has_one_trial_and_the_same_request_may_come_twice() {
    for database in both() {
        let service = Instance::start(&database.url).await;
        let first = service.trial("dev_1", "k1").await;
        // The answer was lost: the same request again is answered, and what the first answer held is worth nothing.
        let again = service.trial("dev_1", "k1").await;
        assert_eq!(again.status, 201);
        assert_ne!(first.text("device_token"), again.text("device_token"));
        let lost = service.renew(first.text("device_token")).await;
        assert_eq!((lost.status, lost.problem()), (401, "device-unknown"));
        let renewed = service.renew(again.text("device_token")).await;
        assert_eq!(renewed.status, 200);
        // Used, so that it is over; another request was never the same.
        for key in ["k1", "k2"] {
            let refused = service.trial("dev_1", key).await;
            assert_eq!((refused.status, refused.problem()), (409, "trial-used"));
        }
    }
}

#[tokio::test]
async fn two_trials_at_once_leave_one() {
    for database in both() {
        let service = Instance::start(&database.url).await;
        let tries = (0..16).map(|number| {
            let service = &service;
            async move { service.trial("dev_1", &format!("k{number}")).await.status }
        });
        let mut statuses = futures::future::join_all(tries).await;
        statuses.sort_unstable();
        assert_eq!(
            statuses.iter().filter(|status| **status == 201).count(),
            1,
            "{statuses:?}"
        );
    }
}

#[tokio::test]
async fn a_renewal_changes_the_credential_and_survives_a_lost_answer() {
    for database in both() {
        let service = Instance::start(&database.url).await;
        let begun = service.trial("dev_1", "k1").await;
        let old = begun.text("device_token").to_owned();
        let lost = service.renew(&old).await;
        // The device crashed before it had kept the new one: the old one is still good, and the one it never saw is not.
        let second = service.renew(&old).await;
        assert_eq!(second.status, 200);
        let mut seen = 0;
        for answer in [&begun, &lost, &second] {
            let licence = service.read(&answer.body["licence"], "dev_1").await;
            let seq = licence.unwrap().claims().seq;
            assert!(seq > seen, "numbers only grow");
            seen = seq;
        }
        assert_eq!(
            service.renew(lost.text("device_token")).await.problem(),
            "device-unknown"
        );
        let third = service.renew(second.text("device_token")).await;
        assert_eq!(third.status, 200);
        // Now the old one is spent; whoever has it copied the device's store.
        let copied = service.renew(&old).await;
        assert_eq!((copied.status, copied.problem()), (401, "device-unknown"));
        // The device itself goes on.
        assert_eq!(service.renew(third.text("device_token")).await.status, 200);
    }
}

#[tokio::test]
async fn a_revoked_device_hears_of_it_by_a_signed_statement() {
    for database in both() {
        let service = Instance::start(&database.url).await;
        let begun = service.trial("dev_1", "k1").await;
        let before = service.read(&begun.body["licence"], "dev_1").await.unwrap();
        assert!(service.store.revoke_device("dev_1").await.unwrap());
        assert!(!service.store.revoke_device("dev_2").await.unwrap());
        let refused = service.renew(begun.text("device_token")).await;
        assert_eq!((refused.status, refused.problem()), (403, "device-revoked"));
        let last = service
            .read(&refused.body["licence"], "dev_1")
            .await
            .unwrap();
        let held = before.followed_by(last).unwrap();
        assert_eq!(held.state(held.claims().iat), State::Revoked);
        assert_eq!(held.grant("projects", held.claims().iat), Grant::No);
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_a_problem_with_a_code() {
    for database in both() {
        let service = Instance::start(&database.url).await;
        let nothing = serde_json::json!({});
        let key = [("idempotency-key", "k")];
        for (path, headers, status, code) in [
            ("/v1/trials", &key[..], 400, "invalid-request"),
            ("/v1/trials", &[][..], 400, "invalid-request"),
            ("/v1/licence", &[][..], 401, "unauthenticated"),
            (
                "/v1/licence",
                &[("authorization", "Bearer sk-ant-0123")][..],
                401,
                "unauthenticated",
            ),
            ("/v1/keyset", &[][..], 405, "method-not-allowed"),
            ("/v1/nothing", &[][..], 404, "not-found"),
        ] {
            let answer = service.post(path, headers, &nothing).await;
            assert_eq!((answer.status, answer.problem()), (status, code), "{path}");
        }
        let long = service.trial(&"x".repeat(201), "k").await;
        assert_eq!(long.problem(), "invalid-request");
        let huge = service.trial(&"x".repeat(100_000), "k").await;
        assert_eq!((huge.status, huge.problem()), (413, "too-large"));
    }
}

#[tokio::test]
async fn the_service_says_that_it_lives_is_ready_and_what_it_sells() {
    for database in both() {
        let service = Instance::start(&database.url).await;
        assert_eq!(service.get("/healthz").await.status, 204);
        assert_eq!(service.get("/readyz").await.status, 204);
        let plans = service.get("/v1/plans").await;
        assert_eq!(plans.body["plans"][0]["price"], "12.00");
        service.store.close().await;
        assert_eq!(service.get("/healthz").await.status, 204);
        let unready = service.get("/readyz").await;
        assert_eq!((unready.status, unready.problem()), (503, "unavailable"));
    }
}
