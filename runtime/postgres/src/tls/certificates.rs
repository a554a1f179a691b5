//! Whose certificate is good.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use rustls_platform_verifier::Verifier;

use super::options::{Identity, Mode, Roots, Tls};
use super::refused::{OLD, is_old};
use super::{Refused, identity, pem};

/// What a connection is made with. Files that are named are read each time, so that others in their place need no new start.
pub(crate) fn config(tls: &Tls) -> Result<Arc<ClientConfig>, Refused> {
    let provider = Arc::new(ring::default_provider());
    let trusted = match &tls.roots {
        Some(Roots::File(file)) => Some(Arc::new(read(file)?)),
        Some(Roots::System) | None => None,
    };
    let versions =
        ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
    let builder = versions.map_err(|e| Refused(e.to_string()))?;
    let builder = match (tls.mode, &tls.roots, trusted) {
        (Mode::VerifyFull, _, Some(trusted)) => builder.with_root_certificates(trusted),
        (_, Some(Roots::System), _) => {
            builder.dangerous().with_custom_certificate_verifier(system(provider)?)
        }
        (_, _, trusted) => {
            let verifier = AnyName { trusted, known: provider.signature_verification_algorithms };
            builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
        }
    };
    let mut config = match &tls.identity {
        None => builder.with_no_client_auth(),
        Some(identity) => {
            let (chain, key) = identity::read(identity)?;
            let Identity { certificate, key: file } = identity;
            builder.with_client_auth_cert(chain, key).map_err(|e| match e {
                e if is_old(&e) => Refused(format!("sslcert, {certificate:?}, {OLD}")),
                Error::InconsistentKeys(_) => Refused(format!(
                    "sslkey, {file:?}, is not the key of the certificate in {certificate:?} (sslcert)"
                )),
                e => Refused(format!("sslcert, {certificate:?}, and sslkey, {file:?}, cannot be used: {e}")),
            })?
        }
    };
    // libpq sends it as well; the server says no where it is somebody else's (ALPACA).
    config.alpn_protocols = vec![b"postgresql".to_vec()];
    Ok(Arc::new(config))
}

/// By what this machine trusts: many files, and read once.
fn system(provider: Arc<CryptoProvider>) -> Result<Arc<Verifier>, Refused> {
    static SYSTEM: OnceLock<Arc<Verifier>> = OnceLock::new();
    if let Some(verifier) = SYSTEM.get() {
        return Ok(Arc::clone(verifier));
    }
    let none = |e| Refused(format!("the certificates that this machine trusts cannot be read: {e}"));
    let verifier = Arc::new(Verifier::new(provider).map_err(none)?);
    Ok(Arc::clone(SYSTEM.get_or_init(|| verifier)))
}

fn read(file: &Path) -> Result<RootCertStore, Refused> {
    let cannot =
        |why: &dyn std::fmt::Display| Refused(format!("sslrootcert, {file:?}, cannot be read: {why}"));
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|e| cannot(&pem::why(&e)))? {
        store.add(certificate.map_err(|e| cannot(&pem::why(&e)))?).map_err(|e| cannot(&e))?;
    }
    if store.is_empty() {
        return Err(cannot(&"there is no certificate in it (PEM, `-----BEGIN CERTIFICATE-----`)"));
    }
    Ok(store)
}

/// Takes a certificate whatever name it is for: from an issuer that is trusted, or from anybody.
#[derive(Debug)]
struct AnyName {
    trusted: Option<Arc<RootCertStore>>,
    known: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Some(trusted) = &self.trusted {
            let parsed = ParsedCertificate::try_from(certificate)?;
            verify_server_cert_signed_by_trust_anchor(&parsed, trusted, between, now, self.known.all)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.known.supported_schemes()
    }
}
