//! The certificate of the front door, from two PEM files. They are looked at again while the gateway runs, so that a
//! renewed certificate needs no restart; a pair that cannot be used leaves the one before it in place.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use pingora_core::listeners::tls::{Acceptor, TlsSettings};
use prometheus::IntCounter;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::config::{Tls, TlsFiles};
use crate::error::StartError;

/// A chain of certificates is a few kilobytes.
const FILE_MAX_BYTES: u64 = 1 << 20;

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CertificateError {
    #[error("{0} cannot be read: {1}")]
    Unreadable(String, String),
    #[error("{0} holds no certificate in PEM form")]
    NoCertificate(String),
    #[error("{0} holds no private key in PEM form, or one of a kind that is not supported")]
    NoKey(String),
    #[error("the private key in {1} is not the one of the certificate in {0}")]
    Mismatch(String, String),
}

/// The certificate shown to clients.
#[derive(Debug)]
pub(crate) struct Certificates {
    files: TlsFiles,
    look_every: Duration,
    current: ArcSwap<CertifiedKey>,
}

/// What a look at the files found.
#[derive(Debug, PartialEq, Eq)]
enum Look {
    Unchanged,
    Renewed,
}

impl Certificates {
    pub(crate) fn load(tls: &Tls) -> Result<Self, CertificateError> {
        let current = ArcSwap::from_pointee(read(&tls.files)?);
        Ok(Self { files: tls.files.clone(), look_every: tls.look_every, current })
    }

    /// Takes over a renewed certificate, for as long as it is polled. What is wrong with a new one is said once, not
    /// with every look.
    pub(crate) async fn renew(self: &Arc<Self>, failures: &IntCounter) {
        let mut told = None;
        loop {
            tokio::time::sleep(self.look_every).await;
            let certificates = Arc::clone(self);
            let look = tokio::task::spawn_blocking(move || certificates.look_again()).await;
            match look {
                Ok(Ok(Look::Renewed)) => tracing::info!("the renewed TLS certificate is in use"),
                Ok(Err(error)) => {
                    if told.as_ref() != Some(&error) {
                        failures.inc();
                        tracing::error!(%error, "the new TLS certificate is not used; the one before it stays");
                    }
                    told = Some(error);
                    continue;
                }
                Ok(Ok(Look::Unchanged)) | Err(_) => {}
            }
            told = None;
        }
    }

    /// Reads the files again. On an error the certificate in use stays.
    fn look_again(&self) -> Result<Look, CertificateError> {
        let found = read(&self.files)?;
        if found.cert == self.current.load().cert {
            return Ok(Look::Unchanged);
        }
        self.current.store(Arc::new(found));
        Ok(Look::Renewed)
    }

    /// TLS 1.2 and 1.3; HTTP/2 where the client offers it.
    pub(crate) fn acceptor(self: &Arc<Self>) -> Result<Acceptor, StartError> {
        let mut settings =
            TlsSettings::intermediate("", "").map_err(|error| StartError::Tls(error.to_string()))?;
        settings.set_cert_resolver(Arc::clone(self) as Arc<dyn ResolvesServerCert>);
        settings.enable_h2();
        Ok(settings.build())
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.load_full())
    }
}

fn read(files: &TlsFiles) -> Result<CertifiedKey, CertificateError> {
    let (chain_name, key_name) = (name(&files.certificate), name(&files.key));
    let chain = bytes(&files.certificate)?;
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&chain)
        .collect::<Result<_, _>>()
        .map_err(|_| CertificateError::NoCertificate(chain_name.clone()))?;
    if chain.is_empty() {
        return Err(CertificateError::NoCertificate(chain_name));
    }
    let no_key = || CertificateError::NoKey(key_name.clone());
    let key = PrivateKeyDer::from_pem_slice(&bytes(&files.key)?).map_err(|_| no_key())?;
    let key = any_supported_type(&key).map_err(|_| no_key())?;
    let pair = CertifiedKey::new(chain, key);
    match pair.keys_match() {
        // `Unknown`: a kind of key that cannot tell its public half; the handshake will.
        Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => Ok(pair),
        Err(rustls::Error::InconsistentKeys(_)) => Err(CertificateError::Mismatch(chain_name, key_name)),
        Err(_) => Err(CertificateError::NoCertificate(chain_name)),
    }
}

fn bytes(path: &Path) -> Result<Vec<u8>, CertificateError> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(FILE_MAX_BYTES).read_to_end(&mut bytes))
        .map_err(|error| CertificateError::Unreadable(name(path), error.to_string()))?;
    Ok(bytes)
}

fn name(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(dir: &Path) -> Tls {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let files = TlsFiles { certificate: dir.join("chain.pem"), key: dir.join("key.pem") };
        std::fs::write(&files.certificate, made.cert.pem()).unwrap();
        std::fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
        Tls { listen: ([127, 0, 0, 1], 0).into(), files, look_every: Duration::from_secs(1) }
    }

    #[test]
    fn a_renewed_certificate_is_taken_and_a_broken_one_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let tls = write(dir.path());
        let certificates = Certificates::load(&tls).unwrap();
        let first = certificates.current.load_full();
        assert_eq!(certificates.look_again(), Ok(Look::Unchanged));

        write(dir.path());
        assert_eq!(certificates.look_again(), Ok(Look::Renewed));
        let second = certificates.current.load_full();
        assert_ne!(first.cert, second.cert);

        let key = std::fs::read(&tls.files.key).unwrap();
        write(dir.path());
        std::fs::write(&tls.files.key, key).unwrap();
        assert!(matches!(certificates.look_again(), Err(CertificateError::Mismatch(..))));
        assert_eq!(certificates.current.load_full().cert, second.cert);
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let tls = write(dir.path());
        let files = &tls.files;
        let load = |files: TlsFiles| Certificates::load(&Tls { files, ..tls.clone() });
        let swapped = TlsFiles { certificate: files.key.clone(), key: files.certificate.clone() };
        assert!(matches!(load(swapped), Err(CertificateError::NoCertificate(_))));
        let no_key = TlsFiles { key: files.certificate.clone(), ..files.clone() };
        assert!(matches!(load(no_key), Err(CertificateError::NoKey(_))));
        let missing = TlsFiles { key: dir.path().join("nowhere"), ..files.clone() };
        assert!(matches!(load(missing), Err(CertificateError::Unreadable(..))));
    }
}
