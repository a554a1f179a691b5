//! Trees in one line, for tests: `(+ a (* b c))`.

use play_syntax::ast::*;
use play_syntax::parse;

/// The body of a function, its statements separated by ` ; `.
pub fn body(text: &str) -> String {
    let source = format!("fn f() -> T {{\n{text}\n}}\n");
    let parsed = parse(0, &source);
    assert_eq!(parsed.diagnostics, [], "{source}");
    match &parsed.file.items.first().map(|i| &i.kind) {
        Some(ItemKind::Fn(f)) => block(&f.body),
        other => format!("{other:?}"),
    }
}

/// A tree without its places.
pub fn placeless(file: &File) -> String {
    let text = format!("{file:?}");
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("Span {") {
        out.push_str(before);
        rest = after.split_once('}').map_or("", |(_, tail)| tail);
    }
    out.push_str(rest);
    out
}

fn block(b: &Block) -> String {
    b.stmts.iter().map(stmt).collect::<Vec<_>>().join(" ; ")
}

fn stmt(s: &Stmt) -> String {
    match &s.kind {
        StmtKind::Let { name, ty, value } => {
            let ty = ty.as_ref().map(|t| format!(": {}", type_expr(t))).unwrap_or_default();
            format!("(let {}{ty} {})", name.text, expr(value))
        }
        StmtKind::Expr(e) => expr(e),
    }
}

fn type_expr(t: &TypeExpr) -> String {
    match &t.kind {
        TypeExprKind::Name(n) => n.to_string(),
        TypeExprKind::Map(key, of) => format!("{{{}: {}}}", type_expr(key), type_expr(of)),
        TypeExprKind::List(of) => format!("[{}]", type_expr(of)),
        TypeExprKind::Option(of) => format!("{}?", type_expr(of)),
        TypeExprKind::Ranged(ranged) => {
            let Ranged { name, low, high } = &**ranged;
            let bound = |n: &Option<i64>| n.map_or("?".into(), |n| n.to_string());
            format!("{name} {}..{}", bound(low), bound(high))
        }
        TypeExprKind::NotYet(what) => format!("not-yet:{what}"),
    }
}

fn fields(fields: &[(Name, Expr)]) -> String {
    fields.iter().map(|(n, e)| format!("{}:{}", n.text, expr(e))).collect::<Vec<_>>().join(" ")
}

fn because(b: &Option<Box<Expr>>) -> String {
    b.as_ref().map(|b| format!(" because {}", expr(b))).unwrap_or_default()
}

fn list(es: &[Expr]) -> String {
    es.iter().map(expr).collect::<Vec<_>>().join(" ")
}

pub fn expr(e: &Expr) -> String {
    match &e.kind {
        ExprKind::Int(i) => i.to_string(),
        ExprKind::Float(f) => format!("{f:?}"),
        ExprKind::Bool(b) => b.to_string(),
        ExprKind::None => "none".into(),
        ExprKind::Str(parts) => {
            let parts: Vec<_> = parts
                .iter()
                .map(|p| match p {
                    StrPart::Text(t) => format!("{t:?}"),
                    StrPart::Expr(e) => expr(e),
                })
                .collect();
            format!("(str {})", parts.join(" "))
        }
        ExprKind::Ip(ip) => format!("ip:{ip}"),
        ExprKind::Cidr { net } => format!("net:{net}"),
        ExprKind::Duration(d) => format!("{}ms", d.as_millis()),
        ExprKind::Size(s) => format!("{s}B"),
        ExprKind::Time(t) => format!("time:{t}"),
        ExprKind::Date(d) => format!("date:{d}"),
        ExprKind::Regex(r) => format!("/{r}/"),
        ExprKind::List(es) => format!("[{}]", list(es)),
        ExprKind::Record { name, fields: f } => format!("({} {{{}}})", name.text, fields(f)),
        ExprKind::Object(f) => format!("{{{}}}", fields(f)),
        ExprKind::Map(pairs) => {
            let pairs: Vec<_> = pairs.iter().map(|(k, v)| format!("{} {}", expr(k), expr(v))).collect();
            format!("(map {})", pairs.join(", "))
        }
        ExprKind::Name(n) => n.to_string(),
        ExprKind::Field { base, name, optional } => {
            format!("({} {} {})", if *optional { "?." } else { "." }, expr(base), name.text)
        }
        ExprKind::Index { base, index } => format!("(index {} {})", expr(base), expr(index)),
        ExprKind::Call { callee, args } => {
            let args: Vec<_> = args
                .iter()
                .map(|a| match &a.name {
                    Some(n) => format!(" {}:{}", n.text, expr(&a.value)),
                    None => format!(" {}", expr(&a.value)),
                })
                .collect();
            format!("(call {}{})", expr(callee), args.concat())
        }
        ExprKind::Lambda { param, body } => format!("({} => {})", param.text, expr(body)),
        ExprKind::As { value, ty } => format!("(as {} {})", expr(value), type_expr(ty)),
        ExprKind::Try(v) => format!("(? {})", expr(v)),
        ExprKind::Else { value, arm } => format!("(else {} {})", expr(value), expr(arm)),
        ExprKind::Unary { op, value } => {
            format!("({} {})", if *op == UnaryOp::Not { "not" } else { "neg" }, expr(value))
        }
        ExprKind::Binary { op, left, right, .. } => {
            let sign = match op {
                BinaryOp::Or => "or",
                BinaryOp::And => "and",
                BinaryOp::Eq => "==",
                BinaryOp::Ne => "!=",
                BinaryOp::Lt => "<",
                BinaryOp::Le => "<=",
                BinaryOp::Gt => ">",
                BinaryOp::Ge => ">=",
                BinaryOp::In => "in",
                BinaryOp::Matches => "matches",
                BinaryOp::Like => "like",
                BinaryOp::ILike => "ilike",
                BinaryOp::Add => "+",
                BinaryOp::Sub => "-",
                BinaryOp::Mul => "*",
                BinaryOp::Div => "/",
                BinaryOp::Rem => "%",
            };
            format!("({sign} {} {})", expr(left), expr(right))
        }
        ExprKind::OnTerms { call, term, .. } => match &**term {
            Term::Retry { times, backoff } => {
                let backoff = backoff.as_ref().map(|b| format!(" {}", expr(b))).unwrap_or_default();
                format!("(retry {} {}{backoff})", expr(call), expr(times))
            }
            Term::Timeout(time) => format!("(timeout {} {})", expr(call), expr(time)),
            Term::For(time) => format!("(for {} {})", expr(call), expr(time)),
            Term::Irreversible(why) => format!("(irreversible {} {})", expr(call), expr(why)),
        },
        ExprKind::Wait(wait) => {
            let clause = |word: &str, e: &Option<Expr>| {
                e.as_ref().map(|e| format!(" {word}:{}", expr(e))).unwrap_or_default()
            };
            let (every, within) = (clause("every", &wait.every), clause("within", &wait.within));
            let until = clause("until", &wait.until);
            format!("(wait {}{every}{until}{within})", expr(&wait.what))
        }
        ExprKind::Ask(ask) => {
            let choices: Vec<&str> = ask.choices.iter().map(|c| c.text.as_str()).collect();
            let shown: Vec<String> = ask.showing.iter().map(|e| format!(" {}", expr(e))).collect();
            let within = ask.within.as_ref().map(|w| format!(" within:{}", expr(w))).unwrap_or_default();
            let otherwise = ask.otherwise.as_ref();
            let otherwise = otherwise.map(|(c, why)| format!(" else:({} {})", c.text, expr(why)));
            format!(
                "(ask {}.{} {} [{}]{}{within}{})",
                ask.to.kind.text,
                ask.to.name.text,
                expr(&ask.question),
                choices.join(" "),
                shown.concat(),
                otherwise.unwrap_or_default()
            )
        }
        ExprKind::Approve(approve) => {
            let from = approve.from.as_ref().map(|t| format!(" {}.{}", t.kind.text, t.name.text));
            let within = approve.within.as_ref().map(|w| format!(" within:{}", expr(w)));
            let why = approve.because.as_ref().map(|w| format!(" because:{}", expr(w)));
            let more: Vec<String> = [from, within, why].into_iter().flatten().collect();
            format!("(approve {}{})", expr(&approve.act), more.concat())
        }
        ExprKind::Block(b) => format!("{{{}}}", block(b)),
        ExprKind::If { cond, then, other } => {
            let cond = match &**cond {
                Cond::Expr(e) => expr(e),
                Cond::Let { name, value } => format!("(let {} {})", name.text, expr(value)),
            };
            let other = other.as_ref().map(|o| format!(" {}", expr(o))).unwrap_or_default();
            format!("(if {cond} {{{}}}{other})", block(then))
        }
        ExprKind::Match { value, arms } => {
            let arms: Vec<_> = arms
                .iter()
                .map(|a| {
                    let patterns: Vec<_> = a.patterns.iter().map(pattern).collect();
                    format!(" ({} {})", patterns.join("|"), expr(&a.body))
                })
                .collect();
            format!("(match {}{})", expr(value), arms.concat())
        }
        ExprKind::For { var, list, body } => format!("(for {} {} {{{}}})", var.text, expr(list), block(body)),
        ExprKind::Do(call) => format!("(do {})", expr(call)),
        ExprKind::Set { field, value, because: b } => {
            format!("(set {} {}{})", field.text, expr(value), because(b))
        }
        ExprKind::Note(e) => format!("(note {})", expr(e)),
        ExprKind::Reveal { value, because: b } => format!("(reveal {}{})", expr(value), because(b)),
        ExprKind::Route { to, because: b } => {
            format!("(route {}.{}{})", to.kind.text, to.name.text, because(b))
        }
        ExprKind::HandOver { to, because: b } => {
            format!("(hand-over {}.{}{})", to.kind.text, to.name.text, because(b))
        }
        ExprKind::Close { class, because: b } => format!("(close {}{})", class.text, because(b)),
        ExprKind::Step { name, body, other } => {
            let other = other.as_ref().map(|o| format!(" {{{}}}", block(o))).unwrap_or_default();
            format!("(step {} {{{}}}{other})", name.text, block(body))
        }
        ExprKind::Rollback { because: b } => format!("(rollback{})", because(b)),
        ExprKind::NotYet { what, inner } => {
            let inner = inner.as_ref().map(|i| format!(" {}", expr(i))).unwrap_or_default();
            format!("(not-yet {}{inner})", what.text)
        }
        ExprKind::Error => "error".into(),
    }
}

fn pattern(p: &Pattern) -> String {
    match &p.kind {
        PatternKind::Any => "_".into(),
        PatternKind::None => "none".into(),
        PatternKind::Literal(e) => expr(e),
        PatternKind::Range { low, high } => format!("{low}..{high}"),
        PatternKind::Variant { of, name, captures } => {
            let of = of.as_ref().map(|of| format!("{}.", of.text)).unwrap_or_default();
            let capture = |c: &Capture| match &c.field {
                Some(field) => format!("{}:{}", field.text, c.name.text),
                None => c.name.text.to_string(),
            };
            let captures = captures.as_ref().map(|all| all.iter().map(capture).collect::<Vec<_>>().join(" "));
            let captures = captures.map(|c| format!("({c})")).unwrap_or_default();
            format!("{of}{}{captures}", name.text)
        }
    }
}
