//! Whether a request comes from whom it says, and is new: HMAC-SHA-256 over its body, as the common senders of webhooks
//! make it.
//!
//! Schemes differ in three things, each a setting: the header and what stands before the signature in it (`sha256=`,
//! `v0=`), what is signed (`{body}`, `{timestamp}.{body}`, `v0:{timestamp}:{body}`), and the header with the time.

use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp};
use play_connect::Secret;
use sha2::Sha256;

/// How requests of one sender are signed.
#[derive(Debug)]
pub struct Scheme {
    /// The secret that is shared with the sender.
    pub secret: Secret,
    /// The header with the signature, lower case.
    pub header: String,
    /// What stands before the signature in it.
    pub prefix: String,
    /// The header with the time at which it was signed, lower case: seconds of the epoch, or RFC 3339.
    pub timestamp: Option<String>,
    /// What is signed.
    pub signed: Vec<Part>,
    /// How far that time may be from ours.
    pub window: SignedDuration,
}

/// A piece of what is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// As it is.
    Text(String),
    /// What the header with the time says.
    Timestamp,
    /// The body.
    Body,
}

/// Why a request is refused. Said to nobody but the log: whoever forges learns nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forged {
    /// There is no signature.
    Unsigned,
    /// The signature is not of that body, or not under that secret.
    Signature,
    /// The header with the time is missing, or is no time.
    NoTime,
    /// It was signed too long ago, or in the future.
    Stale,
}

impl Forged {
    /// For the log and the counters.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unsigned => "unsigned",
            Self::Signature => "signature",
            Self::NoTime => "no_time",
            Self::Stale => "stale",
        }
    }
}

/// Reads `v0:{timestamp}:{body}`.
///
/// # Errors
/// When a brace names something else, or the body is not signed once.
pub fn template(text: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            return Err("a `{` has no `}`".into());
        };
        if !before.is_empty() {
            parts.push(Part::Text(before.into()));
        }
        parts.push(match name {
            "timestamp" => Part::Timestamp,
            "body" => Part::Body,
            other => return Err(format!("there is no `{{{other}}}`; write {{timestamp}} or {{body}}")),
        });
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.into()));
    }
    match parts.iter().filter(|p| **p == Part::Body).count() {
        1 => Ok(parts),
        n => {
            Err(format!("{{body}} stands in it {n} times; what is not signed can be changed: write it once"))
        }
    }
}

impl Scheme {
    /// Whether the body came from whoever has the secret, and not too long ago. `header` gives the value of a header.
    /// Comparing takes the same time wherever the difference is.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn verify<'h>(
        &self,
        header: impl Fn(&str) -> Option<&'h str>,
        body: &[u8],
        now: Timestamp,
    ) -> Result<(), Forged> {
        let given = header(&self.header).ok_or(Forged::Unsigned)?;
        let time = self.timestamp.as_deref().map(|name| header(name).ok_or(Forged::NoTime)).transpose()?;
        let mut mac =
            Hmac::<Sha256>::new_from_slice(self.secret.for_signing()).map_err(|_| Forged::Signature)?;
        for part in &self.signed {
            mac.update(match part {
                Part::Text(text) => text.as_bytes(),
                Part::Timestamp => time.unwrap_or_default().as_bytes(),
                Part::Body => body,
            });
        }
        // Some senders give several signatures, while a secret is changed.
        let good = given
            .split(',')
            .filter_map(|one| self.decode(one.trim()))
            .any(|bytes| mac.clone().verify_slice(&bytes).is_ok());
        if !good {
            return Err(Forged::Signature);
        }
        // Only after the signature: the time is signed, too.
        let Some(time) = time else { return Ok(()) };
        let at = instant(time).ok_or(Forged::NoTime)?;
        if now.duration_since(at).abs() > self.window { Err(Forged::Stale) } else { Ok(()) }
    }

    fn decode(&self, text: &str) -> Option<Vec<u8>> {
        let text = text.strip_prefix(&self.prefix)?;
        match text.len() {
            64 => HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok(),
            _ => BASE64.decode(text.as_bytes()).ok(),
        }
    }
}

fn instant(text: &str) -> Option<Timestamp> {
    match text.parse::<i64>() {
        Ok(seconds) => Timestamp::from_second(seconds).ok(),
        Err(_) => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scheme(prefix: &str, signed: &str, timestamp: Option<&str>) -> Scheme {
        Scheme {
            secret: Secret::from_text("It's a Secret to Everybody".into()),
            header: "x-signature".into(),
            prefix: prefix.into(),
            timestamp: timestamp.map(Into::into),
            signed: template(signed).unwrap(),
            window: SignedDuration::from_mins(5),
        }
    }

    fn sign(scheme: &Scheme, text: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(scheme.secret.for_signing()).unwrap();
        mac.update(text.as_bytes());
        let bytes = mac.finalize().into_bytes();
        data_encoding::HEXLOWER.encode(&bytes)
    }

    fn verify(scheme: &Scheme, headers: &[(&str, &str)], body: &str, now: i64) -> Result<(), Forged> {
        let header = |name: &str| headers.iter().find(|(n, _)| *n == name).map(|(_, v)| *v);
        scheme.verify(header, body.as_bytes(), Timestamp::from_second(now).unwrap())
    }

    /// The example that GitHub's documentation of webhook deliveries publishes, for those who implement it.
    #[test]
    fn a_published_example_is_good() {
        let scheme = scheme("sha256=", "{body}", None);
        let given = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        assert_eq!(verify(&scheme, &[("x-signature", given)], "Hello, World!", 0), Ok(()));
        assert_eq!(verify(&scheme, &[("x-signature", given)], "Hello, World?", 0), Err(Forged::Signature));
    }

    #[test]
    fn the_time_is_signed_and_bounded() {
        let scheme = scheme("v0=", "v0:{timestamp}:{body}", Some("x-time"));
        let good = format!("v0={}", sign(&scheme, "v0:1000:{}"));
        let at = |time, now| verify(&scheme, &[("x-signature", &good), ("x-time", time)], "{}", now);
        assert_eq!(at("1000", 1000), Ok(()));
        assert_eq!(at("1000", 1300), Ok(()));
        assert_eq!(at("1000", 1301), Err(Forged::Stale), "six minutes later it is a replay");
        assert_eq!(at("1000", 699), Err(Forged::Stale), "nor from the future");
        assert_eq!(at("1301", 1301), Err(Forged::Signature), "another time is not what was signed");
        assert_eq!(verify(&scheme, &[("x-signature", &good)], "{}", 1000), Err(Forged::NoTime));
    }

    #[test]
    fn what_is_no_signature_is_none() {
        let scheme = scheme("sha256=", "{body}", None);
        assert_eq!(verify(&scheme, &[], "x", 0), Err(Forged::Unsigned));
        for given in ["", "sha256=", "sha256=zz", "757107", "sha1=757107", &"f".repeat(64)] {
            assert_eq!(verify(&scheme, &[("x-signature", given)], "x", 0), Err(Forged::Signature), "{given}");
        }
    }

    #[test]
    fn base64_and_one_of_several_do() {
        let scheme = scheme("", "{body}", None);
        let hex = sign(&scheme, "x");
        let base64 = BASE64.encode(&data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap());
        assert_eq!(verify(&scheme, &[("x-signature", &base64)], "x", 0), Ok(()));
        let two = format!("{}, {hex}", "0".repeat(64));
        assert_eq!(verify(&scheme, &[("x-signature", &two)], "x", 0), Ok(()));
    }

    #[test]
    fn a_template_signs_the_body_once() {
        assert_eq!(
            template("{timestamp}.{body}").unwrap(),
            [Part::Timestamp, Part::Text(".".into()), Part::Body]
        );
        for bad in ["", "{timestamp}", "{body}{body}", "{bdy}", "{body"] {
            assert!(template(bad).is_err(), "{bad}");
        }
    }
}
