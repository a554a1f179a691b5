//! Addresses and digests: one normal form each, decided once.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};
use url::{Host, Url};

/// An address. IPv4 written as IPv6 (`::ffff:192.0.2.1`) becomes IPv4.
pub(super) fn ip(text: &str) -> Result<IpAddr, String> {
    if text.contains('%') {
        return Err("an address with a zone (`%…`) means something on one machine only".into());
    }
    text.parse::<IpAddr>().map(|ip| ip.to_canonical()).map_err(|_| "not an IPv4 or IPv6 address".into())
}

/// A network. Host bits are refused.
pub(super) fn cidr(text: &str) -> Result<IpNet, String> {
    let net = network(text)?;
    if net.addr() != net.network() {
        return Err(format!("bits are set behind the prefix; the network is {}", canonical(net.trunc())));
    }
    Ok(canonical(net))
}

/// The network that `10.1.2.3/8` lies in: `10.0.0.0/8`. `None` when the text is no address with a prefix.
#[must_use]
pub fn corrected_network(text: &str) -> Option<String> {
    network(text).ok().map(|net| canonical(net.trunc()).to_string())
}

fn network(text: &str) -> Result<IpNet, String> {
    let Some((address, prefix)) = text.split_once('/') else {
        return Err("a network has a prefix, as in `10.0.0.0/8`".into());
    };
    if address.contains('%') {
        return Err("a network with a zone (`%…`) means something on one machine only".into());
    }
    let address: IpAddr = address.parse().map_err(|_| "not an IPv4 or IPv6 network")?;
    let bits = if address.is_ipv4() { 32 } else { 128 };
    if prefix.is_empty() || prefix.len() > 3 || !prefix.bytes().all(|b| b.is_ascii_digit()) {
        return Err(format!("the prefix is a number from 0 to {bits}"));
    }
    let prefix: u8 = prefix.parse().map_err(|_| format!("the prefix is a number from 0 to {bits}"))?;
    IpNet::new(address, prefix).map_err(|_| format!("the prefix is a number from 0 to {bits}"))
}

/// A network within `::ffff:0:0/96` is one of IPv4.
fn canonical(net: IpNet) -> IpNet {
    if let IpNet::V6(v6) = net
        && let Some(v4) = v6.addr().to_ipv4_mapped()
        && let Some(prefix) = v6.prefix_len().checked_sub(96)
        && let Ok(v4) = Ipv4Net::new(v4, prefix)
    {
        return IpNet::V4(v4);
    }
    net
}

/// A host name in lower case, ASCII, without a dot at its end.
pub(super) fn domain(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Err("it is empty".into());
    }
    if text.contains('%') {
        return Err("`%` is no character of a domain".into());
    }
    let name = match Host::parse(text.strip_suffix('.').unwrap_or(text)) {
        Ok(Host::Domain(name)) => name,
        Ok(_) => return Err("it is an address, not a domain".into()),
        Err(why) => return Err(why.to_string()),
    };
    let fine = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-' || c == b'_';
    for label in name.split('.') {
        if label.is_empty() {
            return Err("there is nothing between two dots".into());
        }
        if label.len() > 63 {
            return Err("a part of it is longer than 63 characters".into());
        }
        if !label.bytes().all(fine) {
            return Err("only letters, digits, `-` and `_` stand between its dots".into());
        }
    }
    if name.len() > 253 {
        return Err("it is longer than 253 characters".into());
    }
    Ok(name)
}

/// Schemes whose URLs have no host.
const WITHOUT_HOST: &[&str] = &["about", "data", "file", "javascript", "mailto", "sms", "tel", "urn"];

/// An absolute URL in the normal form of the WHATWG rules.
pub(super) fn url(text: &str) -> Result<String, String> {
    let url = Url::parse(text).map_err(|why| why.to_string())?;
    if !url.has_host() && !WITHOUT_HOST.contains(&url.scheme()) {
        return Err("it has no host".into());
    }
    Ok(url.into())
}

/// A URL in normal form, taken apart.
pub(crate) struct UrlParts {
    pub scheme: String,
    pub path: String,
    pub host: Option<String>,
    pub domain: Option<String>,
}

/// Takes a URL apart. An IPv6 host is without its brackets.
pub(crate) fn url_parts(text: &str) -> Option<UrlParts> {
    let url = Url::parse(text).ok()?;
    let host = match url.host() {
        Some(Host::Domain(name)) => Some(name.to_string()),
        Some(Host::Ipv4(ip)) => Some(ip.to_string()),
        Some(Host::Ipv6(ip)) => Some(ip.to_string()),
        None => None,
    }
    .filter(|host| !host.is_empty());
    let name = match url.host() {
        Some(Host::Domain(name)) => domain(name).ok(),
        _ => None,
    };
    Some(UrlParts { scheme: url.scheme().into(), path: url.path().into(), host, domain: name })
}

/// A mail address: what stands before the `@` as it is written, the domain in normal form.
pub(super) fn email(text: &str) -> Result<String, String> {
    let Some((local, host)) = text.split_once('@') else {
        return Err("it has no `@`".into());
    };
    if host.contains('@') {
        return Err("it has more than one `@`".into());
    }
    if local.is_empty() {
        return Err("there is nothing before the `@`".into());
    }
    if !local.chars().all(visible) {
        return Err("blanks, control characters or invisible ones stand before the `@`".into());
    }
    let host = domain(host).map_err(|why| format!("behind the `@`: {why}"))?;
    Ok(format!("{local}@{host}"))
}

/// Whether a reader sees the character. Names the invisible ones that are used to make one address look like another.
fn visible(c: char) -> bool {
    let hidden = matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}');
    !(hidden || c.is_whitespace() || c.is_control())
}

/// A digest: MD5, SHA-1, SHA-256 or SHA-512 by its length, in lower case.
pub(super) fn hash(text: &str) -> Result<String, String> {
    if !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err("only the digits 0–9 and a–f stand in it".into());
    }
    if !matches!(text.len(), 32 | 40 | 64 | 128) {
        return Err("it has 32 (MD5), 40 (SHA-1), 64 (SHA-256) or 128 (SHA-512) digits".into());
    }
    Ok(text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv4_address_in_ipv6_clothes_is_ipv4() {
        assert_eq!(ip("::ffff:192.0.2.1").expect("address").to_string(), "192.0.2.1");
        assert_eq!(cidr("::ffff:10.0.0.0/104").expect("network").to_string(), "10.0.0.0/8");
        assert_eq!(ip("2001:DB8::0:1").expect("address").to_string(), "2001:db8::1");
    }

    #[test]
    fn what_is_no_address() {
        for text in
            ["", "10.0.0", "010.0.0.1", "10.0.0.256", " 10.0.0.1", "fe80::1%eth0", "10.0.0.0/8", "1", "::1::"]
        {
            assert!(ip(text).is_err(), "{text}");
        }
    }

    #[test]
    fn host_bits_are_refused_and_the_network_named() {
        assert!(cidr("10.1.2.3/8").expect_err("host bits").contains("10.0.0.0/8"));
        assert_eq!(corrected_network("2001:db8::1/32").as_deref(), Some("2001:db8::/32"));
        for text in [
            "10.0.0.0",
            "10.0.0.0/33",
            "10.0.0.0/",
            "10.0.0.0/+8",
            "10.0.0.0/-1",
            "::/129",
            "x/8",
            "10.0.0.0/1000",
        ] {
            assert!(cidr(text).is_err(), "{text}");
        }
        assert_eq!(cidr("0.0.0.0/0").expect("network").to_string(), "0.0.0.0/0");
    }

    #[test]
    fn domains_have_one_form() {
        assert_eq!(domain("Bücher.Example.").as_deref(), Ok("xn--bcher-kva.example"));
        assert_eq!(domain("_dmarc.example.com").as_deref(), Ok("_dmarc.example.com"));
        assert_eq!(domain("localhost").as_deref(), Ok("localhost"));
        for text in [
            "",
            ".",
            "a..b",
            "a.b..",
            "10.0.0.1",
            "1.2",
            "[::1]",
            "a b",
            "a%62",
            "a/b",
            "a!b",
            "*.a",
            &"x".repeat(64),
        ] {
            assert!(domain(text).is_err(), "{text}");
        }
        assert!(domain(&vec!["abcdefg"; 32].join(".")).is_err());
    }

    #[test]
    fn urls_are_absolute() {
        assert_eq!(url("HTTPS://Example.COM:443/a/../b").as_deref(), Ok("https://example.com/b"));
        assert_eq!(url("mailto:a@example.com").as_deref(), Ok("mailto:a@example.com"));
        for text in ["", "/a", "example.com", "example.com:443", "user:secret", "http://", "https:///"] {
            assert!(url(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_url_taken_apart() {
        let parts = url_parts("https://[2001:db8::1]:8443/a%20b?q#f").expect("url");
        assert_eq!((parts.scheme.as_str(), parts.path.as_str()), ("https", "/a%20b"));
        assert_eq!((parts.host.as_deref(), parts.domain.as_deref()), (Some("2001:db8::1"), None));
        let parts = url_parts("ssh://Git.Example/x").expect("url");
        assert_eq!(
            (parts.host.as_deref(), parts.domain.as_deref()),
            (Some("Git.Example"), Some("git.example"))
        );
    }

    #[test]
    fn mail_addresses() {
        assert_eq!(email("Ada.L+x@EXAMPLE.com").as_deref(), Ok("Ada.L+x@example.com"));
        assert_eq!(email("用户@例子.example").as_deref(), Ok("用户@xn--fsqu00a.example"));
        for text in [
            "",
            "a",
            "@b.example",
            "a@",
            "a@b@c",
            "a b@c.example",
            "a\u{200b}@c.example",
            "a@10.0.0.1",
            "a\n@b.example",
        ] {
            assert!(email(text).is_err(), "{text}");
        }
    }

    #[test]
    fn digests() {
        assert_eq!(hash(&"AB".repeat(32)).as_deref(), Ok("ab".repeat(32).as_str()));
        for text in ["", "ab", &"g".repeat(32), &"a".repeat(33)] {
            assert!(hash(text).is_err(), "{text}");
        }
    }
}
