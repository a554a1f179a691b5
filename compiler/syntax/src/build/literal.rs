//! Literals: text to value.

use std::net::IpAddr;

use ipnet::IpNet;
use jiff::{SignedDuration, Timestamp};
use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;

use super::{Build, Node, place};
use crate::ast::{Expr, ExprKind, StrPart};
use crate::lengths;
use crate::quotes;
use crate::token::TokenKind;

impl Build<'_> {
    /// A literal token; one that has no value is reported.
    pub(super) fn literal(&mut self, node: &Node<'_>) -> Expr {
        let span = self.span(node);
        let text = self.source(span);
        // What was mended stands for several tokens, and was reported: `1 day 2 hours`, `1,000`.
        if let Some(symbol) = self.first_symbol(node).filter(|s| s.first != s.last) {
            return self.mended(symbol.kind, span);
        }
        let read = match self.kind(node) {
            Some(TokenKind::Int) => int(text).map(ExprKind::Int),
            Some(TokenKind::Float) => float(text).map(ExprKind::Float),
            Some(TokenKind::Duration) => duration(text).map(ExprKind::Duration),
            Some(TokenKind::Size) => size(text).map(ExprKind::Size),
            Some(TokenKind::Time) => time(text).map(ExprKind::Time),
            Some(TokenKind::Ip) => ip(text).map(ExprKind::Ip),
            Some(TokenKind::Cidr) => cidr(text).map(|net| ExprKind::Cidr { net }),
            Some(TokenKind::Regex) => Ok(ExprKind::Regex(regex(text))),
            Some(TokenKind::Date) => text.parse().map(ExprKind::Date).map_err(|_| "no such day"),
            Some(TokenKind::SingleQuoted) => {
                let inner = quotes::between(text);
                let parts =
                    if inner.is_empty() { Vec::new() } else { vec![StrPart::Text(inner.to_string())] };
                Ok(ExprKind::Str(parts))
            }
            // A malformed number was reported by its kind.
            _ => Ok(ExprKind::Error),
        };
        let kind = match read {
            Ok(ExprKind::Int(i64::MIN)) if !self.follows_minus(node) => {
                self.out_of_range(text.to_string(), "a number is at most 9223372036854775807", span);
                ExprKind::Error
            }
            Ok(kind) => kind,
            Err(why) => {
                self.out_of_range(text.to_string(), why, span);
                ExprKind::Error
            }
        };
        Expr { kind, span }
    }

    fn mended(&self, kind: TokenKind, span: crate::ast::Span) -> Expr {
        let text = self.source(span);
        let read = match kind {
            TokenKind::Int => int(&text.replace(',', "")).map(ExprKind::Int),
            TokenKind::Duration => lengths::meant(text.trim_matches('"'))
                .ok_or("")
                .and_then(|t| duration(&t))
                .map(ExprKind::Duration),
            _ => Err(""),
        };
        Expr { kind: read.unwrap_or(ExprKind::Error), span }
    }

    fn out_of_range(&mut self, text: String, why: &str, span: crate::ast::Span) {
        self.report(
            Diagnostic::error(
                codes::P1005,
                place(span),
                format!("`{text}` is not a value that can be written"),
            )
            .here(why),
        );
    }

    /// Whether a sign stands before it, and not a subtraction.
    fn follows_minus(&self, node: &Node<'_>) -> bool {
        let kind =
            |back: usize| node.start().checked_sub(back).and_then(|i| self.symbols.get(i)).map(|s| s.kind);
        let subtracts = kind(2).is_some_and(|k| {
            (k.is_word() && !k.is_reserved())
                || k.is_literal()
                || matches!(
                    k,
                    TokenKind::RParen | TokenKind::RBrack | TokenKind::RBrace | TokenKind::Question
                )
        });
        kind(1) == Some(TokenKind::Minus) && !subtracts
    }
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| *c != '_').collect()
}

/// `9223372036854775808` is read as the smallest number; only after a minus may it stand.
fn int(text: &str) -> Result<i64, &'static str> {
    let text = plain(text);
    match text.parse::<u64>() {
        Ok(n) if n == i64::MIN.unsigned_abs() => Ok(i64::MIN),
        Ok(n) => i64::try_from(n).map_err(|_| "a number is at most 9223372036854775807"),
        Err(_) => Err("a number is at most 9223372036854775807"),
    }
}

fn float(text: &str) -> Result<f64, &'static str> {
    match plain(text).parse::<f64>() {
        Ok(f) if f.is_finite() => Ok(f),
        _ => Err("too large for a `Float`"),
    }
}

/// Largest unit first, each at most once: `1h30m`.
fn duration(text: &str) -> Result<SignedDuration, &'static str> {
    const UNITS: [(&str, i64); 6] =
        [("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];
    let (mut rest, mut total, mut last) = (text, 0i64, None);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (number, tail) = rest.split_at_checked(digits).unwrap_or((rest, ""));
        let letters = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
        let (unit, next) = tail.split_at_checked(letters).unwrap_or((tail, ""));
        let place = UNITS.iter().position(|(u, _)| *u == unit);
        if place <= last {
            return Err("the larger unit comes first, and each once: `1h30m`");
        }
        let millis = place.and_then(|p| UNITS.get(p)).map_or(0, |(_, m)| *m);
        let part = number.parse::<i64>().ok().and_then(|n| n.checked_mul(millis));
        total = part.and_then(|p| total.checked_add(p)).ok_or("too long for a `Duration`")?;
        (rest, last) = (next, place);
    }
    Ok(SignedDuration::from_millis(total))
}

/// `KB` is 1000 bytes, `KiB` 1024.
fn size(text: &str) -> Result<u64, &'static str> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(digits).unwrap_or((text, ""));
    let base: u64 = if unit.contains('i') { 1024 } else { 1000 };
    let power = match unit.chars().next() {
        Some('K') => 1,
        Some('M') => 2,
        Some('G') => 3,
        Some('T') => 4,
        _ => 0,
    };
    let factor = base.checked_pow(power);
    let bytes = number.parse::<u64>().ok().zip(factor).and_then(|(n, f)| n.checked_mul(f));
    // Sizes are counted in signed 64 bits wherever they meet numbers.
    bytes.filter(|b| i64::try_from(*b).is_ok()).ok_or("too large for a `Size`")
}

/// RFC 3339, where seconds may be left out, and without an offset it is UTC.
fn time(text: &str) -> Result<Timestamp, &'static str> {
    const WHY: &str = "no such time";
    const MINUTES: usize = "2026-11-20T12:00".len();
    let (head, tail) = text.split_at_checked(MINUTES).ok_or(WHY)?;
    let offset = tail.find(['Z', '+', '-']).unwrap_or(tail.len());
    let (seconds, offset) = tail.split_at_checked(offset).ok_or(WHY)?;
    let seconds = if seconds.is_empty() { ":00" } else { seconds };
    let offset = match offset.split_at_checked(3) {
        Some((hours, minutes)) if !minutes.is_empty() => {
            format!("{hours}:{}", minutes.trim_start_matches(':'))
        }
        _ => "Z".to_string(),
    };
    format!("{head}{seconds}{offset}").parse().map_err(|_| WHY)
}

/// An IPv4 address in IPv6 form (`::ffff:10.0.0.1`) is that IPv4 address.
fn ip(text: &str) -> Result<IpAddr, &'static str> {
    if text.contains('%') {
        return Err("an address has no zone here: it means something on one machine only");
    }
    text.parse::<IpAddr>().map(|ip| ip.to_canonical()).map_err(|_| "no such IP address")
}

fn cidr(text: &str) -> Result<IpNet, &'static str> {
    text.parse().map_err(|_| "no such network")
}

/// Between the slashes; `\/` is `/`, every other escape is the pattern's own.
fn regex(text: &str) -> String {
    let inner = text.strip_prefix('/').unwrap_or(text);
    let inner = inner.strip_suffix('/').unwrap_or(inner);
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('/') => out.push('/'),
            Some(escaped) => out.extend(['\\', escaped]),
            None => out.push(c),
        }
    }
    out
}

/// The character of an escape such as `\n` or `\u{e9}`; `None` when there is none.
pub(crate) fn unescape(escape: &str) -> Option<char> {
    let body = escape.strip_prefix('\\')?;
    match body.chars().next()? {
        'n' => Some('\n'),
        't' => Some('\t'),
        'r' => Some('\r'),
        'u' => {
            let hex = body.strip_prefix("u{")?.strip_suffix('}')?;
            u32::from_str_radix(hex, 16).ok().and_then(char::from_u32)
        }
        c => Some(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_count_in_units_without_months() {
        assert_eq!(duration("90s"), Ok(SignedDuration::from_secs(90)));
        assert_eq!(duration("1h30m"), Ok(SignedDuration::from_secs(5400)));
        assert_eq!(duration("500ms"), Ok(SignedDuration::from_millis(500)));
        assert_eq!(duration("1w2d"), Ok(SignedDuration::from_hours(9 * 24)));
        assert!(duration("30m1h").is_err());
        assert!(duration("1h1h").is_err());
        assert!(duration("99999999999999999w").is_err());
    }

    #[test]
    fn sizes_are_powers_of_1000_unless_they_say_i() {
        assert_eq!(size("5MB"), Ok(5_000_000));
        assert_eq!(size("5MiB"), Ok(5 * 1024 * 1024));
        assert_eq!(size("7B"), Ok(7));
        assert!(size("99999999TB").is_err());
    }

    #[test]
    fn a_time_may_leave_out_seconds_and_offset() {
        let noon: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        for text in [
            "2026-11-20T12:00Z",
            "2026-11-20T12:00",
            "2026-11-20T12:00:00Z",
            "2026-11-20T14:00+02:00",
            "2026-11-20T14:00:00.000+0200",
        ] {
            assert_eq!(time(text), Ok(noon), "{text}");
        }
        assert!(time("2026-02-30T12:00Z").is_err());
        assert!(time("2026-11-20T25:00Z").is_err());
    }

    #[test]
    fn addresses_are_what_they_say_and_nothing_near_it() {
        assert_eq!(ip("::ffff:10.0.0.1"), ip("10.0.0.1"));
        assert!(ip("256.0.0.1").is_err());
        assert!(ip("fe80::1%eth0").is_err());
        assert!(cidr("10.0.0.0/33").is_err());
        assert_eq!(cidr("10.0.0.7/8").map(|n| n.to_string()), Ok("10.0.0.7/8".into()));
    }

    #[test]
    fn numbers_reach_from_end_to_end() {
        assert_eq!(int("9_223_372_036_854_775_807"), Ok(i64::MAX));
        assert!(int("9223372036854775809").is_err());
        assert_eq!(float("2.5e3"), Ok(2500.0));
        assert!(float("1.0e999").is_err());
    }

    #[test]
    fn a_slash_in_a_regex_is_escaped_and_other_escapes_stay() {
        assert_eq!(regex(r"/a\/b\d\\/"), r"a/b\d\\");
    }

    #[test]
    fn escapes() {
        assert_eq!(unescape(r"\n"), Some('\n'));
        assert_eq!(unescape(r"\{"), Some('{'));
        assert_eq!(unescape(r"\u{e9}"), Some('é'));
        assert_eq!(unescape(r"\u{d800}"), None);
    }
}
