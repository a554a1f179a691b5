//! What is known while a program is written: names, how much more may come, and whether effects may stand here.

use super::features::procedures::Procedure;
use super::features::{Call, Feature, Way};
use super::{Rng, Ty};
use std::fmt::Write as _;

pub(crate) struct Gen {
    pub(crate) rng: Rng,
    /// What this program is made of.
    pub(crate) features: Vec<&'static Feature>,
    /// Names in scope; a later one hides an earlier one of the same name.
    vars: Vec<(String, Ty)>,
    /// How many of them are of blocks further out.
    outside: usize,
    next: usize,
    /// Blocks round this place.
    depth: usize,
    /// How many more constructs with effects.
    fuel: usize,
    /// Bodies of steps round this place.
    pub(crate) steps: usize,
    /// Effects may stand here.
    pub(crate) effects: bool,
    /// There is a case here.
    pub(crate) case: bool,
    /// Functions written so far: name, parameters, result.
    pub(crate) fns: Vec<(String, Vec<Ty>, Ty)>,
    pub(crate) procedures: Vec<Procedure>,
    pub(crate) guards: Vec<String>,
    /// Whether a call failed on the way here, so that `failure` is known.
    caught: Caught,
    /// What is known of the failure of a call in the step round this place.
    failing: Caught,
    pub(crate) text: String,
    indent: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Caught {
    Nothing,
    /// Its words may be personal data.
    Kind,
    Words,
}

impl Gen {
    pub(crate) fn new(rng: Rng, fuel: usize, features: Vec<&'static Feature>) -> Self {
        let text = super::head_of(&features);
        Self {
            rng,
            features,
            vars: Vec::new(),
            outside: 0,
            next: 0,
            depth: 0,
            fuel,
            steps: 0,
            effects: false,
            case: false,
            fns: Vec::new(),
            procedures: Vec::new(),
            guards: Vec::new(),
            caught: Caught::Nothing,
            failing: Caught::Words,
            text,
            indent: 0,
        }
    }

    pub(crate) fn line(&mut self, text: &str) {
        let indent = "  ".repeat(self.indent);
        let _ = writeln!(self.text, "{indent}{text}");
    }

    /// A name that no other has.
    pub(crate) fn fresh(&mut self, letter: char) -> String {
        self.next = self.next.saturating_add(1);
        format!("{letter}{}", self.next)
    }

    /// A name that is new, or hides one of a block further out.
    pub(crate) fn name(&mut self) -> String {
        let (outside, own) = self.vars.split_at(self.outside.min(self.vars.len()));
        if self.rng.chance(15)
            && let Some((name, _)) = self.rng.pick(outside)
            && own.iter().all(|(n, _)| n != name)
            && !name.contains('.')
        {
            return name.clone();
        }
        self.fresh('v')
    }

    pub(crate) fn know(&mut self, name: String, ty: Ty) {
        self.vars.push((name, ty));
    }

    /// A name of that type.
    pub(crate) fn var(&mut self, ty: Ty) -> Option<String> {
        let seen =
            |i: usize, name: &str| self.vars.iter().skip(i.saturating_add(1)).all(|(later, _)| later != name);
        let fits = self.vars.iter().enumerate().filter(|(i, (n, t))| *t == ty && seen(*i, n));
        let fits: Vec<String> = fits.map(|(_, (n, _))| n.clone()).collect();
        // What was named last is what is most likely to be pending.
        if self.rng.chance(60) { fits.last().cloned() } else { self.rng.pick(&fits).cloned() }
    }

    /// Takes a bit of what may still come; false when there is nothing left.
    pub(crate) fn spend(&mut self) -> bool {
        let some = self.fuel > 0 && self.depth < 5;
        self.fuel = self.fuel.saturating_sub(1);
        some
    }

    /// Something of the case, or what stands for it where there is none.
    pub(crate) fn of_case(&self, field: &str, instead: &str) -> String {
        if self.case { format!("case.{field}") } else { instead.into() }
    }

    /// Which failure it was, or what stands for that where nothing failed.
    pub(crate) fn of_kind(&self, what: &str, instead: &str) -> String {
        if self.caught == Caught::Nothing { instead.into() } else { what.into() }
    }

    /// Words of the failure, or what stands for them where nothing failed, or where they may repeat what nobody is to see.
    pub(crate) fn of_words(&self, instead: &str) -> String {
        if self.caught == Caught::Words { "failure.words".into() } else { instead.into() }
    }

    /// Behind an `else`: with `failure`, when it is that of a call.
    pub(crate) fn behind<T>(&mut self, call: Option<&Call>, write: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.caught;
        match call {
            Some(call) if call.takes.contains(&Ty::Pii) => self.caught = Caught::Kind,
            Some(_) => self.caught = Caught::Words,
            None => {}
        }
        let made = write(self);
        self.caught = outer;
        made
    }

    /// A step: its body, and what is done when that fails, with `failure`.
    pub(crate) fn tried(&mut self) -> (String, String) {
        let outer = std::mem::replace(&mut self.failing, Caught::Words);
        self.steps = self.steps.saturating_add(1);
        let body = self.unit_block(0);
        self.steps = self.steps.saturating_sub(1);
        let failed = std::mem::replace(&mut self.failing, outer);
        let outer = std::mem::replace(&mut self.caught, failed);
        let other = self.unit_block(10);
        self.caught = outer;
        (body, other)
    }

    /// With no more than so many constructs with effects, which are not taken from the rest.
    pub(crate) fn on_a_ration<T>(&mut self, fuel: usize, write: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.fuel, fuel);
        let made = write(self);
        self.fuel = outer;
        made
    }

    pub(crate) fn scoped<T>(&mut self, write: impl FnOnce(&mut Self) -> T) -> T {
        let known = self.vars.len();
        let made = write(self);
        self.vars.truncate(known);
        made
    }

    /// Writes where no effect may stand: strings, lambdas, reasons.
    pub(crate) fn quietly<T>(&mut self, write: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.effects, false);
        let made = write(self);
        self.effects = outer;
        made
    }

    /// With names of its own, none of outside, and no case.
    pub(crate) fn alone<T>(&mut self, write: impl FnOnce(&mut Self) -> T) -> T {
        let vars = std::mem::take(&mut self.vars);
        let (case, effects) = (self.case, self.effects);
        (self.case, self.effects) = (false, false);
        let made = write(self);
        (self.case, self.effects, self.vars) = (case, effects, vars);
        made
    }

    /// `{`, lines, `}`.
    pub(crate) fn braces(&mut self, write: impl FnOnce(&mut Self)) -> String {
        let outer = std::mem::take(&mut self.text);
        let (known, outside) = (self.vars.len(), self.outside);
        self.outside = known;
        self.indent = self.indent.saturating_add(1);
        self.depth = self.depth.saturating_add(1);
        write(self);
        self.outside = outside;
        self.depth = self.depth.saturating_sub(1);
        self.indent = self.indent.saturating_sub(1);
        self.vars.truncate(known);
        let inside = std::mem::replace(&mut self.text, outer);
        format!("{{\n{inside}{}}}", "  ".repeat(self.indent))
    }
}

/// Expressions.
impl Gen {
    /// An expression without effects. `depth`: how many more operators may stand in it.
    pub(crate) fn pure(&mut self, ty: Ty, depth: usize) -> String {
        self.quietly(|g| g.plain(ty, depth))
    }

    /// A reason: it says something.
    pub(crate) fn because(&mut self) -> String {
        let text = self.pure(Ty::Str, 1);
        if text == "\"\"" { "\"so\"".into() } else { text }
    }

    fn plain(&mut self, ty: Ty, depth: usize) -> String {
        if self.rng.chance(40)
            && let Some(var) = self.var(ty)
        {
            return var;
        }
        let fits = |w: &Way| w.gives == ty && (depth > 0 || !w.deep);
        self.way(fits, depth)
    }

    fn way(&mut self, fits: impl Fn(&Way) -> bool, depth: usize) -> String {
        let all = self.features.iter().flat_map(|f| {
            let effects: &[Way] = if self.effects { f.effects } else { &[] };
            f.ways.iter().chain(effects)
        });
        let ways: Vec<&Way> = all.filter(|w| fits(w)).collect();
        match self.rng.pick(&ways) {
            Some(way) => (way.write)(self, depth.saturating_sub(1)),
            None => unreachable!("every type has a way of writing it"),
        }
    }

    /// A part of something larger: with effects, where they may stand.
    pub(crate) fn part(&mut self, ty: Ty, depth: usize) -> String {
        if self.effects { self.value(ty) } else { self.plain(ty, depth) }
    }

    /// An expression that may have effects.
    pub(crate) fn value(&mut self, ty: Ty) -> String {
        if self.rng.chance(45) && self.spend() { self.effect(ty) } else { self.pure(ty, 1) }
    }

    /// An expression with effects. It can stand wherever an operand can, also in the head of an `if`.
    pub(crate) fn effect(&mut self, ty: Ty) -> String {
        match self.rng.below(12) {
            0 => format!("({})", self.value_block(ty)),
            1 => {
                let head = self.cond();
                let then = self.value_block(ty);
                let other = if self.rng.chance(8) { self.unit_block(100) } else { self.value_block(ty) };
                format!("(if {head} {then} else {other})")
            }
            2 => {
                let text = self.choice(|g| if g.rng.chance(50) { g.value_block(ty) } else { g.value(ty) });
                format!("({text})")
            }
            3 => {
                let (name, of, head, called) = self.test_of_one();
                let then = self.scoped(|g| {
                    g.know(name, of);
                    g.value_block(ty)
                });
                let other = self.behind(called.as_ref(), |g| g.value_block(ty));
                format!("({head} {then} else {other})")
            }
            4 | 5 => {
                let outer = std::mem::replace(&mut self.effects, true);
                let text = self.way(|w| w.gives == ty, 1);
                self.effects = outer;
                text
            }
            _ => self.call(ty),
        }
    }

    /// A call of an action, bare.
    pub(crate) fn bare_call(&mut self, ty: Ty) -> Option<(String, Call)> {
        let of_type = |c: &&Call| c.gives == ty;
        let calls: Vec<Call> = self.features.iter().flat_map(|f| f.calls).filter(of_type).copied().collect();
        let call = *self.rng.pick(&calls)?;
        // Writes are rarer than reads.
        let call =
            if call.name.starts_with("do ") && self.rng.chance(50) { *self.rng.pick(&calls)? } else { call };
        let args: Vec<String> = call.takes.iter().map(|of| self.value(*of)).collect();
        let mut text = format!("{}({})", call.name, args.join(", "));
        if let Some(terms) = self.features.iter().find_map(|f| f.terms)
            && self.rng.chance(30)
        {
            text.push_str(&terms(self, &call));
        }
        Some((text, call))
    }

    /// A call, and what stands in for its result when it fails.
    pub(crate) fn call(&mut self, ty: Ty) -> String {
        if let Some(of) = ty.content() {
            return match self.bare_call(of) {
                Some((call, _)) => format!("({call} else none)"),
                None => self.pure(ty, 1),
            };
        }
        if ty == Ty::Int && self.rng.chance(20) {
            let (text, arm) = (self.effect(Ty::Str), self.arm(ty));
            return format!("({text} as Int else {arm})");
        }
        let Some((text, call)) = self.bare_call(ty) else { return self.pure(ty, 1) };
        // Its failure is the step's then.
        if self.steps > 0 && self.rng.chance(35) {
            if call.takes.contains(&Ty::Pii) {
                self.failing = Caught::Kind;
            }
            return format!("({text})");
        }
        let arms: Vec<_> = self.features.iter().flat_map(|f| f.arms).copied().collect();
        let arm = self.behind(Some(&call), |g| match g.rng.pick(&arms) {
            Some(write) if g.rng.chance(40) => write(g, &call, ty),
            _ => g.arm(ty),
        });
        format!("({text} else {arm})")
    }

    /// What stands behind an `else`.
    fn arm(&mut self, ty: Ty) -> String {
        match self.rng.below(16) {
            0 => format!("hand over to queue.q{} because {}", self.rng.below(3), self.because()),
            1 => format!("close Duplicate because {}", self.because()),
            2..=5 if self.spend() => self.value_block(ty),
            6 | 7 => self.value(ty),
            _ => self.pure(ty, 1),
        }
    }

    /// A condition. `and`, `or` and comparisons stand bare, as they do in real heads.
    pub(crate) fn cond(&mut self) -> String {
        match self.rng.below(6) {
            0 => format!("{} and {}", self.value(Ty::Bool), self.value(Ty::Bool)),
            1 => format!("{} or not {}", self.value(Ty::Bool), self.value(Ty::Bool)),
            2 => format!("{} > 3 and {}", self.call(Ty::Int), self.value(Ty::Bool)),
            3 => format!("{} < {}", self.value(Ty::Int), self.value(Ty::Int)),
            _ => self.value(Ty::Bool),
        }
    }

    /// `if let`: the name, its type, the head as written, and the call that is tested, if it is one.
    pub(crate) fn test_of_one(&mut self) -> (String, Ty, String, Option<Call>) {
        let options = [Ty::Int, Ty::Str, Ty::Rec];
        let ty = *self.rng.pick(&options).unwrap_or(&Ty::Int);
        let mut called = None;
        let value = match self.rng.below(7) {
            0..=2 => {
                let (text, call) = self.bare_call(ty).unzip();
                called = call;
                text
            }
            3 if ty == Ty::Int => Some(format!("{} as Int", self.value(Ty::Str))),
            // What a call gives is not narrowed in the branches.
            _ => ty.option().map(|option| format!("{}({})", maybe(option), self.value(option))),
        };
        let value = value.unwrap_or_else(|| "none".into());
        let name = self.name();
        (name.clone(), ty, format!("if let {name} = {value}"), called)
    }

    /// `match` on something; `arm` gives what stands behind `=>`.
    pub(crate) fn choice(&mut self, mut arm: impl FnMut(&mut Self) -> String) -> String {
        let choices: Vec<_> = self.features.iter().flat_map(|f: &&Feature| f.choices).collect();
        let Some((of, patterns)) = self.rng.pick(&choices).map(|c| **c) else {
            unreachable!("there are choices")
        };
        let value = if self.effects { self.value(of) } else { self.plain(of, 1) };
        // Of a number nothing is known, so that each arm may be taken.
        let value = if of == Ty::Int { format!("whole({value})") } else { value };
        // What a call gives is not narrowed in the arms.
        let value = if of.content().is_some() { format!("{}({value})", maybe(of)) } else { value };
        if !self.effects {
            // It may stand in a string, which is on one line.
            let arms: Vec<String> = patterns.iter().map(|p| format!("{p} => {}", arm(self))).collect();
            return format!("match ({value}) {{ {} }}", arms.join(", "));
        }
        let mut text = format!("match ({value}) {{\n");
        self.indent = self.indent.saturating_add(1);
        for pattern in patterns {
            let indent = "  ".repeat(self.indent);
            let body = arm(self);
            let _ = writeln!(text, "{indent}{pattern} => {body}");
        }
        self.indent = self.indent.saturating_sub(1);
        text + &"  ".repeat(self.indent) + "}"
    }
}

/// Blocks and statements.
impl Gen {
    /// Statements and a value.
    pub(crate) fn value_block(&mut self, ty: Ty) -> String {
        self.braces(|g| {
            for _ in 0..g.rng.below(3) {
                g.statement();
            }
            let value = g.value(ty);
            g.line(&value);
        })
    }

    /// Statements; with that chance, of a hundred, the last of them ends the run.
    pub(crate) fn unit_block(&mut self, ends: u64) -> String {
        self.braces(|g| {
            for _ in 0..g.rng.below(3) {
                g.statement();
            }
            let because = g.because();
            match (g.rng.chance(ends), g.rng.chance(50)) {
                (true, true) => g.line(&format!("close BenignPositive because {because}")),
                (true, false) => g.line(&format!("hand over to queue.q because {because}")),
                (false, _) => g.line(&format!("note {because}")),
            }
        })
    }

    pub(crate) fn bind(&mut self, value: &str, ty: Ty) {
        let name = self.name();
        let written = if self.rng.chance(10) { format!(": {}", ty.name()) } else { String::new() };
        self.line(&format!("let {name}{written} = {value}"));
        self.know(name, ty);
    }

    pub(crate) fn statement(&mut self) {
        let all: Vec<_> = self.features.iter().flat_map(|f| f.statements).copied().collect();
        if !self.spend() || self.rng.chance(25) {
            if self.rng.chance(50) {
                super::features::changes::change(self)
            } else {
                self.named(false)
            }
            return;
        }
        match self.rng.pick(&all) {
            Some(write) => write(self),
            None => self.named(true),
        }
    }

    /// `let x = …`
    pub(crate) fn named(&mut self, effects: bool) {
        let ty = self.rng.pick(&Ty::NAMED).copied().unwrap_or(Ty::Int);
        let value = if effects { self.effect(ty) } else { self.pure(ty, 2) };
        self.bind(&value, ty);
    }
}

/// The function that gives an option back as it is.
pub(crate) fn maybe(option: Ty) -> &'static str {
    match option {
        Ty::OptInt => "maybe",
        Ty::OptStr => "maybe_text",
        _ => "maybe_rec",
    }
}
