//! The door of the running program: limits on what comes in, its certificate, and its end.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use tempfile::TempDir;

use crate::program::{Program, connect, get, rest, send, trial, wait_until};

const IN_FLIGHT: &str = "brasskey_requests_in_flight";

/// A service in whose door a request hangs: its head is there, its body is not.
fn with_running_request(folder: &Path, variables: &[(&str, &str)]) -> (Program, TcpStream, String) {
    let service = Program::start(folder, &["--metrics-listen", "127.0.0.1:0"], variables);
    let (head, body) = trial("dev_1");
    let mut stream = connect(service.address);
    stream.write_all(head.as_bytes()).unwrap();
    wait_until("the request runs", || {
        service.metric(IN_FLIGHT) == Some(1.0)
    });
    (service, stream, body)
}

#[test]
fn a_running_request_is_finished_when_the_service_is_told_to_stop() {
    let folder = TempDir::new().unwrap();
    let (service, mut stream, body) = with_running_request(folder.path(), &[]);
    service.signal("TERM");
    wait_until("nothing new is taken", || {
        TcpStream::connect(service.address).is_err()
    });
    stream.write_all(body.as_bytes()).unwrap();
    let answer = rest(&mut stream);
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    let (status, log) = service.ended();
    assert!(status.success(), "{log}");
    assert!(!log.contains("cutting"), "{log}");
}

#[test]
fn a_request_that_outlives_the_grace_is_cut_and_the_end_is_in_good_order() {
    let folder = TempDir::new().unwrap();
    let grace = ("BRASSKEY_PLATFORM_LIMITS__GRACE_SECONDS", "1");
    let (service, mut stream, _) = with_running_request(folder.path(), &[grace]);
    service.signal("TERM");
    let (status, log) = service.ended();
    assert!(status.success() && log.contains("cutting"), "{log}");
    assert_eq!(rest(&mut stream), "");
}

#[test]
fn an_answer_that_takes_too_long_is_given_up_as_a_problem() {
    let folder = TempDir::new().unwrap();
    let short = ("BRASSKEY_PLATFORM_LIMITS__ANSWER_SECONDS", "1");
    let (_service, mut stream, _) = with_running_request(folder.path(), &[short]);
    let answer = rest(&mut stream);
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.contains("application/problem+json") && answer.contains("\"unavailable\""));
    assert!(answer.contains("retry-after: "), "{answer}");
}

#[test]
fn what_is_too_long_or_too_slow_does_not_get_in() {
    let folder = TempDir::new().unwrap();
    let variables = [
        ("BRASSKEY_PLATFORM_LIMITS__HEAD_SECONDS", "1"),
        ("BRASSKEY_PLATFORM_LIMITS__HEAD_BYTES", "8192"),
        ("BRASSKEY_PLATFORM_LIMITS__BODY_BYTES", "1024"),
        ("BRASSKEY_PLATFORM_LIMITS__CONNECTIONS", "2"),
    ];
    let service = Program::start(folder.path(), &[], &variables);

    // A body is refused by its length, before it comes.
    let long = "x".repeat(2000);
    let (head, body) = trial(&long);
    let head = head.replace(&long, "k");
    let answer = send(service.address, &format!("{head}{body}"));
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(answer.contains("\"too-large\""), "{answer}");

    // Nothing of the service's own runs before the head is whole, so that its refusal has no document.
    let long = format!(
        "GET /healthz HTTP/1.1\r\nhost: localhost\r\nx-long: {}\r\n\r\n",
        "x".repeat(9000)
    );
    let answer = send(service.address, &long);
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");

    // Both slots are held by connections that never say what they want; the third waits until their time is up.
    let mut slow = [connect(service.address), connect(service.address)];
    for stream in &mut slow {
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost:").unwrap();
    }
    let answer = get(service.address, "/healthz");
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    for stream in &mut slow {
        assert!(!rest(stream).contains("204"));
    }
}

/// Makes a certificate for this machine and puts it into a folder. Gives the certificate.
fn certify(folder: &Path) -> rustls::pki_types::CertificateDer<'static> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    // Written beside and renamed, as whoever renews certificates does.
    for (name, text) in [
        ("tls.key", made.signing_key.serialize_pem()),
        ("tls.pem", made.cert.pem()),
    ] {
        let beside = folder.join("new");
        let mut file = std::fs::File::create(&beside).unwrap();
        file.write_all(text.as_bytes()).unwrap();
        std::fs::rename(beside, folder.join(name)).unwrap();
    }
    made.cert.der().clone()
}

/// Asks whether the service lives, trusting one certificate alone.
fn ask(
    service: &Program,
    trusted: &rustls::pki_types::CertificateDer<'static>,
) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let client = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = StreamOwned::new(client, connect(service.address));
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
    let mut head = [0; 12];
    stream.read_exact(&mut head)?;
    Ok(String::from_utf8_lossy(&head).into_owned())
}

#[test]
fn a_renewed_certificate_is_taken_up_without_a_restart() {
    let folder = TempDir::new().unwrap();
    let first = certify(folder.path());
    let settings = [
        ("BRASSKEY_PLATFORM_TLS__CERTIFICATE", "tls.pem"),
        ("BRASSKEY_PLATFORM_TLS__KEY", "tls.key"),
    ];
    let service = Program::start(folder.path(), &["--listen", "0.0.0.0:0"], &settings);
    assert_eq!(ask(&service, &first).unwrap(), "HTTP/1.1 204");
    // In clear nothing is answered.
    assert!(!get(service.address, "/healthz").contains("204"));
    let second = certify(folder.path());
    service.signal("HUP");
    service.wait_for("the certificate was read again");
    assert_eq!(ask(&service, &second).unwrap(), "HTTP/1.1 204");
    assert!(ask(&service, &first).is_err());
    // One that cannot be used changes nothing.
    std::fs::File::create(folder.path().join("tls.pem")).unwrap();
    service.signal("HUP");
    service.wait_for("the new certificate cannot be used");
    assert_eq!(ask(&service, &second).unwrap(), "HTTP/1.1 204");
}
