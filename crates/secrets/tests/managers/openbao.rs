//! A real OpenBao in its development mode, and what an operator does with it.

use brasskey_secrets::{AppRole, Login, SecretId, Vault, VaultSettings};
use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::programs::{OPENBAO, Running};
use crate::world::{Hand, World, client};

/// The policy that is shipped.
pub(crate) const POLICY: &str = include_str!("../../policies/openbao.hcl");
pub(crate) const KEY: &str = "vault://secret/brasskey/openai#api_key";

pub(crate) struct OpenBao {
    running: Running,
    client: reqwest::Client,
    pub(crate) address: String,
}

/// A status and the body that came with it.
pub(crate) type Said = (u16, Value);

impl OpenBao {
    /// Starts it with the shipped policy and the role `brasskey`, which holds that policy alone.
    pub(crate) async fn start() -> Self {
        let running = Running::start(|port, _| {
            let mut command = OPENBAO.command();
            command
                .args(["server", "-dev", "-dev-no-store-token"])
                .arg("-dev-root-token-id=root")
                .arg(format!("-dev-listen-address=127.0.0.1:{port}"));
            command
        })
        .await;
        let bao = Self {
            address: format!("http://127.0.0.1:{}", running.port),
            client: client(),
            running,
        };
        bao.wait_until_ready().await;
        bao.write("sys/policies/acl/brasskey", json!({ "policy": POLICY }))
            .await;
        bao.write("sys/auth/approle", json!({ "type": "approle" }))
            .await;
        bao.role(json!({ "token_ttl": "1h", "token_max_ttl": "24h" }))
            .await;
        bao
    }

    /// Listening comes before the engine at `secret/`.
    async fn wait_until_ready(&self) {
        let started = std::time::Instant::now();
        while self.ask(Method::GET, "root", "secret/config", None).await.0 != 200 {
            assert!(started.elapsed().as_secs() < 60, "{}", self.running.log());
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }

    pub(crate) fn stop(&mut self) {
        self.running.stop();
    }

    /// Any call, with any token.
    pub(crate) async fn ask(
        &self,
        method: Method,
        token: &str,
        path: &str,
        body: Option<Value>,
    ) -> Said {
        let mut request = self
            .client
            .request(method.clone(), format!("{}/v1/{path}", self.address))
            .header("x-vault-token", token);
        if let Some(body) = body {
            let kind = match method {
                Method::PATCH => "application/merge-patch+json",
                _ => "application/json",
            };
            request = request.header("content-type", kind).body(body.to_string());
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// A call of the operator's, which has to succeed.
    pub(crate) async fn write(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.ask(Method::POST, "root", path, Some(body)).await;
        assert!((200..300).contains(&status), "{path}: {status} {answer}");
        answer
    }

    pub(crate) async fn read(&self, path: &str) -> Value {
        let (status, answer) = self.ask(Method::GET, "root", path, None).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    pub(crate) async fn delete(&self, path: &str) {
        let (status, answer) = self.ask(Method::DELETE, "root", path, None).await;
        assert_eq!(status, 204, "{path}: {answer}");
    }

    pub(crate) async fn put(&self, path: &str, data: Value) {
        self.write(&format!("secret/data/{path}"), json!({ "data": data }))
            .await;
    }

    /// Stores a key at the place that [`KEY`] names.
    pub(crate) async fn put_key(&self, key: &str) {
        self.put("brasskey/openai", json!({ "api_key": key })).await;
    }

    /// Sets the role `brasskey` anew.
    pub(crate) async fn role(&self, settings: Value) {
        let mut body = json!({
            "token_policies": "brasskey",
            "token_no_default_policy": true,
        });
        let extra = settings.as_object().unwrap().clone();
        body.as_object_mut().unwrap().extend(extra);
        self.write("auth/approle/role/brasskey", body).await;
    }

    pub(crate) async fn role_id(&self) -> String {
        let answer = self.read("auth/approle/role/brasskey/role-id").await;
        answer["data"]["role_id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn secret_id(&self) -> String {
        let answer = self
            .write("auth/approle/role/brasskey/secret-id", json!({}))
            .await;
        answer["data"]["secret_id"].as_str().unwrap().to_owned()
    }

    /// A secret id in a wrapping that opens once.
    pub(crate) async fn wrapped_secret_id(&self) -> String {
        let response = self
            .client
            .post(format!(
                "{}/v1/auth/approle/role/brasskey/secret-id",
                self.address
            ))
            .header("x-vault-token", "root")
            .header("x-vault-wrap-ttl", "60s")
            .send()
            .await
            .unwrap();
        let answer: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
        answer["wrap_info"]["token"].as_str().unwrap().to_owned()
    }

    /// The service's own login, by hand.
    pub(crate) async fn token(&self) -> String {
        let body = json!({ "role_id": self.role_id().await, "secret_id": self.secret_id().await });
        let answer = self.write("auth/approle/login", body).await;
        answer["auth"]["client_token"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn login(&self) -> Login {
        let secret_id = SecretId::Plain(self.secret_id().await.into());
        Login::AppRole(AppRole::new(self.role_id().await, secret_id))
    }

    pub(crate) fn vault(&self, login: Login, hand: &Hand) -> Vault {
        Vault::new(VaultSettings::new(&self.address, login), hand.clock()).unwrap()
    }

    /// A program that logs in with the role.
    pub(crate) async fn world(&self) -> World {
        let hand = Hand::new();
        World::of_vault(self.vault(self.login().await, &hand), hand)
    }

    /// What OpenBao knows of the tokens that the role was given, those that are over left out.
    pub(crate) async fn tokens(&self) -> Vec<Value> {
        let list = Method::from_bytes(b"LIST").unwrap();
        let (_, answer) = self.ask(list, "root", "auth/token/accessors", None).await;
        let mut tokens = Vec::new();
        for accessor in answer["data"]["keys"].as_array().unwrap() {
            let body = json!({ "accessor": accessor });
            let path = "auth/token/lookup-accessor";
            let (status, answer) = self.ask(Method::POST, "root", path, Some(body)).await;
            if status == 200 && answer["data"]["path"] == "auth/approle/login" {
                tokens.push(answer["data"].clone());
            }
        }
        tokens
    }

    pub(crate) async fn revoke_tokens(&self) {
        for token in self.tokens().await {
            let body = json!({ "accessor": token["accessor"] });
            self.write("auth/token/revoke-accessor", body).await;
        }
    }

    pub(crate) async fn seal(&self) {
        self.write("sys/seal", json!({})).await;
    }

    pub(crate) async fn unseal(&self) {
        // It serves before it has written all that it says at its start.
        let key = loop {
            let log = self.running.log();
            let key = log.split_once("Unseal Key: ");
            match key.and_then(|(_, rest)| rest.split_once('\n')) {
                Some((key, _)) => break key.trim().to_owned(),
                None => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
            }
        };
        let body = json!({ "key": key });
        let answer = self.ask(Method::POST, "", "sys/unseal", Some(body)).await;
        assert_eq!(answer.1["sealed"], false, "{answer:?}");
        self.wait_until_ready().await;
    }
}

/// Whether a text stands in what a program wrote down.
pub(crate) fn holds(text: &str, secret: &secrecy::SecretString) -> bool {
    text.contains(secret.expose_secret())
}
