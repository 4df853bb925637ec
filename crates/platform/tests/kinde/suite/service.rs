//! A service whose plans are sold by the double, on a database of either kind, with one person's device.

use std::sync::Arc;

use brasskey_licence::{Claims, KeySet, Licence, PublicKey, Standing};
use brasskey_platform::{Catalogue, Clock, KeyFolder, Parts, Service, Store, Terms};
use jiff::SignedDuration;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::databases::Database;
use crate::double::{Double, client};

/// The service.
pub(crate) struct Instance {
    pub(crate) service: Service,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    root: PublicKey,
    address: String,
    client: reqwest::Client,
    server: JoinHandle<()>,
    /// The folder with the signing keys.
    pub(crate) keys: TempDir,
}

/// A device of somebody's, with the credential that is good now.
pub(crate) struct Device {
    name: String,
    pub(crate) credential: String,
}

impl Instance {
    pub(crate) async fn start(url: &str, double: &Double) -> Self {
        let keys = TempDir::new().unwrap();
        let folder = KeyFolder::at(keys.path());
        let store = Store::open(url).await.unwrap();
        store.migrate().await.unwrap();
        let root = folder.make_root().unwrap();
        let clock = Clock::default();
        let set = folder.rotate(None, clock.now()).unwrap();
        store.keep_keyset(&set, clock.now()).await.unwrap();
        let billing = double.billing_by(double.configuration(), clock.clone());
        let service = Service::new(Parts {
            store: store.clone(),
            catalogue: Catalogue::embedded().unwrap(),
            keys: &folder,
            root: &root,
            issuer: "https://platform.example".to_owned(),
            clock: clock.clone(),
            billing: Arc::new(billing),
            identity: None,
            terms: Terms::embedded().unwrap(),
            oldest_app: "0.1.0".to_owned(),
        })
        .await
        .unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let router = service.clone().router();
        #[expect(
            clippy::disallowed_methods,
            reason = "it ends with the instance that holds it"
        )]
        let server = tokio::spawn(async move {
            axum::serve(listener, router).await.unwrap();
        });
        let instance = Self {
            service,
            store,
            clock,
            root,
            address,
            client: client(),
            server,
            keys,
        };
        let endpoint = instance.endpoint();
        double.tell("/endpoint", json!({"url": endpoint})).await;
        instance
    }

    pub(crate) async fn post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> (u16, Value) {
        let mut request = self
            .client
            .post(format!("{}{path}", self.address))
            .json(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        (
            status,
            serde_json::from_str(&text).unwrap_or(Value::String(text)),
        )
    }

    /// A device with a trial, whose person has signed in since.
    pub(crate) async fn device_of(&self, user: &str) -> Device {
        let name = format!("dev_{user}");
        let body =
            json!({"device_id": name, "name": "Desk", "os": "linux", "app_version": "0.1.0"});
        let (status, begun) = self
            .post("/v1/trials", &[("idempotency-key", "k")], &body)
            .await;
        assert_eq!(status, 201, "{begun}");
        let mut device = Device {
            credential: begun["device_token"].as_str().unwrap().to_owned(),
            name,
        };
        let account = self.licence(&mut device).await.sub;
        let email = format!("{user}@example.org");
        let given = self.store.give_person(&account, user, &email).await;
        assert!(given.unwrap());
        device
    }

    /// What the device's next licence says.
    pub(crate) async fn licence(&self, device: &mut Device) -> Claims {
        let (status, renewed) = self.renew(device).await;
        assert_eq!(status, 200, "{renewed}");
        device.credential = renewed["device_token"].as_str().unwrap().to_owned();
        let set = self.client.get(format!("{}/v1/keyset", self.address));
        let set = set.send().await.unwrap().text().await.unwrap();
        let set = KeySet::read(&set, std::slice::from_ref(&self.root)).unwrap();
        let licence = renewed["licence"].as_str().unwrap();
        let licence = Licence::read(licence, &set, &device.name).unwrap();
        licence.claims().clone()
    }

    pub(crate) async fn renew(&self, device: &Device) -> (u16, Value) {
        let bearer = format!("Bearer {}", device.credential);
        let body = json!({"app_version": "0.2.0"});
        self.post("/v1/licence", &[("authorization", &bearer)], &body)
            .await
    }

    pub(crate) async fn post_as(
        &self,
        device: &Device,
        key: &str,
        path: &str,
        body: &Value,
    ) -> (u16, Value) {
        let bearer = format!("Bearer {}", device.credential);
        let headers = [("authorization", bearer.as_str()), ("idempotency-key", key)];
        self.post(path, &headers, body).await
    }

    pub(crate) async fn get(&self, device: &Device, path: &str) -> Value {
        let request = self.client.get(format!("{}{path}", self.address));
        let response = request
            .bearer_auth(&device.credential)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200, "{path}");
        response.json().await.unwrap()
    }

    /// A change of plan for now, as the application asks for it: with the preview that was accepted.
    pub(crate) async fn change(&self, device: &Device, plan: &str, key: &str) -> (u16, Value) {
        let body = json!({"plan_code": plan, "when": "now"});
        let preview = "/v1/plan-changes/preview";
        let (status, preview) = self.post_as(device, key, preview, &body).await;
        if status != 200 {
            return (status, preview);
        }
        let body =
            json!({"plan_code": plan, "when": "now", "accepted_preview": preview["preview"]});
        self.post_as(device, key, "/v1/plan-changes", &body).await
    }

    /// The plan and how it stands.
    pub(crate) async fn stands(&self, device: &mut Device) -> (String, Standing) {
        let claims = self.licence(device).await;
        (claims.plan, claims.st)
    }

    /// Where Kinde's webhooks go.
    pub(crate) fn endpoint(&self) -> String {
        format!("{}/v1/webhooks/kinde", self.address)
    }

    pub(crate) async fn work(&self) {
        self.service.do_due_work().await;
    }

    /// Lets time pass, here and at Kinde.
    pub(crate) async fn pass(&self, double: &Double, time: SignedDuration) {
        self.clock.advance(time);
        double.advance(time).await;
    }

    /// Passes what every service does within hours, until nothing is left to find out.
    pub(crate) async fn reconcile(&self, double: &Double) {
        for _ in 0..3 {
            self.pass(double, SignedDuration::from_hours(7)).await;
            self.work().await;
        }
    }

    pub(crate) async fn events(&self) -> [i64; 3] {
        let mut counts = [0; 3];
        for (count, state) in counts.iter_mut().zip(["waiting", "done", "parked"]) {
            *count = self.store.events_in(state).await.unwrap();
        }
        counts
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// A service, its double, and a person with a trial.
pub(crate) async fn set_up(database: &Database) -> (Double, Instance, Device) {
    let double = Double::start();
    double.add_user("kp_1").await;
    let service = Instance::start(&database.url, &double).await;
    let device = service.device_of("kp_1").await;
    (double, service, device)
}

pub(crate) fn plan(code: &str, standing: Standing) -> (String, Standing) {
    (code.to_owned(), standing)
}
