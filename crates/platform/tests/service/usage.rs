//! Metered features are counted exactly once, and the billing provider hears of totals.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use brasskey_platform::billing::{
    Agreement, Billing, BillingError, Customer as Payer, OfferedPlan, PortalArea, UsageTotal,
};
use brasskey_platform::{Catalogue, Told};
use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use url::Url;

use crate::bank::{Bank, Customer, days};
use crate::databases::both;
use crate::instance::Answer;

async fn send(bank: &Bank, customer: &Customer, events: &[Value]) -> Answer {
    let body = json!({ "events": events });
    bank.instance
        .as_device("POST", "/v1/usage", &customer.token, Some(&body))
        .await
}

fn event(bank: &Bank, id: &str, feature: &str, quantity: i64) -> Value {
    json!({"id": id, "feature": feature, "quantity": quantity, "at": bank.now().to_string()})
}

#[tokio::test]
async fn ten_thousand_repetitions_count_once() {
    for database in both() {
        let bank = Bank::open(&database.url).await;
        let customer = bank.guest("dev_1").await;
        let events: Vec<Value> = (0..500)
            .map(|number| event(&bank, &format!("e{number}"), "projects", 2))
            .collect();
        let sent = (0..20).map(|_| send(&bank, &customer, &events));
        let mut accepted = 0;
        for answer in futures::future::join_all(sent).await {
            assert_eq!(answer.status, 200, "{answer:?}");
            let count = |name: &str| answer.body[name].as_u64().unwrap();
            assert_eq!(count("accepted") + count("duplicates"), 500);
            accepted += count("accepted");
        }
        assert_eq!(accepted, 500);
        let twice = [
            event(&bank, "twice", "reports", 1),
            event(&bank, "twice", "reports", 1),
        ];
        let answer = send(&bank, &customer, &twice).await;
        assert_eq!(
            (&answer.body["accepted"], &answer.body["duplicates"]),
            (&1.into(), &1.into())
        );
        let totals = &answer.body["totals"];
        assert_eq!(
            totals["projects"],
            json!({"used": 1000, "max": null, "is_within": true})
        );
        assert_eq!(totals["reports"]["used"], 1);
        // Another account's names are its own.
        let stranger = bank.guest("dev_2").await;
        assert_eq!(
            send(&bank, &stranger, &twice[..1]).await.body["accepted"],
            1
        );
    }
}

#[tokio::test]
async fn a_limit_is_told_and_what_was_used_offline_is_counted_all_the_same() {
    for database in both() {
        let bank = Bank::open(&database.url).await;
        let customer = bank.guest("dev_1").await;
        let mut early = event(&bank, "e1", "computers", 5);
        let answer = send(&bank, &customer, &[early.clone()]).await;
        assert_eq!(
            answer.body["totals"]["computers"],
            json!({"used": 5, "max": 5, "is_within": true})
        );
        let answer = send(&bank, &customer, &[event(&bank, "e2", "computers", 1)]).await;
        assert_eq!(
            answer.body["totals"]["computers"],
            json!({"used": 6, "max": 5, "is_within": false})
        );
        // Forty days without a network.
        bank.pass(days(40)).await;
        early["id"] = "e3".into();
        let late = send(
            &bank,
            &customer,
            &[early.clone(), event(&bank, "e1", "computers", 5)],
        )
        .await;
        assert_eq!(
            (&late.body["accepted"], &late.body["duplicates"]),
            (&1.into(), &1.into())
        );
        // What is too old to be known is not counted twice.
        bank.pass(days(80)).await;
        let old = send(&bank, &customer, &[early]).await;
        assert_eq!(
            (&old.body["accepted"], &old.body["too_old"]),
            (&0.into(), &1.into())
        );
        assert_eq!(old.body["totals"]["computers"]["used"], 11);
    }
}

#[tokio::test]
async fn events_that_make_no_sense_are_a_problem_and_none_of_them_is_counted() {
    for database in both() {
        let bank = Bank::open(&database.url).await;
        let customer = bank.guest("dev_1").await;
        let good = event(&bank, "e1", "projects", 1);
        for bad in [
            event(&bank, "e2", "telepathy", 1),
            event(&bank, "e2", "local_gateway", 1),
            event(&bank, "e2", "ai_credit", 1),
            event(&bank, "e2", "projects", 0),
            event(&bank, "e2", "projects", i64::MAX),
            event(&bank, "", "projects", 1),
            event(&bank, "a\0b", "projects", 1),
            event(&bank, &"x".repeat(101), "projects", 1),
            json!({"id": "e2", "feature": "projects", "quantity": 1, "at": "yesterday"}),
        ] {
            let refused = send(&bank, &customer, &[good.clone(), bad.clone()]).await;
            assert_eq!(refused.problem(), "invalid-request", "{bad}");
        }
        let many: Vec<Value> = (0..501)
            .map(|number| event(&bank, &format!("e{number}"), "projects", 1))
            .collect();
        assert_eq!(
            send(&bank, &customer, &many).await.problem(),
            "invalid-request"
        );
        let none = send(&bank, &customer, &[]).await;
        assert_eq!((none.status, &none.body["totals"]), (200, &json!({})));
        assert_eq!(send(&bank, &customer, &[good]).await.body["accepted"], 1);
    }
}

/// Notes totals, and fails when told to.
#[derive(Default)]
struct Notes {
    totals: Mutex<Vec<UsageTotal>>,
    is_down: Mutex<bool>,
    /// Totals arrive when there is a permit.
    on_its_way: Mutex<Option<Arc<Semaphore>>>,
    asked: AtomicU32,
}

impl Notes {
    fn take(&self) -> Vec<(String, i64)> {
        let totals = std::mem::take(&mut *self.totals.lock().unwrap());
        totals
            .into_iter()
            .map(|total| (total.feature, total.total))
            .collect()
    }
}

fn down() -> BillingError {
    BillingError::Unavailable {
        detail: "down".to_owned(),
        retry_after: None,
    }
}

#[async_trait]
impl Billing for Notes {
    async fn report_usage(&self, total: &UsageTotal) -> Result<(), BillingError> {
        if *self.is_down.lock().unwrap() {
            return Err(down());
        }
        self.asked.fetch_add(1, Ordering::SeqCst);
        let on_its_way = self.on_its_way.lock().unwrap().clone();
        if let Some(way) = on_its_way {
            way.acquire().await.unwrap().forget();
        }
        self.totals.lock().unwrap().push(total.clone());
        Ok(())
    }
    async fn checkout(&self, _: &Payer, _: &str, _: &Url) -> Result<Url, BillingError> {
        Err(down())
    }
    async fn customer_id(&self, _: &Payer) -> Result<String, BillingError> {
        Err(down())
    }
    async fn agreements(&self, _: &Payer) -> Result<Vec<Agreement>, BillingError> {
        Err(down())
    }
    async fn change_plan(
        &self,
        _: &Payer,
        _: &str,
        _: Option<jiff::Timestamp>,
    ) -> Result<(), BillingError> {
        Err(down())
    }
    async fn cancel(&self, _: &Payer, _: &str) -> Result<(), BillingError> {
        Err(down())
    }
    async fn reactivate(&self, _: &Payer, _: &str) -> Result<(), BillingError> {
        Err(down())
    }
    async fn portal(&self, _: &Payer, _: PortalArea, _: &Url) -> Result<Url, BillingError> {
        Err(down())
    }
    async fn plans(&self) -> Result<Vec<OfferedPlan>, BillingError> {
        Err(down())
    }
}

#[tokio::test]
async fn the_billing_provider_hears_absolute_totals_in_whole_cents_every_few_minutes() {
    for database in both() {
        let bank = Bank::open(&database.url).await;
        let customer = bank.customer("dev_1").await;
        let (service, billing) = (&bank.instance.service, Notes::default());
        let minutes = |minutes| {
            bank.instance
                .clock
                .advance(SignedDuration::from_mins(minutes))
        };
        bank.set_cap(&customer, "20").await;
        bank.spend(&customer, "c1", "15.009").await;
        service.report_usage(&billing).await.unwrap();
        assert_eq!(billing.take(), [], "less than a cent is owed");
        bank.spend(&customer, "c2", "0.509").await;
        send(&bank, &customer, &[event(&bank, "e1", "projects", 3)]).await;
        *billing.is_down.lock().unwrap() = true;
        service.report_usage(&billing).await.unwrap();
        *billing.is_down.lock().unwrap() = false;
        service.report_usage(&billing).await.unwrap();
        // What was tried a moment ago waits; the others were not tried while nobody answered.
        assert_eq!(billing.take(), [("projects".to_owned(), 3)]);
        minutes(4);
        let replicas = (0..8).map(|_| service.report_usage(&billing));
        for reported in futures::future::join_all(replicas).await {
            reported.unwrap();
        }
        assert_eq!(billing.take(), [("ai_credit".to_owned(), 51)]);
        minutes(4);
        service.report_usage(&billing).await.unwrap();
        assert_eq!(billing.take(), [], "nothing new");
        bank.spend(&customer, "c3", "0.9").await;
        service.report_usage(&billing).await.unwrap();
        minutes(1);
        bank.spend(&customer, "c4", "0.1").await;
        // Before an agreement is replaced, what is owed under it is told at once.
        service
            .report_usage_of(&billing, &customer.account)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            billing.take().last().unwrap(),
            &("ai_credit".to_owned(), 151)
        );
        // What is given by hand, or tried, is nobody's to bill.
        let guest = bank.guest("dev_2").await;
        send(&bank, &guest, &[event(&bank, "e1", "projects", 3)]).await;
        service.report_usage(&billing).await.unwrap();
        assert_eq!(billing.take(), []);
        bank.adds_up().await;
    }
}

#[tokio::test]
async fn a_total_that_is_overtaken_on_its_way_replaces_no_later_one() {
    for database in both() {
        let bank = Bank::open(&database.url).await;
        let customer = bank.customer("dev_1").await;
        let replica = bank.instance.replica(Catalogue::embedded().unwrap()).await;
        bank.set_cap(&customer, "20").await;
        bank.spend(&customer, "c1", "16").await;
        let (slow, billing) = (Notes::default(), Notes::default());
        let way = Arc::new(Semaphore::new(0));
        *slow.on_its_way.lock().unwrap() = Some(Arc::clone(&way));
        let account = customer.account.as_str();
        let tells = bank.instance.service.report_usage(&slow);
        let meanwhile = async {
            while slow.asked.load(Ordering::SeqCst) == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            bank.spend(&customer, "c2", "0.2").await;
            let told = replica.service.report_usage_of(&billing, account).await;
            assert_eq!(told.unwrap().unwrap(), Told::Busy);
            assert_eq!(billing.take(), [], "nothing overtakes it");
            way.add_permits(1);
        };
        let (told, ()) = tokio::join!(tells, meanwhile);
        told.unwrap();
        assert_eq!(slow.take(), [("ai_credit".to_owned(), 100)]);
        let told = replica.service.report_usage_of(&billing, account).await;
        assert_eq!(told.unwrap().unwrap(), Told::Settled);
        assert_eq!(billing.take(), [("ai_credit".to_owned(), 120)]);

        // Whether one arrived is not known: it may still be on its way.
        bank.spend(&customer, "c3", "0.1").await;
        *billing.is_down.lock().unwrap() = true;
        replica
            .service
            .report_usage_of(&billing, account)
            .await
            .unwrap()
            .unwrap_err();
        *billing.is_down.lock().unwrap() = false;
        let told = replica.service.report_usage_of(&billing, account).await;
        assert_eq!(told.unwrap().unwrap(), Told::Busy);
        bank.instance.clock.advance(SignedDuration::from_secs(61));
        let told = replica.service.report_usage_of(&billing, account).await;
        assert_eq!(told.unwrap().unwrap(), Told::Settled);
        assert_eq!(billing.take(), [("ai_credit".to_owned(), 130)]);
    }
}
