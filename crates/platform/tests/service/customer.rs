//! A person with an account and a device, who pays and changes plans as the application and the browser do.

use brasskey_licence::Licence;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::instance::{Answer, Instance};

/// Where the application listens for the browser.
pub(crate) const RETURN: &str = "http://127.0.0.1:53180/paid";

pub(crate) struct Customer<'a> {
    pub(crate) service: &'a Instance,
    pub(crate) device: String,
    pub(crate) token: String,
    keys: std::cell::Cell<u32>,
}

/// Puts the service's clock to a time.
pub(crate) fn begin_at(service: &Instance, time: &str) {
    let time: Timestamp = time.parse().unwrap();
    service
        .clock
        .advance(time.duration_since(service.clock.now()));
}

impl<'a> Customer<'a> {
    /// A person who tries Brasskey and has signed in.
    pub(crate) async fn new(service: &'a Instance, device: &str) -> Self {
        let customer = Self::nobody(service, device).await;
        let licence = customer.licence().await;
        let identity = format!("kp_{device}");
        let is_given =
            service
                .store
                .give_person(&licence.claims().sub, &identity, "someone@example.org");
        assert!(is_given.await.unwrap());
        customer
    }

    /// Somebody who tries Brasskey and has not signed in.
    pub(crate) async fn nobody(service: &'a Instance, device: &str) -> Self {
        let begun = service.trial(device, device).await;
        Self::with(service, device, begun.text("device_token"))
    }

    /// Somebody whose device is known.
    pub(crate) fn with(service: &'a Instance, device: &str, token: &str) -> Self {
        Self {
            service,
            device: device.to_owned(),
            token: token.to_owned(),
            keys: std::cell::Cell::new(0),
        }
    }

    /// A person who pays for a plan with a card.
    pub(crate) async fn paying(service: &'a Instance, plan: &str, card: &str) -> Self {
        let customer = Self::new(service, "dev_1").await;
        assert_eq!(customer.pay(plan, card).await.1, "paid");
        customer
    }

    /// Renews the licence, without taking the new credential.
    pub(crate) async fn licence(&self) -> Licence {
        let renewed = self.service.renew(&self.token).await;
        assert_eq!(renewed.status, 200, "{renewed:?}");
        let licence = self.service.read(&renewed.body["licence"], &self.device);
        licence.await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        let url = format!("{}{path}", self.service.address);
        let request = self.service.client.get(url).bearer_auth(&self.token);
        self.service.ask(request).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        let url = format!("{}{path}", self.service.address);
        let request = self.service.client.delete(url).bearer_auth(&self.token);
        self.service.ask(request).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.keys.set(self.keys.get() + 1);
        self.post_as(&format!("key {}", self.keys.get()), path, body)
            .await
    }

    pub(crate) async fn post_as(&self, key: &str, path: &str, body: &Value) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let headers = [("authorization", bearer.as_str()), ("idempotency-key", key)];
        self.service.post(path, &headers, body).await
    }

    pub(crate) async fn subscription(&self) -> Value {
        let answer = self.get("/v1/subscription").await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body
    }

    /// Newest first.
    pub(crate) async fn invoices(&self) -> Vec<Value> {
        let answer = self.get("/v1/invoices").await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body["invoices"].as_array().unwrap().clone()
    }

    /// Totals and states, oldest first.
    pub(crate) async fn totals(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let invoices = self.invoices().await;
        let each = invoices.iter().rev();
        each.map(|invoice| (text(&invoice["total"]), text(&invoice["state"])))
            .collect()
    }

    pub(crate) async fn checkout(&self, plan: &str) -> Answer {
        let body = json!({"plan_code": plan, "return_url": RETURN});
        self.post("/v1/checkouts", &body).await
    }

    /// Pays in the browser; where it is led to, and how the checkout stands then.
    pub(crate) async fn pay(&self, plan: &str, card: &str) -> (String, String) {
        let begun = self.checkout(plan).await;
        assert_eq!(begun.status, 201, "{begun:?}");
        let page = self.service.client.get(begun.text("url")).send();
        assert_eq!(page.await.unwrap().status(), 200);
        let location = self.submit(begun.text("url"), &[("card", card)]).await;
        let state = self
            .get(&format!("/v1/checkouts/{}", begun.text("id")))
            .await;
        (location, state.text("state").to_owned())
    }

    /// Sends a form as a browser does; where it is led to.
    pub(crate) async fn submit(&self, url: &str, fields: &[(&str, &str)]) -> String {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        let form = form.extend_pairs(fields).finish();
        let request = self.service.client.post(url).body(form);
        let kind = "application/x-www-form-urlencoded";
        let answer = request.header("content-type", kind).send().await.unwrap();
        assert_eq!(answer.status(), 303, "{url}");
        answer.headers()["location"].to_str().unwrap().to_owned()
    }

    /// Opens the account's page.
    pub(crate) async fn portal(&self) -> String {
        let body = json!({"area": "payment", "return_url": RETURN});
        let link = self.post("/v1/portal-links", &body).await;
        assert_eq!(link.status, 201, "{link:?}");
        link.text("url").split('#').next().unwrap().to_owned()
    }

    /// Gives another card.
    pub(crate) async fn change_card(&self, card: &str) -> String {
        let page = self.portal().await;
        self.submit(&page, &[("do", "card"), ("card", card)]).await
    }

    pub(crate) async fn preview(&self, plan: &str, when: &str) -> Answer {
        let body = json!({"plan_code": plan, "when": when});
        self.post("/v1/plan-changes/preview", &body).await
    }

    /// Asks for a preview and accepts it.
    pub(crate) async fn change(&self, plan: &str, when: &str) -> Answer {
        let preview = self.preview(plan, when).await;
        if preview.status != 200 {
            return preview;
        }
        let body =
            json!({"plan_code": plan, "when": when, "accepted_preview": preview.text("preview")});
        self.post("/v1/plan-changes", &body).await
    }

    /// Lets days pass, and does what has become due.
    pub(crate) async fn wait(&self, days: i64) {
        self.service
            .clock
            .advance(SignedDuration::from_hours(24 * days));
        self.service.work().await;
    }
}
