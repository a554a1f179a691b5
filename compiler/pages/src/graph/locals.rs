//! The names that stand for something of a body's own where they could also name a connector.

use std::collections::BTreeSet;

use play_syntax::ast::{
    Block, Capture, Cond, Expr, ExprKind, File, ItemKind, Pattern, PatternKind, Span, StmtKind,
};

use super::parts::{condition, expr_of, parts};

/// Where in a file a name is written that is one of `connectors`, and stands for something that the body itself has called so.
pub(crate) fn locals(tree: &File, connectors: &BTreeSet<&str>, found: &mut BTreeSet<Span>) {
    for item in &tree.items {
        let mut walk = Walk { connectors, found, known: Vec::new() };
        match &item.kind {
            ItemKind::Playbook(is) => walk.block(&is.body),
            ItemKind::Procedure(is) => {
                is.params.iter().for_each(|p| walk.knows(&p.name.text));
                walk.block(&is.body);
            }
            _ => {}
        }
    }
}

struct Walk<'a, 'f> {
    connectors: &'f BTreeSet<&'f str>,
    found: &'f mut BTreeSet<Span>,
    /// The names that are known here, of those that connectors have too.
    known: Vec<&'a str>,
}

impl<'a> Walk<'a, '_> {
    fn knows(&mut self, name: &'a str) {
        if self.connectors.contains(name) {
            self.known.push(name);
        }
    }

    fn block(&mut self, block: &'a Block) {
        let outside = self.known.len();
        for stmt in &block.stmts {
            self.expr(expr_of(&stmt.kind));
            if let StmtKind::Let { name, .. } = &stmt.kind {
                self.knows(&name.text);
            }
        }
        self.known.truncate(outside);
    }

    fn expr(&mut self, e: &'a Expr) {
        use ExprKind as K;
        let outside = self.known.len();
        match &e.kind {
            K::Name(name) => {
                if self.known.contains(&name.as_str()) {
                    self.found.insert(e.span);
                }
            }
            K::Block(block) => self.block(block),
            K::If { cond, then, other } => {
                self.expr(condition(cond));
                if let Cond::Let { name, .. } = &**cond {
                    self.knows(&name.text);
                }
                self.block(then);
                self.known.truncate(outside);
                other.iter().for_each(|e| self.expr(e));
            }
            K::Match { value, arms } => {
                self.expr(value);
                for arm in arms {
                    arm.patterns.iter().flat_map(captures).for_each(|c| self.knows(&c.name.text));
                    self.expr(&arm.body);
                    self.known.truncate(outside);
                }
            }
            K::For { var, list, body } => {
                self.expr(list);
                self.knows(&var.text);
                self.block(body);
            }
            K::Step { body, other, .. } => {
                self.block(body);
                other.iter().for_each(|block| self.block(block));
            }
            K::Lambda { param, body } => {
                self.knows(&param.text);
                self.expr(body);
            }
            _ => parts(e).into_iter().for_each(|part| self.expr(part)),
        }
        self.known.truncate(outside);
    }
}

/// The names of what a pattern takes apart.
pub(crate) fn captures(pattern: &Pattern) -> &[Capture] {
    match &pattern.kind {
        PatternKind::Variant { captures: Some(all), .. } => all,
        _ => &[],
    }
}
