//! What the platform's authority admits and refuses, and that a call is charged once.

use std::time::Duration;

use brasskey_gateway::{Authority, Ending, Refusal};
use brasskey_metering::Money;
use brasskey_providers::Protocol;
use secrecy::SecretString;

use crate::bank::{Bank, call, came_to, days, ended};
use crate::databases::both;

fn told(refused: Result<impl Sized, Refusal>) -> (u16, &'static str) {
    let refusal = refused.err().expect("a refusal");
    (refusal.status, refusal.code)
}

#[tokio::test]
async fn only_a_vendor_billed_plan_uses_the_vendors_keys() {
    for database in both() {
        let bank = Bank::open(&database.url).await;
        let guest = bank.guest("dev_1").await;
        let refused = bank.admit(&guest, call("c1")).await.unwrap_err();
        assert_eq!((refused.status, refused.code), (403, "plan-required"));
        assert_eq!(refused.more["plans"][0], "standard_monthly");
        // Own keys, paid for or given, are own keys.
        bank.agree(&guest, "agr_1", "byok_annual").await;
        assert_eq!(
            told(bank.admit(&guest, call("c1")).await),
            (403, "plan-required")
        );
        let nobody = crate::bank::Customer {
            account: String::new(),
            token: format!("bkd_{}", "0".repeat(64)),
        };
        assert_eq!(
            told(bank.admit(&nobody, call("c1")).await),
            (401, "device-unknown")
        );
        let models = bank
            .authority
            .models(SecretString::from(guest.token.clone()))
            .await;
        assert_eq!(told(models), (403, "plan-required"));

        let customer = bank.customer("dev_2").await;
        let admission = bank.admit(&customer, call("c1")).await.unwrap();
        assert_eq!(admission.endpoint.base_url.host(), "api.openai.com");
        assert_eq!(admission.endpoint.protocol, Protocol::OpenAiChat);
        assert_eq!(admission.credential.origin().host(), "api.openai.com");
        let models = bank
            .authority
            .models(SecretString::from(customer.token.clone()))
            .await
            .unwrap();
        assert!(
            models
                .iter()
                .any(|(protocol, row)| *protocol == Protocol::OpenAiChat && row.model == "gpt-4o")
        );
        assert!(
            models
                .iter()
                .any(|(protocol, _)| *protocol == Protocol::AnthropicMessages)
        );
        assert!(
            models
                .iter()
                .all(|(protocol, _)| *protocol != Protocol::Gemini)
        );
        // A device that was revoked is nobody's.
        bank.instance.store.revoke_device("dev_2").await.unwrap();
        assert_eq!(
            told(bank.admit(&customer, call("c2")).await),
            (401, "device-unknown")
        );
    }
}

#[tokio::test]
async fn what_cannot_be_priced_or_has_no_key_is_refused_before_the_call() {
    for database in both() {
        let bank = Bank::open(&database.url).await;
        let customer = bank.customer("dev_1").await;
        let mut unknown = call("c1");
        unknown.model = "gpt-nobody-knows".to_owned();
        assert_eq!(
            told(bank.admit(&customer, unknown).await),
            (404, "model-unavailable")
        );
        let mut elsewhere = call("c1");
        elsewhere.protocol = Protocol::Gemini;
        assert_eq!(
            told(bank.admit(&customer, elsewhere).await),
            (404, "model-unavailable")
        );
        bank.keys.0.lock().unwrap().take();
        let refused = bank.admit(&customer, call("c1")).await.unwrap_err();
        assert_eq!(
            (refused.status, refused.code),
            (503, "provider-key-unavailable")
        );
        assert!(refused.retry_after.is_some());
        assert_eq!(bank.wallet(&customer).await.body["held"], "0");
    }
}

#[tokio::test]
async fn a_key_that_was_turned_is_handed_out_once_more_and_a_bad_one_is_not() {
    for database in both() {
        let bank = Bank::open(&database.url).await;
        let customer = bank.customer("dev_1").await;
        let admission = bank.admit(&customer, call("c1")).await.unwrap();
        let refused = &admission.credential;
        assert!(
            bank.authority
                .another_key(&admission.hold, refused)
                .await
                .is_none()
        );
        bank.keys
            .0
            .lock()
            .unwrap()
            .replace("vendor-key-2".to_owned());
        let newer = bank
            .authority
            .another_key(&admission.hold, refused)
            .await
            .unwrap();
        assert_eq!(newer.origin(), refused.origin());
        assert!(
            bank.authority
                .another_key(&admission.hold, &newer)
                .await
                .is_none()
        );
    }
}

#[tokio::test]
async fn a_calls_name_is_good_for_one_call() {
    for database in both() {
        let bank = Bank::open(&database.url).await;
        let customer = bank.customer("dev_1").await;
        let admission = bank.admit(&customer, call("c1")).await.unwrap();
        let running = bank.admit(&customer, call("c1")).await.unwrap_err();
        assert_eq!((running.status, running.code), (409, "request-in-progress"));
        assert!(running.retry_after.is_some());
        let mut other = call("c1");
        other.digest = [8; 32];
        assert_eq!(
            told(bank.admit(&customer, other.clone()).await),
            (422, "idempotency-mismatch")
        );
        bank.authority.settle(admission.hold, came_to("0.5")).await;
        let done = bank.admit(&customer, call("c1")).await.unwrap_err();
        assert_eq!((done.status, done.code), (409, "request-done"));
        assert_eq!(done.more["cost"], "0.5");
        assert_eq!(
            told(bank.admit(&customer, other).await),
            (422, "idempotency-mismatch")
        );
        // Names are an account's own.
        let stranger = bank.customer("dev_2").await;
        assert!(bank.admit(&stranger, call("c1")).await.is_ok());
        let mut long = call("c1");
        long.id = "x".repeat(201);
        assert_eq!(
            told(bank.admit(&customer, long).await),
            (400, "invalid-request")
        );
        bank.adds_up().await;
    }
}

#[tokio::test]
async fn a_call_that_cost_nothing_gives_back_what_it_held_and_its_name() {
    for database in both() {
        let bank = Bank::open(&database.url).await;
        let customer = bank.customer("dev_1").await;
        for ending in [
            Ending::Refused(429),
            Ending::NotSent,
            Ending::Broken,
            Ending::ClientLeft,
        ] {
            let admission = bank.admit(&customer, call("c1")).await.unwrap();
            bank.authority
                .settle(admission.hold, ended(ending, "0"))
                .await;
            let hold = bank.hold(&customer, "c1").await;
            assert_eq!(hold.text("state"), "released", "{ending:?}");
            assert_eq!(bank.wallet(&customer).await.body["available"], "15");
        }
        // A client that left an answer half way pays for the half.
        let admission = bank.admit(&customer, call("c1")).await.unwrap();
        let mut half = ended(Ending::ClientLeft, "0.25");
        half.is_estimated = true;
        bank.authority.settle(admission.hold, half).await;
        let hold = bank.hold(&customer, "c1").await;
        assert_eq!((hold.text("state"), hold.text("cost")), ("settled", "0.25"));
        assert_eq!(hold.body["is_estimated"], true);
        assert_eq!(hold.text("request_id"), "req_provider");
        assert_eq!(
            bank.lines(&customer).await.last().unwrap().0,
            "use_estimated"
        );
        assert_eq!(bank.hold(&customer, "c2").await.problem(), "not-found");
        bank.adds_up().await;
    }
}

#[tokio::test]
async fn sixty_four_callers_at_once_hold_no_more_than_there_is() {
    for database in both() {
        let bank = Bank::open(&database.url).await;
        let customer = bank.customer("dev_1").await;
        let calls = (0..64).map(|number| {
            let (bank, customer) = (&bank, &customer);
            async move {
                // Every second one repeats its neighbour's name.
                let mut large = call(&format!("c{}", number / 2));
                large.most_output = Some(40_000);
                bank.admit(customer, large).await
            }
        });
        let answers = futures::future::join_all(calls).await;
        let mut held = Money::ZERO;
        let mut admissions = Vec::new();
        for answer in answers {
            match answer {
                Ok(admission) => {
                    held = held.checked_add(admission.limit).unwrap();
                    admissions.push(admission);
                }
                Err(refusal) => assert!(
                    matches!(refusal.code, "funds-on-hold" | "request-in-progress"),
                    "{refusal:?}"
                ),
            }
        }
        let wallet = bank.wallet(&customer).await;
        assert_eq!(wallet.text("held"), held.to_string());
        assert!(held <= "15".parse().unwrap(), "{held}");
        assert!(
            admissions.len() > 5 && admissions.len() < 32,
            "{}",
            admissions.len()
        );
        bank.adds_up().await;
        // They end at once, too.
        let count = admissions.len();
        let ends = admissions
            .into_iter()
            .map(|admission| bank.authority.settle(admission.hold, came_to("0.1")));
        futures::future::join_all(ends).await;
        let spent: Money = Money::from_pico(100_000_000_000 * i64::try_from(count).unwrap());
        let wallet = bank.wallet(&customer).await;
        let left = Money::parse("15").unwrap().checked_sub(spent).unwrap();
        assert_eq!(
            (wallet.text("held"), wallet.text("allowance")),
            ("0", left.to_string().as_str())
        );
        bank.adds_up().await;
    }
}

#[tokio::test]
async fn a_refusal_for_money_says_which_limit_it_is_and_whether_waiting_helps() {
    for database in both() {
        let bank = Bank::open(&database.url).await;
        let customer = bank.customer("dev_1").await;
        // Larger than all there is: what is left is held, and the answer is cut there.
        let mut huge = call("c1");
        huge.most_output = Some(10_000_000);
        let admission = bank.admit(&customer, huge).await.unwrap();
        assert_eq!(admission.limit, "15".parse().unwrap());
        let waits = bank.admit(&customer, call("c2")).await.unwrap_err();
        assert_eq!((waits.status, waits.code), (402, "funds-on-hold"));
        assert!(waits.retry_after > Some(Duration::ZERO));
        bank.authority
            .settle(admission.hold, ended(Ending::CutAtLimit, "14.9"))
            .await;
        // Not even the input and a short answer.
        let mut large = call("c3");
        large.most_input = 10_000_000;
        let refused = bank.admit(&customer, large).await.unwrap_err();
        assert_eq!((refused.status, refused.code), (402, "request-too-large"));
        assert_eq!(
            (refused.retry_after, &refused.more["left"]),
            (None, &"0.1".into())
        );
        bank.spend(&customer, "c4", "0.1").await;
        let refused = bank.admit(&customer, call("c5")).await.unwrap_err();
        assert_eq!((refused.status, refused.code), (402, "allowance-spent"));
        // The plan would allow more; the user has not.
        assert_eq!(refused.more["limit_source"], "user_cap");
        let wallet = bank.wallet(&customer).await;
        assert_eq!(refused.more["resets_at"], wallet.body["resets_at"]);
        // What is given by hand has nobody to bill.
        let gifted = bank.guest("dev_2").await;
        let until = bank.now() + days(30);
        let store = &bank.instance.store;
        assert!(
            store
                .grant(&gifted.account, "standard_monthly", Some(until), bank.now())
                .await
                .unwrap()
        );
        let refused = bank.admit(&gifted, call("c1")).await.unwrap_err();
        assert_eq!(
            (refused.code, &refused.more["limit_source"]),
            ("allowance-spent", &"allowance".into())
        );
    }
}

#[tokio::test]
async fn a_process_that_dies_leaves_a_hold_that_expires_and_costs_the_customer_nothing() {
    for database in both() {
        let bank = Bank::open(&database.url).await;
        let customer = bank.customer("dev_1").await;
        drop(bank.admit(&customer, call("c1")).await.unwrap());
        let slow = bank.admit(&customer, call("c2")).await.unwrap();
        bank.pass(jiff::SignedDuration::from_mins(10)).await;
        assert_eq!(bank.hold(&customer, "c1").await.text("state"), "held");
        bank.pass(jiff::SignedDuration::from_mins(10)).await;
        let orphan = bank.hold(&customer, "c1").await;
        assert_eq!(
            (orphan.text("state"), &orphan.body["needs_review"]),
            ("expired", &true.into())
        );
        let wallet = bank.wallet(&customer).await;
        assert_eq!((wallet.text("held"), wallet.text("allowance")), ("0", "15"));
        // One that was only slow comes too late: what it cost is known now, and ours.
        bank.authority.settle(slow.hold, came_to("0.3")).await;
        assert_eq!(bank.hold(&customer, "c2").await.text("cost"), "0.3");
        assert_eq!(bank.wallet(&customer).await.text("allowance"), "15");
        assert_eq!(bank.lines(&customer).await.len(), 1, "the grant");
        let again = bank.admit(&customer, call("c1")).await;
        assert_eq!(told(again), (409, "request-done"));
        bank.adds_up().await;
    }
}
