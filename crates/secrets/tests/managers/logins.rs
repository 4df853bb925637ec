//! Every way to log in to a real OpenBao: a wrapped secret id, signed tokens, a token file, a namespace, TLS of its own.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use axum::routing::post;
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use brasskey_secrets::{AppRole, Login, SecretId, TokenRole, Vault, VaultSettings};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::openbao::{KEY, OpenBao};
use crate::programs::{OPENBAO, Running};
use crate::world::{HOUR, Hand, World, serve, value};

#[tokio::test]
async fn a_wrapped_secret_id_opens_once_and_serves_every_later_login() {
    let bao = OpenBao::start().await;
    bao.put_key("key-1").await;
    let wrapped = bao.wrapped_secret_id().await;
    let role_id = bao.role_id().await;
    let world = |hand: Hand| {
        let secret_id = SecretId::Wrapped(wrapped.clone().into());
        let login = Login::AppRole(AppRole::new(&role_id, secret_id));
        World::of_vault(bao.vault(login, &hand), hand)
    };
    let first = world(Hand::new());
    assert_eq!(first.get(KEY).await, value("key-1", "1"));
    // Its token is gone, so it has to log in again: with the secret id that it kept.
    bao.revoke_tokens().await;
    first.hand.forward(25 * HOUR);
    assert_eq!(first.get(KEY).await, value("key-1", "1"));
    // Whoever comes second learns that somebody else was first.
    let second = world(Hand::new());
    assert_eq!(second.get(KEY).await, Err("wrapped-secret-id-used"));
    assert_eq!(second.reads(), ["needed wrapped-secret-id-used"]);
}

#[tokio::test]
async fn a_signed_token_logs_in_and_one_of_another_signer_does_not() {
    let bao = OpenBao::start().await;
    bao.put_key("key-1").await;
    let (signer, stranger) = (Signer::new(), Signer::new());
    bao.write("sys/auth/jwt", json!({ "type": "jwt" })).await;
    let keys = json!({ "jwt_validation_pubkeys": [signer.public_key()] });
    bao.write("auth/jwt/config", keys).await;
    let role = json!({
        "role_type": "jwt",
        "user_claim": "sub",
        "bound_audiences": ["openbao"],
        "bound_subject": "brasskey",
        "token_policies": "brasskey",
        "token_no_default_policy": true,
    });
    bao.write("auth/jwt/role/brasskey", role).await;
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("token");
    let world = || {
        let login = Login::Jwt(TokenRole::new("jwt", "brasskey", &file));
        let hand = Hand::new();
        World::of_vault(bao.vault(login, &hand), hand)
    };
    let claims = json!({ "sub": "brasskey", "aud": "openbao", "iat": 1_700_000_000, "exp": 4_000_000_000_u64 });
    write(&file, &stranger.sign(&claims), 0o600);
    let world_of_file = world();
    assert_eq!(world_of_file.get(KEY).await, Err("denied-login"));
    // The file is read anew at each login.
    write(&file, &signer.sign(&claims), 0o600);
    world_of_file.hand.forward(HOUR);
    assert_eq!(world_of_file.get(KEY).await, value("key-1", "1"));
    std::fs::remove_file(&file).unwrap();
    assert_eq!(world().get(KEY).await, Err("no-credentials"));
}

#[tokio::test]
async fn a_pod_logs_in_with_its_service_account() {
    let bao = OpenBao::start().await;
    bao.put_key("key-1").await;
    // The cluster's part: it vouches for the pod's token.
    let review = post(|Json(body): Json<Value>| async move {
        assert!(body["spec"]["token"].is_string());
        Json(json!({
            "kind": "TokenReview",
            "apiVersion": "authentication.k8s.io/v1",
            "status": {
                "authenticated": true,
                "user": {
                    "username": "system:serviceaccount:prod:brasskey",
                    "uid": "0b1c",
                    "groups": ["system:serviceaccounts", "system:serviceaccounts:prod"],
                },
            },
        }))
    });
    let route = "/apis/authentication.k8s.io/v1/tokenreviews";
    let cluster = serve(Router::new().route(route, review)).await;
    bao.write("sys/auth/kubernetes", json!({ "type": "kubernetes" }))
        .await;
    let config = json!({
        "kubernetes_host": cluster,
        "disable_local_ca_jwt": true,
        // It has to be there, also where the cluster is spoken to without TLS.
        "kubernetes_ca_cert": include_str!("../fixtures/cluster-authority.pem"),
        "token_reviewer_jwt": "reviewer",
    });
    bao.write("auth/kubernetes/config", config).await;
    let role = json!({
        "bound_service_account_names": "brasskey",
        "bound_service_account_namespaces": "prod",
        "token_policies": "brasskey",
        "token_no_default_policy": true,
    });
    bao.write("auth/kubernetes/role/brasskey", role).await;
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("token");
    let token = Signer::new().sign(&json!({
        "iss": "kubernetes/serviceaccount",
        "sub": "system:serviceaccount:prod:brasskey",
        "iat": 1_700_000_000,
        "exp": 4_000_000_000_u64,
        "kubernetes.io": { "namespace": "prod", "serviceaccount": { "name": "brasskey", "uid": "0b1c" } },
    }));
    // As a cluster mounts it: the pod's other users may read it.
    write(&file, &format!("{token}\n"), 0o644);
    let login = Login::Kubernetes(TokenRole::new("kubernetes", "brasskey", &file));
    let hand = Hand::new();
    let world = World::of_vault(bao.vault(login, &hand), hand);
    assert_eq!(world.get(KEY).await, value("key-1", "1"));
}

#[tokio::test]
async fn a_token_is_taken_from_a_private_file_and_looked_for_there_again() {
    let bao = OpenBao::start().await;
    bao.put_key("key-1").await;
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("token");
    let hand = Hand::new();
    let world = World::of_vault(bao.vault(Login::TokenFile(file.clone()), &hand), hand);
    write(&file, &bao.token().await, 0o644);
    assert_eq!(world.get(KEY).await, Err("file-open-to-others"));
    write(&file, &bao.token().await, 0o600);
    world.hand.forward(HOUR);
    assert_eq!(world.get(KEY).await, value("key-1", "1"));
    // Somebody else exchanges the token.
    bao.revoke_tokens().await;
    write(&file, &bao.token().await, 0o600);
    world.hand.forward(25 * HOUR);
    assert_eq!(world.get(KEY).await, value("key-1", "1"));
    bao.revoke_tokens().await;
    world.hand.forward(25 * HOUR);
    assert_eq!(world.get(KEY).await, Err("denied-login"));
}

#[tokio::test]
async fn a_namespace_has_secrets_of_its_own() {
    let bao = OpenBao::start().await;
    bao.put_key("of the root").await;
    bao.write("sys/namespaces/team", json!({})).await;
    let mount = json!({ "type": "kv", "options": { "version": "2" } });
    bao.write("team/sys/mounts/secret", mount).await;
    let data = json!({ "data": { "api_key": "of the team" } });
    // The engine turns itself into a version 2 in the background.
    while bao
        .ask(
            reqwest::Method::POST,
            "root",
            "team/secret/data/brasskey/openai",
            Some(data.clone()),
        )
        .await
        .0
        != 200
    {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("token");
    write(&file, "root", 0o600);
    let hand = Hand::new();
    let settings =
        VaultSettings::new(&bao.address, Login::TokenFile(file.clone())).in_namespace("team");
    let world = World::of_vault(Vault::new(settings, hand.clock()).unwrap(), hand);
    assert_eq!(world.get(KEY).await, value("of the team", "1"));
}

#[tokio::test]
async fn a_private_authority_has_to_be_named() {
    let running = Running::start(|port, folder| {
        let mut command = OPENBAO.command();
        command
            .args(["server", "-dev-tls", "-dev-no-store-token"])
            .arg("-dev-root-token-id=root")
            .arg(format!("-dev-tls-cert-dir={}", folder.display()))
            .arg(format!("-dev-listen-address=127.0.0.1:{port}"));
        command
    })
    .await;
    let token = running.folder.path().join("token");
    write(&token, "root", 0o600);
    let address = format!("https://127.0.0.1:{}", running.port);
    let settings = VaultSettings::new(&address, Login::TokenFile(token.clone()));
    let authority = std::fs::read_dir(running.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.to_str().unwrap().ends_with("ca.pem"))
        .unwrap();
    let code = async |settings| {
        let hand = Hand::new();
        let world = World::of_vault(Vault::new(settings, hand.clock()).unwrap(), hand);
        world.get(KEY).await.unwrap_err()
    };
    assert_eq!(code(settings.clone()).await, "unreachable");
    assert_eq!(code(settings.trusting(authority)).await, "not-found");
}

/// Signs tokens as an issuer does.
struct Signer {
    pair: EcdsaKeyPair,
    random: SystemRandom,
}

impl Signer {
    fn new() -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).unwrap();
        Self { pair, random }
    }

    fn sign(&self, claims: &Value) -> String {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256","typ":"JWT"}"#);
        let body = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature = self.pair.sign(&self.random, body.as_bytes()).unwrap();
        format!("{body}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }

    /// As PEM: the bytes before the point say "a point on P-256".
    fn public_key(&self) -> String {
        let mut bytes = vec![
            0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
            0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
        ];
        bytes.extend(self.pair.public_key().as_ref());
        let text = STANDARD.encode(bytes);
        format!("-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n")
    }
}

fn write(path: &Path, text: &str, mode: u32) {
    let mut file = std::fs::File::create(path).unwrap();
    file.set_permissions(std::fs::Permissions::from_mode(mode))
        .unwrap();
    file.write_all(text.as_bytes()).unwrap();
}
