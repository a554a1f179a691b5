//! What is known of an IP address.

use std::net::IpAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{Response, StatusCode};
use axum::routing::get;
use serde_json::json;

use super::{number, pick, refuse, reply};

/// An address of the examples: itself, country, network, VPN, Tor, score.
type Known = (&'static str, &'static str, &'static str, bool, bool, u64);

const ADDRESSES: [Known; 5] = [
    ("203.0.113.40", "Germany", "AS64500 Example Broadband", false, false, 0),
    ("192.0.2.60", "Netherlands", "AS64501 Example VPN", true, false, 5),
    ("192.0.2.61", "Netherlands", "AS64504 Example Exit", false, true, 60),
    ("203.0.113.99", "Brazil", "AS64502 Example Hosting", false, false, 85),
    ("203.0.113.150", "Vietnam", "AS64503 Example Mobile", false, false, 40),
];

pub(super) fn router() -> Router {
    Router::new().route("/ip/{ip}", get(lookup))
}

async fn lookup(Path(text): Path<String>) -> Response<Body> {
    let Ok(ip) = text.parse::<IpAddr>() else {
        return refuse(StatusCode::BAD_REQUEST, "that is not an IP address");
    };
    let private = match ip {
        IpAddr::V4(v4) => v4.is_private() || v4.is_loopback() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_loopback() || v6.is_unicast_link_local(),
    };
    if private {
        return refuse(StatusCode::NOT_FOUND, "nothing is known of private addresses");
    }
    let n = number(&ip.to_string());
    let (country, network, vpn, tor, score) = match ADDRESSES.iter().find(|a| ip.to_string() == a.0) {
        Some((_, country, network, vpn, tor, score)) => {
            (*country, (*network).to_string(), *vpn, *tor, *score)
        }
        None => {
            let country = pick(&["Germany", "France", "United States", "Brazil", "Japan"], n);
            (
                country,
                format!("AS{} Example Network", 64_505 + n % 30),
                n.is_multiple_of(7),
                n.is_multiple_of(31),
                n % 60,
            )
        }
    };
    let report =
        json!({"ip": ip, "country": country, "network": network, "vpn": vpn, "tor": tor, "score": score});
    reply(StatusCode::OK, &report)
}
