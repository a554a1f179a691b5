//! The certificate that we show to the server, and its key, which nobody else may read.

use std::fmt::Display;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::options::Identity;
use super::{Refused, pem};

/// A certificate, those of the issuers between, and its key.
pub(crate) type Shown = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// Reads both.
pub(crate) fn read(Identity { certificate, key }: &Identity) -> Result<Shown, Refused> {
    let cannot = |why: &dyn Display| Refused(format!("sslcert, {certificate:?}, cannot be read: {why}"));
    let chain = CertificateDer::pem_file_iter(certificate).map_err(|e| cannot(&pem::why(&e)))?;
    let chain: Vec<_> = chain.collect::<Result<_, _>>().map_err(|e| cannot(&pem::why(&e)))?;
    if chain.is_empty() {
        return Err(cannot(&"there is no certificate in it (PEM, `-----BEGIN CERTIFICATE-----`)"));
    }
    let cannot = |why: &dyn Display| Refused(format!("sslkey, {key:?}, cannot be read: {why}"));
    let about = std::fs::metadata(key).map_err(|e| cannot(&e))?;
    if let Some(why) = open_to_others(&about) {
        return Err(Refused(format!("sslkey, {key:?}, is not used: {why}")));
    }
    let none = "there is no key in it that can be read (PEM, `-----BEGIN PRIVATE KEY-----`); one that is locked with a password is \
                unlocked with `openssl pkey -in LOCKED -out FILE`";
    let key = PrivateKeyDer::from_pem_file(key).map_err(|e| match e {
        rustls::pki_types::pem::Error::NoItemsFound => cannot(&none),
        e => cannot(&pem::why(&e)),
    })?;
    Ok((chain, key))
}

/// Why somebody else may read a file. The rules are those of libpq (libpq-ssl, "Client Certificates"): nobody but its owner; where that is
/// root, a group may read it.
fn open_to_others(about: &Metadata) -> Option<&'static str> {
    if !about.is_file() {
        return Some("it is not a file");
    }
    is_open(about.uid(), about.mode())
        .then_some("others may read it: let nobody but its owner, with `chmod 600 FILE`")
}

fn is_open(owner: u32, mode: u32) -> bool {
    const OTHERS: u32 = 0o077;
    const OTHERS_BUT_TO_READ_AS_GROUP: u32 = 0o037;
    mode & if owner == 0 { OTHERS_BUT_TO_READ_AS_GROUP } else { OTHERS } != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_its_owners_and_a_group_reads_it_only_where_that_is_root() {
        for (owner, mode, open) in [
            (1000, 0o100_600, false),
            (1000, 0o100_400, false),
            (1000, 0o100_640, true),
            (1000, 0o100_604, true),
            (1000, 0o100_610, true),
            (0, 0o100_600, false),
            (0, 0o100_640, false),
            (0, 0o100_660, true),
            (0, 0o100_650, true),
            (0, 0o100_644, true),
        ] {
            assert_eq!(is_open(owner, mode), open, "{owner} {mode:o}");
        }
    }
}
