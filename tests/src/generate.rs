//! Well-typed programs out of a seed: playbooks that mix reads, decisions, loops, changes, writes and endings in every
//! way, for comparing engines.

use std::fmt::Write as _;

/// A small generator of numbers: the same seed gives the same program.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// From a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x1234_5678_9ABC_DEF1)
    }

    /// A number below `n` (0 when `n` is 0).
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        if n == 0 { 0 } else { (self.0 >> 11) % n }
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let i = self.below(items.len() as u64);
        items.get(usize::try_from(i).unwrap_or(0))
    }

    fn word(&mut self, words: &[&'static str]) -> &'static str {
        self.pick(words).copied().unwrap_or_default()
    }
}

/// What every generated program declares.
pub const HEAD: &str = r#"
type Rec { n: Int, b: Bool, s: String }
enum Col { Red, Green, Blue }
case T { a: Int, f: Bool, s: String, o: Int? }
source src from feed("t") -> T {
  map {
    a = payload.a as Int?
    f = payload.f as Bool?
    s = payload.s as String?
  }
}
connector w {
  config { base_url: Url }
  read r0(x: String) -> Rec
    GET "/r0/{x}"
    expect 200 -> body
  read r1(x: Int) -> Rec
    GET "/r1" query { x: x }
    expect 200 -> body
  read r2(x: String) -> Int
    GET "/r2/{x}"
    expect 200 -> body
  read r3(x: Int) -> [Int]
    GET "/r3" query { x: x }
    expect 200 -> body
  read r4(x: Rec) -> Col
    GET "/r4" query { n: x.n, s: x.s }
    expect 200 -> body
  read r5(x: Int) -> String
    GET "/r5" query { x: x }
    expect 200 -> body
  write w0(x: String) -> String
    POST "/w0" json { x: x }
    expect 200 -> body
    class notify
  write w1(x: Int) -> Int
    POST "/w1" json { x: x }
    expect 200 -> body
    class notify
}
fn maybe(n: Int?) -> Int? { n }
fn perhaps(rec: Rec?) -> Rec? { rec }
fn twice(n: Int) -> Int { n * 2 }
fn small(n: Int) -> Bool { n < 10 }
fn label(b: Bool) -> String { if b { "yes" } else { "no" } }
"#;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ty {
    Int,
    Bool,
    Str,
    Rec,
    OptRec,
    OptInt,
    Ints,
    Col,
}

/// What names are given to, the common ones more often.
const NAMED: [Ty; 12] = [
    Ty::Int,
    Ty::Int,
    Ty::Int,
    Ty::Bool,
    Ty::Str,
    Ty::Rec,
    Ty::Rec,
    Ty::Rec,
    Ty::OptRec,
    Ty::OptInt,
    Ty::Ints,
    Ty::Col,
];

struct Gen {
    rng: Rng,
    /// Names in scope; a later one hides an earlier one of the same name.
    vars: Vec<(String, Ty)>,
    /// How many of them are of blocks further out.
    outside: usize,
    next: usize,
    /// Blocks round this place.
    depth: usize,
    /// Bodies of steps round this place.
    steps: usize,
    /// How many more constructs with effects.
    fuel: usize,
    text: String,
    indent: usize,
}

/// The text of a program with one playbook, `p`.
#[must_use]
pub fn program(seed: u64) -> String {
    let mut rng = Rng::new(seed);
    let statements = rng.below(9).saturating_add(3);
    let fuel = usize::try_from(rng.below(48)).unwrap_or(0).saturating_add(12);
    let text = HEAD.to_string();
    let mut g = Gen { rng, vars: Vec::new(), outside: 0, next: 0, depth: 0, steps: 0, fuel, text, indent: 1 };
    g.text.push_str("playbook p for T {\n");
    for _ in 0..statements {
        g.statement();
    }
    let because = g.string(1);
    g.line(&format!("close FalsePositive because {because}"));
    g.text.push_str("}\n");
    g.text
}

impl Gen {
    fn line(&mut self, text: &str) {
        let indent = "  ".repeat(self.indent);
        let _ = writeln!(self.text, "{indent}{text}");
    }

    /// A name that is new, or hides one of a block further out.
    fn name(&mut self) -> String {
        let (outside, own) = self.vars.split_at(self.outside.min(self.vars.len()));
        if self.rng.chance(15)
            && let Some((name, _)) = self.rng.pick(outside)
            && own.iter().all(|(n, _)| n != name)
        {
            return name.clone();
        }
        self.next = self.next.saturating_add(1);
        format!("v{}", self.next)
    }

    fn var(&mut self, ty: Ty) -> Option<String> {
        let seen =
            |i: usize, name: &str| self.vars.iter().skip(i.saturating_add(1)).all(|(later, _)| later != name);
        let fits = self.vars.iter().enumerate().filter(|(i, (n, t))| *t == ty && seen(*i, n));
        let fits: Vec<String> = fits.map(|(_, (n, _))| n.clone()).collect();
        // What was named last is what is most likely to be pending.
        if self.rng.chance(60) { fits.last().cloned() } else { self.rng.pick(&fits).cloned() }
    }

    fn spend(&mut self) -> bool {
        let some = self.fuel > 0 && self.depth < 5;
        self.fuel = self.fuel.saturating_sub(1);
        some
    }
}

/// Expressions without effects.
impl Gen {
    fn pure(&mut self, ty: Ty) -> String {
        if self.rng.chance(40)
            && let Some(var) = self.var(ty)
        {
            return var;
        }
        match ty {
            Ty::Int => self.int(1),
            Ty::Bool => self.bool(1),
            Ty::Str => self.string(1),
            Ty::Rec => self.var(Ty::Rec).unwrap_or_else(|| self.record()),
            // By a function: what was tested before is no option any more.
            Ty::OptRec => match self.var(Ty::OptRec) {
                Some(var) => format!("perhaps({var})"),
                None => format!("[{}].find(q => q.b)", self.record()),
            },
            Ty::OptInt => {
                format!("maybe({})", self.var(Ty::OptInt).unwrap_or_else(|| "case.o".into()))
            }
            Ty::Ints => match (self.rng.below(3), self.var(Ty::Ints)) {
                (0, Some(var)) => var,
                (1, _) => format!("[{}]", self.int(0)),
                _ => format!("[{}, {}, 4]", self.int(0), self.int(0)),
            },
            Ty::Col => {
                self.var(Ty::Col).unwrap_or_else(|| self.rng.word(&["Red", "Green", "Blue"]).to_string())
            }
        }
    }

    fn int(&mut self, depth: usize) -> String {
        if self.rng.chance(20) {
            return "case.a".into();
        }
        let choice = if depth == 0 { self.rng.below(5) } else { self.rng.below(10) };
        let down = depth.saturating_sub(1);
        match choice {
            0 if self.rng.chance(60) => self.rng.below(20).to_string(),
            0 => self.var(Ty::Int).unwrap_or_else(|| "8".into()),
            1 => "case.a".into(),
            2 => self.var(Ty::Int).unwrap_or_else(|| "3".into()),
            3 => self.var(Ty::Rec).map_or_else(|| "5".into(), |v| format!("{v}.n")),
            4 => "(case.o else 6)".into(),
            5 => format!("({} + {})", self.int(down), self.int(down)),
            6 => format!("({} * {})", self.int(down), self.int(down)),
            7 => format!("({} / ({} % 5))", self.int(down), self.int(down)),
            8 => format!("twice({})", self.int(down)),
            _ => self.var(Ty::Ints).map_or_else(|| "7".into(), |v| format!("{v}.len")),
        }
    }

    fn bool(&mut self, depth: usize) -> String {
        let choice = if depth == 0 { self.rng.below(4) } else { self.rng.below(11) };
        let down = depth.saturating_sub(1);
        match choice {
            0 => self.rng.word(&["case.f", "case.severity >= High", "case.title == \"\""]).into(),
            1 => self.var(Ty::Bool).unwrap_or_else(|| "case.f".into()),
            2 => self.var(Ty::Rec).map_or_else(|| "case.f".into(), |v| format!("{v}.b")),
            3 => format!("{} < {}", self.int(0), self.int(0)),
            4 => format!("({} and {})", self.bool(down), self.bool(down)),
            5 => format!("({} or {})", self.bool(down), self.bool(down)),
            6 => format!("(not {})", self.bool(down)),
            7 => format!("small({})", self.int(down)),
            8 => self.var(Ty::Ints).map_or_else(|| "case.f".into(), |v| format!("{v}.any(q => q > 3)")),
            9 => self.var(Ty::Col).map_or_else(|| "case.f".into(), |v| format!("{v} == Green")),
            _ => format!("({} == {})", self.string(0), self.string(0)),
        }
    }

    fn string(&mut self, depth: usize) -> String {
        match self.rng.below(if depth == 0 { 5 } else { 7 }) {
            0 => format!("\"k{}\"", self.rng.below(5)),
            1 => "case.s".into(),
            4 => {
                let v = self.int(0);
                format!("\"n {{{v}}} m\"")
            }
            2 => self.var(Ty::Str).unwrap_or_else(|| "case.title".into()),
            3 => self.var(Ty::Rec).map_or_else(|| "\"z\"".into(), |v| format!("{v}.s")),
            5 => {
                let (a, b) = (self.string(0), self.int(0));
                format!("({a} + \"{{{b}}}\")")
            }
            _ => format!("label({})", self.bool(0)),
        }
    }

    fn record(&mut self) -> String {
        format!("Rec {{ n: {}, b: {}, s: {} }}", self.int(0), self.bool(0), self.string(0))
    }
}

/// Expressions with effects. Each can stand wherever an operand can, also in the head of an `if`.
impl Gen {
    fn value(&mut self, ty: Ty) -> String {
        if self.rng.chance(45) && self.spend() { self.effect(ty) } else { self.pure(ty) }
    }

    fn effect(&mut self, ty: Ty) -> String {
        match self.rng.below(12) {
            0 => format!("({})", self.value_block(ty)),
            1 => {
                let head = self.cond();
                let (then, other) = self.two_arms(ty);
                format!("(if {head} {then} else {other})")
            }
            2 => format!("({})", self.choice(|g| g.value_arm(ty))),
            3 => {
                let (name, of, head) = self.test_of_one();
                let then = self.scoped(|g| {
                    g.vars.push((name, of));
                    g.value_block(ty)
                });
                let other = self.value_block(ty);
                format!("({head} {then} else {other})")
            }
            4 | 5 => self.operation(ty),
            _ => self.call(ty),
        }
    }

    /// A call, and what stands in for its result when it fails.
    fn call(&mut self, ty: Ty) -> String {
        let call = match ty {
            Ty::Int | Ty::OptInt => match self.rng.below(5) {
                0 if self.rng.chance(40) => format!("do w.w1({})", self.value(Ty::Int)),
                1 => format!("{} as Int", self.effect(Ty::Str)),
                _ => format!("w.r2({})", self.value(Ty::Str)),
            },
            Ty::Bool => {
                let rec = self.call(Ty::Rec);
                return format!("{rec}.b");
            }
            Ty::Str if self.rng.chance(20) => format!("do w.w0({})", self.value(Ty::Str)),
            Ty::Str => format!("w.r5({})", self.value(Ty::Int)),
            Ty::Rec | Ty::OptRec if self.rng.chance(60) => format!("w.r0({})", self.value(Ty::Str)),
            Ty::Rec | Ty::OptRec => format!("w.r1({})", self.value(Ty::Int)),
            Ty::Ints => format!("w.r3({})", self.value(Ty::Int)),
            Ty::Col => format!("w.r4({})", self.value(Ty::Rec)),
        };
        if matches!(ty, Ty::OptInt | Ty::OptRec) {
            return format!("({call} else none)");
        }
        // Its failure is the step's then.
        if self.steps > 0 && !call.ends_with("as Int") && self.rng.chance(35) {
            return format!("({call})");
        }
        let arm = match self.rng.below(16) {
            0 => format!("hand over to queue.q{} because {}", self.rng.below(3), self.string(0)),
            1 => format!("close Duplicate because {}", self.string(0)),
            2..=5 if self.spend() => self.value_block(ty),
            6 | 7 => self.value(ty),
            _ => self.pure(ty),
        };
        format!("({call} else {arm})")
    }

    /// Operators, functions, records and lists over parts of which some have effects.
    fn operation(&mut self, ty: Ty) -> String {
        match ty {
            Ty::Int => match self.rng.below(5) {
                0 => format!("twice({})", self.value(Ty::Int)),
                1 => format!("({} * {})", self.value(Ty::Int), self.value(Ty::Int)),
                2 => format!("({}).len", self.value(Ty::Ints)),
                3 => format!("({} else {})", self.value(Ty::OptInt), self.value(Ty::Int)),
                _ => format!("({} + {})", self.value(Ty::Int), self.value(Ty::Int)),
            },
            Ty::Bool => match self.rng.below(7) {
                0 => format!("({} and {})", self.value(Ty::Bool), self.value(Ty::Bool)),
                1 => format!("({} or {})", self.value(Ty::Bool), self.value(Ty::Bool)),
                2 => format!("(not {})", self.value(Ty::Bool)),
                3 => format!("({}).any(q => q > case.a)", self.value(Ty::Ints)),
                4 => format!("({} == {})", self.value(Ty::Col), self.value(Ty::Col)),
                _ => format!("({} < {})", self.value(Ty::Int), self.value(Ty::Int)),
            },
            Ty::Str => match self.rng.below(2) {
                0 => format!("label({})", self.value(Ty::Bool)),
                _ => format!("({}).s", self.value(Ty::Rec)),
            },
            Ty::Rec => format!(
                "Rec {{ n: {}, b: {}, s: {} }}",
                self.value(Ty::Int),
                self.value(Ty::Bool),
                self.value(Ty::Str)
            ),
            Ty::OptRec => format!("[{}, {}].find(q => q.b)", self.value(Ty::Rec), self.value(Ty::Rec)),
            Ty::Ints => match self.rng.below(3) {
                0 => format!("({}).map(q => q + case.a)", self.value(Ty::Ints)),
                1 => format!("({})", self.passes()),
                _ => format!("[{}, {}]", self.value(Ty::Int), self.value(Ty::Int)),
            },
            Ty::OptInt | Ty::Col => self.call(ty),
        }
    }

    /// A condition. `and`, `or` and comparisons stand bare, as they do in real heads.
    fn cond(&mut self) -> String {
        match self.rng.below(6) {
            0 => format!("{} and {}", self.value(Ty::Bool), self.value(Ty::Bool)),
            1 => format!("{} or not {}", self.value(Ty::Bool), self.value(Ty::Bool)),
            2 => format!("{} > 3 and {}", self.call(Ty::Int), self.value(Ty::Bool)),
            3 => format!("{} < {}", self.value(Ty::Int), self.value(Ty::Int)),
            _ => self.value(Ty::Bool),
        }
    }

    /// `if let`: the name, its type, and the head as written.
    fn test_of_one(&mut self) -> (String, Ty, String) {
        let (ty, value) = match self.rng.below(7) {
            0 => (Ty::Int, format!("w.r2({})", self.value(Ty::Str))),
            1 => (Ty::Rec, format!("w.r1({})", self.value(Ty::Int))),
            2 if self.rng.chance(30) => (Ty::Str, format!("do w.w0({})", self.value(Ty::Str))),
            2 => (Ty::Str, format!("w.r5({})", self.value(Ty::Int))),
            3 => (Ty::Int, self.value(Ty::OptInt)),
            4 => (Ty::Int, format!("{} as Int", self.value(Ty::Str))),
            _ => (Ty::Rec, self.value(Ty::OptRec)),
        };
        let name = self.name();
        (name.clone(), ty, format!("if let {name} = {value}"))
    }

    /// `match` on something; `arm` gives what stands behind `=>`.
    fn choice(&mut self, mut arm: impl FnMut(&mut Self) -> String) -> String {
        let (value, patterns) = match self.rng.below(6) {
            0 => (self.value(Ty::Int), ["0 | 1 | 2", "3", "_"].as_slice()),
            1 => (self.value(Ty::Str), ["\"k0\"", "\"k1\" | \"rec\" | \"done\"", "_"].as_slice()),
            2 => ("case.severity".into(), ["Low | Medium", "High", "_"].as_slice()),
            // A name or a field may be known to be there already.
            3 => (self.call(Ty::OptInt), ["none", "1 | 2", "_"].as_slice()),
            4 => (self.value(Ty::Bool), ["true", "false"].as_slice()),
            _ => (self.value(Ty::Col), ["Red", "Green | Blue"].as_slice()),
        };
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

    /// `for` with a value for each pass: a list of `Int`.
    fn passes(&mut self) -> String {
        let list = self.value(Ty::Ints);
        let name = self.name();
        let body = self.scoped(|g| {
            g.vars.push((name.clone(), Ty::Int));
            g.value_block(Ty::Int)
        });
        format!("for {name} in {list} {body}")
    }

    fn value_arm(&mut self, ty: Ty) -> String {
        if self.rng.chance(50) { self.value_block(ty) } else { self.value(ty) }
    }

    /// Two blocks of the same type, of which one may end the run.
    fn two_arms(&mut self, ty: Ty) -> (String, String) {
        let then = self.value_block(ty);
        let other = if self.rng.chance(8) { self.unit_block(100) } else { self.value_block(ty) };
        (then, other)
    }
}

/// Blocks and statements.
impl Gen {
    fn scoped(&mut self, write: impl FnOnce(&mut Self) -> String) -> String {
        let known = self.vars.len();
        let text = write(self);
        self.vars.truncate(known);
        text
    }

    fn braces(&mut self, write: impl FnOnce(&mut Self)) -> String {
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

    /// Statements and a value.
    fn value_block(&mut self, ty: Ty) -> String {
        self.braces(|g| {
            for _ in 0..g.rng.below(3) {
                g.statement();
            }
            let value = g.value(ty);
            g.line(&value);
        })
    }

    /// Statements; with that chance, of a hundred, the last of them ends the run.
    fn unit_block(&mut self, ends: u64) -> String {
        self.braces(|g| {
            for _ in 0..g.rng.below(3) {
                g.statement();
            }
            let because = g.string(1);
            match (g.rng.chance(ends), g.rng.chance(50)) {
                (true, true) => g.line(&format!("close BenignPositive because {because}")),
                (true, false) => g.line(&format!("hand over to queue.q because {because}")),
                (false, _) => g.line(&format!("note {because}")),
            }
        })
    }

    fn bind(&mut self, value: &str, ty: Ty) {
        let name = self.name();
        self.line(&format!("let {name} = {value}"));
        self.vars.push((name, ty));
    }

    fn statement(&mut self) {
        let choice = if self.spend() { self.rng.below(22) } else { self.rng.below(6) };
        match choice {
            0..=2 => self.change(),
            3..=5 => {
                let ty = self.rng.pick(&NAMED).copied().unwrap_or(Ty::Int);
                let value = self.pure(ty);
                self.bind(&value, ty);
            }
            6..=9 => {
                let ty = self.rng.pick(&NAMED).copied().unwrap_or(Ty::Int);
                let value = self.effect(ty);
                self.bind(&value, ty);
            }
            10 => {
                let (cond, then) = (self.cond(), self.unit_block(15));
                self.line(&format!("if {cond} {then}"));
            }
            11 => {
                let (cond, then, other) = (self.cond(), self.unit_block(15), self.unit_block(0));
                self.line(&format!("if {cond} {then} else {other}"));
            }
            12 => {
                let (name, ty, head) = self.test_of_one();
                let then = self.scoped(|g| {
                    g.vars.push((name, ty));
                    g.unit_block(0)
                });
                let other = self.unit_block(15);
                self.line(&format!("{head} {then} else {other}"));
            }
            13 => {
                let text = self.choice(|g| g.unit_block(0));
                self.line(&text);
            }
            14 => {
                let list = self.value(Ty::Ints);
                let name = self.name();
                let body = self.scoped(|g| {
                    g.vars.push((name.clone(), Ty::Int));
                    g.unit_block(3)
                });
                self.line(&format!("for {name} in {list} {body}"));
            }
            15..=17 => self.probe(),
            19 | 20 => {
                self.next = self.next.saturating_add(1);
                let name = format!("s{}", self.next);
                self.steps = self.steps.saturating_add(1);
                let body = self.unit_block(0);
                self.steps = self.steps.saturating_sub(1);
                let other = self.unit_block(10);
                self.line(&format!("step {name} {body} else {other}"));
            }
            21 => {
                let because = self.string(0);
                match self.steps > 0 && self.rng.chance(50) {
                    true => self.line(&format!("rollback because {because}")),
                    false => {
                        let arm = self.unit_block(20);
                        self.line(&format!("rollback because {because} else {arm}"));
                    }
                }
            }
            18 if self.rng.chance(50) => {
                let value = self.call(Ty::Int);
                self.bind(&value, Ty::Int);
            }
            _ => {
                let (text, arm) = (self.value(Ty::Str), self.unit_block(20));
                self.line(&format!("do w.w0({text}) else {arm}"));
            }
        }
    }

    /// A read that shows at once whether a field is settled.
    fn probe(&mut self) {
        let read =
            self.rng.word(&["w.r5(case.a)", "w.r5(case.o else 1)", "w.r5(if case.f { 1 } else { 2 })"]);
        let instead = self.string(0);
        self.bind(&format!("{read} else {instead}"), Ty::Str);
    }

    /// A change of the case.
    fn change(&mut self) {
        let because = self.string(0);
        let text = match self.rng.below(10) {
            0 => {
                let level = self.rng.word(&["Low", "Medium", "High"]);
                format!("set severity = {level} because {because}")
            }
            1..=3 => format!("set a = {} because {because}", self.value(Ty::Int)),
            4 => format!("set f = {} because {because}", self.value(Ty::Bool)),
            5 => format!("set s = {} because {because}", self.value(Ty::Str)),
            6 => format!("set o = {} because {because}", self.value(Ty::OptInt)),
            7 => format!("route to queue.r because {because}"),
            _ => format!("note {}", self.string(1)),
        };
        self.line(&text);
    }
}
