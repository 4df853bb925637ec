//! Plans bought, changed, cancelled and gone on with through Kinde's interface, with the faults that it has.

use brasskey_platform::Clock;
use brasskey_platform::billing::{Billing, BillingError, PortalArea};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::double::{Double, client, customer, url};

const RETURN: &str = "http://127.0.0.1:53180/paid";

async fn plans(double: &Double, user: &str) -> Vec<String> {
    let agreements = double.billing().agreements(&customer(user)).await.unwrap();
    agreements.into_iter().map(|it| it.plan).collect()
}

#[tokio::test]
async fn a_first_payment_is_made_on_the_hosted_page_and_shows_when_it_is_read() {
    let double = Double::start();
    double.add_user("kp_1").await;
    let billing = double.billing();
    let link = billing
        .checkout(&customer("kp_1"), "byok_monthly", &url(RETURN))
        .await
        .unwrap();
    let query: std::collections::HashMap<_, _> = link.query_pairs().into_owned().collect();
    assert_eq!(query["plan_interest"], "byok_monthly");
    assert_eq!(query["pricing_table_key"], "table_byok");
    assert_eq!(query["redirect_uri"], RETURN);
    let page = client().get(link).send().await.unwrap();
    assert_eq!(page.status(), 200);
    assert!(plans(&double, "kp_1").await.is_empty());

    let pay = |card: &str| {
        let body = format!(
            "user=kp_1&plan=byok_monthly&return_to=http%3A%2F%2F127.0.0.1%3A53180%2Fpaid&state=s&card={card}"
        );
        client()
            .post(format!("{}/hosted/pay", double.issuer))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .send()
    };
    assert_eq!(pay("declined").await.unwrap().status(), 402);
    assert_eq!(pay("abandoned").await.unwrap().status(), 200);
    assert!(plans(&double, "kp_1").await.is_empty());
    let paid = pay("accepted").await.unwrap();
    let back = paid.headers()["location"].to_str().unwrap();
    assert!(back.starts_with(RETURN), "{back}");
    assert_eq!(plans(&double, "kp_1").await, ["byok_monthly"]);

    // Now there is a customer: the portal's own page is where another plan is chosen.
    let link = billing
        .checkout(&customer("kp_1"), "byok_annual", &url(RETURN))
        .await
        .unwrap();
    assert!(link.path().ends_with("/portal_redirect"), "{link}");
    let page = client().get(link).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("/hosted/pay"));
}

#[tokio::test]
async fn the_same_person_is_always_the_same_customer() {
    let double = Double::start();
    double.add_user("kp_1").await;
    let billing = double.billing();
    let person = customer("kp_1");
    let made = futures::future::join_all((0..8).map(|_| billing.customer_id(&person))).await;
    let first = made[0].clone().unwrap();
    assert!(made.iter().all(|it| it.as_ref() == Ok(&first)), "{made:?}");
    assert_eq!(
        billing.customer_id(&customer("kp_2")).await,
        Err(BillingError::Unknown("the user".to_owned()))
    );
    // Eight requests at once, one token.
    assert_eq!(double.state().await["tokens"], 1);
}

#[tokio::test]
async fn a_list_is_read_to_its_end_whatever_its_pages_look_like() {
    let double = Double::start();
    double.add_user("kp_1").await;
    double
        .tell("/old-agreements", json!({"user": "kp_1", "count": 24}))
        .await;
    // The only one that runs is the last of 25.
    double.buy("kp_1", "byok_annual").await;
    for faults in [
        json!({}),
        json!({"page_cap": 10}),
        json!({"page_cap": 10, "has_more_string": true}),
        json!({"page_cap": 5, "offset_11": true}),
        json!({"page_cap": 25}),
    ] {
        double.faults(faults.clone()).await;
        assert_eq!(plans(&double, "kp_1").await, ["byok_annual"], "{faults}");
    }
    double
        .faults(json!({"page_cap": 10, "stuck_cursor": true}))
        .await;
    let stuck = double.billing().agreements(&customer("kp_1")).await;
    assert!(
        matches!(stuck, Err(BillingError::Unreadable(_))),
        "{stuck:?}"
    );
}

#[tokio::test]
async fn periods_are_read_in_kindes_own_way_of_writing_and_missing_ones_stay_missing() {
    let double = Double::start();
    double.add_user("kp_1").await;
    double.buy("kp_1", "byok_monthly").await;
    let read = async || {
        let agreements = double
            .billing()
            .agreements(&customer("kp_1"))
            .await
            .unwrap();
        assert_eq!(agreements.len(), 1);
        agreements.into_iter().next().unwrap()
    };
    let plain = read().await;
    assert!(plain.period_start.is_some() && plain.period_end.is_some());
    double.faults(json!({"offset_11": true})).await;
    assert_eq!(read().await, plain);
    double.faults(json!({"null_periods": true})).await;
    let missing = read().await;
    assert_eq!((missing.period_start, missing.period_end), (None, None));
    double.faults(json!({"period_end_in_past": true})).await;
    let late = read().await;
    assert_eq!(
        (late.period_start, late.period_end),
        (plain.period_start, None)
    );
    assert_eq!(late.ends_at, None);
}

#[tokio::test]
async fn a_change_is_done_when_it_shows_and_is_not_done_twice() {
    let double = Double::start();
    double.add_user("kp_1").await;
    double.buy("kp_1", "byok_monthly").await;
    let billing = double.billing();
    let change = async |plan| billing.change_plan(&customer("kp_1"), plan, now()).await;
    const CHANGE: &str = "POST /api/v1/billing/agreements";

    // The list still shows the old plan for three reads.
    double.faults(json!({"slow_reads": 3})).await;
    change("standard_monthly").await.unwrap();
    assert_eq!(plans(&double, "kp_1").await, ["standard_monthly"]);
    change("standard_monthly").await.unwrap();
    assert_eq!(double.asked(CHANGE).await, 1, "it was there already");

    // The answer is lost, the change is not.
    double.faults(json!({"lose_changes": 1})).await;
    change("standard_annual").await.unwrap();
    assert_eq!(plans(&double, "kp_1").await, ["standard_annual"]);
    assert_eq!(double.asked(CHANGE).await, 2);

    // Lost and slow: it cannot be seen, so that nothing is claimed; who looks later finds it.
    double
        .faults(json!({"lose_changes": 1, "slow_reads": 3}))
        .await;
    let unseen = change("byok_annual").await;
    assert!(
        matches!(unseen, Err(BillingError::Unavailable { .. })),
        "{unseen:?}"
    );
    plans(&double, "kp_1").await;
    change("byok_annual").await.unwrap();
    assert_eq!(plans(&double, "kp_1").await, ["byok_annual"]);
    assert_eq!(double.asked(CHANGE).await, 3);
}

#[tokio::test]
async fn a_change_whose_payment_fails_never_shows_and_the_old_plan_stays() {
    let double = Double::start();
    double.add_user("kp_1").await;
    double.buy("kp_1", "byok_monthly").await;
    double.faults(json!({"fail_agreements": 1})).await;
    let changed = double
        .billing()
        .change_plan(&customer("kp_1"), "byok_annual", now())
        .await;
    assert_eq!(
        changed,
        Ok(()),
        "Kinde said yes: asking again would do harm"
    );
    assert_eq!(plans(&double, "kp_1").await, ["byok_monthly"]);
}

#[tokio::test]
async fn a_denied_change_says_why_and_a_missing_card_is_a_case_of_its_own() {
    let double = Double::start();
    double.add_user("kp_1").await;
    double.buy("kp_1", "byok_monthly").await;
    let billing = double.billing();
    let change = async |plan| billing.change_plan(&customer("kp_1"), plan, now()).await;
    let reason = "Talk to us first.";
    double.faults(json!({"deny_change": reason})).await;
    let denied = Err(BillingError::Denied {
        reason: reason.to_owned(),
    });
    assert_eq!(change("byok_annual").await, denied);
    double.faults(json!({"no_card": true})).await;
    assert_eq!(
        change("byok_annual").await,
        Err(BillingError::PaymentRequired)
    );
    double.faults(json!({})).await;
    assert!(matches!(
        change("gold").await,
        Err(BillingError::Denied { .. })
    ));
}

#[tokio::test]
async fn cancelling_goes_by_the_interface_or_by_the_portal() {
    let double = Double::start();
    double.add_user("kp_1").await;
    let agreement = double.buy("kp_1", "byok_monthly").await;
    let clock = Clock::default();
    let billing = double.billing_by(double.configuration(), clock.clone());
    let person = customer("kp_1");
    double.faults(json!({"delete_missing": true})).await;
    assert_eq!(
        billing.cancel(&person, &agreement).await,
        Err(BillingError::AtPortal)
    );
    // What runs on needs nothing to go on.
    billing.reactivate(&person, &agreement).await.unwrap();
    double.faults(json!({})).await;
    billing.cancel(&person, &agreement).await.unwrap();
    billing.cancel(&person, &agreement).await.unwrap();
    let ending = billing.agreements(&person).await.unwrap();
    assert_eq!(ending[0].ends_at, ending[0].period_end);
    // A new agreement now would bill the period again.
    assert_eq!(
        billing.reactivate(&person, &agreement).await,
        Err(BillingError::AtPortal)
    );
    let month = SignedDuration::from_hours(24 * 32);
    double.advance(month).await;
    clock.advance(month);
    assert!(billing.agreements(&person).await.unwrap().is_empty());
    billing.cancel(&person, &agreement).await.unwrap();
    billing.reactivate(&person, &agreement).await.unwrap();
    assert_eq!(
        billing.agreements(&person).await.unwrap()[0].plan,
        "byok_monthly"
    );
    assert!(matches!(
        billing.reactivate(&person, "agreement_x").await,
        Err(BillingError::Unknown(_))
    ));
}

#[tokio::test]
async fn portal_links_lead_to_their_page_under_either_name_and_are_good_once() {
    let double = Double::start();
    double.add_user("kp_1").await;
    let billing = double.billing();
    for faults in [
        json!({}),
        json!({"only_sub_nav": true}),
        json!({"only_subnav": true}),
    ] {
        double.faults(faults).await;
        for (area, page) in [
            (PortalArea::Plan, "plan_details"),
            (PortalArea::Payment, "payment_details"),
            (PortalArea::Profile, "profile"),
        ] {
            let link = billing
                .portal(&customer("kp_1"), area, &url(RETURN))
                .await
                .unwrap();
            let shown = client().get(link.clone()).send().await.unwrap();
            let text = shown.text().await.unwrap();
            assert!(text.contains(page) && text.contains(RETURN), "{text}");
            assert_eq!(client().get(link).send().await.unwrap().status(), 410);
        }
    }
}

#[tokio::test]
async fn a_token_that_is_not_taken_is_replaced_once() {
    let double = Double::start();
    double.add_user("kp_1").await;
    let billing = double.billing();
    billing.customer_id(&customer("kp_1")).await.unwrap();
    assert_eq!(double.asked("POST /oauth2/token").await, 1);
    double.tell("/tokens/revoke", json!({})).await;
    billing.customer_id(&customer("kp_1")).await.unwrap();
    assert_eq!(double.asked("POST /oauth2/token").await, 2);
}

#[tokio::test]
async fn a_busy_kinde_is_left_alone_for_as_long_as_it_says() {
    let double = Double::start();
    double.add_user("kp_1").await;
    let billing = double.billing();
    double
        .faults(json!({"too_many_requests": 1, "rate_limit_reset": 40}))
        .await;
    for _ in 0..5 {
        match billing.customer_id(&customer("kp_1")).await {
            Err(BillingError::Unavailable { retry_after, .. }) => {
                let wait = retry_after.unwrap().as_secs();
                assert!((1..=40).contains(&wait), "{wait}");
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(double.asked("GET /api/v1/user").await, 1);
    double
        .faults(json!({"too_many_requests": 1, "rate_limit_reset": 0}))
        .await;
    let other = double.billing();
    assert!(other.customer_id(&customer("kp_1")).await.is_err());
    assert!(other.customer_id(&customer("kp_1")).await.is_ok());
}

#[tokio::test]
async fn a_failing_kinde_is_unavailable_and_its_secret_is_in_no_word_of_it() {
    let double = Double::start();
    double.add_user("kp_1").await;
    for faults in [
        json!({"server_errors": 1}),
        json!({"down": true}),
        // One that is lost is asked for again.
        json!({"lose_answers": 2}),
    ] {
        double.faults(faults.clone()).await;
        let failed = double.billing().customer_id(&customer("kp_1")).await;
        assert!(
            matches!(failed, Err(BillingError::Unavailable { .. })),
            "{faults}: {failed:?}"
        );
    }
    double.faults(json!({})).await;
    // The double repeats the secret that it does not take.
    let mut configuration = double.configuration();
    configuration.management_client_id = "somebody".to_owned();
    let billing = double.billing_by(configuration, Clock::default());
    let failed = billing.customer_id(&customer("kp_1")).await.unwrap_err();
    let said = format!("{failed} {failed:?}");
    assert!(said.contains("401"), "{said}");
    assert!(!said.contains(crate::double::SECRET), "{said}");
}

#[tokio::test]
async fn plans_are_known_by_the_customers_that_are_kept_for_it() {
    let double = Double::start();
    double.add_user("kp_1").await;
    double.buy("kp_1", "byok_monthly").await;
    let none = double.billing().plans().await;
    assert!(matches!(none, Err(BillingError::Denied { .. })), "{none:?}");
    let mut configuration = double.configuration();
    let customer = double
        .billing()
        .customer_id(&customer("kp_1"))
        .await
        .unwrap();
    configuration.check_customers = vec![customer];
    let plans = double
        .billing_by(configuration, Clock::default())
        .plans()
        .await
        .unwrap();
    assert_eq!(plans.len(), 1);
    assert_eq!(
        (plans[0].code.as_str(), &plans[0].price),
        ("byok_monthly", &None)
    );
}

/// A change that prorates, as of now.
fn now() -> Option<Timestamp> {
    Some(Clock::default().now())
}
