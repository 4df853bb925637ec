//! Replicas of the program, as they are started in production, over one database: killed, started again, stopped.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::double::{Double, SECRET};

/// Where the vendor's key is, in the replicas' environment.
const KEY_VARIABLE: &str = "BRASSKEY_MONEY_KEY";

/// All requests come from one address here, which no real crowd's do.
const RATES: &str = "[rates]
trials_per_minute = 1000000000
trials_per_day = 1000000000
anonymous_per_minute = 1000000000
presented_per_minute = 1000000000
device_per_minute = 1000000000
account_per_minute = 1000000000
";

pub(super) struct Fleet {
    replicas: Vec<Mutex<Replica>>,
    arguments: Vec<String>,
    folder: TempDir,
    /// What they logged as errors.
    errors: Arc<Mutex<Vec<String>>>,
}

struct Replica {
    child: Child,
    address: SocketAddr,
}

impl Fleet {
    /// So many replicas, whose signing keys, plans and models are these.
    pub(super) fn start(
        count: usize,
        database: &str,
        keys: &Path,
        kinde: &Double,
        provider: &str,
    ) -> Self {
        let folder = TempDir::new().unwrap();
        let settings = format!(
            "{RATES}\n[secrets]\nenvironment = true\n\n[billing.kinde]\nissuer = \"{}\"\n\
             management_client_id = \"management-client\"\napplication_client_id = \"desktop-client\"\n\
             organization = \"org_1\"\nstarting_plan = \"free\"\n",
            kinde.issuer
        );
        let providers = json!([{
            "provider": "openai", "protocols": ["openai_chat"], "base_url": provider,
            "key": format!("env://{KEY_VARIABLE}"),
        }]);
        let settings = write(&folder, "platform.toml", &settings);
        let providers = write(&folder, "providers.json", &providers.to_string());
        let arguments = [
            ("--config", settings.as_str()),
            ("--database", database),
            ("--keys", keys.to_str().unwrap()),
            ("--providers", providers.as_str()),
            ("--listen", "127.0.0.1:0"),
            ("--log", "json"),
        ];
        let arguments = arguments.iter().flat_map(|(name, value)| [*name, *value]);
        let mut fleet = Self {
            replicas: Vec::new(),
            arguments: arguments.map(str::to_owned).collect(),
            folder,
            errors: Arc::default(),
        };
        for _ in 0..count {
            let replica = Mutex::new(fleet.begin());
            fleet.replicas.push(replica);
        }
        fleet
    }

    pub(super) fn len(&self) -> usize {
        self.replicas.len()
    }

    /// Where a replica serves, or served until it was killed.
    pub(super) fn address(&self, number: usize) -> SocketAddr {
        self.replicas[number].lock().unwrap().address
    }

    pub(super) fn kill(&self, number: usize) {
        let mut replica = self.replicas[number].lock().unwrap();
        // SIGKILL: nothing of it goes on.
        replica.child.kill().unwrap();
        replica.child.wait().unwrap();
    }

    /// Starts one again that was killed, and waits until it serves.
    pub(super) fn restart(&self, number: usize) {
        let replica = self.begin();
        *self.replicas[number].lock().unwrap() = replica;
    }

    /// Asks all to stop, and waits until they have, in good order.
    pub(super) fn stop(&self) {
        for replica in &self.replicas {
            let process = replica.lock().unwrap().child.id().to_string();
            let sent = Command::new("kill").args(["-s", "TERM", &process]).status();
            assert!(sent.unwrap().success());
        }
        for replica in &self.replicas {
            assert!(replica.lock().unwrap().child.wait().unwrap().success());
        }
    }

    pub(super) fn errors(&self) -> Vec<String> {
        self.errors.lock().unwrap().clone()
    }

    fn begin(&self) -> Replica {
        let mut child = Command::new(program())
            .current_dir(self.folder.path())
            .env_clear()
            .env(KEY_VARIABLE, "vendor-key-1")
            .env("BRASSKEY_PLATFORM_KINDE_SECRET", SECRET)
            .arg("serve")
            .args(&self.arguments)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut seen = String::new();
        let address = loop {
            let Some(Ok(line)) = lines.next() else {
                panic!("it does not serve: {seen}");
            };
            let entry: Value = serde_json::from_str(&line).unwrap_or_default();
            if entry["message"] == "serving" {
                break entry["address"].as_str().unwrap().parse().unwrap();
            }
            seen += &line;
            seen += "\n";
        };
        let errors = self.errors.clone();
        // Ends with the replica, whose log it reads.
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if line.contains("\"level\":\"ERROR\"") {
                    errors.lock().unwrap().push(line);
                }
            }
        });
        Replica { child, address }
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        // It has ended already where the test went well.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The service's program. Cargo tells its path only to the tests of its own package; it lies beside the double's.
fn program() -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_kinde-double"));
    let program = program.with_file_name("brasskey-platform");
    assert!(
        program.is_file(),
        "{} is not there: this test needs the programs of the whole workspace (--workspace)",
        program.display()
    );
    program
}

#[expect(clippy::disallowed_methods, reason = "a file of the test's own")]
fn write(folder: &TempDir, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}
