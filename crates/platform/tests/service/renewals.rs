//! What happens by itself: renewals, payments that fail and come back, the end; and what holds of all invoices whatever happened.

use std::collections::BTreeMap;

use brasskey_licence::Standing;
use brasskey_platform::billing::{Billing, UsageTotal};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::customer::{Customer, begin_at};
use crate::databases::{both, sqlite};
use crate::instance::Instance;

fn paid(total: &str) -> (String, String) {
    (total.to_owned(), "paid".to_owned())
}

#[tokio::test]
async fn fourteen_months_are_fourteen_periods_each_billed_once_also_after_a_long_sleep() {
    for database in both() {
        let service = Instance::start(&database.url).await;
        begin_at(&service, "2027-01-31T12:00:00Z");
        let customer = Customer::paying(&service, "byok_monthly", "accepted").await;
        // Until 2027-04-03 day by day; then nobody looks until 2028-04-01.
        for _ in 0..62 {
            customer.wait(1).await;
        }
        assert_eq!(customer.totals().await, vec![paid("12.00"); 3]);
        customer.wait(364).await;
        assert_eq!(customer.totals().await, vec![paid("12.00"); 15]);
        let mut starts: Vec<String> = customer
            .invoices()
            .await
            .iter()
            .map(|invoice| invoice["lines"][0]["from"].as_str().unwrap()[..10].to_owned())
            .collect();
        starts.reverse();
        assert_eq!(
            starts[..4],
            ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]
        );
        assert_eq!(starts[13..], ["2028-02-29", "2028-03-31"]);
        assert_eq!(customer.subscription().await["standing"], "active");
    }
}

#[tokio::test]
async fn replicas_that_look_at_the_same_time_bill_a_period_once() {
    for database in both() {
        let service = Instance::start(&database.url).await;
        begin_at(&service, "2027-04-01T00:00:00Z");
        let customer = Customer::paying(&service, "byok_monthly", "accepted").await;
        let catalogue = || brasskey_platform::Catalogue::embedded().unwrap();
        let mut replicas = Vec::new();
        for _ in 0..3 {
            replicas.push(service.replica(catalogue()).await);
        }
        for months in 2..6 {
            service.clock.advance(SignedDuration::from_hours(24 * 31));
            futures::future::join_all(replicas.iter().map(Instance::work)).await;
            assert_eq!(customer.totals().await, vec![paid("12.00"); months]);
        }
    }
}

#[tokio::test]
async fn a_cancelled_plan_is_good_until_its_end_and_can_be_kept_until_then() {
    for database in both() {
        let service = Instance::start(&database.url).await;
        begin_at(&service, "2027-04-01T00:00:00Z");
        let customer = Customer::paying(&service, "byok_monthly", "accepted").await;
        let cancelled = customer.post("/v1/subscription/cancel", &json!({})).await;
        assert_eq!(
            (cancelled.status, &cancelled.body["standing"]),
            (200, &json!("ending"))
        );
        assert_eq!(cancelled.body["ends_at"], cancelled.body["period_end"]);
        assert_eq!(
            customer
                .change("standard_monthly", "period_end")
                .await
                .problem(),
            "plan-change-denied"
        );
        customer.wait(29).await;
        let claims = customer.licence().await.claims().clone();
        assert_eq!(claims.st, Standing::Ending);
        assert!(!claims.modes.is_empty());
        let kept = customer
            .post("/v1/subscription/reactivate", &json!({}))
            .await;
        assert_eq!(
            (&kept.body["standing"], &kept.body["ends_at"]),
            (&json!("active"), &json!(null))
        );
        customer.wait(2).await;
        assert_eq!(customer.totals().await.len(), 2);

        customer.post("/v1/subscription/cancel", &json!({})).await;
        customer.wait(40).await;
        assert_eq!(customer.subscription().await["standing"], "free");
        assert_eq!(customer.licence().await.claims().st, Standing::Free);
        assert_eq!(
            customer.totals().await.len(),
            2,
            "nothing is billed after the end"
        );
        // Whoever comes back pays again.
        assert_eq!(customer.pay("byok_annual", "accepted").await.1, "paid");
        assert_eq!(customer.licence().await.claims().plan, "byok_annual");
    }
}

#[tokio::test]
async fn a_payment_that_fails_keeps_the_plan_says_so_and_is_made_good_by_another_card() {
    for database in both() {
        let service = Instance::start(&database.url).await;
        begin_at(&service, "2027-04-01T00:00:00Z");
        let customer = Customer::paying(&service, "byok_monthly", "fails_at_renewal").await;
        customer.wait(30).await;
        assert_eq!(customer.subscription().await["standing"], "past_due");
        let claims = customer.licence().await.claims().clone();
        assert_eq!(
            (claims.st, claims.msg.as_deref()),
            (Standing::PastDue, Some("payment_failed"))
        );
        assert!(
            !claims.modes.is_empty(),
            "nothing is taken away while it is tried again"
        );
        for _ in 0..6 {
            customer.wait(1).await;
        }
        assert_eq!(
            customer.totals().await,
            [paid("12.00"), ("12.00".into(), "open".into())]
        );
        assert_eq!(
            customer.change("standard_monthly", "now").await.problem(),
            "payment-required"
        );

        assert!(
            customer
                .change_card("declined")
                .await
                .ends_with("said=declined")
        );
        assert_eq!(customer.subscription().await["standing"], "past_due");
        assert!(
            customer
                .change_card("accepted")
                .await
                .ends_with("said=card")
        );
        service.work().await;
        assert_eq!(customer.subscription().await["standing"], "active");
        let claims = customer.licence().await.claims().clone();
        assert_eq!((claims.st, claims.msg), (Standing::Active, None));
        assert_eq!(customer.totals().await, [paid("12.00"), paid("12.00")]);
        customer.wait(26).await;
        assert_eq!(customer.totals().await.len(), 3);
    }
}

#[tokio::test]
async fn a_payment_that_does_not_come_in_fourteen_days_ends_the_plan() {
    for database in both() {
        let service = Instance::start(&database.url).await;
        begin_at(&service, "2027-04-01T00:00:00Z");
        let customer = Customer::paying(&service, "byok_monthly", "fails_at_renewal").await;
        customer.wait(30).await;
        for _ in 0..13 {
            customer.wait(1).await;
            assert_eq!(customer.licence().await.claims().st, Standing::PastDue);
        }
        customer.wait(1).await;
        assert_eq!(customer.subscription().await["standing"], "free");
        let claims = customer.licence().await.claims().clone();
        assert_eq!(claims.st, Standing::Free);
        assert!(claims.modes.is_empty());
        assert_eq!(
            customer.totals().await,
            [paid("12.00"), ("12.00".into(), "given_up".into())]
        );
        customer.wait(60).await;
        assert_eq!(customer.totals().await.len(), 2);
    }
}

#[tokio::test]
async fn what_an_invoice_took_off_the_balance_is_there_again_when_it_is_given_up() {
    for database in both() {
        let service = Instance::start(&database.url).await;
        begin_at(&service, "2027-04-01T00:00:00Z");
        let customer = Customer::paying(&service, "standard_monthly", "fails_at_renewal").await;
        customer.wait(10).await;
        assert_eq!(customer.change("byok_monthly", "now").await.status, 202);
        let of_balance = async || {
            let newest = customer.invoices().await[0].clone();
            let lines = newest["lines"].as_array().unwrap().clone();
            let line = lines.into_iter().find(|line| line["kind"] == "balance");
            (
                newest["state"].clone(),
                line.map(|line| cents(&line["amount"])),
            )
        };
        let (_, kept) = of_balance().await;
        assert!(kept.is_some_and(|kept| 0 < kept && kept < 1200), "{kept:?}");
        let taken = kept.map(|kept| -kept);
        customer.wait(30).await;
        assert_eq!(of_balance().await, ("open".into(), taken));
        customer.wait(14).await;
        assert_eq!(of_balance().await, ("given_up".into(), taken));
        assert_eq!(customer.pay("byok_monthly", "accepted").await.1, "paid");
        assert_eq!(of_balance().await, ("paid".into(), taken));
    }
}

#[tokio::test]
async fn metered_use_is_billed_with_the_next_period_by_its_highest_total_and_once() {
    for database in both() {
        let service = Instance::start(&database.url).await;
        begin_at(&service, "2027-04-01T00:00:00Z");
        let customer = Customer::paying(&service, "standard_monthly", "accepted").await;
        let person = brasskey_platform::billing::Customer {
            account_id: customer.licence().await.claims().sub.clone(),
            identity: "kp_dev_1".into(),
            email: String::new(),
            customer_id: None,
        };
        let agreement = service.billing.agreements(&person).await.unwrap().remove(0);
        let report = async |total| {
            let total = UsageTotal {
                agreement_id: agreement.id.clone(),
                feature: "ai_credit".into(),
                period_start: agreement.period_start.unwrap(),
                total,
            };
            service.billing.report_usage(&total).await.unwrap();
        };
        for total in [100, 350, 350, 200] {
            report(total).await;
        }
        customer.wait(30).await;
        // 350 × 0.01 = 3.50, in arrears, with 24.00 in advance.
        let second = customer.invoices().await[0].clone();
        assert_eq!(second["total"], "27.50");
        assert_eq!(second["lines"][1]["kind"], "usage");
        // What comes after the period is on the next invoice, as far as it is more.
        report(360).await;
        customer.wait(31).await;
        assert_eq!(customer.invoices().await[0]["total"], "24.10");
        customer.wait(31).await;
        assert_eq!(customer.invoices().await[0]["total"], "24.00");
    }
}

#[tokio::test]
async fn what_is_done_on_the_providers_own_page_is_seen_without_anybody_asking() {
    for database in both() {
        let service = Instance::start(&database.url).await;
        let customer = Customer::paying(&service, "byok_monthly", "accepted").await;
        service.work().await;
        let person = brasskey_platform::billing::Customer {
            account_id: customer.licence().await.claims().sub.clone(),
            identity: "kp_dev_1".into(),
            email: String::new(),
            customer_id: None,
        };
        let agreement = service
            .billing
            .agreements(&person)
            .await
            .unwrap()
            .remove(0)
            .id;
        // As the button on its page does.
        service.billing.cancel(&person, &agreement).await.unwrap();
        service.work().await;
        assert_eq!(customer.subscription().await["standing"], "ending");
    }
}

/// What a customer may do between two looks.
#[derive(Clone, Debug)]
enum Step {
    Wait(i64),
    Change(&'static str, &'static str),
    Cancel,
    Reactivate,
    Withdraw,
    Card(&'static str),
}

fn step() -> impl Strategy<Value = Step> {
    let plan = prop::sample::select(vec![
        "byok_monthly",
        "byok_annual",
        "standard_monthly",
        "standard_annual",
    ]);
    let card = prop::sample::select(vec!["accepted", "declined", "fails_at_renewal"]);
    prop_oneof![
        4 => (1_i64..45).prop_map(Step::Wait),
        4 => (plan, prop::sample::select(vec!["now", "period_end"])).prop_map(|(plan, when)| Step::Change(plan, when)),
        1 => Just(Step::Cancel),
        2 => Just(Step::Reactivate),
        1 => Just(Step::Withdraw),
        2 => card.prop_map(Step::Card),
    ]
}

fn cents(value: &Value) -> i64 {
    value.as_str().unwrap().replace('.', "").parse().unwrap()
}

/// Checks what holds of all invoices of a customer.
fn check(invoices: &[Value]) {
    let mut balance = 0;
    // How often each moment is paid for, by the moments at which that changes.
    let mut paid: BTreeMap<Timestamp, i64> = BTreeMap::new();
    for (place, invoice) in invoices.iter().rev().enumerate() {
        assert_eq!(invoice["number"], format!("{:06}", place + 1), "no gap");
        let lines = invoice["lines"].as_array().unwrap();
        let sum: i64 = lines.iter().map(|line| cents(&line["amount"])).sum();
        assert_eq!(sum, cents(&invoice["total"]), "{invoice}");
        assert!(sum >= 0, "{invoice}");
        for line in lines {
            let amount = cents(&line["amount"]);
            match line["kind"].as_str().unwrap() {
                // Nobody pays for it, so that it may be paid for by a later one, and what it took is there again.
                "plan" | "balance" if invoice["state"] == "given_up" => {}
                "balance" => balance += amount,
                kind => {
                    let sign = if kind == "plan" { 1 } else { -1 };
                    assert!(amount * sign >= 0, "{line}");
                    let at = |end: &str| line[end].as_str().unwrap().parse::<Timestamp>().unwrap();
                    *paid.entry(at("from")).or_default() += sign;
                    *paid.entry(at("until")).or_default() -= sign;
                }
            }
        }
        assert!(balance >= 0, "more credit was taken than was kept");
    }
    let mut times = 0;
    for (moment, change) in paid {
        times += change;
        assert!((0..=1).contains(&times), "{moment} is paid {times} times");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 20, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_customer_does_invoices_add_up_and_no_second_is_paid_twice(
        steps in prop::collection::vec(step(), 1..25),
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let database = sqlite();
            let service = Instance::start(&database.url).await;
            begin_at(&service, "2027-01-31T00:00:00Z");
            let customer = Customer::paying(&service, "byok_monthly", "accepted").await;
            for step in steps {
                match step {
                    Step::Wait(days) => customer.wait(days).await,
                    Step::Change(plan, when) => {
                        let answer = customer.change(plan, when).await;
                        assert!(answer.status < 500, "{answer:?}");
                    }
                    Step::Cancel => drop(customer.post("/v1/subscription/cancel", &json!({})).await),
                    Step::Reactivate => drop(customer.post("/v1/subscription/reactivate", &json!({})).await),
                    Step::Withdraw => drop(customer.delete("/v1/plan-changes/current").await),
                    Step::Card(card) => drop(customer.change_card(card).await),
                }
            }
            check(&customer.invoices().await);
        });
    }
}
