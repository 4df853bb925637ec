//! The program as it runs in production, asked over its socket as an application, a person and a browser do.

use std::path::Path;
use std::slice;

use brasskey_licence::{KeySet, Licence};
use brasskey_platform::KeyFolder;
use serde_json::{Value, json};

use crate::customer::RETURN;
use crate::instance::{Answer, client};
use crate::program::{Program, command};

pub(crate) struct Remote {
    pub(crate) address: String,
    pub(crate) client: reqwest::Client,
    program: Program,
    keys: KeyFolder,
}

/// Runs a command of the program over a database, with the keys in a folder. Gives whether it succeeded and what it said.
pub(crate) fn run(folder: &Path, database: &str, arguments: &[&str]) -> (bool, String) {
    let own = ["--database", database, "--keys", "."];
    let output = command(folder, &own).args(arguments).output().unwrap();
    let said = [&output.stdout[..], &output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

impl Remote {
    /// Serves over a database, with the keys in a folder.
    pub(crate) fn start(
        folder: &Path,
        database: &str,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> Self {
        // The pages of the embedded billing stand under the service's own address.
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let listen = free.local_addr().unwrap().to_string();
        drop(free);
        let address = format!("http://{listen}");
        let own = ["--database", database, "--keys", "."];
        let here = ["--listen", &listen, "--url", &address];
        Self {
            program: Program::start(folder, &[&own[..], &here, arguments].concat(), variables),
            address,
            client: client(),
            keys: KeyFolder::at(folder),
        }
    }

    /// Stops it in good order.
    pub(crate) fn stop(self) {
        self.program.signal("TERM");
        let (status, log) = self.program.ended();
        assert!(status.success(), "{log}");
    }

    pub(crate) async fn get(&self, path: &str, bearer: &str) -> Answer {
        let request = self.client.get(format!("{}{path}", self.address));
        Answer::to(request.bearer_auth(bearer)).await
    }

    pub(crate) async fn post(&self, path: &str, bearer: &str, key: &str, body: &Value) -> Answer {
        let request = self.client.post(format!("{}{path}", self.address));
        let request = request.bearer_auth(bearer).header("idempotency-key", key);
        Answer::to(request.json(body)).await
    }

    pub(crate) async fn trial(&self, device: &str) -> Answer {
        let begun = self.client.post(format!("{}/v1/trials", self.address));
        let begun = begun.header("idempotency-key", device).json(&about(device));
        let begun = Answer::to(begun).await;
        assert_eq!(begun.status, 201, "{begun:?}");
        begun
    }

    pub(crate) async fn sign_in(&self, person: &str, device: &str) -> Answer {
        let about = about(device);
        let signed_in = self.post("/v1/devices", person, "sign-in", &about).await;
        assert_eq!(signed_in.status, 201, "{signed_in:?}");
        signed_in
    }

    pub(crate) async fn renew(&self, credential: &str) -> Answer {
        let body = json!({"app_version": "0.2.0"});
        self.post("/v1/licence", credential, "renewal", &body).await
    }

    /// Pays for a first plan with a card that is accepted.
    pub(crate) async fn pay(&self, credential: &str, plan: &str) {
        let body = json!({"plan_code": plan, "return_url": RETURN});
        let begun = self.post("/v1/checkouts", credential, "pay", &body).await;
        assert_eq!(begun.status, 201, "{begun:?}");
        let form = self.client.post(begun.text("url"));
        let sent = form.form(&[("card", "accepted")]).send().await.unwrap();
        assert!(sent.status().is_redirection(), "{sent:?}");
        let path = format!("/v1/checkouts/{}", begun.text("id"));
        assert_eq!(self.get(&path, credential).await.text("state"), "paid");
    }

    /// Accepts the newest version of a text.
    pub(crate) async fn accept(&self, credential: &str, doc: &str) {
        let shown = self.get(&format!("/v1/terms/{doc}"), credential).await;
        let body = json!({
            "version": shown.body["version"],
            "sha256": shown.body["sha256"],
            "lang": shown.body["lang"],
            "client_time": "2026-11-26T08:00:00Z",
            "surface": "first-run",
        });
        let path = format!("/v1/terms/{doc}/acceptances");
        let accepted = self.post(&path, credential, doc, &body).await;
        assert_eq!(accepted.status, 201, "{accepted:?}");
    }

    /// The signed key set.
    pub(crate) async fn key_set(&self) -> String {
        let request = self.client.get(format!("{}/v1/keyset", self.address));
        request.send().await.unwrap().text().await.unwrap()
    }

    /// The licence in an answer, read as the application reads it.
    pub(crate) async fn licence(&self, answer: &Answer, device: &str) -> Licence {
        let root = self.keys.root().unwrap();
        let set = KeySet::read(&self.key_set().await, slice::from_ref(&root)).unwrap();
        Licence::read(answer.text("licence"), &set, device).unwrap()
    }
}

fn about(device: &str) -> Value {
    json!({"device_id": device, "name": "Desk", "os": "linux", "app_version": "0.1.0"})
}
