//! The identity provider of the tests: oidc-provider in the shape of Kinde, as its own process (`tests/identity`).

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use brasskey_platform::{Identity, IdentitySettings, Outbound, Terms};
use serde_json::{Value, json};

use crate::databases::Database;
use crate::instance::{Instance, client};

const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/identity/main.js");

/// A running provider. It ends with this value, and with this process.
pub(crate) struct Provider {
    pub(crate) issuer: String,
    pub(crate) ports: [u16; 3],
    control: String,
    client: reqwest::Client,
    process: Child,
}

impl Provider {
    pub(crate) fn start() -> Self {
        let ports = free_ports();
        let registered = ports.map(|port| port.to_string()).join(",");
        let mut process = Command::new("node")
            .args([PROGRAM, "--loopback-ports", &registered])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the set-up asks for Node");
        let mut line = String::new();
        let output = process.stdout.take().unwrap();
        BufReader::new(output).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line)
            .expect("`cargo xtask` installs the packages of tests/identity");
        let text = |name: &str| said[name].as_str().unwrap().to_owned();
        Self {
            issuer: text("issuer"),
            control: text("control"),
            ports,
            client: client(),
            process,
        }
    }

    /// What the service has to know of it.
    pub(crate) fn identity(&self) -> Identity {
        let settings = IdentitySettings {
            issuer: format!("{}/", self.issuer),
            audience: "brasskey:api".to_owned(),
            client_id: "brasskey-desktop".to_owned(),
            device_client_id: "brasskey-device".to_owned(),
            loopback_ports: self.ports.to_vec(),
        };
        Identity::new(settings, Outbound::new(None).unwrap())
    }

    /// A service that asks it.
    pub(crate) async fn service(&self, database: &Database) -> Instance {
        let terms = Terms::embedded().unwrap();
        Instance::start_with(&database.url, Some(self.identity()), terms).await
    }

    /// Turns faults on and off.
    pub(crate) async fn set(&self, settings: Value) {
        self.ask("settings", settings).await;
    }

    /// Signs with another key from now on.
    pub(crate) async fn rotate_keys(&self) {
        self.ask("rotate", json!({})).await;
    }

    pub(crate) async fn expire_device_codes(&self) {
        self.ask("expire-device-codes", json!({})).await;
    }

    /// The access token of somebody, as a sign-in ends with.
    pub(crate) async fn token_of(&self, email: &str) -> String {
        self.token(json!({"email": email})).await
    }

    /// An access token of any content.
    pub(crate) async fn token(&self, of: Value) -> String {
        let answer = self.ask("tokens", of).await;
        answer["token"].as_str().unwrap().to_owned()
    }

    /// How often a path was asked for.
    pub(crate) async fn hits(&self, path: &str) -> u64 {
        let request = self.client.get(format!("{}/hits", self.control));
        let hits: Value = request.send().await.unwrap().json().await.unwrap();
        hits[path].as_u64().unwrap_or(0)
    }

    async fn ask(&self, what: &str, body: Value) -> Value {
        let url = format!("{}/{what}", self.control);
        let response = self.client.post(url).json(&body).send().await.unwrap();
        assert_eq!(response.status(), 200, "{what}: {body}");
        response.json().await.unwrap()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn free_ports() -> [u16; 3] {
    let listeners = [(); 3].map(|()| std::net::TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}
