//! What a customer sees of the wallet, and in which order it is spent.

use brasskey_metering::Money;
use serde_json::json;

use crate::bank::{Bank, call, came_to};
use crate::databases::both;

fn dollars(text: &str) -> Money {
    text.parse().unwrap()
}

#[tokio::test]
async fn the_allowance_is_spent_first_then_overage_up_to_the_users_cap() {
    for database in both() {
        let bank = Bank::open(&database.url).await;
        let customer = bank.customer("dev_1").await;
        let fresh = bank.wallet(&customer).await;
        for (member, value) in [
            ("currency", "USD"),
            ("included", "15"),
            ("allowance", "15"),
            ("overage", "0"),
            ("overage_cap", "0"),
            ("plan_cap", "200"),
            ("held", "0"),
            ("available", "15"),
        ] {
            assert_eq!(fresh.body[member], value, "{member}");
        }
        let capped = bank.set_cap(&customer, "2.50").await;
        assert_eq!((capped.status, capped.text("available")), (200, "17.5"));
        bank.spend(&customer, "c1", "14.2").await;
        bank.spend(&customer, "c2", "1.3").await;
        let wallet = bank.wallet(&customer).await;
        assert_eq!(
            (wallet.text("allowance"), wallet.text("overage")),
            ("0", "0.5")
        );
        let lines = bank.lines(&customer).await;
        let amounts: Vec<(&str, bool, Money)> = lines
            .iter()
            .map(|(kind, account, amount)| {
                (kind.as_str(), account.starts_with("allowance:"), *amount)
            })
            .collect();
        assert_eq!(
            amounts,
            [
                ("grant", true, dollars("15")),
                ("use", true, dollars("-14.2")),
                ("use", true, dollars("-0.8")),
                ("use", false, dollars("-0.5")),
            ]
        );
        // The plan's own cap holds however much the user allows.
        let more = bank.set_cap(&customer, "1000000").await;
        assert_eq!(
            (more.text("overage_cap"), more.text("available")),
            ("1000000", "199.5")
        );
        bank.adds_up().await;
    }
}

#[tokio::test]
async fn a_call_is_charged_what_it_cost_also_above_its_hold_but_never_above_the_cap() {
    for database in both() {
        let bank = Bank::open(&database.url).await;
        let customer = bank.customer("dev_1").await;
        bank.set_cap(&customer, "1").await;
        let admission = bank.admit(&customer, call("c1")).await.unwrap();
        assert!(admission.limit < dollars("1"));
        bank.authority_settles(admission, "16.75").await;
        let wallet = bank.wallet(&customer).await;
        assert_eq!(
            (wallet.text("allowance"), wallet.text("overage")),
            ("-0.75", "1")
        );
        assert_eq!(wallet.text("available"), "0");
        let refused = bank.admit(&customer, call("c2")).await.unwrap_err();
        assert_eq!(refused.code, "allowance-spent");
        // Amounts finer than a line are rounded once, a half up.
        bank.set_cap(&customer, "5").await;
        bank.spend(&customer, "c3", "0.0000000015").await;
        assert_eq!(bank.hold(&customer, "c3").await.text("cost"), "0.000000002");
        bank.adds_up().await;
    }
}

#[tokio::test]
async fn a_cap_that_is_lowered_holds_for_new_calls_and_leaves_running_ones_theirs() {
    for database in both() {
        let bank = Bank::open(&database.url).await;
        let customer = bank.customer("dev_1").await;
        bank.set_cap(&customer, "10").await;
        bank.spend(&customer, "c1", "15").await;
        let admission = bank.admit(&customer, call("c2")).await.unwrap();
        let lowered = bank.set_cap(&customer, "0").await;
        assert_eq!(
            (lowered.text("available"), lowered.text("overage_cap")),
            ("0", "0")
        );
        let refused = bank.admit(&customer, call("c3")).await.unwrap_err();
        assert_eq!(refused.code, "allowance-spent");
        // What runs was begun under the cap before: it is owed, not free.
        bank.authority_settles(admission, "0.01").await;
        let wallet = bank.wallet(&customer).await;
        assert_eq!(
            (
                wallet.text("overage"),
                wallet.text("allowance"),
                wallet.text("held")
            ),
            ("0.01", "0", "0")
        );
        bank.adds_up().await;
    }
}

#[tokio::test]
async fn lines_come_in_pages_and_nonsense_is_a_problem() {
    for database in both() {
        let bank = Bank::open(&database.url).await;
        let customer = bank.customer("dev_1").await;
        for number in 0..120 {
            bank.spend(&customer, &format!("c{number}"), "0.01").await;
        }
        let lines = bank.lines(&customer).await;
        assert_eq!(lines.len(), 121);
        let sum: i64 = lines.iter().map(|(_, _, amount)| amount.pico()).sum();
        assert_eq!(
            Money::from_pico(sum).to_string(),
            bank.wallet(&customer).await.text("allowance")
        );
        let first = bank
            .instance
            .as_device("GET", "/v1/wallet/lines", &customer.token, None)
            .await;
        assert_eq!(first.body["lines"].as_array().unwrap().len(), 100);
        let ask = |method, path, body: Option<serde_json::Value>| {
            let (bank, customer) = (&bank, &customer);
            async move {
                bank.instance
                    .as_device(method, path, &customer.token, body.as_ref())
                    .await
            }
        };
        for path in [
            "/v1/wallet/lines?after=x",
            "/v1/wallet/lines?after=1.2",
            "/v1/wallet/lines?after=1.1.%00",
        ] {
            assert_eq!(
                ask("GET", path, None).await.problem(),
                "invalid-request",
                "{path}"
            );
        }
        for cap in [
            json!("-1"),
            json!("0.0000000001"),
            json!(1),
            json!("1e99"),
            json!(null),
        ] {
            let refused = ask("PUT", "/v1/wallet/cap", Some(json!({"overage_cap": cap}))).await;
            assert_eq!(refused.problem(), "invalid-request", "{cap}");
        }
        assert_eq!(
            bank.instance.get("/v1/wallet").await.problem(),
            "unauthenticated"
        );
    }
}

#[tokio::test]
async fn the_databases_let_nobody_change_the_ledger_or_what_was_accepted() {
    for database in both() {
        let bank = Bank::open(&database.url).await;
        let customer = bank.customer("dev_1").await;
        bank.spend(&customer, "c1", "1").await;
        let accepted = crate::terms::accept(&bank.instance, &customer.token, "terms", "k1").await;
        assert_eq!(accepted.status, 201, "{accepted:?}");
        let pool = sqlx::AnyPool::connect(&database.url).await.unwrap();
        for statement in [
            "UPDATE ledger_line SET amount = 0",
            "DELETE FROM ledger_line",
            "UPDATE terms_acceptance SET version = 'another'",
            "DELETE FROM terms_acceptance",
        ] {
            let refused = sqlx::query(statement).execute(&pool).await.unwrap_err();
            assert!(refused.to_string().contains("only added to"), "{refused}");
        }
        // A balance that somebody changed is found.
        sqlx::query("UPDATE wallet SET allowance = allowance + 1")
            .execute(&pool)
            .await
            .unwrap();
        let differences = bank.instance.store.audit_wallets().await.unwrap();
        assert_eq!(differences.len(), 1);
        assert_eq!(
            (differences[0].what, &differences[0].of),
            ("allowance", &customer.account)
        );
        assert_eq!(differences[0].kept - differences[0].counted, 1);
    }
}

impl Bank {
    async fn authority_settles(
        &self,
        admission: brasskey_gateway::Admission<brasskey_platform::CallHold>,
        cost: &str,
    ) {
        brasskey_gateway::Authority::settle(&self.authority, admission.hold, came_to(cost)).await;
    }
}
