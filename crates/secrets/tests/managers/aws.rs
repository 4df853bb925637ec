//! AWS Secrets Manager: moto, which checks signatures and policies here, and a double of one route for what moto cannot say.

use std::path::{Path, PathBuf};

use aws_config::BehaviorVersion;
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_sdk_secretsmanager::config::http::HttpResponse;
use aws_sdk_secretsmanager::error::SdkError;
use aws_smithy_http_client::tls;
use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use brasskey_secrets::{Aws, AwsSettings, Managers, SetupError};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::programs::{MOTO, Running};
use crate::world::{Hand, MINUTE, World, client, reference, serve};

/// The policy that is shipped.
const POLICY: &str = include_str!("../../policies/aws.json");
const REGION: &str = "eu-central-1";
const KEY: &str = "aws-sm://brasskey/openai#api_key";

struct Moto {
    running: Running,
    client: reqwest::Client,
    address: String,
}

/// An access key and its secret.
type Keys = (String, String);

impl Moto {
    /// Starts it. Until [`Self::enforce`] it lets everybody do everything.
    async fn start() -> Self {
        let running = Running::start(|port, _| {
            let mut command = MOTO.command();
            command.args(["--host", "127.0.0.1", "--port", &port.to_string()]);
            command
        })
        .await;
        Self {
            address: format!("http://127.0.0.1:{}", running.port),
            client: client(),
            running,
        }
    }

    /// From now on signatures and policies count.
    async fn enforce(&self) {
        let url = format!("{}/moto-api/reset-auth", self.address);
        let response = self.client.post(url).body("0").send().await.unwrap();
        assert_eq!(response.status(), 200);
    }

    fn operator(&self, service: &str) -> reqwest::RequestBuilder {
        let scope = format!("Credential=AKIA/20260101/{REGION}/{service}/aws4_request");
        let unsigned = format!("AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=00");
        self.client
            .post(&self.address)
            .header("authorization", unsigned)
    }

    async fn secrets(&self, action: &str, body: Value) -> Value {
        let request = self
            .operator("secretsmanager")
            .header("x-amz-target", format!("secretsmanager.{action}"))
            .header("content-type", "application/x-amz-json-1.1")
            .body(body.to_string());
        let response = request.send().await.unwrap();
        let text = response.text().await.unwrap();
        let answer: Value = serde_json::from_str(&text).unwrap();
        assert!(answer.get("ARN").is_some(), "{text}");
        answer
    }

    async fn iam(&self, fields: &[(&str, &str)]) -> String {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        let body = form
            .append_pair("Version", "2010-05-08")
            .extend_pairs(fields)
            .finish();
        let request = self
            .operator("iam")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200, "{fields:?}");
        response.text().await.unwrap()
    }

    /// A user with a policy, and its keys.
    async fn user(&self, name: &str, policy: Option<&str>) -> Keys {
        self.iam(&[("Action", "CreateUser"), ("UserName", name)])
            .await;
        if let Some(policy) = policy {
            let put = [
                ("Action", "PutUserPolicy"),
                ("UserName", name),
                ("PolicyName", "read-keys"),
                ("PolicyDocument", policy),
            ];
            self.iam(&put).await;
        }
        let answer = self
            .iam(&[("Action", "CreateAccessKey"), ("UserName", name)])
            .await;
        let of = |tag: &str| {
            let (_, rest) = answer.split_once(&format!("<{tag}>")).unwrap();
            rest.split_once('<').unwrap().0.to_owned()
        };
        (of("AccessKeyId"), of("SecretAccessKey"))
    }

    async fn world(&self, keys: &Keys) -> World {
        let file = credentials(self.running.folder.path(), keys);
        world(&self.address, file).await
    }
}

fn credentials(folder: &Path, (id, secret): &Keys) -> PathBuf {
    let file = folder.join(format!("credentials-{id}"));
    let text = format!("[default]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n");
    std::io::Write::write_all(&mut std::fs::File::create(&file).unwrap(), text.as_bytes()).unwrap();
    file
}

async fn world(address: &str, credentials_file: PathBuf) -> World {
    let settings = AwsSettings {
        endpoint: Some(address.to_owned()),
        region: Some(REGION.to_owned()),
        credentials_file: Some(credentials_file),
    };
    let aws = Aws::connect(settings).await.unwrap();
    World::new(Managers::new().with_aws(aws), Hand::new())
}

/// moto judges actions and not resources: it takes every call as one on `*`. The shipped policy's resource is looked at below.
fn policy_for_moto() -> String {
    let mut policy: Value = serde_json::from_str(POLICY).unwrap();
    policy["Statement"][0]["Resource"] = json!("*");
    policy.to_string()
}

#[test]
fn the_shipped_policy_allows_one_action_on_the_services_own_secrets() {
    let policy: Value = serde_json::from_str(POLICY).unwrap();
    let statements = policy["Statement"].as_array().unwrap();
    assert_eq!(statements.len(), 1);
    assert_eq!(statements[0]["Effect"], "Allow");
    assert_eq!(statements[0]["Action"], "secretsmanager:GetSecretValue");
    assert_eq!(
        statements[0]["Resource"],
        "arn:aws:secretsmanager:REGION:ACCOUNT:secret:brasskey/*"
    );
}

#[tokio::test]
async fn the_shipped_policy_lets_the_service_read_and_do_nothing_else() {
    let moto = Moto::start().await;
    let secret = json!({ "Name": "brasskey/openai", "SecretString": r#"{"api_key":"key-1"}"# });
    let created = moto.secrets("CreateSecret", secret).await;
    let service = moto.user("service", Some(&policy_for_moto())).await;
    let nobody = moto.user("nobody", None).await;
    moto.enforce().await;

    let world = moto.world(&service).await;
    let (value, version) = world.get(KEY).await.unwrap();
    assert_eq!(value, "key-1");
    assert_eq!(version, created["VersionId"].as_str().unwrap());
    // No right, a wrong signature, an unknown identity. moto says all three in XML, where AWS would say JSON: the status is
    // what is left to go by, and what AWS says is in the double's test below.
    let wrong = (service.0.clone(), "wrong".to_owned());
    let stranger = ("AKIASTRANGER".to_owned(), "wrong".to_owned());
    for keys in [nobody, wrong, stranger] {
        assert_eq!(moto.world(&keys).await.get(KEY).await, Err("denied-read"));
    }

    let sdk = sdk(&moto, &service).await;
    let id = "brasskey/openai";
    let denied = [
        status(&sdk.list_secrets().send().await.unwrap_err()),
        status(
            &sdk.describe_secret()
                .secret_id(id)
                .send()
                .await
                .unwrap_err(),
        ),
        status(&sdk.delete_secret().secret_id(id).send().await.unwrap_err()),
        status(
            &sdk.create_secret()
                .name("brasskey/new")
                .send()
                .await
                .unwrap_err(),
        ),
        status(
            &sdk.put_secret_value()
                .secret_id(id)
                .secret_string("mine")
                .send()
                .await
                .unwrap_err(),
        ),
        status(
            &sdk.update_secret()
                .secret_id(id)
                .secret_string("mine")
                .send()
                .await
                .unwrap_err(),
        ),
        status(
            &sdk.get_resource_policy()
                .secret_id(id)
                .send()
                .await
                .unwrap_err(),
        ),
    ];
    assert_eq!(denied, [403; 7]);
}

/// AWS's own client as the service, for what this crate never does.
async fn sdk(moto: &Moto, keys: &Keys) -> aws_sdk_secretsmanager::Client {
    let file = credentials(moto.running.folder.path(), keys);
    let files = EnvConfigFiles::builder()
        .with_file(EnvConfigFileKind::Credentials, file)
        .build();
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(
            tls::rustls_provider::CryptoMode::Ring,
        ))
        .build_https();
    let config = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(http)
        .endpoint_url(&moto.address)
        .region(aws_config::Region::new(REGION))
        .profile_files(files)
        .load()
        .await;
    aws_sdk_secretsmanager::Client::new(&config)
}

fn status<E>(error: &SdkError<E, HttpResponse>) -> u16 {
    error.raw_response().unwrap().status().as_u16()
}

#[tokio::test]
async fn a_rotated_key_is_served_after_a_refresh() {
    let moto = Moto::start().await;
    let secret = json!({ "Name": "brasskey/openai", "SecretString": r#"{"api_key":"key-1"}"# });
    moto.secrets("CreateSecret", secret).await;
    let world = moto.world(&("AKIA".to_owned(), "any".to_owned())).await;
    let old = world.secrets.get(&reference(KEY)).await.unwrap();
    let put = json!({ "SecretId": "brasskey/openai", "SecretString": r#"{"api_key":"key-2"}"# });
    moto.secrets("PutSecretValue", put).await;
    assert_eq!(world.get(KEY).await.unwrap().0, "key-1");
    let new = world.secrets.refresh(&reference(KEY), &old).await.unwrap();
    assert_ne!(new.version(), old.version());
    assert_eq!(world.get(KEY).await.unwrap().0, "key-2");
}

#[tokio::test]
async fn whole_texts_bytes_fields_and_what_is_missing_are_told_apart() {
    let moto = Moto::start().await;
    for secret in [
        json!({ "Name": "whole", "SecretString": "key-1\n" }),
        json!({ "Name": "bytes", "SecretBinary": "a2V5LTI=" }),
        json!({ "Name": "odd", "SecretBinary": "/w==" }),
        json!({ "Name": "json", "SecretString": r#"{"a":{"b":1}}"# }),
        json!({ "Name": "going", "SecretString": "key-3" }),
    ] {
        moto.secrets("CreateSecret", secret).await;
    }
    moto.secrets("DeleteSecret", json!({ "SecretId": "going" }))
        .await;
    let world = moto.world(&("AKIA".to_owned(), "any".to_owned())).await;
    assert_eq!(world.get("aws-sm://whole").await.unwrap().0, "key-1");
    assert_eq!(world.get("aws-sm://bytes").await.unwrap().0, "key-2");
    for (at, code) in [
        ("aws-sm://odd", "not-text"),
        ("aws-sm://whole#api_key", "not-fields"),
        ("aws-sm://json#api_key", "field-missing"),
        ("aws-sm://json#a", "field-not-text"),
        ("aws-sm://nothing", "not-found"),
        ("aws-sm://going", "scheduled-for-deletion"),
    ] {
        assert_eq!(world.get(at).await, Err(code), "{at}");
    }
}

#[tokio::test]
async fn what_moto_cannot_say_is_understood_too() {
    let folder = TempDir::new().unwrap();
    let file = credentials(folder.path(), &("AKIA".to_owned(), "any".to_owned()));
    for (said, code) in [
        ("ThrottlingException", "throttled"),
        ("DecryptionFailure", "denied-decrypt"),
        ("AccessDeniedException", "denied-read"),
        ("UnrecognizedClientException", "denied-login"),
        ("InvalidSignatureException", "denied-login"),
        ("ExpiredTokenException", "denied-login"),
        ("SomethingNew", "not-understood"),
    ] {
        let body = json!({ "__type": said, "message": "" }).to_string();
        let router = Router::new().route(
            "/",
            post(move || async move { (StatusCode::BAD_REQUEST, body) }),
        );
        let address = serve(router).await;
        let world = world(&address, file.clone()).await;
        assert_eq!(world.get(KEY).await, Err(code), "{said}");
    }
}

#[tokio::test]
async fn an_aws_that_is_gone_stops_nobody_for_a_day() {
    let mut moto = Moto::start().await;
    let secret = json!({ "Name": "brasskey/openai", "SecretString": r#"{"api_key":"key-1"}"# });
    moto.secrets("CreateSecret", secret).await;
    let world = moto.world(&("AKIA".to_owned(), "any".to_owned())).await;
    assert_eq!(world.get(KEY).await.unwrap().0, "key-1");
    moto.running.stop();
    world.hand.forward(11 * MINUTE);
    assert_eq!(world.get_and_wait(KEY).await.unwrap().0, "key-1");
    world.hand.forward(24 * 60 * MINUTE);
    assert_eq!(world.get(KEY).await, Err("unreachable"));
}

#[tokio::test]
async fn an_endpoint_elsewhere_has_to_be_https() {
    let settings = AwsSettings {
        endpoint: Some("http://secrets.example".into()),
        ..AwsSettings::default()
    };
    let refused = Aws::connect(settings).await.map(|_| ());
    assert_eq!(refused, Err(SetupError::Insecure));
}
