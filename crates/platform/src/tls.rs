//! The service's own certificate: read from two files, and read again when they change, so that a renewed one needs no restart.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// How often the files are looked at.
const PAUSE: Duration = Duration::from_secs(30);

/// A certificate that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read, or is not PEM.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: pem::Error,
    },
    /// Certificate and key do not fit.
    #[error("{certificate}: {source}")]
    Pair {
        /// Which.
        certificate: PathBuf,
        /// Why.
        source: rustls::Error,
    },
}

/// Says once which cryptography TLS is made with, for the libraries that ask the process.
pub(crate) fn provide() {
    // Whoever was first chose the same: the workspace builds no other.
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
}

/// Reads a certificate and its key.
///
/// # Errors
/// [`TlsError`].
pub(crate) fn load(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    let file = |path: &Path| {
        let path = path.to_owned();
        move |source| TlsError::File { path, source }
    };
    let pair = |source| TlsError::Pair {
        certificate: certificate.to_owned(),
        source,
    };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(file(certificate))?;
    let secret = PrivateKeyDer::from_pem_file(key).map_err(file(key))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(pair)?
        .with_no_client_auth()
        .with_single_cert(chain, secret)
        .map_err(pair)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// The certificate in use.
#[derive(Debug)]
pub(crate) struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    current: watch::Sender<Arc<ServerConfig>>,
}

impl Tls {
    pub(crate) fn open(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        Ok(Self {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            current: watch::Sender::new(load(certificate, key)?),
        })
    }

    /// What a new connection is served with.
    pub(crate) fn current(&self) -> Arc<ServerConfig> {
        self.current.borrow().clone()
    }

    /// Reads the files again whenever they change or the process gets SIGHUP. A pair that cannot be used changes nothing.
    pub(crate) async fn follow(&self, stop: &CancellationToken) {
        let mut hangups = hangups();
        let mut seen = self.changed_at();
        loop {
            let is_asked = tokio::select! {
                () = stop.cancelled() => return,
                () = next(&mut hangups) => true,
                () = tokio::time::sleep(PAUSE) => false,
            };
            let now = self.changed_at();
            if !is_asked && now == seen {
                continue;
            }
            match load(&self.certificate, &self.key) {
                Ok(config) => {
                    self.current.send_replace(config);
                    seen = now;
                    tracing::info!("the certificate was read again");
                }
                // Looked at again: certificate and key may be replaced one after the other.
                Err(error) => tracing::error!(%error, "the new certificate cannot be used"),
            }
        }
    }

    fn changed_at(&self) -> [Option<SystemTime>; 2] {
        [&self.certificate, &self.key].map(|path| {
            let found: io::Result<_> = path.metadata().and_then(|file| file.modified());
            found.ok()
        })
    }
}

#[cfg(unix)]
type Hangups = Option<tokio::signal::unix::Signal>;
#[cfg(not(unix))]
type Hangups = ();

#[cfg(unix)]
fn hangups() -> Hangups {
    tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).ok()
}

#[cfg(not(unix))]
fn hangups() -> Hangups {}

#[cfg(unix)]
async fn next(hangups: &mut Hangups) {
    match hangups {
        Some(signal) => {
            signal.recv().await;
        }
        None => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn next((): &mut Hangups) {
    std::future::pending().await
}
