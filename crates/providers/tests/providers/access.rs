//! An endpoint behind a company's proxy, with a certificate of its own making and headers that its gateway wants.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use brasskey_providers::{
    Access, BaseUrl, Cause, Credential, Endpoint, Payer, Provider, Proxy, Wire, check,
};
use rcgen::{CertificateParams, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::server::KEY;

/// A host that no resolver knows: only the proxy leads there.
const HOST: &str = "models.brasskey.example";

/// A proxy and, behind it, a provider by TLS, with what each of them read.
struct Company {
    proxy: String,
    certificate: String,
    asked_proxy: Arc<Mutex<String>>,
    asked_provider: Arc<Mutex<String>>,
}

/// Reads the head of a request.
async fn head(stream: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut read = Vec::new();
    while !read.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => read.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(read).unwrap()
}

impl Company {
    async fn start() -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new([HOST.to_owned()])
            .unwrap()
            .self_signed(&key)
            .unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(
            tokio_rustls::rustls::crypto::ring::default_provider(),
        ))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from(certificate.der().to_vec())],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let company = Self {
            proxy: format!("http://{}", listener.local_addr().unwrap()),
            certificate: certificate.pem(),
            asked_proxy: Arc::default(),
            asked_provider: Arc::default(),
        };
        let (proxy, provider) = (company.asked_proxy.clone(), company.asked_provider.clone());
        #[expect(clippy::disallowed_methods, reason = "the runtime of the test ends it")]
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                serve(stream, &acceptor, &proxy, &provider).await;
            }
        });
        company
    }
}

/// Proxy and provider in one: what is asked of the second passes the first without being read.
async fn serve(
    mut stream: TcpStream,
    acceptor: &TlsAcceptor,
    proxy: &Mutex<String>,
    provider: &Mutex<String>,
) {
    let asked = head(&mut stream).await;
    proxy.lock().unwrap().push_str(&asked);
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    // A client that does not believe the certificate leaves here.
    let Ok(mut inside) = acceptor.accept(stream).await else {
        return;
    };
    let asked = head(&mut inside).await;
    provider.lock().unwrap().push_str(&asked);
    let body = r#"{"object":"list","data":[{"id":"company-model"}]}"#;
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    inside.write_all(answer.as_bytes()).await.unwrap();
    inside.shutdown().await.ok();
}

fn payer(endpoint: &Endpoint, access: Access) -> Payer {
    let origin = endpoint.base_url.origin().clone();
    Payer::UserKey {
        key_id: "key_1".to_owned(),
        credential: Credential::new(KEY.to_owned().into(), origin).reached_by(access),
    }
}

fn endpoint() -> Endpoint {
    Endpoint {
        base_url: BaseUrl::parse(&format!("https://{HOST}/v1")).unwrap(),
        ..Endpoint::of(Provider::OpenAi).unwrap()
    }
}

#[tokio::test]
async fn a_call_passes_the_proxy_of_a_company_which_never_sees_the_key() {
    let company = Company::start().await;
    let access = Access {
        organisation: Some("org-company".to_owned()),
        project: Some("proj-research".to_owned()),
        headers: BTreeMap::from([("x-cost-centre".to_owned(), "4711".to_owned())]),
        proxy: Proxy::At(company.proxy.clone()),
        certificates: Some(company.certificate.clone()),
        ..Access::default()
    };
    let endpoint = endpoint();
    let wire = Wire::new().unwrap();
    let models = check(
        &wire,
        &endpoint,
        &payer(&endpoint, access.checked().unwrap()),
    )
    .await;
    assert_eq!(models.unwrap()[0].id, "company-model");
    let proxy = company.asked_proxy.lock().unwrap().clone();
    assert!(
        proxy.starts_with(&format!("CONNECT {HOST}:443 ")),
        "{proxy}"
    );
    assert!(!proxy.contains(KEY), "{proxy}");
    let provider = company.asked_provider.lock().unwrap().to_lowercase();
    for line in [
        "openai-organization: org-company",
        "openai-project: proj-research",
        "x-cost-centre: 4711",
        &format!("authorization: bearer {KEY}").to_lowercase(),
    ] {
        assert!(provider.contains(line), "{line} is not in {provider}");
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouched_for_is_not_believed_and_gets_no_key() {
    let company = Company::start().await;
    let access = Access {
        proxy: Proxy::At(company.proxy.clone()),
        ..Access::default()
    };
    let endpoint = endpoint();
    let wire = Wire::new().unwrap();
    let failure = check(&wire, &endpoint, &payer(&endpoint, access))
        .await
        .unwrap_err();
    assert_eq!(failure.cause, Cause::ProxyOrNetwork);
    assert_eq!(failure.provider_code.as_deref(), Some("tls"));
    assert!(company.asked_provider.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_server_on_this_computer_is_reached_without_a_proxy() {
    let server = crate::server::Server::start(|_| {
        crate::server::json(
            200,
            serde_json::json!({"object": "list", "data": [{"id": "local"}]}),
        )
    })
    .await;
    let endpoint = server.endpoint(Provider::OpenAiCompatible);
    let access = Access {
        // Nothing listens there.
        proxy: Proxy::At("http://127.0.0.1:9".to_owned()),
        ..Access::default()
    };
    let wire = Wire::new().unwrap();
    let models = check(&wire, &endpoint, &payer(&endpoint, access)).await;
    assert_eq!(models.unwrap()[0].id, "local");
}
