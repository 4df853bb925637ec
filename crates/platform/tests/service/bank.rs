//! A service with customers who pay from their wallet, and the authority that decides about their calls.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use brasskey_gateway::{Admission, Authority, Call, Ending, Outcome, Refusal};
use brasskey_metering::{Money, Usage};
use brasskey_platform::billing::Agreement;
use brasskey_platform::{
    CallHold, KeySource, KeyUnavailable, PlatformAuthority, VendorKeys, VendorProvider,
};
use brasskey_providers::Protocol;
use jiff::{SignedDuration, Timestamp, ToSpan};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::instance::{Answer, Instance};

/// The vendor's keys, which a test turns.
#[derive(Default)]
pub(crate) struct Keys(pub(crate) Mutex<Option<String>>);

#[async_trait]
impl KeySource for Keys {
    fn understands(&self, reference: &str) -> bool {
        reference.starts_with("safe:")
    }

    async fn key(&self, _: &str) -> Result<SecretString, KeyUnavailable> {
        let key = self.0.lock().unwrap().clone();
        key.map(SecretString::from).ok_or(KeyUnavailable)
    }

    async fn newer_key(
        &self,
        reference: &str,
        _: &SecretString,
    ) -> Result<SecretString, KeyUnavailable> {
        self.key(reference).await
    }
}

pub(crate) struct Bank {
    pub(crate) instance: Instance,
    pub(crate) authority: PlatformAuthority,
    pub(crate) keys: Arc<Keys>,
}

#[derive(Clone)]
pub(crate) struct Customer {
    pub(crate) account: String,
    pub(crate) token: String,
}

impl Bank {
    pub(crate) async fn open(url: &str) -> Self {
        let instance = Instance::start(url).await;
        let keys = Arc::new(Keys(Mutex::new(Some("vendor-key-1".to_owned()))));
        let providers: Vec<VendorProvider> = serde_json::from_value(json!([
            {"provider": "openai", "key": "safe:openai"},
            {"provider": "anthropic", "key": "safe:anthropic", "base_url": "http://127.0.0.1:9/v1"},
        ]))
        .unwrap();
        let vendor = VendorKeys::new(providers, keys.clone()).unwrap();
        let authority = PlatformAuthority::new(instance.service.clone(), vendor);
        Self {
            instance,
            authority,
            keys,
        }
    }

    /// A device with an account, as yet on trial.
    pub(crate) async fn guest(&self, device: &str) -> Customer {
        let begun = self.instance.trial(device, "k").await;
        let licence = self
            .instance
            .read(&begun.body["licence"], device)
            .await
            .unwrap();
        Customer {
            account: licence.claims().sub.clone(),
            token: begun.text("device_token").to_owned(),
        }
    }

    /// A customer with a vendor-billed plan whose period begins now.
    pub(crate) async fn customer(&self, device: &str) -> Customer {
        let customer = self.guest(device).await;
        self.agree(&customer, &format!("agr_{device}"), "standard_monthly")
            .await;
        customer
    }

    /// The customer agrees to a plan whose period begins now.
    pub(crate) async fn agree(
        &self,
        customer: &Customer,
        agreement: &str,
        plan: &str,
    ) -> Agreement {
        let now = self.now();
        let months = if plan.ends_with("annual") { 12 } else { 1 };
        let end = now
            .to_zoned(jiff::tz::TimeZone::UTC)
            .checked_add(months.months())
            .unwrap();
        let agreement = Agreement {
            id: agreement.to_owned(),
            plan: plan.to_owned(),
            period_start: Some(now),
            period_end: Some(end.timestamp()),
            ends_at: None,
            past_due_since: None,
        };
        self.copy(customer, &agreement).await;
        agreement
    }

    pub(crate) async fn copy(&self, customer: &Customer, agreement: &Agreement) {
        assert!(
            self.instance
                .store
                .copy_agreement(&customer.account, agreement, self.now())
                .await
                .unwrap()
        );
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.instance.clock.now()
    }

    pub(crate) async fn pass(&self, time: SignedDuration) {
        self.instance.clock.advance(time);
        self.instance.service.do_due_work().await;
    }

    pub(crate) async fn admit(
        &self,
        customer: &Customer,
        call: Call,
    ) -> Result<Admission<CallHold>, Refusal> {
        let token = SecretString::from(customer.token.clone());
        self.authority.admit(token, call).await
    }

    /// A call from beginning to end.
    pub(crate) async fn spend(&self, customer: &Customer, id: &str, cost: &str) {
        let admission = self.admit(customer, call(id)).await.unwrap();
        self.authority.settle(admission.hold, came_to(cost)).await;
    }

    pub(crate) async fn wallet(&self, customer: &Customer) -> Answer {
        let answer = self
            .instance
            .as_device("GET", "/v1/wallet", &customer.token, None)
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer
    }

    pub(crate) async fn hold(&self, customer: &Customer, id: &str) -> Answer {
        let path = format!("/v1/holds/{id}");
        self.instance
            .as_device("GET", &path, &customer.token, None)
            .await
    }

    pub(crate) async fn set_cap(&self, customer: &Customer, cap: &str) -> Answer {
        let body = json!({"overage_cap": cap});
        self.instance
            .as_device("PUT", "/v1/wallet/cap", &customer.token, Some(&body))
            .await
    }

    /// All lines of a customer, page by page: kind, account, amount.
    pub(crate) async fn lines(&self, customer: &Customer) -> Vec<(String, String, Money)> {
        let mut lines = Vec::new();
        let mut path = "/v1/wallet/lines".to_owned();
        loop {
            let page = self
                .instance
                .as_device("GET", &path, &customer.token, None)
                .await;
            assert_eq!(page.status, 200, "{page:?}");
            for line in page.body["lines"].as_array().unwrap() {
                let text = |name: &str| line[name].as_str().unwrap().to_owned();
                lines.push((
                    text("kind"),
                    text("account"),
                    text("amount").parse().unwrap(),
                ));
            }
            match &page.body["next"] {
                Value::String(next) => path = format!("/v1/wallet/lines?after={next}"),
                _ => return lines,
            }
        }
    }

    /// Every balance is the sum of its lines.
    pub(crate) async fn adds_up(&self) {
        assert_eq!(self.instance.store.audit_wallets().await.unwrap(), []);
    }
}

/// A call to a priced model.
pub(crate) fn call(id: &str) -> Call {
    Call {
        id: id.to_owned(),
        protocol: Protocol::OpenAiChat,
        model: "gpt-4o".to_owned(),
        most_input: 1_000,
        most_output: Some(1_000),
        digest: [7; 32],
    }
}

/// A whole answer that cost this much.
pub(crate) fn came_to(cost: &str) -> Outcome {
    ended(Ending::Complete, cost)
}

pub(crate) fn ended(ending: Ending, cost: &str) -> Outcome {
    Outcome {
        ending,
        usage: Usage::default(),
        cost: cost.parse().unwrap(),
        is_estimated: false,
        request_id: Some("req_provider".to_owned()),
    }
}

pub(crate) fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}
