//! What an address or a network is.

use std::net::IpAddr;

use crate::builtin::{Builtin, Call, Shape};
use crate::value::Value;

pub(super) const IS_PRIVATE: Builtin = Builtin {
    name: "is_private",
    property: true,
    receiver: Shape::Ip,
    params: &[],
    result: Shape::Bool,
    doc: "Whether it is for private use: 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, fc00::/7.",
    examples: &[
        ("10.0.0.1.is_private", "true"),
        ("192.0.2.1.is_private", "false"),
        ("fd00::1.is_private", "true"),
    ],
    run: |call| {
        Some(Value::Bool(match ip(call)? {
            IpAddr::V4(ip) => ip.is_private(),
            IpAddr::V6(ip) => ip.is_unique_local(),
        }))
    },
};

pub(super) const IS_LOOPBACK: Builtin = Builtin {
    name: "is_loopback",
    property: true,
    receiver: Shape::Ip,
    params: &[],
    result: Shape::Bool,
    doc: "Whether it is the machine itself: 127.0.0.0/8, ::1.",
    examples: &[("127.0.0.1.is_loopback", "true"), ("10.0.0.1.is_loopback", "false")],
    run: |call| Some(Value::Bool(ip(call)?.is_loopback())),
};

pub(super) const VERSION: Builtin = Builtin {
    name: "version",
    property: true,
    receiver: Shape::Ip,
    params: &[],
    result: Shape::Int,
    doc: "4 or 6.",
    examples: &[("10.0.0.1.version", "4"), ("2001:db8::1.version", "6")],
    run: |call| Some(Value::Int(if ip(call)?.is_ipv4() { 4 } else { 6 })),
};

pub(super) const PREFIX: Builtin = Builtin {
    name: "prefix",
    property: true,
    receiver: Shape::Cidr,
    params: &[],
    result: Shape::Int,
    doc: "The length of its prefix, in bits.",
    examples: &[("10.0.0.0/8.prefix", "8")],
    run: |call| match call.args.first()? {
        Value::Cidr(net) => Some(Value::Int(net.prefix_len().into())),
        _ => None,
    },
};

fn ip(call: &Call<'_>) -> Option<IpAddr> {
    match call.args.first()? {
        Value::Ip(ip) => Some(*ip),
        _ => None,
    }
}
