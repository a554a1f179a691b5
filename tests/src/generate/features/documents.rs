//! Documents from outside: functions over `Json`, and a source whose fields are read in all ways.

use super::Feature;
use crate::generate::scope::Gen;

pub(super) const FEATURE: Feature = Feature {
    head: r#"
type Place { n: Int, s: String?, xs: [Int] }
fn depth(doc: Json) -> Int { doc.depth as Int else doc.rec.n as Int else 0 }
fn place(doc: Json) -> Place? { doc.rec as Place? }
fn word(doc: Json) -> String? {
  let text = doc["odd key"] as String?
  text.trim()
}
"#,
    ..Feature::NONE
};

/// A place in the document.
fn at(g: &mut Gen) -> String {
    let word = [
        "payload.a",
        "payload.f",
        "payload.s",
        "payload.rec.n",
        "payload.rec.s",
        "payload.xs[0]",
        "payload.xs[1]",
        "payload[\"odd key\"]",
        "payload.nowhere.at.all",
        "payload.at",
        "payload.ip",
    ];
    g.rng.word(&word).into()
}

/// Something of that type out of the document; it may give up.
fn read(g: &mut Gen, ty: &str, instead: &str, depth: u8) -> String {
    let place = at(g);
    match g.rng.below(if depth == 0 { 2 } else { 6 }) {
        0 | 1 => format!("({place} as {ty} else {instead})"),
        2 => format!("({place} as {ty}?)"),
        3 => {
            let (test, a, b) = (truth(g), read(g, ty, instead, 0), read(g, ty, instead, 0));
            format!("(if {test} {{ {a} }} else {{ {b} }})")
        }
        4 => format!("({place} as {ty} else {})", read(g, ty, instead, 0)),
        _ => format!("(if let v = {place} as {ty} {{ v }} else {{ {instead} }})"),
    }
}

fn truth(g: &mut Gen) -> String {
    let place = at(g);
    match g.rng.below(5) {
        0 => format!("{place}.exists"),
        1 => format!("not {place}.exists"),
        2 => format!("({place} as Int else 3) > 2"),
        3 => "(payload.xs as [Int] else []).any(x => x > 2)".into(),
        _ => format!("({place} as Bool else false)"),
    }
}

/// `source src from feed("t") -> T { … }`
pub(crate) fn source(g: &mut Gen) {
    let int = |g: &mut Gen| match g.rng.below(6) {
        0 => "depth(payload)".to_string(),
        1 => "((payload.xs as [Int] else [1]).sum() else 0)".to_string(),
        2 => "(place(payload)?.n else 5)".to_string(),
        _ => read(g, "Int", "4", 1),
    };
    let text = |g: &mut Gen| match g.rng.below(4) {
        0 => "(word(payload) else \"w\")".to_string(),
        _ => read(g, "String", "\"s\"", 1),
    };
    g.line("source src from feed(\"t\") -> T {");
    for _ in 0..g.rng.below(3) {
        let test = truth(g);
        g.line(&format!("  accept {test}"));
    }
    if g.rng.chance(50) {
        let (key, within) = (text(g), g.rng.word(&["1h", "30m", "2d"]));
        g.line(&format!("  dedup by {key} within {within}"));
    }
    g.line("  map {");
    let (a, s, f) = (int(g), text(g), truth(g));
    g.line(&format!("    a = {a}"));
    g.line(&format!("    f = {f}"));
    g.line(&format!("    s = {s}"));
    if g.rng.chance(60) {
        let o = at(g);
        g.line(&format!("    o = {o} as Int else none"));
    }
    if g.rng.chance(60) {
        g.line("    p = word(payload)");
    }
    if g.rng.chance(40) {
        let test = truth(g);
        g.line(&format!("    severity = if {test} {{ High }} else {{ Low }}"));
    }
    g.line("  }");
    g.line("}");
}
