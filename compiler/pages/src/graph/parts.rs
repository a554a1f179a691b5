//! What stands directly inside an expression.

use play_syntax::ast::{Block, Cond, Expr, ExprKind, StmtKind, StrPart, Term};

/// The expressions directly inside, in source order; those of a block's statements too.
pub(crate) fn parts(e: &Expr) -> Vec<&Expr> {
    use ExprKind as K;
    match &e.kind {
        K::Int(_)
        | K::Float(_)
        | K::Bool(_)
        | K::None
        | K::Ip(_)
        | K::Cidr { .. }
        | K::Duration(_)
        | K::Size(_)
        | K::Time(_)
        | K::Date(_)
        | K::Regex(_)
        | K::Name(_)
        | K::Error => Vec::new(),
        K::Str(all) => all
            .iter()
            .filter_map(|part| match part {
                StrPart::Expr(e) => Some(&**e),
                StrPart::Text(_) => None,
            })
            .collect(),
        K::List(all) => all.iter().collect(),
        K::Record { fields, .. } | K::Object(fields) => fields.iter().map(|(_, e)| e).collect(),
        K::Map(all) => all.iter().flat_map(|(k, v)| [k, v]).collect(),
        K::Field { base, .. } => vec![base],
        K::Index { base, index } => vec![base, index],
        K::Call { callee, args } => {
            std::iter::once(&**callee).chain(args.iter().map(|arg| &arg.value)).collect()
        }
        K::Lambda { body, .. } => vec![body],
        K::As { value, .. } | K::Try(value) | K::Unary { value, .. } | K::Do(value) | K::Note(value) => {
            vec![value]
        }
        K::Else { value, arm } => vec![value, arm],
        K::Binary { left, right, .. } => vec![left, right],
        K::Block(block) => within(block),
        K::If { cond, then, other } => {
            let mut all = vec![condition(cond)];
            all.extend(within(then));
            all.extend(other.as_deref());
            all
        }
        K::Match { value, arms } => {
            std::iter::once(&**value).chain(arms.iter().map(|arm| &arm.body)).collect()
        }
        K::For { list, body, .. } => std::iter::once(&**list).chain(within(body)).collect(),
        K::Set { value, because, .. } | K::Reveal { value, because } => {
            std::iter::once(&**value).chain(because.as_deref()).collect()
        }
        K::Route { because, .. }
        | K::HandOver { because, .. }
        | K::Close { because, .. }
        | K::Rollback { because } => because.as_deref().into_iter().collect(),
        K::Step { body, other, .. } => {
            within(body).into_iter().chain(other.as_deref().into_iter().flat_map(within)).collect()
        }
        K::OnTerms { call, term, .. } => {
            let mut all = vec![&**call];
            match &**term {
                Term::Retry { times, backoff } => {
                    all.push(times);
                    all.extend(backoff.as_deref());
                }
                Term::Timeout(of) | Term::For(of) | Term::Irreversible(of) => all.push(of),
            }
            all
        }
        K::Wait(wait) => {
            let more = [&wait.every, &wait.until, &wait.within];
            std::iter::once(&wait.what).chain(more.into_iter().flatten()).collect()
        }
        K::Ask(ask) => {
            let mut all = vec![&ask.question];
            all.extend(&ask.showing);
            all.extend(&ask.within);
            all.extend(ask.otherwise.as_ref().map(|(_, because)| because));
            all
        }
        K::Approve(approve) => {
            std::iter::once(&approve.act).chain(&approve.within).chain(&approve.because).collect()
        }
        K::NotYet { inner, .. } => inner.as_deref().into_iter().collect(),
    }
}

/// What a condition asks.
pub(crate) fn condition(cond: &Cond) -> &Expr {
    match cond {
        Cond::Expr(e) | Cond::Let { value: e, .. } => e,
    }
}

/// The expressions of a block's statements.
pub(crate) fn within(block: &Block) -> Vec<&Expr> {
    block.stmts.iter().map(|stmt| expr_of(&stmt.kind)).collect()
}

/// What a statement computes.
pub(crate) fn expr_of(stmt: &StmtKind) -> &Expr {
    match stmt {
        StmtKind::Let { value, .. } => value,
        StmtKind::Expr(e) => e,
    }
}

/// Looks at an expression and all that is inside.
pub(crate) fn any(e: &Expr, is: &mut dyn FnMut(&Expr) -> bool) -> bool {
    is(e) || parts(e).into_iter().any(|part| any(part, is))
}
