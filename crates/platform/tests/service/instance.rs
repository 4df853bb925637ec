//! A running service and a client that speaks to it over a socket.

use std::sync::Arc;

use brasskey_licence::{KeySet, Licence, PublicKey, TokenError};
use brasskey_platform::billing::Billing;
use brasskey_platform::billing::embedded::Embedded;
use brasskey_platform::{Catalogue, Clock, Identity, KeyFolder, Parts, Service, Store, Terms};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinHandle;

/// A service that answers on a port of its own.
pub(crate) struct Instance {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) billing: Arc<Embedded>,
    pub(crate) address: String,
    pub(crate) client: reqwest::Client,
    pub(crate) service: Service,
    pub(crate) root: PublicKey,
    server: JoinHandle<()>,
    keys: Arc<TempDir>,
}

#[expect(
    clippy::disallowed_methods,
    reason = "a client of the service, not of a provider"
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

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) kind: String,
    pub(crate) body: Value,
    pub(crate) etag: Option<String>,
}

impl Instance {
    pub(crate) async fn start(url: &str) -> Self {
        Self::start_with(url, None, Terms::embedded().unwrap()).await
    }

    /// With somebody who says who somebody is, and with other terms.
    pub(crate) async fn start_with(url: &str, identity: Option<Identity>, terms: Terms) -> Self {
        let keys = TempDir::new().unwrap();
        let folder = KeyFolder::at(keys.path());
        let store = Store::open(url).await.unwrap();
        store.migrate().await.unwrap();
        folder.make_root().unwrap();
        let now = jiff::Timestamp::from_second(1_790_000_000).unwrap();
        let set = folder.rotate(None, now).unwrap();
        store.keep_keyset(&set, now).await.unwrap();
        let catalogue = Catalogue::embedded().unwrap();
        let (keys, clock) = (Arc::new(keys), Clock::default());
        Self::of(store, keys, clock, catalogue, identity, terms, |own| own).await
    }

    /// Another replica over the same database, with the same clock and keys.
    pub(crate) async fn replica(&self, catalogue: Catalogue) -> Self {
        let (store, clock) = (self.store.clone(), self.clock.clone());
        let (keys, terms) = (Arc::clone(&self.keys), Terms::embedded().unwrap());
        Self::of(store, keys, clock, catalogue, None, terms, |own| own).await
    }

    /// Another replica, with other terms, where people sign in.
    pub(crate) async fn replica_with_terms(&self, identity: Identity, terms: Terms) -> Self {
        let (store, clock) = (self.store.clone(), self.clock.clone());
        let catalogue = Catalogue::embedded().unwrap();
        let keys = Arc::clone(&self.keys);
        Self::of(
            store,
            keys,
            clock,
            catalogue,
            Some(identity),
            terms,
            |own| own,
        )
        .await
    }

    /// Another replica, with a billing provider that is made of the embedded one.
    pub(crate) async fn replica_with(
        &self,
        wrap: impl FnOnce(Arc<Embedded>) -> Arc<dyn Billing>,
    ) -> Self {
        let (store, clock) = (self.store.clone(), self.clock.clone());
        let (keys, terms) = (Arc::clone(&self.keys), Terms::embedded().unwrap());
        let catalogue = Catalogue::embedded().unwrap();
        Self::of(store, keys, clock, catalogue, None, terms, wrap).await
    }

    async fn of(
        store: Store,
        keys: Arc<TempDir>,
        clock: Clock,
        catalogue: Catalogue,
        identity: Option<Identity>,
        terms: Terms,
        wrap: impl FnOnce(Arc<Embedded>) -> Arc<dyn Billing>,
    ) -> Self {
        let folder = KeyFolder::at(keys.path());
        let root = folder.root().unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let billing = Arc::new(Embedded::new(
            store.clone(),
            catalogue.clone(),
            clock.clone(),
            address.parse().unwrap(),
        ));
        let service = Service::new(Parts {
            store: store.clone(),
            catalogue,
            keys: &folder,
            root: &root,
            issuer: "https://platform.example".to_owned(),
            clock: clock.clone(),
            billing: wrap(Arc::clone(&billing)),
            identity,
            terms,
            oldest_app: "0.1.0".to_owned(),
        })
        .await
        .unwrap();
        let router = service.clone().router();
        #[expect(
            clippy::disallowed_methods,
            reason = "it ends with the instance that holds it"
        )]
        let server = tokio::spawn(async move {
            axum::serve(listener, router).await.unwrap();
        });
        Self {
            store,
            clock,
            billing,
            address,
            client: client(),
            service,
            root,
            server,
            keys,
        }
    }

    /// Does what is due.
    pub(crate) async fn work(&self) {
        self.service.do_due_work().await;
    }

    pub(crate) async fn ask(&self, request: reqwest::RequestBuilder) -> Answer {
        Answer::to(request).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(self.client.get(format!("{}{path}", self.address)))
            .await
    }

    pub(crate) async fn post(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let mut request = self
            .client
            .post(format!("{}{path}", self.address))
            .json(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.ask(request).await
    }

    /// Asks as a device that is signed in.
    pub(crate) async fn as_device(
        &self,
        method: &str,
        path: &str,
        credential: &str,
        body: Option<&Value>,
    ) -> Answer {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let address = format!("{}{path}", self.address);
        let request = self.client.request(method, address).bearer_auth(credential);
        self.ask(match body {
            Some(body) => request.json(body),
            None => request,
        })
        .await
    }

    /// Any request, with a credential or an access token.
    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        bearer: &str,
        more: &[(&str, &str)],
    ) -> Answer {
        let method = method.parse().unwrap();
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.address))
            .bearer_auth(bearer);
        for (name, value) in more {
            request = request.header(*name, *value);
        }
        self.ask(request).await
    }

    /// Signs in on a device with an access token; `more` is added to what is sent.
    pub(crate) async fn sign_in(&self, token: &str, device: &str, more: Value) -> Answer {
        let mut body = json!({
            "device_id": device,
            "name": format!("{device}'s name"),
            "os": "linux",
            "app_version": "0.1.0",
        });
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let bearer = format!("Bearer {token}");
        let headers = [
            ("authorization", bearer.as_str()),
            ("idempotency-key", "k1"),
        ];
        self.post("/v1/devices", &headers, &body).await
    }

    /// Asks for a trial as a device does.
    pub(crate) async fn trial(&self, device: &str, key: &str) -> Answer {
        let body = json!({
            "device_id": device,
            "name": "Desk",
            "os": "linux",
            "app_version": "0.1.0",
        });
        self.post("/v1/trials", &[("idempotency-key", key)], &body)
            .await
    }

    /// Renews with a credential.
    pub(crate) async fn renew(&self, credential: &str) -> Answer {
        let bearer = format!("Bearer {credential}");
        let body = json!({"app_version": "0.2.0"});
        self.post("/v1/licence", &[("authorization", &bearer)], &body)
            .await
    }

    /// Reads a licence as the application does: with the root's public key alone.
    pub(crate) async fn read(&self, licence: &Value, device: &str) -> Result<Licence, TokenError> {
        let set = self.get("/v1/keyset").await;
        let roots = [self.root.clone()];
        let set = KeySet::read(set.body.as_str().unwrap(), &roots)?;
        Licence::read(licence.as_str().unwrap(), &set, device)
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Answer {
    pub(crate) async fn to(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let kind = response
            .headers()
            .get("content-type")
            .map(|value| value.to_str().unwrap().to_owned())
            .unwrap_or_default();
        assert!(response.headers().contains_key("x-request-id"));
        let etag = response.headers().get("etag");
        let etag = etag.map(|value| value.to_str().unwrap().to_owned());
        let text = response.text().await.unwrap();
        Self {
            status,
            kind,
            body: serde_json::from_str(&text).unwrap_or(Value::String(text)),
            etag,
        }
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        self.body[name]
            .as_str()
            .unwrap_or_else(|| panic!("no {name}: {self:?}"))
    }

    /// A problem's code; a problem is what it says it is.
    pub(crate) fn problem(&self) -> &str {
        assert_eq!(self.kind, "application/problem+json", "{self:?}");
        assert_eq!(self.body["status"], self.status);
        self.text("code")
    }
}
