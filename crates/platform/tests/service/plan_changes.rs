//! Upgrades, downgrades and switches: previewed in money, made as previewed, or not at all.

use jiff::SignedDuration;
use serde_json::json;

use crate::customer::{Customer, begin_at};
use crate::databases::both;
use crate::instance::Instance;

/// April has 30 days: after ten of them two thirds of a month are left.
const APRIL: &str = "2027-04-01T00:00:00Z";

#[tokio::test]
async fn a_switch_after_a_third_of_the_month_costs_two_thirds_of_the_difference() {
    for database in both() {
        let service = Instance::start(&database.url).await;
        begin_at(&service, APRIL);
        let customer = Customer::paying(&service, "byok_monthly", "accepted").await;
        let period_end = customer.subscription().await["period_end"].clone();
        customer.wait(10).await;

        let preview = customer.preview("standard_monthly", "now").await.body;
        // 12.00 × 20/30 = 8.00 is unused, 24.00 × 20/30 = 16.00 is new.
        let money = json!({"credit": "8.00", "charge": "16.00", "net": "8.00", "currency": "USD"});
        assert_eq!(
            (&preview["estimate"], &preview["exact"]),
            (&money, &json!(true))
        );
        assert_eq!(
            (&preview["kind"], &preview["when"]),
            (&json!("switch"), &json!("now"))
        );
        assert_eq!(
            preview["mode"],
            json!({"from": "byok", "to": "vendor_billed"})
        );
        assert_eq!(preview["allowance"], json!({"from": null, "to": "15.00"}));
        assert_eq!(preview["loses"], json!([]));
        assert_eq!(preview["gains"][0]["feature"], "ai_credit");

        let rev = customer.subscription().await["rev"].as_i64().unwrap();
        let body = json!({"plan_code": "standard_monthly", "when": "now", "accepted_preview": preview["preview"]});
        let changed = customer.post_as("once", "/v1/plan-changes", &body).await;
        assert_eq!(
            (changed.status, changed.text("state")),
            (202, "done"),
            "{changed:?}"
        );
        let again = customer.post_as("once", "/v1/plan-changes", &body).await;
        assert_eq!(again.body, changed.body, "the same request is done once");

        let now = customer.subscription().await;
        assert_eq!(now["plan_code"], "standard_monthly");
        assert_eq!(now["period_end"], period_end, "the period goes on");
        assert!(now["rev"].as_i64().unwrap() > rev);
        let invoices = customer.invoices().await;
        assert_eq!(invoices.len(), 2);
        assert_eq!(invoices[0]["total"], "8.00");
        assert_eq!(invoices[0]["lines"][0]["amount"], "-8.00");
        assert_eq!(invoices[0]["lines"][1]["amount"], "16.00");

        // And back on the 20th day: 24.00 × 10/30 = 8.00 is unused, 12.00 × 10/30 = 4.00 is new, and 4.00 is kept.
        customer.wait(10).await;
        let back = customer.preview("byok_monthly", "now").await.body;
        assert_eq!(back["estimate"]["net"], "-4.00");
        assert_eq!(customer.change("byok_monthly", "now").await.status, 202);
        let kept = customer.invoices().await[0].clone();
        assert_eq!(
            (kept["total"].as_str(), kept["lines"][2]["amount"].as_str()),
            (Some("0.00"), Some("4.00"))
        );
        customer.wait(11).await;
        assert_eq!(
            customer.invoices().await[0]["total"],
            "8.00",
            "12.00 less what was kept"
        );
    }
}

#[tokio::test]
async fn from_months_to_years_begins_a_year_at_its_full_price_less_what_is_unused() {
    for database in both() {
        let service = Instance::start(&database.url).await;
        begin_at(&service, APRIL);
        let customer = Customer::paying(&service, "byok_monthly", "accepted").await;
        customer.wait(10).await;
        let preview = customer.preview("byok_annual", "now").await.body;
        assert_eq!(preview["kind"], "upgrade");
        let money =
            json!({"credit": "8.00", "charge": "120.00", "net": "112.00", "currency": "USD"});
        assert_eq!(preview["estimate"], money);
        assert_eq!(
            customer.change("byok_annual", "now").await.text("state"),
            "done"
        );
        let now = customer.subscription().await;
        assert!(
            now["period_end"]
                .as_str()
                .unwrap()
                .starts_with("2028-04-11T"),
            "{now}"
        );
        customer.wait(40).await;
        assert_eq!(customer.invoices().await.len(), 2, "a year is paid");
    }
}

#[tokio::test]
async fn a_downgrade_waits_for_the_end_of_the_period_survives_restarts_and_happens_once() {
    for database in both() {
        let service = Instance::start(&database.url).await;
        begin_at(&service, APRIL);
        let customer = Customer::paying(&service, "byok_annual", "accepted").await;
        customer.wait(100).await;
        let chosen = json!({"plan_code": "byok_monthly"});
        let preview = customer
            .post("/v1/plan-changes/preview", &chosen)
            .await
            .body;
        assert_eq!(
            (&preview["kind"], &preview["when"]),
            (&json!("downgrade"), &json!("period_end"))
        );
        assert_eq!(preview["estimate"]["net"], "12.00");
        let scheduled = customer.change("byok_monthly", "period_end").await;
        assert_eq!(
            (scheduled.status, scheduled.text("state")),
            (202, "scheduled")
        );
        assert!(scheduled.text("effective_at").starts_with("2028-04-01T"));
        for refused in [
            customer.change("standard_monthly", "now").await,
            customer.post("/v1/subscription/cancel", &json!({})).await,
        ] {
            assert_eq!(
                (refused.status, refused.problem()),
                (409, "plan-change-pending")
            );
        }
        customer.wait(200).await;
        assert_eq!(customer.subscription().await["plan_code"], "byok_annual");

        // Other replicas than the one that took it carry it out, at once and together.
        let catalogue = || brasskey_platform::Catalogue::embedded().unwrap();
        let (one, other) = (
            service.replica(catalogue()).await,
            service.replica(catalogue()).await,
        );
        service.clock.advance(SignedDuration::from_hours(24 * 70));
        tokio::join!(one.work(), other.work());
        one.work().await;
        let now = customer.subscription().await;
        assert_eq!(
            (&now["plan_code"], &now["change"]["state"]),
            (&json!("byok_monthly"), &json!("done"))
        );
        let totals: Vec<String> = customer
            .totals()
            .await
            .into_iter()
            .map(|(total, _)| total)
            .collect();
        // 2028-04-01 and 2028-05-01.
        assert_eq!(totals, ["120.00", "12.00"]);
        assert!(
            now["period_end"]
                .as_str()
                .unwrap()
                .starts_with("2028-05-01T"),
            "{now}"
        );
    }
}

#[tokio::test]
async fn a_scheduled_change_can_be_taken_back() {
    for database in both() {
        let service = Instance::start(&database.url).await;
        begin_at(&service, APRIL);
        let customer = Customer::paying(&service, "standard_monthly", "accepted").await;
        let nothing = customer.delete("/v1/plan-changes/current").await;
        assert_eq!((nothing.status, nothing.problem()), (404, "not-found"));
        assert_eq!(
            customer
                .change("byok_monthly", "period_end")
                .await
                .text("state"),
            "scheduled"
        );
        assert_eq!(
            customer.delete("/v1/plan-changes/current").await.status,
            204
        );
        customer.wait(31).await;
        let now = customer.subscription().await;
        assert_eq!(
            (&now["plan_code"], &now["change"]["state"]),
            (&json!("standard_monthly"), &json!("withdrawn"))
        );
        assert_eq!(customer.totals().await.len(), 2);
    }
}

#[tokio::test]
async fn a_change_that_cannot_be_paid_changes_nothing_and_says_why() {
    for database in both() {
        let service = Instance::start(&database.url).await;
        begin_at(&service, APRIL);
        let customer = Customer::paying(&service, "byok_monthly", "fails_at_renewal").await;
        customer.wait(10).await;
        let before = (customer.subscription().await, customer.invoices().await);
        let refused = customer.change("standard_monthly", "now").await;
        assert_eq!(
            (refused.status, refused.problem()),
            (402, "payment-required")
        );
        assert_eq!(refused.text("action"), "portal");
        let mut after = (customer.subscription().await, customer.invoices().await);
        assert_eq!(after.0["change"]["state"], "failed");
        assert_eq!(after.0["change"]["failure"], "payment_required");
        assert_eq!(after.0["change"]["reason"], "a payment method is needed");
        after.0["change"] = before.0["change"].clone();
        assert_eq!(after, before);
        // With another card it goes.
        assert!(
            customer
                .change_card("accepted")
                .await
                .ends_with("said=card")
        );
        assert_eq!(
            customer
                .change("standard_monthly", "now")
                .await
                .text("state"),
            "done"
        );
    }
}

#[tokio::test]
async fn the_name_of_a_change_is_its_own_for_good_and_tells_how_it_ended() {
    for database in both() {
        let service = Instance::start(&database.url).await;
        begin_at(&service, APRIL);
        let customer = Customer::paying(&service, "byok_monthly", "fails_at_renewal").await;
        let asked = async |plan: &str| {
            let preview = customer.preview(plan, "now").await;
            json!({"plan_code": plan, "when": "now", "accepted_preview": preview.text("preview")})
        };
        let first = asked("standard_monthly").await;
        let refused = customer.post_as("once", "/v1/plan-changes", &first).await;
        assert_eq!(
            (refused.status, refused.problem()),
            (402, "payment-required")
        );
        // Asked again it tells what became of it, and tries nothing anew.
        customer.change_card("accepted").await;
        let again = customer.post_as("once", "/v1/plan-changes", &first).await;
        assert_eq!((again.status, again.text("state")), (202, "failed"));
        assert_eq!(again.text("failure"), "payment_required");
        let other = asked("byok_annual").await;
        // Also when the layer that compares whole requests has forgotten the name.
        for days in [0, 2] {
            customer.wait(days).await;
            let taken = customer.post_as("once", "/v1/plan-changes", &other).await;
            assert_eq!(
                (taken.status, taken.problem()),
                (422, "idempotency-mismatch")
            );
        }
        assert_eq!(customer.subscription().await["plan_code"], "byok_monthly");
        assert_eq!(customer.invoices().await.len(), 1);
    }
}

#[tokio::test]
async fn only_what_was_shown_is_done() {
    for database in both() {
        let service = Instance::start(&database.url).await;
        begin_at(&service, APRIL);
        let customer = Customer::paying(&service, "byok_monthly", "accepted").await;
        let shown = customer.preview("standard_monthly", "now").await;
        let mark = shown.text("preview").to_owned();
        let ask = async |plan: &str, when: &str, mark: &str| {
            let body = json!({"plan_code": plan, "when": when, "accepted_preview": mark});
            customer.post("/v1/plan-changes", &body).await
        };
        let (at, hash) = mark.split_once('.').unwrap();
        let earlier = format!("{}.{hash}", at.parse::<i64>().unwrap() - 1000);
        for (plan, when, mark) in [
            ("byok_annual", "now", mark.as_str()),
            ("standard_monthly", "period_end", &mark),
            ("standard_monthly", "now", &earlier),
            ("standard_monthly", "now", "anything"),
        ] {
            let refused = ask(plan, when, mark).await;
            assert_eq!(
                (refused.status, refused.problem()),
                (409, "preview-changed"),
                "{plan} {when} {mark}"
            );
        }
        // A preview is good for a quarter of an hour, and not after something else has changed.
        service.clock.advance(SignedDuration::from_mins(16));
        assert_eq!(
            ask("standard_monthly", "now", &mark).await.problem(),
            "preview-changed"
        );
        let shown = customer.preview("standard_monthly", "now").await;
        customer.post("/v1/subscription/cancel", &json!({})).await;
        let refused = ask("standard_monthly", "now", shown.text("preview")).await;
        assert_eq!(refused.problem(), "preview-changed");
        let now = customer.subscription().await;
        assert_eq!(
            (&now["plan_code"], &now["change"]),
            (&json!("byok_monthly"), &json!(null))
        );
        assert_eq!(customer.invoices().await.len(), 1);
    }
}
