//! The parts of a network.

use crate::builtin::{Builtin, Shape};
use crate::value::Value;

pub(super) const IS_WITHIN: Builtin = Builtin {
    name: "is_within",
    property: false,
    receiver: Shape::Cidr,
    params: &[Shape::Cidr],
    result: Shape::Bool,
    doc: "Whether it is the other network, or a part of it.",
    examples: &[
        ("10.1.0.0/16.is_within(10.0.0.0/8)", "true"),
        ("10.0.0.0/8.is_within(10.1.0.0/16)", "false"),
    ],
    run: |call| Some(Value::Bool(call.network(1)?.contains(&call.network(0)?))),
};

pub(super) const FIRST: Builtin = Builtin {
    name: "first",
    property: true,
    receiver: Shape::Cidr,
    params: &[],
    result: Shape::Ip,
    doc: "Its first address.",
    examples: &[("10.1.2.0/24.first", "10.1.2.0")],
    run: |call| Some(Value::Ip(call.network(0)?.network())),
};

pub(super) const LAST: Builtin = Builtin {
    name: "last",
    property: true,
    receiver: Shape::Cidr,
    params: &[],
    result: Shape::Ip,
    doc: "Its last address.",
    examples: &[("10.1.2.0/24.last", "10.1.2.255")],
    run: |call| Some(Value::Ip(call.network(0)?.broadcast())),
};

pub(super) const ADDRESSES: Builtin = Builtin {
    name: "addresses",
    property: true,
    receiver: Shape::Cidr,
    params: &[],
    result: Shape::Option(&Shape::Int),
    doc: "How many addresses it has, `none` when there are more than an `Int` holds.",
    examples: &[("10.1.2.0/24.addresses", "256"), ("2001:db8::/32.addresses == none", "true")],
    run: |call| {
        let net = call.network(0)?;
        let free = u32::from(net.max_prefix_len().checked_sub(net.prefix_len())?);
        (free < 63).then(|| 1_i64.checked_shl(free)).flatten().map(Value::Int)
    },
};

pub(super) const VERSION: Builtin = Builtin {
    name: "version",
    property: true,
    receiver: Shape::Cidr,
    params: &[],
    result: Shape::Int,
    doc: "4 or 6.",
    examples: &[("10.0.0.0/8.version", "4")],
    run: |call| Some(Value::Int(if call.network(0)?.addr().is_ipv4() { 4 } else { 6 })),
};
