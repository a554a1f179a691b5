//! `:` and `=`: what comes after each of them, and where the other one stands.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place, escape};

use crate::explain::Scene;
use crate::repair::Repair;
use crate::stream::Symbol;
use crate::token::TokenKind as K;

/// How something gets its value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gets {
    /// By `=`.
    Equals,
    /// By the one of `:` and `=` that can stand there.
    Either,
}

impl Scene<'_> {
    /// `let x := 3`, `let x: [Int] := 3`, `map { ip := payload.ip }`, `f(ip := x)`, `x := 3`
    pub(crate) fn colon_and_equals(&self) -> Option<Diagnostic> {
        let colon = if self.kind(self.at) == Some(K::Colon) { self.at } else { self.at.checked_sub(1)? };
        let equals = colon + 1;
        let both = self.whole(colon, equals);
        if self.kind(colon) != Some(K::Colon)
            || self.kind(equals) != Some(K::Assign)
            || self.text_at(both) != ":="
        {
            return None;
        }
        let before = |at: usize| at.checked_sub(1).and_then(|i| self.kind(i));
        if self.typed_name(colon).is_some() {
            return Some(self.one_of_both(colon, "="));
        }
        let name = colon.checked_sub(1).filter(|i| self.kind(*i).is_some_and(K::is_word))?;
        let within = self.opener(colon).and_then(before);
        let in_map = within == Some(K::Map);
        let statement = self.at == colon
            && self.part.as_ref().is_some_and(|part| part.start == name)
            && matches!(self.kind(0), Some(K::Playbook | K::Fn | K::Procedure))
            && !in_map;
        if statement {
            return Some(self.value_named_by(name, both));
        }
        Some(match self.gets_value(name, within) {
            None => self.no_sign(name, both),
            // Where a `:` could stand, but in front of a type, it is what was meant.
            Some(Gets::Either) if self.at == equals => self.one_of_both(colon, ":"),
            Some(_) => self.one_of_both(colon, "="),
        })
    }

    /// Reads `:=` as one of its signs.
    fn one_of_both(&self, colon: usize, right: &str) -> Diagnostic {
        let equals = colon + 1;
        let both = self.whole(colon, equals);
        self.left_out(vec![if right == ":" { equals } else { colon }]);
        let finding = Diagnostic::error(codes::P1001, both, format!("`:=` is written `{right}`"));
        let edit = match right {
            "=" => Edit { place: both, text: right.into() },
            _ => Edit { place: self.gap(colon.saturating_sub(1), equals + 1), text: ": ".into() },
        };
        finding.here(format!("write `{right}`")).fix(format!("Write `{right}`"), true, vec![edit])
    }

    /// The name in front of the type that ends before this: in a `let`, a constant, or a field of a `config`.
    fn typed_name(&self, end: usize) -> Option<usize> {
        let first = self.part.as_ref().map_or(0, |part| part.start);
        let name = match self.kind(first)? {
            K::Let | K::Const => first + 1,
            _ if self.kind(0) == Some(K::Config) => first,
            _ => return None,
        };
        // Between them nothing but a type stands.
        let of_type = |i: usize| {
            self.kind(i).is_some_and(|k| {
                k.is_word() && !matches!(k, K::Else | K::If | K::Match | K::Do)
                    || matches!(
                        k,
                        K::LBrack | K::RBrack | K::LBrace | K::RBrace | K::Question | K::Dot | K::Colon
                    )
            })
        };
        let typed = self.kind(name + 1) == Some(K::Colon) && name + 2 < end && (name + 2..end).all(of_type);
        let level = || self.level(name + 2..end).iter().all(|i| self.kind(*i) != Some(K::Colon));
        (typed && self.kind(name).is_some_and(K::is_word) && level()).then_some(name)
    }

    /// `if x := y {`, `for x := xs {`, `case.x := y`: not one sign in place of the other.
    fn no_sign(&self, name: usize, both: Place) -> Diagnostic {
        let word = escape::one_line(self.word(name));
        let help = match name.checked_sub(1).and_then(|i| self.kind(i)) {
            Some(K::If) => {
                format!("Write `if let {word} = …` for what may be absent, or a `let` in a line before.")
            }
            Some(K::For) => format!("Write `for {word} in …`."),
            Some(K::Dot) => format!("A field of the case is changed by `set {word} = … because \"…\"`."),
            _ => "A value gets its name by `let`, and two are compared by `==`.".to_string(),
        };
        Diagnostic::error(codes::P1001, both, "`:=` gives no value here")
            .here("means nothing here")
            .help(help)
    }

    /// By which sign what has this name, in a bracket behind this, gets a value: in a `let`, a `set`, a constant, an option, a `map`, a
    /// record, or an argument. Else a type stands behind `:`, and in a condition or an arm neither means anything.
    fn gets_value(&self, name: usize, within: Option<K>) -> Option<Gets> {
        let before = name.checked_sub(1).and_then(|i| self.kind(i));
        let declares = matches!(
            self.kind(0),
            Some(K::Case | K::Type | K::Enum | K::Connector | K::Config | K::Role | K::Queue)
        );
        let begun = self.part.as_ref().and_then(|part| self.kind(part.start));
        match before {
            _ if within == Some(K::Map) => Some(Gets::Either),
            // Behind `:` stands its type.
            Some(K::Let) => Some(Gets::Equals),
            Some(K::Const) if name == 1 => Some(Gets::Equals),
            Some(K::Set) => Some(Gets::Either),
            Some(K::Type) if name == 1 => Some(Gets::Either),
            Some(K::LParen | K::LBrace | K::Comma | K::StmtEnd)
                if !declares && !matches!(begun, Some(K::If | K::Match)) =>
            {
                Some(Gets::Either)
            }
            _ => None,
        }
    }

    /// `x := 3` as a statement.
    fn value_named_by(&self, name: usize, both: Place) -> Diagnostic {
        let word = self.word(name);
        let finding = Diagnostic::error(codes::P1001, both, "`:=` names no value")
            .here("no `let` before it")
            .note("A name keeps its value.");
        let again = |at: &usize| self.word(*at) == word && self.kind(at.wrapping_sub(1)) == Some(K::Let);
        if (1..name).any(|at| again(&at)) {
            return finding.help(format!("Give the new value another name: `let {word}_2 = …`."));
        }
        if let (Some(first), Some(sign)) = (self.symbols.get(name), self.symbols.get(name + 2)) {
            let named = vec![Symbol { kind: K::Let, ..*first }, *first, *sign];
            self.repair.set(Some(Repair { parts: vec![(name..name + 3, named)] }));
        }
        let start = Place { end: self.place(name).start, ..self.place(name) };
        let edits = vec![Edit { place: start, text: "let ".into() }, Edit { place: both, text: "=".into() }];
        finding
            .help(format!(
                "Write `let {word} = …`; a field of the case is changed by `set {word} = … because \"…\"`."
            ))
            .fix("Write `let`", false, edits)
    }

    /// The brace round the failure, and where each part directly in it begins.
    pub(crate) fn braces(&self) -> Option<(usize, Vec<usize>)> {
        let opener = self.opener(self.at).filter(|i| self.kind(*i) == Some(K::LBrace))?;
        let end = self.closer(self.at).unwrap_or(self.symbols.len());
        let separates = |i: &usize| matches!(self.kind(*i), Some(K::StmtEnd | K::Comma));
        let starts = self.level(opener + 1..end).into_iter().filter(separates).map(|i| i + 1);
        let starts = [opener + 1].into_iter().chain(starts).collect();
        Some((opener, starts))
    }

    /// `IpReport { ip = 203.0.113.9 }`, `case Login { user = OktaUserId }`, and `map { user: payload.user }`
    pub(crate) fn wrong_sign(&self) -> Option<Diagnostic> {
        let found = self.kind(self.at).filter(|k| matches!(k, K::Assign | K::Colon))?;
        if self.kind(self.at + 1) == Some(K::Assign) {
            return None;
        }
        let name = self.at.checked_sub(1).filter(|i| self.kind(*i).is_some_and(K::is_word))?;
        let (opener, starts) = self.braces()?;
        if !starts.contains(&name) {
            return None;
        }
        let before = opener.checked_sub(1).and_then(|i| self.kind(i));
        // A member of an `enum` has no value.
        let members = self.kind(0) == Some(K::Enum) || self.kind(1) == Some(K::Enum);
        let record = !members
            && before.is_some_and(|k| k == K::Ident || k == K::Config)
            && (matches!(self.kind(0), Some(K::Case | K::Type | K::Config))
                || self.before(1) == Some(K::Ident));
        let (right, kind) = match found {
            K::Colon if before == Some(K::Map) => ("=", K::Assign),
            K::Assign if record => (":", K::Colon),
            _ => return None,
        };
        let all = starts.iter().filter(|at| {
            self.kind(**at).is_some_and(K::is_word)
                && self.kind(**at + 1) == Some(found)
                && self.kind(**at + 2).is_some_and(|k| k != K::Assign)
        });
        let all: Vec<usize> = all.copied().collect();
        let text = if right == ":" { ": " } else { " = " };
        let edits = all.iter().map(|at| Edit { place: self.gap(*at, at + 2), text: text.into() }).collect();
        self.read_as(&all.iter().map(|at| (at + 1, kind)).collect::<Vec<_>>());
        let what = match (right, self.kind(0)) {
            ("=", _) => "in a `map`, a field gets its value by `=`",
            (_, Some(K::Case | K::Type | K::Config)) if opener <= 2 => "the type of a field comes after `:`",
            _ => "the value of a field comes after `:`",
        };
        Some(Diagnostic::error(codes::P1001, self.place(self.at), what).here(format!("write `{right}`")).fix(
            format!("Write `{right}`"),
            true,
            edits,
        ))
    }

    /// `let seen: ipintel.lookup(case.ip) else …`
    pub(crate) fn colon_of_let(&self) -> Option<Diagnostic> {
        let part = self.part.clone()?;
        let (start, colon) = (part.start, part.start + 2);
        let is_let = self.kind(start) == Some(K::Let) && self.kind(colon) == Some(K::Colon);
        let goes_on = matches!(
            self.kind(self.at),
            Some(K::Dot | K::LParen | K::Plus | K::Minus | K::Else | K::StrStart)
        ) || self.kind(self.at).is_some_and(K::is_literal);
        let level = (colon..part.end).any(|i| self.kind(i) == Some(K::Assign));
        if !is_let || !goes_on || level || self.at <= colon {
            return None;
        }
        self.read_as(&[(colon, K::Assign)]);
        let edits = vec![Edit { place: self.gap(start + 1, colon + 1), text: " = ".into() }];
        Some(
            Diagnostic::error(codes::P1001, self.place(colon), "the value of a `let` comes after `=`")
                .here("write `=`")
                .note("After `:` stands a type.")
                .fix("Write `=`", true, edits),
        )
    }

    /// `hits: Int = 0` in a case
    pub(crate) fn default_of_field(&self) -> Option<Diagnostic> {
        let part = self.part.clone()?;
        let field =
            self.kind(part.start + 1) == Some(K::Colon) && self.kind(part.start).is_some_and(K::is_word);
        let record = matches!(self.kind(0), Some(K::Case | K::Type));
        if self.kind(self.at) != Some(K::Assign) || !record || !field || self.at <= part.start + 2 {
            return None;
        }
        self.read_whole(self.at..part.end, None);
        let name = escape::one_line(self.word(part.start));
        Some(
            Diagnostic::error(
                codes::P1001,
                self.whole(self.at, part.end.checked_sub(1)?),
                "a field has no value that stands in for it",
            )
            .here("does not belong to a field")
            .help(format!(
                "What stands in is said where the record is read, in the `map` of the source: `{name} = payload.{name} as TYPE else …`."
            )),
        )
    }
}
