//! Every expression of a declaration, the outer before the inner.

use play_syntax::ast::{
    ActionDecl, Block, Cond, Expr, ExprKind, GuardLineKind, ItemKind, StmtKind, StrPart, Term,
};

/// What looks at them.
pub(super) trait Visit {
    /// An expression, before those in it.
    fn expr(&mut self, e: &Expr);
}

/// All expressions of a declaration, except of tests.
pub(super) fn item(kind: &ItemKind, on: &mut impl Visit) {
    match kind {
        ItemKind::Const(d) => expr(&d.value, on),
        ItemKind::Fn(d) => block(&d.body, on),
        ItemKind::Procedure(d) => block(&d.body, on),
        ItemKind::Source(d) => {
            let dedup = d.dedup.iter().flat_map(|d| [&d.by, &d.within]);
            let map = d.maps.iter().flat_map(|m| &m.fields).map(|(_, value)| value);
            d.accept.iter().chain(dedup).chain(map).for_each(|e| expr(e, on));
        }
        ItemKind::Connector(d) => {
            d.actions.iter().for_each(|action| self::action(action, on));
            for event in &d.events {
                let accept = event.accept.iter().flat_map(|(is, gives)| std::iter::once(is).chain(gives));
                accept.chain(event.matches.iter().map(|(_, e)| e)).for_each(|e| expr(e, on));
            }
        }
        ItemKind::Playbook(d) => {
            d.when.iter().for_each(|e| expr(e, on));
            block(&d.body, on);
        }
        ItemKind::Guard(d) => {
            for line in &d.lines {
                match &line.kind {
                    GuardLineKind::Never(e) | GuardLineKind::Allow(Some(e)) => expr(e, on),
                    _ => {}
                }
            }
        }
        ItemKind::Config(d) => d.defaults.iter().flatten().for_each(|e| expr(e, on)),
        ItemKind::Use(_)
        | ItemKind::Case(_)
        | ItemKind::Record(_)
        | ItemKind::Newtype(_)
        | ItemKind::Enum(_)
        | ItemKind::Failures(_)
        | ItemKind::Test(_)
        | ItemKind::Controls(_)
        | ItemKind::Role(_)
        | ItemKind::Queue(_)
        | ItemKind::NotYet { .. } => {}
    }
}

fn action(d: &ActionDecl, on: &mut impl Visit) {
    let pairs = d.query.iter().chain(&d.headers).map(|(_, value)| value);
    let verify = d.verify.iter().flat_map(|v| std::iter::once(&v.call).chain(&v.is).chain(&v.gives));
    let expect = d.expect.iter().filter_map(|e| e.value.as_ref());
    let all = d.path.iter().chain(pairs).chain(&d.json).chain(expect).chain(&d.undo).chain(&d.undo_when);
    let all = all.chain(&d.irreversible).chain(d.snapshot.iter().map(|(_, e)| e)).chain(&d.idempotent);
    all.chain(verify).for_each(|e| expr(e, on));
}

/// A block and all in it.
pub(super) fn block(of: &Block, on: &mut impl Visit) {
    for stmt in &of.stmts {
        match &stmt.kind {
            StmtKind::Let { value, .. } => expr(value, on),
            StmtKind::Expr(e) => expr(e, on),
        }
    }
}

/// An expression and all in it.
pub(super) fn expr(of: &Expr, on: &mut impl Visit) {
    on.expr(of);
    match &of.kind {
        ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Bool(_)
        | ExprKind::None
        | ExprKind::Ip(_)
        | ExprKind::Cidr { .. }
        | ExprKind::Duration(_)
        | ExprKind::Size(_)
        | ExprKind::Time(_)
        | ExprKind::Date(_)
        | ExprKind::Regex(_)
        | ExprKind::Name(_)
        | ExprKind::Error => {}
        ExprKind::Str(parts) => {
            for part in parts {
                if let StrPart::Expr(e) = part {
                    expr(e, on);
                }
            }
        }
        ExprKind::List(all) => all.iter().for_each(|e| expr(e, on)),
        ExprKind::Record { fields, .. } | ExprKind::Object(fields) => {
            fields.iter().for_each(|(_, e)| expr(e, on));
        }
        ExprKind::Map(all) => all.iter().flat_map(|(k, v)| [k, v]).for_each(|e| expr(e, on)),
        ExprKind::Field { base: e, .. }
        | ExprKind::As { value: e, .. }
        | ExprKind::Try(e)
        | ExprKind::Unary { value: e, .. }
        | ExprKind::Do(e)
        | ExprKind::Note(e)
        | ExprKind::Lambda { body: e, .. } => expr(e, on),
        ExprKind::Index { base: a, index: b }
        | ExprKind::Else { value: a, arm: b }
        | ExprKind::Binary { left: a, right: b, .. } => {
            expr(a, on);
            expr(b, on);
        }
        ExprKind::Call { callee, args } => {
            expr(callee, on);
            args.iter().for_each(|a| expr(&a.value, on));
        }
        ExprKind::Block(b) => block(b, on),
        ExprKind::If { cond, then, other } => {
            match &**cond {
                Cond::Expr(e) | Cond::Let { value: e, .. } => expr(e, on),
            }
            block(then, on);
            other.iter().for_each(|e| expr(e, on));
        }
        ExprKind::Match { value, arms } => {
            expr(value, on);
            arms.iter().for_each(|arm| expr(&arm.body, on));
        }
        ExprKind::For { list, body, .. } => {
            expr(list, on);
            block(body, on);
        }
        ExprKind::Set { value, because, .. } | ExprKind::Reveal { value, because } => {
            expr(value, on);
            because.iter().for_each(|e| expr(e, on));
        }
        ExprKind::Route { because, .. }
        | ExprKind::HandOver { because, .. }
        | ExprKind::Close { because, .. }
        | ExprKind::Rollback { because } => because.iter().for_each(|e| expr(e, on)),
        ExprKind::Step { body, other, .. } => {
            block(body, on);
            other.iter().for_each(|b| block(b, on));
        }
        ExprKind::OnTerms { call, term, .. } => {
            expr(call, on);
            match &**term {
                Term::Irreversible(e) => expr(e, on),
                Term::Retry { .. } | Term::Timeout(_) | Term::For(_) => {}
            }
        }
        ExprKind::Wait(w) => {
            expr(&w.what, on);
            w.until.iter().for_each(|e| expr(e, on));
        }
        ExprKind::Ask(a) => {
            expr(&a.question, on);
            a.showing.iter().for_each(|e| expr(e, on));
            a.otherwise.iter().for_each(|(_, e)| expr(e, on));
        }
        ExprKind::Approve(a) => {
            expr(&a.act, on);
            a.because.iter().for_each(|e| expr(e, on));
        }
        ExprKind::NotYet { inner, .. } => inner.iter().for_each(|e| expr(e, on)),
    }
}
