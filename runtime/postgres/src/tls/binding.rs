//! What ties a login to the certificate that it was made under: `tls-server-end-point` (RFC 5929, section 4.1), the digest of the
//! certificate by the hash that it was signed with. Where it is used, whoever stands between with another certificate fails.

use sha2::{Digest as _, Sha256, Sha384, Sha512};

/// What the OIDs of signatures begin with (RFC 3279, 4055 and 5758). One more byte says the hash.
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];
const ECDSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03];

/// The digest, where there is one for the way in which the certificate was signed.
pub(crate) fn end_point(certificate: &[u8]) -> Option<Vec<u8>> {
    let oid = signed_with(certificate)?;
    Some(match (oid.strip_prefix(RSA), oid.strip_prefix(ECDSA)) {
        // MD5 and SHA-1 count as SHA-256.
        (Some([4 | 5 | 11]), _) | (_, Some([2])) => Sha256::digest(certificate).to_vec(),
        (Some([12]), _) | (_, Some([3])) => Sha384::digest(certificate).to_vec(),
        (Some([13]), _) | (_, Some([4])) => Sha512::digest(certificate).to_vec(),
        _ => return None,
    })
}

/// The OID of `signatureAlgorithm`: `Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, … }` (RFC 5280).
fn signed_with(certificate: &[u8]) -> Option<&[u8]> {
    const SEQUENCE: u8 = 0x30;
    let (body, _) = element(certificate, SEQUENCE)?;
    let (_, behind) = element(body, SEQUENCE)?;
    let (algorithm, _) = element(behind, SEQUENCE)?;
    element(algorithm, 0x06).map(|(oid, _)| oid)
}

/// What is in a DER element of a kind, and what comes behind it.
fn element(bytes: &[u8], kind: u8) -> Option<(&[u8], &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    let (&length, rest) = rest.split_first()?;
    let (length, rest) = match length {
        0..=0x7f => (usize::from(length), rest),
        // No certificate is longer than three bytes can say.
        0x81..=0x83 => {
            let (digits, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
            (digits.iter().fold(0, |sum, digit| sum << 8 | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    (first == kind).then(|| rest.split_at_checked(length))?
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A certificate of which only the signature's OID is real.
    fn certificate(oid: &[u8]) -> Vec<u8> {
        let wrap = |kind: u8, bytes: &[u8]| [&[kind, u8::try_from(bytes.len()).unwrap()], bytes].concat();
        let algorithm = wrap(0x30, &wrap(0x06, oid));
        wrap(0x30, &[wrap(0x30, b"to be signed"), algorithm].concat())
    }

    #[test]
    fn the_hash_is_that_of_the_signature_and_never_a_weak_one() {
        for (oid, length) in [
            ([RSA, &[5]].concat(), Some(32)),
            ([RSA, &[11]].concat(), Some(32)),
            ([RSA, &[12]].concat(), Some(48)),
            ([RSA, &[13]].concat(), Some(64)),
            ([ECDSA, &[2]].concat(), Some(32)),
            ([ECDSA, &[3]].concat(), Some(48)),
            ([ECDSA, &[4]].concat(), Some(64)),
            // Ed25519, and RSA-PSS: RFC 5929 says nothing about those.
            (vec![0x2b, 0x65, 0x70], None),
            ([RSA, &[10]].concat(), None),
        ] {
            assert_eq!(end_point(&certificate(&oid)).map(|d| d.len()), length, "{oid:x?}");
        }
    }

    #[test]
    fn what_is_not_a_certificate_has_none() {
        let whole = certificate(&[RSA, &[11]].concat());
        for length in 0..whole.len() {
            assert_eq!(end_point(&whole[..length]), None);
        }
    }
}
