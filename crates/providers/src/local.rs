//! Finds model servers that run on this computer.
//!
//! It must never send a key, nor look anywhere but on the servers' usual ports of 127.0.0.1.

use std::time::Duration;

use serde_json::Value;

use crate::endpoint::{BaseUrl, Endpoint};
use crate::models::{Model, of_page};
use crate::payer::Payer;
use crate::probe::fetch;
use crate::provider::{Protocol, Provider};
use crate::wire::{Call, Wire};

/// A server on this computer answers at once or is not there.
const WITHIN: Duration = Duration::from_millis(1500);

/// A model server on this computer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalServer {
    /// Which server it says it is, or whose port it answers on.
    pub provider: Provider,
    /// Where it is reached.
    pub base_url: BaseUrl,
    /// The models it offers.
    pub models: Vec<Model>,
}

/// Looks for Ollama, LM Studio, llama.cpp and vLLM on their usual ports, all at once.
pub async fn discover_local(wire: &Wire) -> Vec<LocalServer> {
    let usual = Provider::all()
        .iter()
        .filter(|provider| provider.is_local())
        .filter_map(|provider| Endpoint::of(*provider));
    discover(wire, usual).await
}

async fn discover(wire: &Wire, places: impl Iterator<Item = Endpoint>) -> Vec<LocalServer> {
    let looks = places.map(|endpoint| look(wire, endpoint));
    futures::future::join_all(looks)
        .await
        .into_iter()
        .flatten()
        .collect()
}

async fn look(wire: &Wire, endpoint: Endpoint) -> Option<LocalServer> {
    let call = Call::get(format!("{}/models", endpoint.base_url), WITHIN);
    let page = fetch(wire, &endpoint, &Payer::Nobody, call).await.ok()?;
    // Any service may sit on these ports: only the list of an OpenAI-compatible server counts.
    if page.get("object").and_then(Value::as_str) != Some("list") {
        return None;
    }
    let models = of_page(&page)?;
    Some(LocalServer {
        provider: says(&page).unwrap_or(endpoint.provider),
        base_url: endpoint.base_url,
        models,
    })
}

/// Which server the list's owner names.
fn says(page: &Value) -> Option<Provider> {
    match page.pointer("/data/0/owned_by")?.as_str()? {
        "library" => Some(Provider::Ollama),
        "organization_owner" => Some(Provider::LmStudio),
        "llamacpp" => Some(Provider::LlamaCpp),
        "vllm" => Some(Provider::Vllm),
        _ => None,
    }
}

impl LocalServer {
    /// The endpoint to ask this server.
    pub fn endpoint(&self) -> Endpoint {
        Endpoint {
            provider: self.provider,
            protocol: Protocol::OpenAiChat,
            base_url: self.base_url.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use axum::Json;
    use axum::routing::get;
    use serde_json::json;

    async fn serve(answer: Value) -> Endpoint {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("an address");
        let router = axum::Router::new().route("/v1/models", get(move || async { Json(answer) }));
        #[expect(clippy::disallowed_methods, reason = "the runtime of the test ends it")]
        tokio::spawn(async move { axum::serve(listener, router).await });
        Endpoint {
            base_url: BaseUrl::parse(&format!("http://{address}/v1")).expect("a base URL"),
            ..Endpoint::of(Provider::LlamaCpp).expect("a local provider")
        }
    }

    #[tokio::test]
    async fn a_server_is_found_by_its_list_and_named_by_its_owner() {
        let ollama = serve(json!({"object": "list", "data": [
            {"id": "llama9:8b", "object": "model", "owned_by": "library"}
        ]}))
        .await;
        let quiet = serve(json!({"object": "list", "data": [{"id": "local-model"}]})).await;
        let other = serve(json!({"models": [{"name": "a router's admin page"}]})).await;
        let nobody = Endpoint {
            base_url: BaseUrl::parse("http://127.0.0.1:1/v1").expect("a base URL"),
            ..quiet.clone()
        };
        let wire = Wire::new().expect("a client");
        let places = [ollama, quiet, other, nobody];
        let found = discover(&wire, places.into_iter()).await;
        let named: Vec<_> = found
            .iter()
            .map(|server| (server.provider, server.models[0].id.as_str()))
            .collect();
        assert_eq!(
            named,
            [
                (Provider::Ollama, "llama9:8b"),
                (Provider::LlamaCpp, "local-model")
            ]
        );
    }
}
