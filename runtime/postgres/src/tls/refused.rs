//! Why there is no encrypted connection, in words that say what to do.

use std::error::Error as _;
use std::{fmt, io};

use rustls::{AlertDescription, CertificateError, Error};

use super::options::{Roots, Tls};

/// Why a server is not spoken to: it is so the next time as well.
#[derive(Debug)]
pub(crate) struct Refused(pub(crate) String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

/// What `tokio-postgres` says of a server that answers `N`: it has no kind of its own.
const CANNOT: &str = "server does not support TLS";

/// What a server says that does not take the certificate that we show, or wants one (RFC 8446, section 6.2).
const OF_OURS: [AlertDescription; 7] = [
    AlertDescription::BadCertificate,
    AlertDescription::UnsupportedCertificate,
    AlertDescription::CertificateRevoked,
    AlertDescription::CertificateExpired,
    AlertDescription::CertificateUnknown,
    AlertDescription::UnknownCA,
    AlertDescription::CertificateRequired,
];

fn not_taken(tls: &Tls, name: &str, alert: AlertDescription) -> String {
    match &tls.identity {
        Some(identity) => format!(
            "{name} does not take the certificate in {:?} (sslcert), and says {alert:?}: name one from an issuer that the server takes \
             (its `ssl_ca_file`), and that is still good",
            identity.certificate
        ),
        None => format!(
            "{name} asks who we are, and says {alert:?}: name a certificate with sslcert=FILE, and its key with sslkey=FILE"
        ),
    }
}

/// What is said of a certificate of version 1, which is what `openssl x509 -req` issues without extensions.
pub(crate) const OLD: &str = "is of version 1, and rustls takes those of version 3 only: have it issued with extensions (`openssl x509 -req \
                              … -extfile FILE`)";

pub(crate) fn is_old(error: &Error) -> bool {
    error.to_string().contains("UnsupportedCertVersion")
}

impl Refused {
    /// Why a handshake with the server of this name failed.
    pub(crate) fn of(tls: &Tls, name: &str, error: &Error) -> Self {
        let trusted = match &tls.roots {
            Some(Roots::File(file)) => format!("the issuers in {file:?}"),
            Some(Roots::System) | None => "the issuers that this machine trusts".to_string(),
        };
        if let Error::AlertReceived(alert) = error
            && OF_OURS.contains(alert)
        {
            return Self(not_taken(tls, name, *alert));
        }
        let Error::InvalidCertificate(certificate) = error else {
            return Self(format!("there is no TLS connection with {name}: {error}"));
        };
        let why = match certificate {
            CertificateError::UnknownIssuer | CertificateError::BadSignature => format!(
                "is not from one of {trusted}: name the file with the certificate of its issuer, as whoever runs the server \
                 gives it, with sslrootcert=FILE"
            ),
            CertificateError::NotValidForName => other_name(&[]),
            CertificateError::NotValidForNameContext { presented, .. } => other_name(presented),
            _ if error.to_string().contains("CaUsedAsEndEntity") => "is that of an issuer (`CA:TRUE`), and not of a server: have \
                                                                     one issued for the server, and name its issuer with \
                                                                     sslrootcert=FILE"
                .to_string(),
            _ if is_old(error) => OLD.to_string(),
            _ => format!("is not good: {error}"),
        };
        Self(format!("the certificate that {name} shows {why}"))
    }

    /// Whether an error of TLS is a verdict, about a certificate or about how it is spoken, and not one of a server that is about to
    /// end.
    pub(crate) fn is_verdict(error: &Error) -> bool {
        use AlertDescription::{CloseNotify, InternalError, UserCanceled};
        !matches!(error, Error::AlertReceived(InternalError | UserCanceled | CloseNotify))
    }

    /// What is behind an error of connecting to the server of this name, where it is one of these. Whatever comes from the network is
    /// none: a connection that was cut off can be made again.
    pub(crate) fn behind(tls: &Tls, name: &str, error: &tokio_postgres::Error) -> Option<String> {
        let source = error.source()?;
        if let Some(refused) = source.downcast_ref::<Self>() {
            return Some(refused.to_string());
        }
        // A certificate of ours is looked at when the handshake is over for us.
        if let Some(error) = source.downcast_ref::<io::Error>().and_then(verdict) {
            return Some(Self::of(tls, name, error).to_string());
        }
        (source.to_string() == CANNOT).then(|| {
            "the server does not speak TLS: have it turned on there (`ssl = on`); or, where nobody else is on the network between, \
             say sslmode=disable"
                .to_string()
        })
    }
}

/// The verdict that an error of a connection comes from.
pub(crate) fn verdict(error: &io::Error) -> Option<&Error> {
    let error = error.get_ref()?.downcast_ref::<Error>()?;
    Refused::is_verdict(error).then_some(error)
}

fn other_name(presented: &[String]) -> String {
    let which = match presented {
        [] => "no name in its subjectAltName".to_string(),
        names => {
            // `DnsName("…")`, escaped already.
            let bare = names.iter().map(|name| name.split('"').nth(1).unwrap_or(name));
            bare.collect::<Vec<_>>().join(", ")
        }
    };
    format!(
        "is for another: {which}. Write the host as the certificate has it (hostaddr=ADDRESS says where it is), or say \
         sslmode=verify-ca with the sslrootcert of an issuer who gives certificates to nobody else"
    )
}
