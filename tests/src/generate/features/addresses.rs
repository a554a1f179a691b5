//! Addresses and networks.

use super::{Feature, atom, call, deep};
use crate::generate::Ty;

pub(super) const FEATURE: Feature = Feature {
    head: r#"
connector dns {
  config { base_url: Url }
  read address(x: String) -> Ip
    GET "/address/{x}"
    expect 200 -> body
}
const office: [Cidr] = [10.0.0.0/8, 2001:db8::/32]
"#,
    ways: &[
        atom(Ty::Ip, |g, _| g.rng.word(&["10.0.0.1", "192.0.2.7", "2001:db8::7", "::1"]).into()),
        deep(Ty::Bool, |g, d| format!("({} in office)", g.part(Ty::Ip, d))),
        deep(Ty::Bool, |g, d| format!("({} in 192.0.2.0/24)", g.part(Ty::Ip, d))),
        deep(Ty::Bool, |g, d| format!("({}).is_private", g.part(Ty::Ip, d))),
        deep(Ty::Int, |g, d| format!("({}).version", g.part(Ty::Ip, d))),
        deep(Ty::Str, |g, d| format!("({}).text", g.part(Ty::Ip, d))),
        deep(Ty::Bool, |g, d| format!("({} == {})", g.part(Ty::Ip, d), g.part(Ty::Ip, d))),
    ],
    calls: &[call(Ty::Ip, "dns.address", &[Ty::Str])],
    choices: &[(Ty::Ip, &["10.0.0.1 | ::1", "_"])],
    ..Feature::NONE
};
