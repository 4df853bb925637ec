//! People who pay, change and cancel through the service, while its plans are sold at Kinde.

use brasskey_licence::Standing;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::databases::both;
use crate::double::{Double, client};
use crate::service::{Device, Instance};

const CHANGE: &str = "POST /api/v1/billing/agreements";

/// A service, its double, and somebody who has paid for the plan.
async fn paying(url: &str) -> (Double, Instance, Device) {
    let double = Double::start();
    double.add_user("kp_1").await;
    let service = Instance::start(url, &double).await;
    let mut device = service.device_of("kp_1").await;
    double.buy("kp_1", "byok_monthly").await;
    double.idle().await;
    service.work().await;
    assert_eq!(service.stands(&mut device).await.1, Standing::Active);
    (double, service, device)
}

#[tokio::test]
async fn a_checkout_is_paid_at_kinde_and_shows_though_every_webhook_is_lost() {
    for database in both() {
        let double = Double::start();
        double.add_user("kp_1").await;
        let service = Instance::start(&database.url, &double).await;
        let mut device = service.device_of("kp_1").await;
        double.faults(json!({"drop": 100})).await;
        let asked =
            json!({"plan_code": "byok_annual", "return_url": "http://127.0.0.1:53180/paid"});
        let (status, begun) = service
            .post_as(&device, "k1", "/v1/checkouts", &asked)
            .await;
        assert_eq!(status, 201, "{begun}");
        let page = client()
            .get(begun["url"].as_str().unwrap())
            .send()
            .await
            .unwrap();
        assert!(page.text().await.unwrap().contains("/hosted/pay"));
        let checkout = format!("/v1/checkouts/{}", begun["id"].as_str().unwrap());
        assert_eq!(service.get(&device, &checkout).await["state"], "pending");
        assert_eq!(
            service.stands(&mut device).await.1,
            Standing::Trial,
            "to be a customer is to have no plan yet"
        );
        double.buy("kp_1", "byok_annual").await;
        assert_eq!(service.get(&device, &checkout).await["state"], "paid");
        assert_eq!(
            service.stands(&mut device).await,
            ("byok_annual".to_owned(), Standing::Active)
        );
        assert_eq!(service.events().await, [0, 0, 0]);
    }
}

#[tokio::test]
async fn a_change_is_asked_for_once_however_slow_kinde_is() {
    for database in both() {
        let (double, service, mut device) = paying(&database.url).await;
        // More reads than the service makes while the customer waits.
        double.faults(json!({"slow_reads": 12})).await;
        let (status, change) = service.change(&device, "standard_monthly", "k1").await;
        assert_eq!(
            (status, change["state"].as_str()),
            (202, Some("pending")),
            "{change}"
        );
        for _ in 0..10 {
            service.pass(&double, SignedDuration::from_mins(10)).await;
            service.work().await;
        }
        assert_eq!(
            service.stands(&mut device).await,
            ("standard_monthly".to_owned(), Standing::Active)
        );
        assert_eq!(double.asked(CHANGE).await, 1);
        assert_eq!(double.running("kp_1").await.len(), 1);
    }
}

#[tokio::test]
async fn a_denied_change_is_told_in_kindes_words_and_changes_nothing() {
    for database in both() {
        let (double, service, mut device) = paying(&database.url).await;
        double
            .faults(json!({"deny_change": "Talk to us first."}))
            .await;
        let (status, problem) = service.change(&device, "standard_monthly", "k1").await;
        assert_eq!(
            (status, problem["code"].as_str(), problem["reason"].as_str()),
            (422, Some("plan-change-denied"), Some("Talk to us first."))
        );
        double.faults(json!({"no_card": true})).await;
        let (status, problem) = service.change(&device, "standard_monthly", "k2").await;
        assert_eq!(
            (status, problem["code"].as_str()),
            (402, Some("payment-required"))
        );
        assert_eq!(service.stands(&mut device).await.0, "byok_monthly");
    }
}

#[tokio::test]
async fn a_plan_is_cancelled_by_the_service_or_on_kindes_page_where_it_cannot() {
    for database in both() {
        let (double, service, mut device) = paying(&database.url).await;
        double.faults(json!({"delete_missing": true})).await;
        let cancel = async || {
            service
                .post_as(&device, "k", "/v1/subscription/cancel", &Value::Null)
                .await
        };
        let (status, problem) = cancel().await;
        assert_eq!(
            (status, problem["action"].as_str()),
            (422, Some("portal")),
            "{problem}"
        );
        double.faults(json!({})).await;
        let (status, shown) = cancel().await;
        assert_eq!(
            (status, shown["standing"].as_str()),
            (200, Some("ending")),
            "{shown}"
        );
        service
            .pass(&double, SignedDuration::from_hours(24 * 32))
            .await;
        double.idle().await;
        service.work().await;
        service.reconcile(&double).await;
        assert_eq!(service.stands(&mut device).await.1, Standing::Free);
    }
}
