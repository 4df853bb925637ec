//! Whose a device is: trials that become accounts, devices that change hands, accounts that end.

use brasskey_licence::{Grant, Standing, State};
use serde_json::{Value, json};

use crate::databases::both;
use crate::identity::Provider;
use crate::instance::{Answer, Instance};

const ADA: &str = "ada@example.com";
const GRACE: &str = "grace@example.com";

async fn account(service: &Instance, credential: &str) -> Value {
    let answer = service.call("GET", "/v1/account", credential, &[]).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body
}

fn account_id(signed_in: &Answer) -> &str {
    signed_in.body["account"]["id"].as_str().unwrap()
}

#[tokio::test]
async fn the_first_sign_in_makes_the_trial_the_persons() {
    let provider = Provider::start();
    for database in both() {
        let service = provider.service(&database).await;
        let trial = service.trial("dev_1", "k1").await;
        let credential = trial.text("device_token");
        let before = account(&service, credential).await;
        assert_eq!(before["account"]["is_signed_in"], false);
        let ada = provider.token_of(ADA).await;
        let proof = json!({"device_token": credential});
        let signed_in = service.sign_in(&ada, "dev_1", proof).await;
        assert_eq!(signed_in.status, 201, "{signed_in:?}");
        // The same account, so that everything of the trial is there; the trial goes on.
        assert_eq!(account_id(&signed_in), before["account"]["id"]);
        let licence = service
            .read(&signed_in.body["licence"], "dev_1")
            .await
            .unwrap();
        assert_eq!(licence.claims().st, Standing::Trial);
        let after = account(&service, signed_in.text("device_token")).await;
        assert_eq!(after["account"]["email"], ADA);
        assert_eq!(after["account"]["devices_max"], 5);
        assert_eq!(
            after["subscription"]["ends_at"],
            before["subscription"]["ends_at"]
        );
        assert_eq!(service.renew(credential).await.problem(), "device-unknown");
        // A second computer is licensed by the same trial.
        let second = service.sign_in(&ada, "dev_2", json!({})).await;
        assert_eq!(account_id(&second), account_id(&signed_in));
        assert_eq!(service.trial("dev_1", "k2").await.problem(), "trial-used");
    }
}

#[tokio::test]
async fn a_trial_is_merged_into_an_account_that_is_there() {
    let provider = Provider::start();
    for database in both() {
        let service = provider.service(&database).await;
        let ada = provider.token_of(ADA).await;
        let first = service.sign_in(&ada, "dev_1", json!({})).await;
        let trial = service.trial("dev_2", "k1").await;
        let accepted =
            crate::terms::accept(&service, trial.text("device_token"), "terms", "k1").await;
        assert_eq!(accepted.status, 201, "{accepted:?}");
        let at = service.clock.now().to_string();
        let event = json!({"id": "e1", "feature": "projects", "quantity": 2, "at": at});
        let used = json!({"events": [event]});
        let count = async |credential: &str| {
            let counted = service
                .as_device("POST", "/v1/usage", credential, Some(&used))
                .await
                .body;
            (
                counted["accepted"].clone(),
                counted["totals"]["projects"]["used"].clone(),
            )
        };
        assert_eq!(
            count(trial.text("device_token")).await,
            (json!(1), json!(2))
        );
        let proof = json!({"device_token": trial.text("device_token")});
        let second = service.sign_in(&ada, "dev_2", proof).await;
        assert_eq!(account_id(&second), account_id(&first));
        // What was counted in the trial is not counted again.
        assert_eq!(
            count(second.text("device_token")).await,
            (json!(0), json!(2))
        );
        let licence = service
            .read(&second.body["licence"], "dev_2")
            .await
            .unwrap();
        assert_eq!(
            licence.claims().st,
            Standing::Free,
            "a trial is no present to an account"
        );
        // What was accepted in the trial was accepted by the person.
        let account = account(&service, second.text("device_token")).await;
        assert_eq!(account["terms_due"], json!([]));
        assert_eq!(service.trial("dev_2", "k2").await.problem(), "trial-used");
    }
}

#[tokio::test]
async fn knowing_a_devices_id_is_no_right_to_it() {
    let provider = Provider::start();
    for database in both() {
        let service = provider.service(&database).await;
        let trial = service.trial("dev_1", "k1").await;
        let grace = provider.token_of(GRACE).await;
        let wrong = format!("bkd_{}", "0".repeat(64));
        for proof in [
            json!({}),
            json!({"device_token": wrong}),
            json!({"device_token": ""}),
        ] {
            let refused = service.sign_in(&grace, "dev_1", proof).await;
            assert_eq!((refused.status, refused.problem()), (409, "device-in-use"));
        }
        let renewed = service.renew(trial.text("device_token")).await;
        assert_eq!(renewed.status, 200, "the trial goes on");
        // One that was replaced proves nothing any more.
        let last = service.renew(renewed.text("device_token")).await;
        let spent = json!({"device_token": trial.text("device_token")});
        assert_eq!(
            service.sign_in(&grace, "dev_1", spent).await.problem(),
            "device-in-use"
        );
        let proof = json!({"device_token": last.text("device_token")});
        assert_eq!(service.sign_in(&grace, "dev_1", proof).await.status, 201);
    }
}

#[tokio::test]
async fn a_device_that_changes_hands_leaves_its_seat() {
    let provider = Provider::start();
    for database in both() {
        let service = provider.service(&database).await;
        let (ada, grace) = (provider.token_of(ADA).await, provider.token_of(GRACE).await);
        let of_ada = service.sign_in(&ada, "dev_1", json!({})).await;
        // Ada is still signed in there: Grace needs the device's word.
        assert_eq!(
            service.sign_in(&grace, "dev_1", json!({})).await.problem(),
            "device-in-use"
        );
        let proof = json!({"device_token": of_ada.text("device_token")});
        let of_grace = service.sign_in(&grace, "dev_1", proof).await;
        assert_ne!(account_id(&of_grace), account_id(&of_ada));
        assert_eq!(
            service.call("GET", "/v1/devices", &ada, &[]).await.body["devices"],
            json!([])
        );
        assert_eq!(
            service.renew(of_ada.text("device_token")).await.problem(),
            "device-unknown"
        );
        // Grace signs out, and anybody may sign in.
        let out = service
            .call(
                "DELETE",
                "/v1/devices/dev_1",
                of_grace.text("device_token"),
                &[],
            )
            .await;
        assert_eq!(out.status, 204);
        let again = service.sign_in(&ada, "dev_1", json!({})).await;
        assert_eq!(account_id(&again), account_id(&of_ada));
    }
}

#[tokio::test]
async fn nobody_sees_or_signs_out_the_devices_of_another() {
    let provider = Provider::start();
    for database in both() {
        let service = provider.service(&database).await;
        let (ada, grace) = (provider.token_of(ADA).await, provider.token_of(GRACE).await);
        let of_ada = service.sign_in(&ada, "dev_1", json!({})).await;
        let of_grace = service.sign_in(&grace, "dev_2", json!({})).await;
        for bearer in [&grace, of_grace.text("device_token")] {
            let seen = service.call("GET", "/v1/devices", bearer, &[]).await;
            assert_eq!(seen.body["devices"].as_array().unwrap().len(), 1);
            assert_eq!(seen.body["devices"][0]["id"], "dev_2");
            for id in ["dev_1", "dev_9"] {
                let refused = service
                    .call("DELETE", &format!("/v1/devices/{id}"), bearer, &[])
                    .await;
                assert_eq!((refused.status, refused.problem()), (404, "not-found"));
            }
        }
        let renewed = service.renew(of_ada.text("device_token")).await;
        assert_eq!(renewed.status, 200);
        let own = service
            .call("GET", "/v1/devices", renewed.text("device_token"), &[])
            .await;
        assert_eq!(own.body["this"], "dev_1");
        // Where somebody has never signed in on a device there is nothing to see.
        let nobody = provider.token_of("nobody@example.com").await;
        for (method, path) in [
            ("GET", "/v1/devices"),
            ("GET", "/v1/account"),
            ("DELETE", "/v1/account"),
        ] {
            assert_eq!(
                service.call(method, path, &nobody, &[]).await.problem(),
                "not-found"
            );
        }
    }
}

#[tokio::test]
async fn the_account_is_answered_again_only_when_it_changed() {
    let provider = Provider::start();
    for database in both() {
        let service = provider.service(&database).await;
        let ada = provider.token_of(ADA).await;
        let signed_in = service.sign_in(&ada, "dev_1", json!({})).await;
        let credential = signed_in.text("device_token");
        let first = service.call("GET", "/v1/account", credential, &[]).await;
        assert_eq!(first.body["subscription"]["standing"], "free");
        assert_eq!(first.body["entitlements"], json!({}));
        assert_eq!(first.body["account"]["email"], ADA);
        let due = &first.body["terms_due"];
        assert_eq!(
            (due[0]["doc"].as_str(), due[0]["blocking"].as_bool()),
            (Some("terms"), Some(true))
        );
        let tag = first.etag.unwrap();
        let held = [("if-none-match", tag.as_str())];
        let second = service.call("GET", "/v1/account", credential, &held).await;
        assert_eq!(second.status, 304);
        assert_eq!(
            crate::terms::accept(&service, credential, "terms", "k1")
                .await
                .status,
            201
        );
        let third = service.call("GET", "/v1/account", credential, &held).await;
        assert_eq!((third.status, &third.body["terms_due"]), (200, &json!([])));
        // The person sees the same.
        assert_eq!(
            service.call("GET", "/v1/account", &ada, &[]).await.body,
            third.body
        );
    }
}

#[tokio::test]
async fn a_closed_account_ends_on_every_device_by_a_signed_statement_and_forgets_the_person() {
    let provider = Provider::start();
    for database in both() {
        let service = provider.service(&database).await;
        let ada = provider.token_of(ADA).await;
        let first = service.sign_in(&ada, "dev_1", json!({})).await;
        let second = service.sign_in(&ada, "dev_2", json!({})).await;
        // A device alone cannot: it takes the person.
        let refused = service
            .call("DELETE", "/v1/account", first.text("device_token"), &[])
            .await;
        assert_eq!(
            (refused.status, refused.problem()),
            (401, "unauthenticated")
        );
        let closed = service.call("DELETE", "/v1/account", &ada, &[]).await;
        assert_eq!(
            (closed.status, &closed.body["id"]),
            (202, &json!(account_id(&first)))
        );
        for (device, signed_in) in [("dev_1", &first), ("dev_2", &second)] {
            let refused = service.renew(signed_in.text("device_token")).await;
            assert_eq!((refused.status, refused.problem()), (403, "device-revoked"));
            let licence = service
                .read(&refused.body["licence"], device)
                .await
                .unwrap();
            assert_eq!(licence.state(licence.claims().iat), State::Revoked);
            assert_eq!(licence.grant("projects", licence.claims().iat), Grant::No);
        }
        assert_eq!(
            service
                .call("GET", "/v1/account", &ada, &[])
                .await
                .problem(),
            "not-found"
        );
        let again = service.call("DELETE", "/v1/account", &ada, &[]).await;
        assert_eq!(again.status, 404);
        // Signing in again begins anew.
        let new = service.sign_in(&ada, "dev_1", json!({})).await;
        assert_eq!(new.status, 201);
        assert_ne!(account_id(&new), account_id(&first));
    }
}
