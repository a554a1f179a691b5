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
    /// Checks all functions and constants, each after what it uses.
    pub(crate) fn functions(&mut self) -> (Vec<Fn>, Vec<Const>) {
        let (mut fns, mut consts) = (Vec::new(), Vec::new());
        let mut memory = self.memory.take();
        let order = match &mut memory {
            Some(memory) => self.ordered(memory),
            None => self.in_order(),
        };
        let mut same = true;
        for unit in order {
            match unit {
                Unit::Fn(at) => {
                    let found = match (&mut memory, self.fns.get(at)) {
                        (Some(memory), Some(FnInfo { item, .. })) => {
                            self.made(&mut memory.fns, fns.len(), *item, &mut same, |c| c.function(at))
                        }
                        _ => self.function(at),
                    };
                    if let Some(found) = found {
                        if let Some(info) = Arc::make_mut(&mut self.fns).get_mut(at) {
                            info.index = Some(fns.len());
                            info.fault = found.body.expr.fx.fault;
                        }
                        fns.push(found);
                    }
                }
                Unit::Const(at) => {
                    let found = match (&mut memory, self.consts.get(at)) {
                        (Some(memory), Some(ConstInfo { item, .. })) => {
                            self.made(&mut memory.consts, consts.len(), *item, &mut same, |c| c.constant(at))
                        }
                        _ => self.constant(at),
                    };
                    if let Some(found) = found {
                        if let Some(info) = Arc::make_mut(&mut self.consts).get_mut(at) {
                            info.index = Some(consts.len());
                            info.ty = found.ty.clone();
                        }
                        consts.push(found);
                    }
                }
            }
        }
        self.memory = memory;
        (fns, consts)
    }

    fn function(&mut self, at: usize) -> Option<Fn> {
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
        Some(Fn { name: decl.name.text.clone(), at: node, body: Arc::new(body.finish(expr)), result })
    }

    fn constant(&mut self, at: usize) -> Option<Const> {
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
        let name = decl.name.text.clone();
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
