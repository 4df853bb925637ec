//! The double of Kinde, started for one test, and its control port.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use brasskey_platform::billing::Customer;
use brasskey_platform::billing::kinde::{Kinde, KindeConfiguration};
use brasskey_platform::{Catalogue, Clock, Outbound};
use jiff::SignedDuration;
use secrecy::SecretString;
use serde_json::{Value, json};
use url::Url;

/// The double's own secret; no line of a log may hold it.
pub(crate) const SECRET: &str = "management-secret-qZ7wK3vT9pXb";

/// A double that ends with the test.
pub(crate) struct Double {
    pub(crate) issuer: String,
    control: String,
    client: reqwest::Client,
    process: Child,
}

#[expect(
    clippy::disallowed_methods,
    reason = "a client of the service and of the double's control port"
)]
pub(crate) fn client() -> reqwest::Client {
    // Another test of the process may have been first.
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

impl Double {
    pub(crate) fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_kinde-double"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let output = process.stdout.take().unwrap();
        BufReader::new(output).read_line(&mut line).unwrap();
        let (issuer, control) = line.trim().split_once(' ').unwrap();
        Self {
            issuer: issuer.to_owned(),
            control: control.to_owned(),
            client: client(),
            process,
        }
    }

    pub(crate) async fn tell(&self, path: &str, body: Value) -> Value {
        let url = format!("{}{path}", self.control);
        let response = self.client.post(url).json(&body).send().await.unwrap();
        assert!(
            response.status().is_success(),
            "{path} {body}: {response:?}"
        );
        response.json().await.unwrap()
    }

    pub(crate) async fn faults(&self, faults: Value) {
        self.tell("/faults", faults).await;
    }

    pub(crate) async fn state(&self) -> Value {
        let url = format!("{}/state", self.control);
        self.client
            .get(url)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }

    /// Waits until every webhook that is due was answered.
    pub(crate) async fn idle(&self) {
        let url = format!("{}/idle", self.control);
        assert!(
            self.client
                .get(url)
                .send()
                .await
                .unwrap()
                .status()
                .is_success()
        );
    }

    pub(crate) async fn advance(&self, by: SignedDuration) {
        let milliseconds = i64::try_from(by.as_millis()).unwrap();
        self.tell("/clock", json!({"advance_ms": milliseconds}))
            .await;
    }

    pub(crate) async fn add_user(&self, id: &str) {
        let email = format!("{id}@example.org");
        self.tell("/users", json!({"id": id, "email": email})).await;
    }

    /// Somebody pays on the hosted page.
    pub(crate) async fn buy(&self, user: &str, plan: &str) -> String {
        let made = self.tell("/buy", json!({"user": user, "plan": plan})).await;
        made["agreement"].as_str().unwrap().to_owned()
    }

    /// How often a path was asked.
    pub(crate) async fn asked(&self, what: &str) -> u64 {
        self.state().await["asked"][what].as_u64().unwrap_or(0)
    }

    /// The plans that run for a user, as the double knows.
    pub(crate) async fn running(&self, user: &str) -> Vec<(String, String)> {
        let state = self.state().await;
        let now: jiff::Timestamp = state["now"].as_str().unwrap().parse().unwrap();
        let customer = state["customers"]
            .as_object()
            .unwrap()
            .values()
            .find(|it| it["user_id"] == user)
            .map(|it| it["id"].clone());
        let runs = |it: &&Value| {
            Some(&it["customer_id"]) == customer.as_ref()
                && it["expires_on"]
                    .as_str()
                    .is_none_or(|end| end.parse::<jiff::Timestamp>().unwrap() > now)
        };
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let agreements = state["agreements"].as_array().unwrap().iter().filter(runs);
        agreements
            .map(|it| (text(&it["id"]), text(&it["plan"])))
            .collect()
    }

    pub(crate) fn configuration(&self) -> KindeConfiguration {
        serde_json::from_value(json!({
            "issuer": self.issuer,
            "management_client_id": "management-client",
            "application_client_id": "desktop-client",
            "pricing_tables": {"byok": "table_byok", "standard": "table_standard"},
            "organization": "org_1",
            "starting_plan": "free",
        }))
        .unwrap()
    }

    /// The service's client for it.
    pub(crate) fn billing(&self) -> Kinde {
        self.billing_by(self.configuration(), Clock::default())
    }

    pub(crate) fn billing_by(&self, configuration: KindeConfiguration, clock: Clock) -> Kinde {
        let out = Outbound::new(None).unwrap();
        let catalogue = Catalogue::embedded().unwrap();
        Kinde::new(
            configuration,
            SecretString::from(SECRET),
            &out,
            catalogue,
            clock,
        )
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// A customer as the service knows one who has not paid yet.
pub(crate) fn customer(user: &str) -> Customer {
    Customer {
        account_id: format!("acc_{user}"),
        identity: user.to_owned(),
        email: format!("{user}@example.org"),
        customer_id: None,
    }
}

pub(crate) fn url(text: &str) -> Url {
    text.parse().unwrap()
}

/// Delivers an event that Kinde did not sign as it does; what was answered.
pub(crate) async fn forge(double: &Double, how: &str, kind: &str) -> u64 {
    let data = json!({"customer_id": "customer_x", "user_id": "kp_1"});
    let told = json!({"how": how, "kind": kind, "data": data});
    double.tell("/forge", told).await["status"]
        .as_u64()
        .unwrap()
}

/// Delivers events that are held: those of these numbers, in this order. What was answered.
pub(crate) async fn release(double: &Double, send: Value) -> Vec<u64> {
    let sent = double
        .tell("/release", json!({"send": send, "at_once": 8}))
        .await;
    serde_json::from_value(sent["statuses"].clone()).unwrap()
}
