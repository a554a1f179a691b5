//! Bodies of functions and constants.

use std::sync::Arc;

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;

use crate::body::{BodyCx, Kind, Role, Want, Why};
use crate::context::{ConstInfo, Context, FnInfo, WRONG, is_wrong, place};
use crate::order::Unit;
use crate::typed::{Const, Fn};
use crate::types::Site;

impl Context<'_> {
    /// Checks all functions and constants, each after what it uses; on two threads where that is `worth` it.
    pub(crate) fn functions(&mut self, worth: bool) -> (Vec<Fn>, Vec<Const>) {
        let (mut fns, mut consts) = (Vec::new(), Vec::new());
        let mut memory = self.memory.take();
        let order = match &mut memory {
            Some(memory) => self.ordered(memory),
            None => {
                let findings = self.findings.len();
                let (order, uses) = self.in_order(worth);
                // Where there is a circle, what comes before what is nothing that layers know.
                let free = worth && self.findings.len() == findings;
                if let Some(made) = free.then(|| self.layered(&order, &uses)).flatten() {
                    return made;
                }
                order
            }
        };
        let mut same = true;
        for unit in order {
            match unit {
                Unit::Fn(at) => {
                    let index = fns.len();
                    fns.extend(match (&mut memory, self.fns.get(at)) {
                        (Some(memory), Some(FnInfo { item, .. })) => {
                            let make = |c: &mut Self| c.function(at);
                            self.made(&mut memory.fns, index, *item, &mut same, make)
                        }
                        _ => self.function(at),
                    });
                    self.made_fn(at, index, fns.get(index));
                }
                Unit::Const(at) => {
                    let index = consts.len();
                    consts.extend(match (&mut memory, self.consts.get(at)) {
                        (Some(memory), Some(ConstInfo { item, .. })) => {
                            let make = |c: &mut Self| c.constant(at);
                            self.made(&mut memory.consts, index, *item, &mut same, make)
                        }
                        _ => self.constant(at),
                    });
                    self.made_const(at, index, consts.get(index));
                }
            }
        }
        self.memory = memory;
        (fns, consts)
    }

    /// Tells those that use it what became of a function.
    pub(crate) fn made_fn(&self, at: usize, index: usize, made: Option<&Fn>) {
        if let (Some(info), Some(made)) = (self.fns.get(at), made) {
            info.made.get_or_init(|| (index, made.body.expr.fx.fault));
        }
    }

    /// The same of a constant.
    pub(crate) fn made_const(&self, at: usize, index: usize, made: Option<&Const>) {
        if let (Some(info), Some(made)) = (self.consts.get(at), made) {
            info.made.get_or_init(|| (index, made.ty.clone()));
        }
    }

    /// Checks a function by itself.
    pub(crate) fn function(&mut self, at: usize) -> Option<Fn> {
        let info = self.fns.get(at)?;
        let (decl, result, params) = (info.decl, info.result.clone(), info.params.clone());
        let node = self.node(decl.name.span);
        let mut body = BodyCx::new(self, Kind::Fn(result.clone()));
        for (param, (_, ty)) in decl.params.iter().zip(params) {
            body.param(&param.name.text, ty, param.name.span, Role::Param);
        }
        let block_at = body.node(decl.body.span);
        let want = if is_wrong(&result) {
            Want::Any
        } else {
            Want::Type(result.clone(), Why::Written(decl.result.span))
        };
        let expr = body.block(block_at, &decl.body, &want);
        Some(Fn {
            name: decl.name.text.as_str().to_string(),
            at: node,
            body: Arc::new(body.finish(expr)),
            result,
        })
    }

    /// Checks a constant by itself.
    pub(crate) fn constant(&mut self, at: usize) -> Option<Const> {
        let decl = self.consts.get(at)?.decl;
        let written = decl.ty.as_ref().map(|ty| (self.resolve(ty, Site::Const), ty.span));
        let mut body = BodyCx::new(self, Kind::Const);
        let (expr, ty) = match written {
            Some((ty, span)) => (body.check(&decl.value, &ty, &Why::Written(span)), ty),
            None => {
                let expr = body.expr(&decl.value, &Want::Any);
                let ty = expr.ty.clone();
                (expr, ty)
            }
        };
        let body = Arc::new(body.finish(expr));
        let name = decl.name.text.as_str().to_string();
        let ty = if crate::body::holds_never(&ty) {
            self.report(
                Diagnostic::error(
                    codes::P3016,
                    place(decl.value.span),
                    format!("of what type `{name}` is cannot be told from its value"),
                )
                .here("any type would do")
                .help(format!(
                    "Write its type: `const {name}: [String] = {}`.",
                    self.example(decl.value.span)
                )),
            );
            WRONG
        } else {
            ty
        };
        Some(Const { name, body, ty })
    }
}
