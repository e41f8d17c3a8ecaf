//! TLS of the hub's own, for those who put no proxy before it. The certificate is read again when its files change, as
//! they do every few weeks: connections keep the one they began with, new ones get the new one.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use confab_config::Server;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{Error as TlsError, ServerConfig};
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;

/// How often the files are looked at.
const CHECK: Duration = Duration::from_secs(10);
/// A client that has not come to an agreement by then is cut off.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// The one protocol that is spoken here (RFC 7301).
const HTTP_1_1: &[u8] = b"http/1.1";

/// The certificate can't be used.
#[derive(Debug, thiserror::Error)]
#[error(
    "the certificate {} with the key {} can't be used: {cause}; both have to be PEM files, the certificate's with those it rests on",
    certificate.display(),
    key.display()
)]
pub struct CertificateError {
    certificate: PathBuf,
    key: PathBuf,
    cause: String,
}

/// Says whether the certificate that is configured can be used; `false` when there is none.
pub fn check_certificate(server: &Server) -> Result<bool, CertificateError> {
    Ok(Files::of(server).map(|files| files.read()).transpose()?.is_some())
}

/// Agrees with clients on how to encrypt.
#[derive(Clone)]
pub(crate) struct Tls {
    acceptor: TlsAcceptor,
    certificate: Arc<Certificate>,
}

#[derive(Debug, Clone)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

/// What the files say, as far as it can be used.
#[derive(Debug)]
struct Certificate {
    files: Files,
    current: RwLock<Arc<CertifiedKey>>,
}

impl Tls {
    /// Ready to serve with the certificate that is configured, if there is one.
    pub(crate) fn configured(server: &Server) -> Result<Option<Self>, CertificateError> {
        let Some(files) = Files::of(server) else { return Ok(None) };
        let current = RwLock::new(Arc::new(files.read()?));
        let certificate = Arc::new(Certificate { files, current });
        let resolver: Arc<dyn ResolvesServerCert> = Arc::clone(&certificate) as _;
        let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| certificate.files.error(error))?
            .with_no_client_auth()
            .with_cert_resolver(resolver);
        config.alpn_protocols = vec![HTTP_1_1.to_vec()];
        Ok(Some(Self { acceptor: Arc::new(config).into(), certificate }))
    }

    /// Begins an encrypted connection; nothing, when no agreement was found in time.
    pub(crate) async fn accept(&self, stream: TcpStream) -> Option<TlsStream<TcpStream>> {
        match timeout(HANDSHAKE_TIMEOUT, self.acceptor.accept(stream)).await {
            Ok(Ok(stream)) => Some(stream),
            Ok(Err(error)) => {
                tracing::debug!(%error, "a TLS handshake failed");
                None
            }
            Err(_) => {
                tracing::debug!("a TLS handshake took too long");
                None
            }
        }
    }

    /// Looks at the files now and then, and takes what is new in them.
    pub(crate) async fn follow_files(self, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(CHECK)).await.is_some() {
            let certificate = Arc::clone(&self.certificate);
            if tokio::task::spawn_blocking(move || certificate.read_again()).await.is_err() {
                tracing::error!("the certificate could not be looked at");
            }
        }
    }
}

impl Certificate {
    fn current(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn read_again(&self) {
        match self.files.read() {
            Ok(new) if new.cert == self.current().cert => {}
            Ok(new) => {
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(new);
                tracing::info!(file = %self.files.certificate.display(), "new connections get a new certificate");
            }
            // Whoever renews it may be half way.
            Err(error) => tracing::warn!(%error, "the certificate of before stays in use"),
        }
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current())
    }
}

impl Files {
    fn of(server: &Server) -> Option<Self> {
        let (certificate, key) = server.tls_certificate_file.clone().zip(server.tls_key_file.clone())?;
        Some(Self { certificate, key })
    }

    fn read(&self) -> Result<CertifiedKey, CertificateError> {
        let chain = certificates(&self.certificate).map_err(|cause| self.error(cause))?;
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(|cause| self.error(cause))?;
        CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider()).map_err(|cause| match cause {
            TlsError::InconsistentKeys(_) => self.error("the key is that of another certificate"),
            other => self.error(other),
        })
    }

    fn error(&self, cause: impl std::fmt::Display) -> CertificateError {
        let Self { certificate, key } = self.clone();
        CertificateError { certificate, key, cause: cause.to_string() }
    }
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let read = CertificateDer::pem_file_iter(file).map_err(|error| error.to_string())?;
    let chain: Vec<_> = read.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
    if chain.is_empty() { Err(format!("{} has no certificate", file.display())) } else { Ok(chain) }
}
