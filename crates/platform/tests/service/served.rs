//! A service in this process, with what stands in front of it in production, and a clock that tests move.

use std::net::SocketAddr;
use std::sync::Arc;

use brasskey_platform::billing::embedded::Embedded;
use brasskey_platform::settings::Settings;
use brasskey_platform::{Catalogue, Clock, Edge, KeyFolder, Parts, Service, Store, Terms};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use utoipa_axum::router::OpenApiRouter;

use crate::instance::client;

pub(crate) struct Served {
    pub(crate) service: Service,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) keys: KeyFolder,
    address: SocketAddr,
    client: reqwest::Client,
    server: JoinHandle<()>,
    folder: Arc<TempDir>,
}

impl Served {
    /// A service over a database, behind a proxy that says where requests come from, with further routes.
    pub(crate) async fn start(
        url: &str,
        settings: &Settings,
        more: OpenApiRouter<Service>,
    ) -> Self {
        let folder = Arc::new(TempDir::new().unwrap());
        Self::start_with(folder, url, settings, more).await
    }

    /// Another process over the same database and the same keys.
    pub(crate) async fn beside(&self, url: &str, more: OpenApiRouter<Service>) -> Self {
        Self::start_with(self.folder.clone(), url, &Settings::default(), more).await
    }

    /// A service with the keys in a folder, where there are any.
    pub(crate) async fn start_with(
        folder: Arc<TempDir>,
        url: &str,
        settings: &Settings,
        more: OpenApiRouter<Service>,
    ) -> Self {
        let keys = KeyFolder::at(folder.path());
        let store = Store::open(url).await.unwrap();
        store.migrate().await.unwrap();
        let root = keys.make_root().unwrap();
        let clock = Clock::default();
        if store.keyset().await.unwrap().is_none() {
            let set = keys.rotate(None, clock.now()).unwrap();
            store.keep_keyset(&set, clock.now()).await.unwrap();
        }
        let catalogue = Catalogue::embedded().unwrap();
        let here = "https://platform.example".parse().unwrap();
        let billing = Embedded::new(store.clone(), catalogue.clone(), clock.clone(), here);
        let service = Service::new(Parts {
            store: store.clone(),
            catalogue,
            billing: Arc::new(billing),
            keys: &keys,
            root: &root,
            issuer: "https://platform.example".to_owned(),
            clock: clock.clone(),
            identity: None,
            terms: Terms::embedded().unwrap(),
            oldest_app: "0.1.0".to_owned(),
        })
        .await
        .unwrap();
        let settings = Settings {
            behind_proxy: Some("the test".to_owned()),
            ..settings.clone()
        };
        let routes = service
            .clone()
            .router_with(&Edge::new(&settings), more, None);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let routes = routes.into_make_service_with_connect_info::<SocketAddr>();
        #[expect(
            clippy::disallowed_methods,
            reason = "it ends with the instance that holds it"
        )]
        let server = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self {
            service,
            store,
            clock,
            keys,
            address,
            client: client(),
            server,
            folder,
        }
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Response {
        let mut request = self
            .client
            .request(method, format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        request.send().await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Response {
        self.send(Method::GET, path, headers, None).await
    }

    /// Asks for a trial from an address.
    pub(crate) async fn trial(&self, device: &str, from: &str) -> Response {
        let body =
            json!({"device_id": device, "name": "Desk", "os": "linux", "app_version": "0.1.0"});
        let headers = [("idempotency-key", device), ("x-forwarded-for", from)];
        self.send(Method::POST, "/v1/trials", &headers, Some(&body))
            .await
    }

    /// The header of a new device that has its trial.
    pub(crate) async fn device(&self, device: &str) -> String {
        let begun: Value = self
            .trial(device, "192.0.2.200")
            .await
            .json()
            .await
            .unwrap();
        format!("Bearer {}", begun["device_token"].as_str().unwrap())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// An answer's header.
pub(crate) fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response
        .headers()
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

/// A problem's code, after a look at the rest of it.
pub(crate) async fn code(response: Response) -> String {
    let status = response.status().as_u16();
    assert_eq!(
        header(&response, "content-type"),
        "application/problem+json"
    );
    let id = header(&response, "x-request-id").to_owned();
    let problem: Value = response.json().await.unwrap();
    assert_eq!(problem["status"], status, "{problem}");
    assert_eq!(problem["instance"], format!("urn:brasskey:request:{id}"));
    problem["code"].as_str().unwrap().to_owned()
}
