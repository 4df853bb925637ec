//! The program itself: it sets itself up on one machine, serves, rotates its keys, and stops when it is asked to.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::identity::Provider;
use crate::instance::client;

fn platform(folder: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_brasskey-platform"));
    command
        .current_dir(folder.path())
        .env_clear()
        .args(["--database", "sqlite:platform.db", "--keys", "keys"])
        .args(arguments);
    command
}

fn succeeds(folder: &TempDir, arguments: &[&str]) -> String {
    let output = platform(folder, arguments).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn one_command_serves_on_one_machine_and_ends_in_good_order() {
    let folder = TempDir::new().unwrap();
    let mut server = platform(&folder, &["serve", "--embedded", "--listen", "127.0.0.1:0"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(server.stderr.take().unwrap()).lines();
    let address = log
        .by_ref()
        .map(|line| line.unwrap())
        .find(|line| line.contains("serving"))
        .expect("it says where it serves");
    assert!(address.contains("127.0.0.1"), "{address}");
    assert!(succeeds(&folder, &["plans", "check"]).contains("5 plans"));
    let fine = succeeds(&folder, &["doctor"]);
    assert_eq!(
        fine.lines().filter(|line| line.starts_with("ok ")).count(),
        8,
        "{fine}"
    );

    let stopped = Command::new("kill").arg(server.id().to_string()).status();
    assert!(stopped.unwrap().success());
    assert!(server.wait().unwrap().success());

    // Keys are rotated, and the service starts with the new one.
    succeeds(&folder, &["keys", "rotate"]);
    let fine = succeeds(&folder, &["doctor"]);
    assert_eq!(
        fine.lines().filter(|line| line.starts_with("ok ")).count(),
        8,
        "{fine}"
    );
    let key = folder.path().join("keys/root.key");
    let mode = std::os::unix::fs::PermissionsExt::mode(&key.metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600, "the owner alone reads it");
}

#[tokio::test]
async fn the_program_signs_people_in_by_the_provider_that_it_is_told_of() {
    let provider = Provider::start();
    let folder = TempDir::new().unwrap();
    let serve = ["serve", "--embedded", "--listen", "127.0.0.1:0"];
    let mut server = platform(&folder, &serve)
        .args(["--issuer", &provider.issuer])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(server.stderr.take().unwrap()).lines();
    let line = log
        .find(|line| line.as_ref().unwrap().contains("serving"))
        .unwrap()
        .unwrap();
    let plain = line.split("127.0.0.1:").nth(1).unwrap();
    let port: String = plain.chars().take_while(char::is_ascii_digit).collect();
    let base = format!("http://127.0.0.1:{port}");
    let known = client()
        .get(format!("{base}/.well-known/brasskey"))
        .send()
        .await
        .unwrap();
    let known: serde_json::Value = known.json().await.unwrap();
    assert_eq!(known["issuer"], provider.issuer);
    assert_eq!(
        known["loopback_ports"],
        serde_json::json!([53180, 53181, 53182])
    );
    let body = serde_json::json!({"device_id": "dev_1", "name": "Desk", "os": "linux", "app_version": "0.1.0"});
    let signed_in = client()
        .post(format!("{base}/v1/devices"))
        .bearer_auth(provider.token_of("ada@example.com").await)
        .header("idempotency-key", "k1")
        .json(&body);
    assert_eq!(signed_in.send().await.unwrap().status(), 201);
    server.kill().unwrap();
    server.wait().unwrap();
}

#[test]
fn what_cannot_be_is_said_and_fails() {
    let folder = TempDir::new().unwrap();
    for (arguments, says) in [
        (&["revoke", "dev_1"][..], "no such table"),
        (
            &["grant", "--account", "acc_1", "--plan", "gold"],
            "no such plan: gold",
        ),
        (
            &[
                "grant",
                "--account",
                "acc_1",
                "--plan",
                "byok_enterprise",
                "--until",
                "2020-01-01",
            ],
            "over: 2020-01-01",
        ),
        (&["serve", "--providers", "none.json"], "none.json"),
        (&["--catalogue", "none.json", "plans", "check"], "none.json"),
    ] {
        let output = platform(&folder, arguments).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{arguments:?}");
        assert!(errors.contains(says), "{arguments:?}: {errors}");
    }
}

/// What `doctor` says, and whether it is content.
fn examined(folder: &TempDir, arguments: &[&str]) -> (bool, String) {
    let arguments = [arguments, &["doctor"]].concat();
    let output = platform(folder, &arguments).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    (output.status.success(), said)
}

#[test]
fn the_doctor_says_of_each_thing_whether_it_is_well_and_what_to_do() {
    let folder = TempDir::new().unwrap();
    let (is_well, said) = examined(&folder, &[]);
    assert!(!is_well);
    for line in [
        "ok     catalogue: 5 plans",
        "ok     database: reachable",
        "run `migrate`",
        "wrong  root key: ",
    ] {
        assert!(said.contains(line), "{line} is not in:\n{said}");
    }
    succeeds(&folder, &["keys", "root"]);
    succeeds(&folder, &["migrate"]);
    let (is_well, said) = examined(&folder, &[]);
    assert!(
        !is_well && said.contains("wrong  key set: there is none; run `keys rotate`"),
        "{said}"
    );
    succeeds(&folder, &["keys", "rotate"]);
    let (is_well, said) = examined(
        &folder,
        &["--listen", "0.0.0.0:1", "--behind-proxy", "nginx"],
    );
    assert!(
        is_well && said.contains("ok     tls: ended by nginx"),
        "{said}"
    );
    // A root that did not sign the set.
    let other = TempDir::new().unwrap();
    let root = succeeds(&other, &["keys", "root"]);
    let (is_well, said) = examined(&folder, &["--root", root.trim()]);
    assert!(
        !is_well && said.contains("not signed by the root key"),
        "{said}"
    );
    // A key whose file is on another machine.
    let gone = succeeds(&folder, &["doctor"]);
    let signs = gone
        .lines()
        .find_map(|line| line.strip_prefix("ok     key set: "))
        .unwrap();
    let key = format!("keys/{}.key", signs.split(' ').next().unwrap());
    std::fs::rename(folder.path().join(&key), folder.path().join("elsewhere")).unwrap();
    let (is_well, said) = examined(&folder, &[]);
    assert!(
        !is_well && said.contains("bring the active key's file"),
        "{said}"
    );
}

#[tokio::test]
async fn an_account_is_given_a_plan_by_hand_until_a_day() {
    let folder = TempDir::new().unwrap();
    succeeds(&folder, &["migrate"]);
    let url = format!("sqlite:{}", folder.path().join("platform.db").display());
    let service = crate::instance::Instance::start(&url).await;
    let begun = service.trial("dev_1", "k").await;
    let trial = service.read(&begun.body["licence"], "dev_1").await.unwrap();
    let account = trial.claims().sub.as_str();
    let day = "2099-12-31";
    let plan = "byok_enterprise";
    succeeds(
        &folder,
        &[
            "grant",
            "--account",
            account,
            "--plan",
            plan,
            "--until",
            day,
        ],
    );
    let renewed = service.renew(begun.text("device_token")).await;
    let licence = service
        .read(&renewed.body["licence"], "dev_1")
        .await
        .unwrap();
    let claims = licence.claims();
    assert_eq!(claims.plan, plan);
    assert_eq!(claims.end.unwrap().to_string(), "2100-01-01T00:00:00Z");
    assert_eq!(
        licence.grant("computers", claims.iat),
        brasskey_licence::Grant::UpTo(50)
    );
    let nobody = platform(&folder, &["grant", "--account", "acc_0", "--plan", plan])
        .output()
        .unwrap();
    assert!(!nobody.status.success());
    assert!(String::from_utf8_lossy(&nobody.stderr).contains("no such account: acc_0"));
}
