//! Allowances come with the month and go with it, however long the plan's period is.

use brasskey_metering::Money;

use crate::bank::{Bank, call, came_to, days};
use crate::databases::both;

fn kinds(lines: &[(String, String, Money)]) -> Vec<(&str, String)> {
    lines
        .iter()
        .map(|(kind, _, amount)| (kind.as_str(), amount.to_string()))
        .collect()
}

#[tokio::test]
async fn a_months_allowance_is_granted_once_and_what_is_left_lapses() {
    for database in both() {
        let bank = Bank::open(&database.url).await;
        let customer = bank.customer("dev_1").await;
        let reads = (0..16).map(|_| bank.wallet(&customer));
        for wallet in futures::future::join_all(reads).await {
            assert_eq!(wallet.text("allowance"), "15");
        }
        bank.spend(&customer, "c1", "4").await;
        // The period is over, and nobody knows of the next one yet: the old one goes on.
        bank.pass(days(31)).await;
        assert_eq!(bank.wallet(&customer).await.text("allowance"), "11");
        let next = bank.agree(&customer, "agr_dev_1", "standard_monthly").await;
        bank.pass(days(1)).await;
        assert_eq!(bank.wallet(&customer).await.text("allowance"), "15");
        bank.pass(days(1)).await;
        let lines = bank.lines(&customer).await;
        let expected = [
            ("grant", "15"),
            ("use", "-4"),
            // Of the same moment, in the order of their names.
            ("grant", "15"),
            ("lapse", "-11"),
        ];
        assert_eq!(
            kinds(&lines),
            expected.map(|(kind, amount)| (kind, amount.to_owned()))
        );
        // It ends: what is left lapses with the plan.
        let ending = brasskey_platform::billing::Agreement {
            ends_at: next.period_end,
            ..next
        };
        bank.copy(&customer, &ending).await;
        bank.pass(days(40)).await;
        assert_eq!(bank.wallet(&customer).await.text("allowance"), "0");
        assert_eq!(
            kinds(&bank.lines(&customer).await).last().unwrap(),
            &("lapse", "-15".to_owned())
        );
        assert_eq!(
            bank.admit(&customer, call("c2")).await.unwrap_err().code,
            "plan-required"
        );
        bank.adds_up().await;
    }
}

#[tokio::test]
async fn an_annual_plan_has_an_allowance_and_a_cap_for_each_of_its_months() {
    for database in both() {
        let bank = Bank::open(&database.url).await;
        let customer = bank.guest("dev_1").await;
        bank.agree(&customer, "agr_1", "standard_annual").await;
        bank.set_cap(&customer, "1").await;
        for month in 0..12 {
            bank.spend(&customer, &format!("c{month}"), "15.5").await;
            let wallet = bank.wallet(&customer).await;
            assert_eq!(
                (wallet.text("allowance"), wallet.text("overage")),
                ("0", "0.5"),
                "{month}"
            );
            let end: jiff::Timestamp = wallet.text("resets_at").parse().unwrap();
            bank.instance.clock.advance(end.duration_since(bank.now()));
            if month % 2 == 0 {
                // Due work turns the wallet, or the next one who looks does.
                bank.instance.service.do_due_work().await;
            }
        }
        let lines = bank.lines(&customer).await;
        let grants: Vec<_> = lines
            .iter()
            .filter(|line| line.0 == "grant")
            .map(|line| &line.1)
            .collect();
        assert_eq!(grants.len(), 12);
        let mut apart = grants.clone();
        apart.dedup();
        assert_eq!(apart.len(), 12, "each month has an account of its own");
        bank.adds_up().await;
    }
}

#[tokio::test]
async fn a_changed_plan_brings_what_was_not_used_up_already() {
    for database in both() {
        let bank = Bank::open(&database.url).await;
        let customer = bank.customer("dev_1").await;
        bank.spend(&customer, "c1", "15").await;
        // Changing at once, and by way of own keys, brings next to nothing: the time that is left was not paid for.
        bank.agree(&customer, "agr_2", "byok_monthly").await;
        assert_eq!(bank.wallet(&customer).await.text("included"), "0");
        bank.agree(&customer, "agr_3", "standard_annual").await;
        let left: Money = bank
            .wallet(&customer)
            .await
            .text("allowance")
            .parse()
            .unwrap();
        assert!(left < "0.01".parse().unwrap(), "{left}");
        // The next month is whole.
        bank.pass(days(31)).await;
        assert_eq!(bank.wallet(&customer).await.text("allowance"), "15");
        bank.adds_up().await;
    }
}

#[tokio::test]
async fn a_failed_payment_leaves_what_was_granted_and_adds_nothing_until_it_is_mended() {
    for database in both() {
        let bank = Bank::open(&database.url).await;
        let customer = bank.customer("dev_1").await;
        bank.set_cap(&customer, "20").await;
        bank.spend(&customer, "c1", "5").await;
        bank.pass(days(31)).await;
        let mut unpaid = bank.agree(&customer, "agr_dev_1", "standard_monthly").await;
        unpaid.past_due_since = Some(bank.now());
        bank.copy(&customer, &unpaid).await;
        let wallet = bank.wallet(&customer).await;
        assert_eq!(
            (wallet.text("available"), wallet.text("plan_cap")),
            ("0", "0")
        );
        unpaid.past_due_since = None;
        bank.copy(&customer, &unpaid).await;
        assert_eq!(bank.wallet(&customer).await.text("available"), "35");
        bank.adds_up().await;
    }
}

#[tokio::test]
async fn what_a_month_had_and_owes_is_there_again_when_a_payment_is_mended_after_the_plan_was_suspended()
 {
    let (all_spent, some_left) = (("18", "3", "17"), ("5", "0", "30"));
    for (database, (spent, overage, available)) in both()
        .into_iter()
        .zip([all_spent, some_left])
        .chain(both().into_iter().zip([some_left, all_spent]))
    {
        let bank = Bank::open(&database.url).await;
        let customer = bank.guest(&format!("dev_{spent}")).await;
        let name = format!("agr_{spent}");
        let mut agreement = bank.agree(&customer, &name, "standard_monthly").await;
        bank.set_cap(&customer, "20").await;
        bank.spend(&customer, "c1", spent).await;
        agreement.past_due_since = Some(bank.now());
        bank.copy(&customer, &agreement).await;
        bank.pass(days(15)).await;
        let suspended = bank.wallet(&customer).await;
        assert_eq!(
            (suspended.text("included"), suspended.text("available")),
            ("0", "0")
        );
        agreement.past_due_since = None;
        bank.copy(&customer, &agreement).await;
        let wallet = bank.wallet(&customer).await;
        assert_eq!(
            (wallet.text("overage"), wallet.text("available")),
            (overage, available)
        );
        bank.adds_up().await;
    }
}

#[tokio::test]
async fn a_call_that_ends_in_the_next_month_is_charged_there() {
    for database in both() {
        let bank = Bank::open(&database.url).await;
        let customer = bank.guest("dev_1").await;
        bank.agree(&customer, "agr_1", "standard_annual").await;
        let wallet = bank.wallet(&customer).await;
        let end: jiff::Timestamp = wallet.text("resets_at").parse().unwrap();
        bank.instance
            .clock
            .advance(end.duration_since(bank.now()) - jiff::SignedDuration::from_secs(1));
        let admission = bank.admit(&customer, call("c1")).await.unwrap();
        bank.pass(jiff::SignedDuration::from_secs(5)).await;
        let wallet = bank.wallet(&customer).await;
        assert_eq!(wallet.text("allowance"), "15");
        assert_ne!(wallet.text("held"), "0");
        brasskey_gateway::Authority::settle(&bank.authority, admission.hold, came_to("0.02")).await;
        let wallet = bank.wallet(&customer).await;
        assert_eq!(
            (wallet.text("allowance"), wallet.text("held")),
            ("14.98", "0")
        );
        bank.adds_up().await;
    }
}
