//! Google Secret Manager: no program of it can be had, so a double answers its one route as Google documents it, and lets in
//! only who signs with the service account's key.

use std::path::PathBuf;

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use brasskey_secrets::{Google, GoogleSettings, Managers, SetupError};
use ring::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use serde_json::{Value, json};

use crate::world::{Hand, World, serve, value};

const ACCOUNT: &str = include_str!("../fixtures/service-account.json");

fn account_file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/service-account.json")
}

/// Whether a request carries a token that the service account signed for this scope.
fn lets_in(headers: &HeaderMap) -> bool {
    let account: Value = serde_json::from_str(ACCOUNT).unwrap();
    let pem = account["private_key"].as_str().unwrap();
    let lines = pem.lines().filter(|line| !line.starts_with("-----"));
    let der = STANDARD.decode(lines.collect::<String>()).unwrap();
    let public = RsaKeyPair::from_pkcs8(&der).unwrap().public_key().clone();
    let header = headers.get("authorization").unwrap().to_str().unwrap();
    let token = header.strip_prefix("Bearer ").unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let claims = URL_SAFE_NO_PAD.decode(signed.split_once('.').unwrap().1);
    let claims: Value = serde_json::from_slice(&claims.unwrap()).unwrap();
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public.as_ref())
        .verify(signed.as_bytes(), &signature)
        .is_ok()
        && claims["scope"] == "https://www.googleapis.com/auth/cloud-platform"
        && claims["iss"] == account["client_email"]
}

/// A version's answer, with a checksum that is told.
fn accessed(version: u32, data: &[u8], crc: u32) -> (StatusCode, String) {
    let body = json!({
        "name": format!("projects/123456/secrets/s/versions/{version}"),
        "payload": { "data": STANDARD.encode(data), "dataCrc32c": crc.to_string() },
    });
    (StatusCode::OK, body.to_string())
}

fn refused(code: u16, status: &str, message: &str) -> (StatusCode, String) {
    let body = json!({ "error": { "code": code, "message": message, "status": status } });
    (StatusCode::from_u16(code).unwrap(), body.to_string())
}

async fn answer(
    Path((project, secret, version)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> (StatusCode, String) {
    if !lets_in(&headers) {
        return refused(401, "UNAUTHENTICATED", "");
    }
    if project != "project" {
        return refused(403, "PERMISSION_DENIED", "");
    }
    match (secret.as_str(), version.as_str()) {
        // The sum of "123456789" is the one that every description of CRC-32C gives.
        ("known", "latest:access") => accessed(7, b"123456789", 0xe306_9283),
        ("known", "6:access") => accessed(6, b"123456789\n", crc32c::crc32c(b"123456789\n")),
        ("json", _) => {
            let data = br#"{"api_key":"key-1"}"#;
            accessed(1, data, crc32c::crc32c(data))
        }
        ("damaged", _) => accessed(1, b"123456780", 0xe306_9283),
        ("bytes", _) => accessed(1, b"\xff", crc32c::crc32c(b"\xff")),
        ("unsummed", _) => (
            StatusCode::OK,
            json!({ "name": "a/1", "payload": { "data": "a2V5" } }).to_string(),
        ),
        ("off", _) => refused(400, "FAILED_PRECONDITION", "is in DISABLED state."),
        ("gone", _) => refused(400, "FAILED_PRECONDITION", "is in DESTROYED state."),
        ("busy", _) => refused(429, "RESOURCE_EXHAUSTED", ""),
        ("broken", _) => (StatusCode::BAD_GATEWAY, "<html>".into()),
        ("moved", _) => (StatusCode::FOUND, String::new()),
        _ => refused(404, "NOT_FOUND", ""),
    }
}

async fn world() -> World {
    let route = "/v1/projects/{project}/secrets/{secret}/versions/{version}";
    let endpoint = serve(Router::new().route(route, get(answer))).await;
    let google = Google::connect(GoogleSettings {
        endpoint: Some(endpoint),
        credentials_file: Some(account_file()),
    });
    World::new(Managers::new().with_google(google.unwrap()), Hand::new())
}

#[tokio::test]
async fn a_service_account_reads_the_newest_version_a_numbered_one_and_a_field() {
    let world = world().await;
    for (at, secret, version) in [
        ("gcp-sm://project/known/latest", "123456789", "7"),
        ("gcp-sm://project/known/6", "123456789", "6"),
        ("gcp-sm://project/json/latest#api_key", "key-1", "1"),
    ] {
        assert_eq!(world.get(at).await, value(secret, version), "{at}");
    }
    assert_eq!(world.audit()[0]["version"], "7");
}

#[tokio::test]
async fn what_was_damaged_on_its_way_is_not_used() {
    let world = world().await;
    let at = "gcp-sm://project/damaged/latest";
    assert_eq!(world.get(at).await, Err("damaged"));
    let at = "gcp-sm://project/unsummed/latest";
    assert_eq!(world.get(at).await, Err("not-understood"));
}

#[tokio::test]
async fn each_refusal_is_told_apart() {
    let world = world().await;
    for (at, code) in [
        ("gcp-sm://project/missing/latest", "not-found"),
        ("gcp-sm://other/known/latest", "denied-read"),
        ("gcp-sm://project/off/1", "disabled"),
        ("gcp-sm://project/gone/1", "destroyed"),
        ("gcp-sm://project/busy/1", "throttled"),
        ("gcp-sm://project/broken/1", "failed"),
        ("gcp-sm://project/moved/1", "failed"),
        ("gcp-sm://project/bytes/1", "not-text"),
        ("gcp-sm://project/known/latest#api_key", "not-fields"),
        ("gcp-sm://project/json/latest#other", "field-missing"),
    ] {
        assert_eq!(world.get(at).await, Err(code), "{at}");
    }
}

#[tokio::test]
async fn an_endpoint_elsewhere_has_to_be_https_and_a_key_file_has_to_be_one() {
    let connect = |endpoint: &str, file: PathBuf| {
        Google::connect(GoogleSettings {
            endpoint: Some(endpoint.into()),
            credentials_file: Some(file),
        })
        .map(|_| ())
    };
    assert_eq!(
        connect("http://google.example", account_file()),
        Err(SetupError::Insecure)
    );
    assert_eq!(
        connect("https://google.example", "/nowhere".into()),
        Err(SetupError::Credentials)
    );
}
