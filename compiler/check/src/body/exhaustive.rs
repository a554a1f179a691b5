//! `match`: patterns, and whether they cover everything.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place};
use play_program::types::Type;
use play_program::value::Value;
use play_syntax::ast::{self, PatternKind};

use super::fit::fits;
use super::{BodyCx, Want, Why};
use crate::context::{Global, WRONG, is_wrong, place};
use crate::interval;
use crate::typed::{Arm, Expr, ExprKind, NodeId, Pattern};

/// What the patterns so far cover.
#[derive(Default)]
struct Covered {
    /// Values, each with the place of its pattern.
    values: Vec<(Value, ast::Span)>,
    /// Whole numbers, from one to another, each with the place of its pattern.
    ranges: Vec<(i64, i64, ast::Span)>,
    /// The place of `_`.
    any: Option<ast::Span>,
}

impl BodyCx<'_, '_> {
    pub(super) fn match_expr(
        &mut self,
        at: NodeId,
        e: &ast::Expr,
        value: &ast::Expr,
        arms: &[ast::Arm],
        want: &Want,
    ) -> Expr {
        let mut value_expr = self.expr(value, &Want::Any);
        if self.answer_matched(value, &value_expr.ty) {
            value_expr.ty = WRONG;
        }
        self.can_match(&value_expr.ty, value);
        let tested = self.tested_at(&value_expr);
        let (named, whole, value_expr) = self.taken_apart(value_expr, value.span);
        let on = value_expr.ty.clone();
        let mut covered = Covered::default();
        let mut join = self.join(want, "arm");
        let mut typed = Vec::with_capacity(arms.len());
        let mut fx = value_expr.fx;
        let torn = self.is_torn(e, arms);
        let mut sound = !is_wrong(&on) && !torn;
        for arm in arms {
            let mut patterns = Vec::with_capacity(arm.patterns.len());
            for pattern in &*self.without_sets(&arm.patterns, &on) {
                self.never_fails_so(&value_expr, pattern);
                match self.pattern(pattern, &on, tested) {
                    // What could not be read may have been another pattern.
                    Some(found) if torn => patterns.push(found),
                    Some(found) => {
                        self.cover(&mut covered, &found, pattern, &on);
                        patterns.push(found);
                    }
                    None => sound = false,
                }
            }
            let label: Vec<&str> = arm.patterns.iter().map(|p| self.context.text(p.span)).collect();
            let label = label.join(" | ");
            let none = |p: &Pattern| matches!(p, Pattern::Value(Value::None));
            let there = match patterns.as_slice() {
                [] => None,
                all if all.iter().any(none) => None,
                all if all.iter().any(|p| matches!(p, Pattern::Any)) && !covered.has(&Value::None) => None,
                _ => self.spot_of(whole.as_ref().unwrap_or(&value_expr)),
            };
            let names = self.captured(&arm.patterns, whole.as_ref());
            let body =
                self.with_names(names, |b| b.knowing_there(there, |b| b.join_expr(&mut join, &arm.body)));
            fx = fx.with(body.fx.later());
            typed.push(Arm { patterns, label, body });
        }
        for kind in self.impossible(&value_expr) {
            covered.values.push((kind, value.span));
        }
        if sound {
            self.exhaustive(e, value, arms, &on, &covered);
        }
        let ty = if arms.is_empty() { WRONG } else { join.result() };
        let (whole_at, at) = if named.is_some() { (at, self.node(e.span)) } else { (at, at) };
        let matched = Expr {
            kind: ExprKind::Match { value: Box::new(value_expr), arms: typed },
            ty: ty.clone(),
            at,
            fx,
        };
        match named {
            None => matched,
            Some(named) => {
                let fx = named.expr().fx.with(fx);
                Expr { kind: ExprKind::Block(vec![named], Some(Box::new(matched))), ty, at: whole_at, fx }
            }
        }
    }

    /// An arm could not be read, by its pattern or as a whole.
    fn is_torn(&self, e: &ast::Expr, arms: &[ast::Arm]) -> bool {
        let Some(file) = self.context.files.get(e.span.file as usize) else { return false };
        let within = |span: ast::Span, at: u32| span.start <= at && at < span.end;
        let torn = file.wrong.iter().any(|at| {
            within(e.span, *at)
                && (arms.iter().any(|arm| arm.patterns.iter().any(|p| within(p.span, *at)))
                    || !arms.iter().any(|arm| {
                        matches!(arm.body.kind, ast::ExprKind::Block(_)) && within(arm.body.span, *at)
                    }))
        });
        if torn {
            self.context.ask();
        }
        torn
    }

    fn can_match(&mut self, on: &Type, value: &ast::Expr) {
        let core = if let Type::Option(of) = on { &**of } else { on };
        let core = self.context.types.repr(core);
        if is_wrong(on)
            || !matches!(
                core,
                Type::Json
                    | Type::List(_)
                    | Type::Map(..)
                    | Type::Record(_)
                    | Type::Unit
                    | Type::Never
                    | Type::Regex
            )
        {
            return;
        }
        let (what, is) = (self.context.quoted(value.span), self.context.a_type(on));
        let finding = Diagnostic::error(
            codes::P3014,
            place(value.span),
            format!("{what} is {is}, which `match` cannot tell apart"),
        )
        .here(format!("this is {is}"));
        let text = self.context.example(value.span);
        self.report(match on {
            Type::Json => {
                finding.help(format!("Convert it first: `match {text} as String else \"\" {{ … }}`."))
            }
            Type::Option(_) => finding.help(format!("Write `if let x = {text} {{ … }} else {{ … }}`.")),
            Type::Record(_) => finding.help("Match on one of its fields."),
            _ => finding.help("Use `if`."),
        });
    }

    /// `tested`: where the value was found to be there, when it is an option by its declaration.
    fn pattern(&mut self, pattern: &ast::Pattern, on: &Type, tested: Option<ast::Span>) -> Option<Pattern> {
        let core = if let Type::Option(of) = on { (**of).clone() } else { on.clone() };
        match &pattern.kind {
            PatternKind::Any => Some(Pattern::Any),
            _ if is_wrong(on) => None,
            PatternKind::None => match on {
                Type::Option(_) => Some(Pattern::Value(Value::None)),
                _ if let Some(tested) = tested => {
                    self.report(
                        Diagnostic::warning(codes::P9005, place(pattern.span), "this arm is never taken")
                            .here("nothing is left for it")
                            .label(place(tested), "tested here")
                            .help("Leave it out."),
                    );
                    Some(Pattern::Value(Value::None))
                }
                _ => {
                    let is = self.context.a_type(on);
                    self.report(
                        Diagnostic::error(
                            codes::P3001,
                            place(pattern.span),
                            format!("`none` is not among the values: this is {is}"),
                        )
                        .here("never absent")
                        .help("Leave the arm out."),
                    );
                    None
                }
            },
            PatternKind::Range { low, high } => self.range_pattern(pattern, &core, *low, *high, on),
            PatternKind::Variant { of, name, .. } => {
                let Type::Enum(id) = &core else {
                    let is = self.context.a_type(on);
                    self.report(
                        Diagnostic::error(
                            codes::P3001,
                            place(pattern.span),
                            format!("`{}` does not fit: this is {is}", name.text),
                        )
                        .here("a member of an enum")
                        .help(format!("Write a value, such as `{}`, or `_`.", self.context.sample(&core))),
                    );
                    return None;
                };
                if let Some(of) = of
                    && self.enum_named(&of.text, of.span) != Some(*id)
                {
                    let is = self.context.a_type(on);
                    self.report(
                        Diagnostic::error(
                            codes::P3001,
                            place(of.span),
                            format!("`{}` does not fit: this is {is}", of.text),
                        )
                        .here("another enum")
                        .help(format!(
                            "Write `{}.{}`.",
                            self.context.type_name(&core),
                            name.text
                        )),
                    );
                    return None;
                }
                match self.tag(*id, &name.text) {
                    Some(tag) => {
                        self.context.member_named(*id, tag, name.span);
                        Some(Pattern::Value(Value::Enum(tag)))
                    }
                    None => {
                        self.unknown_member(*id, name);
                        None
                    }
                }
            }
            PatternKind::Literal(literal) => {
                // What is outside of a range is an arm that is never taken.
                let wide = core.widened();
                let found = self.check(literal, &wide, &Why::Words("a pattern"));
                match found.kind {
                    ExprKind::Lit(value) if !is_wrong(&found.ty) && fits(&found.ty, &wide) => {
                        Some(Pattern::Value(value))
                    }
                    _ => None,
                }
            }
        }
    }

    /// Adds a pattern, and warns when nothing is left for it.
    fn cover(&mut self, covered: &mut Covered, found: &Pattern, pattern: &ast::Pattern, on: &Type) {
        let numbers = match found {
            Pattern::Range(low, high) => Some((*low, *high)),
            Pattern::Value(Value::Int(n)) => Some((*n, *n)),
            _ => None,
        };
        if let Some((low, high)) = numbers.filter(|_| covered.any.is_none()) {
            self.cover_numbers(covered, (low, high), pattern, on);
            return;
        }
        let full = match interval::of_type(option_core(on)) {
            Some(all) => {
                let there = !matches!(on, Type::Option(_)) || covered.has(&Value::None);
                there && covered.left(all).is_empty()
            }
            None => self.all_values(on).is_some_and(|all| all.iter().all(|(v, _)| covered.has(v))),
        };
        let last = covered.values.last().map(|(_, at)| *at).or(covered.ranges.last().map(|(_, _, at)| *at));
        let before = match found {
            _ if covered.any.is_some() => covered.any,
            Pattern::Value(value) => covered.values.iter().find(|(v, _)| v.same(value)).map(|(_, at)| *at),
            Pattern::Any if full => last,
            Pattern::Any | Pattern::Range(..) => None,
        };
        if let Some(before) = before {
            let finding = Diagnostic::error(codes::P9005, place(pattern.span), "this arm is never taken")
                .here("nothing is left for it");
            self.report(match found {
                Pattern::Any if full => finding
                    .label(place(before), "all values are covered up to here")
                    .help(match option_core(on) {
                        Type::Enum(_) => "Leave it out: then a new member of the enum is an error here, and not silently taken.",
                        _ => "Leave it out.",
                    }),
                _ => finding.label(place(before), "covered here already").help("Leave it out."),
            });
        }
        match found {
            Pattern::Any => covered.any = covered.any.or(Some(pattern.span)),
            Pattern::Range(..) => {}
            Pattern::Value(value) => covered.values.push((value.clone(), pattern.span)),
        }
    }

    /// All values of a type with their spelling, where they can be counted.
    fn all_values(&self, on: &Type) -> Option<Vec<(Value, String)>> {
        match on {
            Type::Bool => {
                Some(vec![(Value::Bool(true), "true".into()), (Value::Bool(false), "false".into())])
            }
            Type::Enum(id) if self.context.types.enumeration(*id).is_some_and(|e| e.open) => None,
            Type::Enum(id) => {
                let variants = &self.context.types.enumeration(*id)?.variants;
                let tagged = variants.iter().enumerate();
                Some(
                    tagged.map(|(tag, name)| (Value::Enum(crate::names::index(tag)), name.clone())).collect(),
                )
            }
            Type::Option(of) => {
                let mut all = self.all_values(of)?;
                all.push((Value::None, "none".into()));
                Some(all)
            }
            _ => None,
        }
    }

    fn exhaustive(
        &mut self,
        e: &ast::Expr,
        value: &ast::Expr,
        arms: &[ast::Arm],
        on: &Type,
        covered: &Covered,
    ) {
        if covered.any.is_some() {
            return;
        }
        let head = Place { file: e.span.file, start: e.span.start, end: value.span.end };
        let insert = |names: &[String]| {
            // After the last arm, in the way in which that one stands there: on a line of its own, or not.
            let (at, before) = match arms.last() {
                Some(arm) => {
                    (arm.span.end, self.line_indent(arm.span).map_or(", ".into(), |i| format!("\n{i}")))
                }
                None => (e.span.end.saturating_sub(1), " ".into()),
            };
            let text = names.iter().map(|name| format!("{before}{name} => {{ }}")).collect();
            vec![Edit { place: Place { file: e.span.file, start: at, end: at }, text }]
        };
        let all = match option_core(on) {
            Type::Ranged(low, high) => {
                let mut left = covered.left((i128::from(*low), i128::from(*high)));
                left.truncate(8);
                let text = |(low, high): &(i128, i128)| {
                    if low == high { low.to_string() } else { format!("{low}..{high}") }
                };
                // What is left is covered by no single value.
                let none_of = |(low, _): &(i128, i128)| Value::Int(i64::try_from(*low).unwrap_or(i64::MAX));
                let mut all: Vec<(Value, String)> =
                    left.iter().map(|range| (none_of(range), text(range))).collect();
                if matches!(on, Type::Option(_)) {
                    all.push((Value::None, "none".into()));
                }
                Some(all)
            }
            _ => self.all_values(on),
        };
        let Some(all) = all else {
            let is = self.context.a_type(on);
            let edits = insert(&["_".to_string()]);
            let finding = Diagnostic::error(
                codes::P3013,
                head,
                format!("this `match` does not cover every value of {is}"),
            )
            .here("something else may come");
            let finding = match option_core(on) {
                Type::Enum(_) => finding.note("The enum is open: members may come that nobody has declared."),
                _ => finding,
            };
            self.report(finding.help("Add an arm for the rest: `_ => …`.").fix("Add `_`", false, edits));
            return;
        };
        let missing: Vec<String> =
            all.iter().filter(|(v, _)| !covered.has(v)).map(|(_, n)| n.clone()).collect();
        if missing.is_empty() {
            return;
        }
        let quoted: Vec<String> = missing.iter().map(|m| format!("`{m}`")).collect();
        let examples: Vec<String> = missing.iter().map(|m| format!("`{m} => …`")).collect();
        let (count, verb) = if missing.len() == 1 { ("an arm", "is") } else { ("arms", "are") };
        let edits = insert(&missing);
        let mut finding =
            Diagnostic::error(codes::P3013, head, format!("{} {verb} not handled", quoted.join(", ")))
                .here(format!("this `match` has no arm for {}", quoted.join(", ")));
        if let Type::Enum(id) = on
            && let Some(at) = self.context.globals.place_of(Global::Enum(*id))
            && Some(*id) != self.context.failures.kind
        {
            finding = finding.label(place(at), format!("`{}` is declared here", self.context.type_name(on)));
        }
        self.report(finding.help(format!("Add {count}: {}.", examples.join(", "))).fix(
            format!("Add {count} for {}", quoted.join(", ")),
            false,
            edits,
        ));
    }

    /// The blanks before a place, when nothing else stands before it on its line.
    fn line_indent(&self, span: ast::Span) -> Option<String> {
        let file = self.context.files.get(span.file as usize)?;
        let before = file.text.get(..span.start as usize)?;
        let line = before.rsplit('\n').next().unwrap_or_default();
        line.chars().all(|c| c == ' ' || c == '\t').then(|| line.to_string())
    }
}

impl BodyCx<'_, '_> {
    /// `40..69`
    fn range_pattern(
        &mut self,
        pattern: &ast::Pattern,
        core: &Type,
        low: i64,
        high: i64,
        on: &Type,
    ) -> Option<Pattern> {
        let finding = match interval::of_type(core) {
            None => {
                let is = self.context.a_type(on);
                Diagnostic::error(
                    codes::P3001,
                    place(pattern.span),
                    format!("a range does not fit: this is {is}"),
                )
                .here("whole numbers")
                .help("Only an `Int` is matched by ranges.")
            }
            Some(_) if low > high => {
                Diagnostic::error(codes::P3022, place(pattern.span), "no number is in this range")
                    .here("its end is below its beginning")
                    .help(format!("Write the smaller bound first: `{high}..{low}`."))
            }
            Some(_) => return Some(Pattern::Range(low, high)),
        };
        self.report(finding);
        None
    }

    /// Adds whole numbers: none of them may be covered already, and none may be one that never comes.
    fn cover_numbers(
        &mut self,
        covered: &mut Covered,
        (low, high): (i64, i64),
        pattern: &ast::Pattern,
        on: &Type,
    ) {
        let inside = interval::of_type(option_core(on)).unwrap_or(interval::ALL);
        let wide = (i128::from(low), i128::from(high));
        let never = Diagnostic::error(codes::P9005, place(pattern.span), "this arm is never taken");
        if wide.1 < inside.0 || wide.0 > inside.1 {
            let is = self.context.a_type(on);
            self.report(never.here(format!("this is {is}")).help("Leave it out."));
            return;
        }
        let shared = |(a, b, _): &&(i64, i64, ast::Span)| *a <= high && low <= *b;
        let first = covered.ranges.iter().find(shared).copied();
        let before = covered.left(wide).is_empty();
        if let Some((from, to, at)) = first {
            let same = |a: i64, b: i64| if a == b { a.to_string() } else { format!("{a}..{b}") };
            let own = covered.left(wide);
            let own: Vec<String> = own
                .iter()
                .map(|(a, b)| if a == b { format!("`{a}`") } else { format!("`{a}..{b}`") })
                .collect();
            self.report(if before {
                never
                    .here("nothing is left for it")
                    .label(place(at), "covered here already")
                    .help("Leave it out.")
            } else {
                let both = (low.max(from), high.min(to));
                Diagnostic::error(
                    codes::P3024,
                    place(pattern.span),
                    format!("`{}` and `{}` overlap", same(low, high), same(from, to)),
                )
                .here(format!("{} fits here too", same(both.0, both.1)))
                .label(place(at), "and fits here, which is first")
                .help(format!("Write {}.", own.join(" | ")))
            });
        }
        if wide.0 < inside.0 || wide.1 > inside.1 {
            let is = self.context.a_type(on);
            let (a, b) = (wide.0.max(inside.0), wide.1.min(inside.1));
            self.report(
                Diagnostic::error(
                    codes::P3023,
                    place(pattern.span),
                    format!("a part of `{low}..{high}` never comes"),
                )
                .here(format!("this is {is}"))
                .help(format!("Write `{a}..{b}`.")),
            );
        }
        covered.ranges.push((low, high, pattern.span));
    }
}

/// The type of what an option holds, and any other type as it is.
fn option_core(ty: &Type) -> &Type {
    if let Type::Option(of) = ty { of } else { ty }
}

impl Covered {
    /// What the ranges leave of one, in order.
    fn left(&self, (low, high): interval::Interval) -> Vec<interval::Interval> {
        let mut ranges: Vec<(i128, i128)> =
            self.ranges.iter().map(|(a, b, _)| (i128::from(*a), i128::from(*b))).collect();
        ranges.sort_unstable();
        let (mut left, mut next) = (Vec::new(), low);
        for (from, to) in ranges {
            if from > high || to < next {
                continue;
            }
            if from > next {
                left.push((next, from - 1));
            }
            next = next.max(to + 1);
        }
        if next <= high {
            left.push((next, high));
        }
        left
    }

    fn has(&self, value: &Value) -> bool {
        self.values.iter().any(|(v, _)| v.same(value))
    }
}
