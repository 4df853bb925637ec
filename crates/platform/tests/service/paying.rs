//! The first payment, the pages of the embedded billing, and what needs a person.

use brasskey_licence::Standing;
use brasskey_platform::billing::{self, Billing};
use serde_json::json;

use crate::customer::{Customer, RETURN};
use crate::databases::both;
use crate::identity::Provider;
use crate::instance::Instance;

#[tokio::test]
async fn a_card_that_is_accepted_makes_a_plan_a_licence_and_a_receipt() {
    for database in both() {
        let service = Instance::start(&database.url).await;
        let customer = Customer::new(&service, "dev_1").await;
        let begun = customer.checkout("byok_monthly").await;
        assert_eq!(begun.status, 201, "{begun:?}");
        let path = format!("/v1/checkouts/{}", begun.text("id"));
        assert_eq!(customer.get(&path).await.text("state"), "pending");
        assert_eq!(customer.subscription().await["standing"], "trial");

        let location = customer
            .submit(begun.text("url"), &[("card", "accepted")])
            .await;
        let expected = format!("{RETURN}?checkout={}&outcome=paid", begun.text("id"));
        assert_eq!(location, expected);
        // The form was sent twice: the outcome is the same, and nothing is paid twice.
        assert_eq!(
            customer
                .submit(begun.text("url"), &[("card", "accepted")])
                .await,
            expected
        );

        let done = customer.get(&path).await;
        assert_eq!(done.text("state"), "paid");
        assert_eq!(done.body["receipt"]["total"], "12.00");
        assert_eq!(done.body["receipt"]["number"], "000001");
        assert_eq!(done.body["receipt"]["lines"][0]["kind"], "plan");
        assert_eq!(customer.totals().await, [("12.00".into(), "paid".into())]);
        let claims = customer.licence().await.claims().clone();
        assert_eq!((claims.st, claims.end), (Standing::Active, None));
        // Another checkout would be a second plan.
        let second = customer.checkout("byok_annual").await;
        assert_eq!(
            (second.status, second.problem()),
            (422, "plan-change-denied")
        );
    }
}

#[tokio::test]
async fn a_card_that_is_declined_and_a_customer_who_leaves_leave_the_trial_as_it_was() {
    for database in both() {
        let service = Instance::start(&database.url).await;
        let customer = Customer::new(&service, "dev_1").await;
        let before = customer.subscription().await;
        for (card, outcome) in [("declined", "declined"), ("leave", "abandoned")] {
            let (location, state) = customer.pay("byok_monthly", card).await;
            assert!(
                location.ends_with(&format!("outcome={outcome}")),
                "{location}"
            );
            assert_eq!(state, outcome);
        }
        let forgotten = customer.checkout("byok_monthly").await;
        customer.wait(2).await;
        let path = format!("/v1/checkouts/{}", forgotten.text("id"));
        assert_eq!(customer.get(&path).await.text("state"), "abandoned");
        let page = service.client.get(forgotten.text("url")).send().await;
        assert_eq!(page.unwrap().status(), 404);
        assert_eq!(customer.subscription().await, before);
        assert!(customer.invoices().await.is_empty());
    }
}

#[tokio::test]
async fn the_same_request_for_a_checkout_gets_the_same_link() {
    for database in both() {
        let service = Instance::start(&database.url).await;
        let customer = Customer::new(&service, "dev_1").await;
        let body = json!({"plan_code": "byok_monthly", "return_url": RETURN});
        let first = customer.post_as("k", "/v1/checkouts", &body).await;
        let again = customer.post_as("k", "/v1/checkouts", &body).await;
        assert_eq!(first.body, again.body);
        let other = Customer::new(&service, "dev_2").await;
        let path = format!("/v1/checkouts/{}", first.text("id"));
        assert_eq!(other.get(&path).await.problem(), "not-found");
    }
}

#[tokio::test]
async fn paying_needs_a_person_a_plan_that_is_sold_and_a_way_back_to_this_computer() {
    for database in both() {
        let service = Instance::start(&database.url).await;
        let nobody = Customer::nobody(&service, "dev_0").await;
        let link = json!({"area": "plan", "return_url": RETURN});
        let refused = [
            nobody.checkout("byok_monthly").await,
            nobody.preview("byok_annual", "now").await,
            nobody.post("/v1/portal-links", &link).await,
            nobody.post("/v1/subscription/cancel", &json!({})).await,
            nobody.get("/v1/invoices").await,
        ];
        for answer in refused {
            assert_eq!((answer.status, answer.problem()), (403, "sign-in-needed"));
        }
        let person = Customer::new(&service, "dev_1").await;
        for (plan, back, code) in [
            ("gold", RETURN, "not-found"),
            ("byok_enterprise", RETURN, "plan-change-denied"),
            ("byok_monthly", "https://example.org/", "invalid-request"),
        ] {
            let body = json!({"plan_code": plan, "return_url": back});
            assert_eq!(person.post("/v1/checkouts", &body).await.problem(), code);
        }
        let early = person.preview("byok_annual", "now").await;
        assert_eq!(early.problem(), "plan-change-denied");
        let nothing = person.post("/v1/subscription/cancel", &json!({})).await;
        assert_eq!(nothing.problem(), "plan-change-denied");
    }
}

#[tokio::test]
async fn every_page_says_that_no_money_moves_runs_no_script_and_loads_nothing() {
    for database in both() {
        let service = Instance::start(&database.url).await;
        let customer = Customer::new(&service, "dev_1").await;
        let checkout = customer.checkout("standard_monthly").await;
        let pay = checkout.text("url").to_owned();
        customer.submit(&pay, &[("card", "accepted")]).await;
        let other = Customer::new(&service, "dev_2").await;
        let unpaid = other
            .checkout("standard_monthly")
            .await
            .text("url")
            .to_owned();
        let account = customer.portal().await;
        let invoice = format!("{account}&invoice=000001");
        let lost = format!("{}/billing/pay?link=x", service.address);
        for (url, status, says) in [
            (&unpaid, 200, "Pay for Standard"),
            (&account, 200, "This period runs until"),
            (&invoice, 200, "Invoice 000001"),
            (&lost, 404, "This link is over"),
        ] {
            let page = service.client.get(url).send().await.unwrap();
            assert_eq!(page.status(), status, "{url}");
            let policy = page.headers()["content-security-policy"].to_str().unwrap();
            assert!(
                policy.starts_with(
                    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'"
                )
            );
            assert!(!policy.contains("script"));
            assert_eq!(page.headers()["referrer-policy"], "no-referrer");
            let text = page.text().await.unwrap();
            assert!(
                text.contains("Simulated payment: no money moves."),
                "{text}"
            );
            assert!(
                text.contains(says) && text.contains("<html lang=\"en\">"),
                "{text}"
            );
            assert!(
                !text.contains("<script") && !text.contains("src="),
                "{text}"
            );
        }
        // The link of one page opens no other.
        let crossed = account.replace("/billing/account", "/billing/pay");
        let page = service.client.get(crossed).send().await.unwrap();
        assert_eq!(page.status(), 404);
    }
}

#[tokio::test]
async fn a_plan_that_is_retired_is_kept_by_who_has_it_and_sold_to_nobody() {
    for database in both() {
        let service = Instance::start(&database.url).await;
        let customer = Customer::paying(&service, "standard_monthly", "accepted").await;
        let mut catalogue = brasskey_platform::Catalogue::embedded().unwrap();
        let plan = catalogue
            .plans
            .iter_mut()
            .find(|plan| plan.code == "standard_monthly");
        plan.unwrap().retired = true;
        let later = service.replica(catalogue).await;
        let new = Customer::new(&later, "dev_2").await;
        let refused = new.checkout("standard_monthly").await;
        assert_eq!(
            (refused.status, refused.problem()),
            (422, "plan-change-denied")
        );
        assert_eq!(refused.body["reason"], "this plan is not sold any longer");
        assert_eq!(new.pay("byok_monthly", "accepted").await.1, "paid");
        let refused = new.preview("standard_monthly", "now").await;
        assert_eq!(refused.problem(), "plan-change-denied");

        service
            .clock
            .advance(jiff::SignedDuration::from_hours(24 * 32));
        later.work().await;
        let totals = customer.totals().await;
        assert_eq!(
            totals,
            [
                ("24.00".into(), "paid".into()),
                ("24.00".into(), "paid".into())
            ]
        );
        assert_eq!(customer.subscription().await["standing"], "active");
    }
}

#[tokio::test]
async fn an_account_that_is_closed_is_charged_nothing_more() {
    let provider = Provider::start();
    for database in both() {
        let service = provider.service(&database).await;
        let ada = provider.token_of("ada@example.com").await;
        let signed_in = service.sign_in(&ada, "dev_1", json!({})).await;
        let customer = Customer::with(&service, "dev_1", signed_in.text("device_token"));
        assert_eq!(customer.pay("byok_monthly", "accepted").await.1, "paid");
        let payer = billing::Customer {
            account_id: customer.licence().await.claims().sub.clone(),
            identity: String::new(),
            email: String::new(),
            customer_id: None,
        };
        assert_eq!(
            customer.change("byok_annual", "period_end").await.status,
            202
        );
        let closed = service.call("DELETE", "/v1/account", &ada, &[]).await;
        assert_eq!(closed.status, 202, "{closed:?}");
        service
            .clock
            .advance(jiff::SignedDuration::from_hours(24 * 62));
        service.work().await;
        let invoices = service.billing.invoices(&payer).await.unwrap().unwrap();
        assert_eq!(invoices.len(), 1);
        assert!(service.billing.agreements(&payer).await.unwrap().is_empty());
    }
}
