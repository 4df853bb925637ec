//! A billing provider that has moods: it does not answer, says no, is slow to show what it has done. What it does besides is the
//! embedded billing's.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use brasskey_licence::Standing;
use brasskey_platform::billing::embedded::Embedded;
use brasskey_platform::billing::{
    Agreement, Billing, BillingError, Customer as Payer, Invoice, OfferedPlan, PortalArea, Quote,
    UsageTotal,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use url::Url;

use crate::customer::Customer;
use crate::databases::both;
use crate::instance::Instance;

#[derive(Clone, Debug, Default)]
struct Mood {
    is_away: bool,
    denies: Option<&'static str>,
    /// What it still shows, whatever it has done.
    shows: Option<Vec<Agreement>>,
    /// Which plans it was asked to change to.
    asked: Vec<String>,
}

struct Moody {
    inner: Arc<Embedded>,
    mood: Arc<Mutex<Mood>>,
}

impl Moody {
    fn there(&self) -> Result<&Embedded, BillingError> {
        if self.mood.lock().unwrap().is_away {
            return Err(BillingError::Unavailable {
                detail: "away".to_owned(),
                retry_after: Some(std::time::Duration::from_secs(7)),
            });
        }
        Ok(&self.inner)
    }
}

#[async_trait]
impl Billing for Moody {
    async fn checkout(&self, payer: &Payer, plan: &str, to: &Url) -> Result<Url, BillingError> {
        self.there()?.checkout(payer, plan, to).await
    }

    async fn customer_id(&self, payer: &Payer) -> Result<String, BillingError> {
        self.there()?.customer_id(payer).await
    }

    async fn agreements(&self, payer: &Payer) -> Result<Vec<Agreement>, BillingError> {
        let inner = self.there()?;
        let shown = self.mood.lock().unwrap().shows.clone();
        match shown {
            Some(shown) => Ok(shown),
            None => inner.agreements(payer).await,
        }
    }

    async fn change_plan(
        &self,
        payer: &Payer,
        plan: &str,
        as_of: Option<Timestamp>,
    ) -> Result<(), BillingError> {
        self.mood.lock().unwrap().asked.push(plan.to_owned());
        let inner = self.there()?;
        if let Some(reason) = self.mood.lock().unwrap().denies {
            return Err(BillingError::Denied {
                reason: reason.to_owned(),
            });
        }
        inner.change_plan(payer, plan, as_of).await
    }

    async fn cancel(&self, payer: &Payer, agreement: &str) -> Result<(), BillingError> {
        self.there()?.cancel(payer, agreement).await
    }

    async fn reactivate(&self, payer: &Payer, agreement: &str) -> Result<(), BillingError> {
        self.there()?.reactivate(payer, agreement).await
    }

    async fn portal(&self, payer: &Payer, at: PortalArea, to: &Url) -> Result<Url, BillingError> {
        self.there()?.portal(payer, at, to).await
    }

    async fn report_usage(&self, total: &UsageTotal) -> Result<(), BillingError> {
        self.there()?.report_usage(total).await
    }

    async fn plans(&self) -> Result<Vec<OfferedPlan>, BillingError> {
        self.there()?.plans().await
    }

    async fn quote(&self, _: &Payer, _: &str, _: Timestamp) -> Result<Option<Quote>, BillingError> {
        Ok(None)
    }

    async fn invoices(&self, payer: &Payer) -> Result<Option<Vec<Invoice>>, BillingError> {
        self.there()?.invoices(payer).await
    }
}

struct Scene {
    service: Instance,
    mood: Arc<Mutex<Mood>>,
}

impl Scene {
    async fn new(url: &str) -> Self {
        let mood = Arc::new(Mutex::new(Mood::default()));
        let first = Instance::start(url).await;
        let of_provider = Arc::clone(&mood);
        let service = first
            .replica_with(move |inner| {
                Arc::new(Moody {
                    inner,
                    mood: of_provider,
                })
            })
            .await;
        Self { service, mood }
    }

    /// A person who pays, on the embedded billing's page.
    async fn customer(&self) -> Customer<'_> {
        let customer = Customer::new(&self.service, "dev_1").await;
        let page = self
            .service
            .replica(brasskey_platform::Catalogue::embedded().unwrap());
        let page = page.await;
        let paying = Customer::with(&page, &customer.device, &customer.token);
        assert_eq!(paying.pay("byok_monthly", "accepted").await.1, "paid");
        customer
    }

    fn mood(&self, change: impl FnOnce(&mut Mood)) {
        change(&mut self.mood.lock().unwrap());
    }

    fn asked(&self) -> usize {
        self.mood.lock().unwrap().asked.len()
    }

    /// Lets seconds pass and does what is due.
    async fn wait(&self, seconds: i64) {
        self.service
            .clock
            .advance(SignedDuration::from_secs(seconds));
        self.service.work().await;
    }
}

#[tokio::test]
async fn a_provider_that_says_no_has_changed_nothing_and_its_reason_is_told() {
    for database in both() {
        let scene = Scene::new(&database.url).await;
        let customer = scene.customer().await;
        let before = customer.subscription().await;
        scene.mood(|mood| mood.denies = Some("Only three changes a year."));
        let refused = customer.change("standard_monthly", "now").await;
        assert_eq!(
            (refused.status, refused.problem()),
            (422, "plan-change-denied")
        );
        assert_eq!(refused.text("reason"), "Only three changes a year.");
        let mut after = customer.subscription().await;
        assert_eq!(after["change"]["state"], "failed");
        let reason = after["change"]["reason"].as_str().unwrap();
        assert!(reason.contains("Only three changes a year."), "{reason}");
        assert_eq!(after["change"]["failure"], "denied");
        after["change"] = json!(null);
        assert_eq!(after, before);
        scene.wait(600).await;
        assert_eq!(scene.asked(), 1, "a no is not asked for again");
    }
}

#[tokio::test]
async fn an_estimate_of_ours_says_that_it_is_one() {
    for database in both() {
        let scene = Scene::new(&database.url).await;
        let customer = scene.customer().await;
        let preview = customer.preview("byok_annual", "now").await.body;
        assert_eq!(
            (&preview["exact"], &preview["estimate"]["net"]),
            (&json!(false), &json!("108.00"))
        );
    }
}

#[tokio::test]
async fn a_change_waits_for_a_provider_that_is_away_and_happens_once() {
    for database in both() {
        let scene = Scene::new(&database.url).await;
        let customer = scene.customer().await;
        let shown = customer.preview("standard_monthly", "now").await;
        let body = json!({"plan_code": "standard_monthly", "when": "period_end", "accepted_preview": shown.text("preview")});
        scene.mood(|mood| mood.is_away = true);
        let refused = customer.post("/v1/plan-changes", &body).await;
        assert_eq!(
            (refused.status, refused.problem()),
            (503, "billing-unavailable")
        );
        assert_eq!(refused.body["retry_after"], 7);
        // What is scheduled meets a provider that is away when its time has come.
        scene.mood(|mood| mood.is_away = false);
        assert_eq!(
            customer
                .change("standard_monthly", "period_end")
                .await
                .text("state"),
            "scheduled"
        );
        scene.mood(|mood| mood.is_away = true);
        scene.wait(86_400 * 32).await;
        let waiting = customer.subscription().await;
        assert_eq!(
            (&waiting["plan_code"], &waiting["change"]["state"]),
            (&json!("byok_monthly"), &json!("pending"))
        );
        assert_eq!(customer.licence().await.claims().st, Standing::Active);
        assert_eq!(
            customer.delete("/v1/plan-changes/current").await.problem(),
            "plan-change-pending"
        );
        scene.wait(30).await;
        scene.mood(|mood| mood.is_away = false);
        scene.wait(120).await;
        let done = customer.subscription().await;
        assert_eq!(
            (&done["plan_code"], &done["change"]["state"]),
            (&json!("standard_monthly"), &json!("done"))
        );
        let asked = scene.asked();
        scene.wait(600).await;
        assert_eq!(scene.asked(), asked);
    }
}

#[tokio::test]
async fn a_change_that_nobody_can_bring_to_the_provider_is_given_up_with_the_reason() {
    for database in both() {
        let scene = Scene::new(&database.url).await;
        let customer = scene.customer().await;
        assert_eq!(
            customer
                .change("standard_monthly", "period_end")
                .await
                .status,
            202
        );
        scene.mood(|mood| mood.is_away = true);
        scene.wait(86_400 * 32).await;
        for _ in 0..12 {
            scene.wait(3600).await;
        }
        let given_up = customer.subscription().await;
        assert_eq!(given_up["change"]["state"], "failed");
        assert_eq!(given_up["change"]["failure"], "provider_failed");
        assert_eq!(given_up["plan_code"], "byok_monthly");
    }
}

#[tokio::test]
async fn a_provider_that_is_slow_to_show_a_change_is_asked_for_it_once() {
    for database in both() {
        let scene = Scene::new(&database.url).await;
        let customer = scene.customer().await;
        let payer = payer(&customer).await;
        let old = scene.service.billing.agreements(&payer).await.unwrap();
        // At first it shows the old plan, then none at all.
        scene.mood(|mood| mood.shows = Some(old));
        let preview = customer.preview("standard_monthly", "now").await;
        let body = json!({
            "plan_code": "standard_monthly", "when": "now", "accepted_preview": preview.text("preview"),
        });
        let asked = async || {
            let change = customer.post_as("one", "/v1/plan-changes", &body).await;
            change.text("state").to_owned()
        };
        assert_eq!(asked().await, "pending");
        scene.wait(20).await;
        scene.mood(|mood| mood.shows = Some(Vec::new()));
        scene.wait(60).await;
        let between = customer.subscription().await;
        assert_eq!(
            (&between["plan_code"], &between["standing"]),
            (&json!("byok_monthly"), &json!("active"))
        );
        scene.mood(|mood| mood.shows = None);
        scene.wait(120).await;
        let done = customer.subscription().await;
        assert_eq!(
            (&done["plan_code"], &done["change"]["state"]),
            (&json!("standard_monthly"), &json!("done"))
        );
        // Who asks again under the same name hears how it stands now.
        assert_eq!(asked().await, "done");
        assert_eq!(scene.asked(), 1);
    }
}

#[tokio::test]
async fn an_old_copy_is_compared_after_a_licence_was_renewed_and_a_provider_that_is_away_delays_nobody()
 {
    for database in both() {
        let scene = Scene::new(&database.url).await;
        let customer = scene.customer().await;
        scene.service.work().await;
        let payer = payer(&customer).await;
        let mut shown = scene.service.billing.agreements(&payer).await.unwrap();
        shown[0].ends_at = shown[0].period_end;
        scene.mood(|mood| mood.shows = Some(shown));
        scene.service.clock.advance(SignedDuration::from_mins(30));
        customer.licence().await;
        scene.service.work().await;
        assert_eq!(
            customer.subscription().await["standing"],
            "active",
            "the copy is fresh"
        );
        scene.service.clock.advance(SignedDuration::from_mins(40));
        scene.mood(|mood| mood.is_away = true);
        assert_eq!(customer.licence().await.claims().st, Standing::Active);
        scene.service.work().await;
        scene.mood(|mood| mood.is_away = false);
        scene.wait(400).await;
        assert_eq!(customer.licence().await.claims().st, Standing::Ending);
        // Without a renewal it is compared every six hours.
        scene.mood(|mood| mood.shows = None);
        scene.wait(3600 * 5).await;
        assert_eq!(customer.subscription().await["standing"], "ending");
        scene.wait(3600 * 2).await;
        assert_eq!(customer.subscription().await["standing"], "active");
    }
}

async fn payer(customer: &Customer<'_>) -> Payer {
    Payer {
        account_id: customer.licence().await.claims().sub.clone(),
        identity: "kp_dev_1".to_owned(),
        email: String::new(),
        customer_id: None,
    }
}
