//! Metered use that Kinde hears of through the service, whatever ends in the meantime: a period, an agreement.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::databases::both;
use crate::double::Double;
use crate::service::{Device, Instance, set_up};

async fn use_projects(service: &Instance, device: &Device, id: &str, quantity: i64) {
    let at = service.clock.now().to_string();
    let event = json!({"id": id, "feature": "projects", "quantity": quantity, "at": at});
    let body = json!({"events": [event]});
    let (status, counted) = service.post_as(device, id, "/v1/usage", &body).await;
    assert_eq!(
        (status, &counted["accepted"]),
        (200, &json!(1)),
        "{counted}"
    );
}

/// What Kinde counted, by agreement and period, the oldest first.
async fn counted(double: &Double) -> Vec<(String, i64)> {
    let state = double.state().await;
    let mut usage = state["usage"].as_array().unwrap().clone();
    usage.sort_by_key(|it| it["cycle"].as_i64());
    usage
        .iter()
        .map(|it| {
            let agreement = it["agreement"].as_str().unwrap().to_owned();
            (agreement, it["total"].as_i64().unwrap())
        })
        .collect()
}

async fn minutes(service: &Instance, double: &Double, minutes: i64) {
    service
        .pass(double, SignedDuration::from_mins(minutes))
        .await;
    service.work().await;
}

#[tokio::test]
async fn what_is_told_too_late_for_its_period_is_billed_with_the_next_and_once() {
    for database in both() {
        let (double, service, device) = set_up(&database).await;
        let agreement = double.buy("kp_1", "standard_monthly").await;
        double.idle().await;
        service.work().await;
        use_projects(&service, &device, "e1", 3).await;
        minutes(&service, &double, 4).await;
        assert_eq!(counted(&double).await, [(agreement.clone(), 3)]);
        // Used, and the period ends before it is told.
        use_projects(&service, &device, "e2", 2).await;
        service
            .pass(&double, SignedDuration::from_hours(24 * 31))
            .await;
        for _ in 0..8 {
            minutes(&service, &double, 100).await;
        }
        let both = [(agreement.clone(), 3), (agreement.clone(), 2)];
        assert_eq!(counted(&double).await, both);
        use_projects(&service, &device, "e3", 1).await;
        minutes(&service, &double, 4).await;
        let all = [(agreement.clone(), 3), (agreement, 3)];
        assert_eq!(counted(&double).await, all);
    }
}

#[tokio::test]
async fn what_was_used_under_the_old_plan_is_told_before_it_ends() {
    for database in both() {
        let (double, service, device) = set_up(&database).await;
        let old = double.buy("kp_1", "byok_monthly").await;
        double.idle().await;
        service.work().await;
        use_projects(&service, &device, "e1", 3).await;
        let (status, change) = service.change(&device, "standard_monthly", "k1").await;
        assert_eq!(
            (status, &change["state"]),
            (202, &json!("done")),
            "{change}"
        );
        assert_eq!(counted(&double).await, [(old.clone(), 3)]);
        use_projects(&service, &device, "e2", 2).await;
        minutes(&service, &double, 4).await;
        let told = counted(&double).await;
        assert_eq!(told.iter().map(|(_, total)| total).sum::<i64>(), 5);
        assert_eq!(
            told.iter()
                .filter(|(agreement, _)| *agreement == old)
                .count(),
            1
        );
    }
}

#[tokio::test]
async fn a_change_that_kinde_promised_and_never_made_ends_as_failed() {
    for database in both() {
        let (double, service, mut device) = set_up(&database).await;
        double.buy("kp_1", "byok_monthly").await;
        double.idle().await;
        service.work().await;
        double.faults(json!({"fail_agreements": 1})).await;
        let (status, begun) = service.change(&device, "byok_annual", "k1").await;
        assert_eq!((status, &begun["state"]), (202, &json!("pending")));
        for _ in 0..12 {
            minutes(&service, &double, 10).await;
        }
        let shown = service.get(&device, "/v1/subscription").await;
        let change = &shown["change"];
        assert_eq!(change["state"], "failed", "{shown}");
        assert!(
            change["reason"]
                .as_str()
                .is_some_and(|reason| !reason.is_empty())
        );
        assert_eq!(service.stands(&mut device).await.0, "byok_monthly");
        // And another one may begin.
        let (status, change) = service.change(&device, "byok_annual", "k2").await;
        assert_eq!((status, &change["state"]), (202, &Value::from("done")));
    }
}
