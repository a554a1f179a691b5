//! What an address is for.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::builtin::{Builtin, Call, Shape};
use crate::value::Value;

pub(super) const IS_LINK_LOCAL: Builtin = Builtin {
    name: "is_link_local",
    property: true,
    receiver: Shape::Ip,
    params: &[],
    result: Shape::Bool,
    doc: "Whether it is of one link only: 169.254.0.0/16, fe80::/10.",
    examples: &[
        ("169.254.169.254.is_link_local", "true"),
        ("fe80::1.is_link_local", "true"),
        ("192.168.0.1.is_link_local", "false"),
    ],
    run: |call| Some(Value::Bool(link_local(call.ip(0)?))),
};

pub(super) const IS_MULTICAST: Builtin = Builtin {
    name: "is_multicast",
    property: true,
    receiver: Shape::Ip,
    params: &[],
    result: Shape::Bool,
    doc: "Whether it is for many: 224.0.0.0/4, ff00::/8.",
    examples: &[("224.0.0.1.is_multicast", "true"), ("ff02::1.is_multicast", "true")],
    run: |call| Some(Value::Bool(call.ip(0)?.is_multicast())),
};

pub(super) const IS_UNSPECIFIED: Builtin = Builtin {
    name: "is_unspecified",
    property: true,
    receiver: Shape::Ip,
    params: &[],
    result: Shape::Bool,
    doc: "Whether it stands for any address: 0.0.0.0, ::.",
    examples: &[("0.0.0.0.is_unspecified", "true"), ("127.0.0.1.is_unspecified", "false")],
    run: |call| Some(Value::Bool(call.ip(0)?.is_unspecified())),
};

pub(super) const IS_GLOBAL: Builtin = Builtin {
    name: "is_global",
    property: true,
    receiver: Shape::Ip,
    params: &[],
    result: Shape::Bool,
    doc: "Whether it can be met on the internet: it is in none of the networks that the IANA keeps for private use, the machine itself, a link, documentation, benchmarks, shared carriers, multicast, protocols or later.",
    examples: &[
        ("8.8.8.8.is_global", "true"),
        ("192.0.2.1.is_global", "false"),
        ("100.64.0.1.is_global", "false"),
        ("2001:db8::1.is_global", "false"),
    ],
    run: |call| Some(Value::Bool(global(call.ip(0)?))),
};

fn link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}

/// By the IANA registries of special-purpose addresses.
fn global(ip: IpAddr) -> bool {
    const KEPT: &[&str] = &[
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/127",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    ];
    !KEPT.iter().any(|net| net.parse::<IpNet>().is_ok_and(|net| net.contains(&ip)))
}

pub(super) const NETWORK: Builtin = Builtin {
    name: "network",
    property: false,
    receiver: Shape::Ip,
    params: &[Shape::Int],
    result: Shape::Option(&Shape::Cidr),
    doc: "The network with a prefix of that length that it is in; `none` when there is no such prefix.",
    examples: &[
        ("10.1.2.3.network(24)", "10.1.2.0/24"),
        ("2001:db8::7.network(32)", "2001:db8::/32"),
        ("10.1.2.3.network(33) == none", "true"),
    ],
    run: network,
};

fn network(call: &Call<'_>) -> Option<Value> {
    let prefix = u8::try_from(call.int(1)?).ok()?;
    IpNet::new(call.ip(0)?, prefix).ok().map(|net| Value::Cidr(net.trunc()))
}

pub(super) const REVERSE_NAME: Builtin = Builtin {
    name: "reverse_name",
    property: true,
    receiver: Shape::Ip,
    params: &[],
    result: Shape::Domain,
    doc: "The domain under which its name is looked up.",
    examples: &[("192.0.2.7.reverse_name.text", r#""7.2.0.192.in-addr.arpa""#)],
    run: |call| Some(Value::Str(reverse_name(call.ip(0)?).into())),
};

fn reverse_name(ip: IpAddr) -> String {
    let (digits, zone): (Vec<String>, _) = match ip {
        IpAddr::V4(ip) => (ip.octets().iter().rev().map(u8::to_string).collect(), "in-addr.arpa"),
        IpAddr::V6(ip) => {
            let nibbles = ip.octets().into_iter().rev().flat_map(|b| [b & 15, b >> 4]);
            (nibbles.map(|n| format!("{n:x}")).collect(), "ip6.arpa")
        }
    };
    format!("{}.{zone}", digits.join("."))
}
