//! Five computers, replaced by oneself.

use brasskey_licence::State;
use futures::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::databases::both;
use crate::identity::Provider;
use crate::instance::{Answer, Instance};

const ADA: &str = "ada@example.com";

/// Signs in on five devices, in this order.
async fn five(service: &Instance, token: &str) -> Vec<Answer> {
    let mut all = Vec::new();
    for number in 1..=5 {
        let answer = service
            .sign_in(token, &format!("dev_{number}"), json!({}))
            .await;
        assert_eq!(answer.status, 201, "{answer:?}");
        all.push(answer);
        service.clock.advance(SignedDuration::from_secs(1));
    }
    all
}

fn ids(list: &Value) -> Vec<&str> {
    let devices = list["devices"].as_array().unwrap();
    devices
        .iter()
        .map(|device| device["id"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn at_the_limit_the_same_call_replaces_a_device_that_is_chosen() {
    let provider = Provider::start();
    for database in both() {
        let service = provider.service(&database).await;
        let ada = provider.token_of(ADA).await;
        let all = five(&service, &ada).await;
        let refused = service.sign_in(&ada, "dev_6", json!({})).await;
        assert_eq!((refused.status, refused.problem()), (409, "device-limit"));
        assert_eq!(
            ids(&refused.body),
            ["dev_1", "dev_2", "dev_3", "dev_4", "dev_5"]
        );
        let shown = &refused.body["devices"][0];
        assert_eq!(
            (&shown["name"], &shown["os"]),
            (&json!("dev_1's name"), &json!("linux"))
        );
        assert!(shown["seen_at"].is_string());
        // Naming one that has no seat here frees none.
        let wrong = service
            .sign_in(&ada, "dev_6", json!({"replace": "dev_9"}))
            .await;
        assert_eq!(wrong.problem(), "device-limit");
        let sixth = service
            .sign_in(&ada, "dev_6", json!({"replace": "dev_2"}))
            .await;
        assert_eq!(sixth.status, 201, "{sixth:?}");
        let list = service.call("GET", "/v1/devices", &ada, &[]).await;
        assert_eq!(
            ids(&list.body),
            ["dev_1", "dev_3", "dev_4", "dev_5", "dev_6"]
        );
        // The one that was replaced hears of it by a signed statement.
        let out = service.renew(all[1].text("device_token")).await;
        assert_eq!((out.status, out.problem()), (403, "device-revoked"));
        let licence = service.read(&out.body["licence"], "dev_2").await.unwrap();
        assert_eq!(licence.state(licence.claims().iat), State::Revoked);
        assert_eq!(service.renew(all[0].text("device_token")).await.status, 200);
    }
}

#[tokio::test]
async fn the_same_device_again_keeps_its_seat_and_a_lost_answer_costs_none() {
    let provider = Provider::start();
    for database in both() {
        let service = provider.service(&database).await;
        let ada = provider.token_of(ADA).await;
        five(&service, &ada).await;
        // The answer to a replacement was lost; the same request again ends the same.
        let replace = json!({"replace": "dev_1"});
        let lost = service.sign_in(&ada, "dev_6", replace.clone()).await;
        let again = service.sign_in(&ada, "dev_6", replace).await;
        assert_eq!((lost.status, again.status), (201, 201));
        let list = service.call("GET", "/v1/devices", &ada, &[]).await;
        assert_eq!(
            ids(&list.body),
            ["dev_2", "dev_3", "dev_4", "dev_5", "dev_6"]
        );
        assert_eq!(
            service.renew(lost.text("device_token")).await.problem(),
            "device-unknown"
        );
        assert_eq!(service.renew(again.text("device_token")).await.status, 200);
        let numbers = [&lost, &again].map(|answer| answer.body["licence"].clone());
        let mut seen = 0;
        for licence in numbers {
            let seq = service.read(&licence, "dev_6").await.unwrap().claims().seq;
            assert!(seq > seen, "numbers only grow");
            seen = seq;
        }
    }
}

#[tokio::test]
async fn two_that_replace_the_same_device_at_once_share_one_seat_between_them() {
    let provider = Provider::start();
    for database in both() {
        let service = provider.service(&database).await;
        let ada = provider.token_of(ADA).await;
        five(&service, &ada).await;
        let both = ["dev_6", "dev_7", "dev_8"].map(|device| {
            let (service, ada) = (&service, &ada);
            async move {
                service
                    .sign_in(ada, device, json!({"replace": "dev_3"}))
                    .await
            }
        });
        let mut statuses: Vec<u16> = join_all(both)
            .await
            .iter()
            .map(|answer| answer.status)
            .collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409]);
        let list = service.call("GET", "/v1/devices", &ada, &[]).await;
        assert_eq!(ids(&list.body).len(), 5);
    }
}

#[tokio::test]
async fn many_first_sign_ins_of_one_person_at_once_make_one_account_with_five_devices() {
    let provider = Provider::start();
    for database in both() {
        let service = provider.service(&database).await;
        let ada = provider.token_of(ADA).await;
        let all = (0..8).map(|number| {
            let (service, ada) = (&service, &ada);
            async move {
                service
                    .sign_in(ada, &format!("dev_{number}"), json!({}))
                    .await
            }
        });
        let all = join_all(all).await;
        let mut accounts: Vec<&Value> = Vec::new();
        for answer in &all {
            match answer.status {
                201 => accounts.push(&answer.body["account"]["id"]),
                _ => assert_eq!(answer.problem(), "device-limit"),
            }
        }
        assert_eq!(accounts.len(), 5);
        assert!(accounts.iter().all(|id| *id == accounts[0]), "{accounts:?}");
        // And on one device: one seat, and one credential that is good.
        let grace = provider.token_of("grace@example.com").await;
        let same = (0..4).map(|_| service.sign_in(&grace, "dev_of_grace", json!({})));
        let mut good = 0;
        for answer in join_all(same).await {
            assert_eq!(answer.status, 201, "{answer:?}");
            let seen = service
                .call("GET", "/v1/devices", answer.text("device_token"), &[])
                .await;
            good += u32::from(seen.status == 200);
        }
        assert_eq!(good, 1);
    }
}

#[tokio::test]
async fn a_device_that_was_not_seen_for_ninety_days_gives_up_its_seat() {
    let provider = Provider::start();
    for database in both() {
        let service = provider.service(&database).await;
        let ada = provider.token_of(ADA).await;
        let all = five(&service, &ada).await;
        service.clock.advance(SignedDuration::from_hours(24 * 89));
        let mut held = Vec::new();
        for number in [0, 2, 3, 4] {
            held.push(service.renew(all[number].text("device_token")).await);
        }
        assert_eq!(
            service.sign_in(&ada, "dev_6", json!({})).await.problem(),
            "device-limit"
        );
        service.clock.advance(SignedDuration::from_hours(24 * 2));
        assert_eq!(service.sign_in(&ada, "dev_6", json!({})).await.status, 201);
        assert_eq!(
            service.renew(all[1].text("device_token")).await.problem(),
            "device-revoked"
        );
        for renewed in &held {
            assert_eq!(
                service.renew(renewed.text("device_token")).await.status,
                200
            );
        }
        // It may come back when there is a seat for it.
        let refused = service.sign_in(&ada, "dev_2", json!({})).await;
        assert_eq!(refused.problem(), "device-limit");
        assert_eq!(
            service
                .sign_in(&ada, "dev_2", json!({"replace": "dev_6"}))
                .await
                .status,
            201
        );
    }
}
