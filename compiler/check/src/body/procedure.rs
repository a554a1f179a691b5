//! Calls of procedures: the body stands in the place of the call, with names and nodes of its own.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::types::{RecordId, Type};
use play_syntax::ast::{self, Arg, Name};

use super::{BodyCx, Kind, Role};
use crate::context::place;
use crate::procedure::{DEEPEST, DEEPEST_TREE, LARGEST, State, body_want};
use crate::typed::{Expr, ExprKind, NodeId, Stmt};

use super::call::all_fx;

impl BodyCx<'_, '_> {
    pub(super) fn call_procedure(&mut self, at: NodeId, e: &ast::Expr, index: usize, args: &[Arg]) -> Expr {
        let Some(info) = self.context.procedures.get(index) else { return self.wrong_with(at, args) };
        let (decl, params, result, case) = (info.decl, info.params.clone(), info.result.clone(), info.case);
        let name = decl.name.text.as_str().to_string();
        let allowed = self.may_act(&format!("`{name}`"), e.span);
        let values = self.arguments(&name, decl.name.span, &params, args, e.span);
        let state = self.procedure_state(e, &name, index);
        let same_case = self.same_case(e, &decl.name, case);
        let (Some(values), State::Sound { size, depth, tree }, true, true) =
            (values, state, allowed, same_case)
        else {
            return self.wrong_typed(at, result);
        };
        self.calls_deep = self.calls_deep.max(depth);
        self.inlined = self.inlined.saturating_add(size);
        if self.inlined > LARGEST
            || depth.saturating_add(self.context.calling.len()) > DEEPEST
            || tree > DEEPEST_TREE
        {
            self.too_large(e, &name, self.inlined > LARGEST);
            return self.wrong_typed(at, result);
        }

        let fx = all_fx(&values);
        let first = self.locals.len();
        let findings = self.context.findings.len();
        // The body sees its parameters and nothing of what is round the call.
        let visible = std::mem::take(&mut self.visible);
        let block_start = std::mem::take(&mut self.block_start);
        let steps = std::mem::take(&mut self.steps);
        let outer_case = std::mem::replace(&mut self.case, case);
        let mut stmts = Vec::new();
        for ((param, (_, ty)), value) in decl.params.iter().zip(params).zip(values) {
            let local = self.define(&param.name.text, ty, param.name.span, Role::Given);
            stmts.push(Stmt::Let(local, value));
        }
        let body = self.unknowing(|b| {
            let at = b.node(decl.body.span);
            b.block(at, &decl.body, &body_want(decl, &result))
        });
        self.visible = visible;
        self.block_start = block_start;
        self.case = outer_case;
        self.steps = steps;
        // Whatever there is to say of the body was said where it stands.
        self.context.findings.truncate(findings);
        self.locals.iter_mut().skip(first).for_each(|local| local.used = true);

        let fx = fx.with(body.fx);
        let ty = if body.ty == Type::Never { Type::Never } else { result.clone() };
        let kind = if result == Type::Unit {
            stmts.push(Stmt::Expr(body));
            ExprKind::Block(stmts, None)
        } else {
            ExprKind::Block(stmts, Some(Box::new(body)))
        };
        Expr { kind, ty, at, fx }
    }

    /// How the procedure came out by itself. One that is under way calls itself.
    fn procedure_state(&mut self, e: &ast::Expr, name: &str, index: usize) -> State {
        // What else calls one is wrong, and comes out by what the procedure is at the time.
        if self.kind != Kind::Playbook {
            self.context.ask();
        }
        if self.context.calling.contains(&index) {
            let way = self.context.calling.clone();
            self.context.procedure_circle(index, &way);
            return State::Unsound;
        }
        if self.context.calling.len() >= DEEPEST {
            self.too_large(e, name, false);
            return State::Unsound;
        }
        self.context.calling.push(index);
        let state = self.context.checked_procedure(index);
        self.context.calling.pop();
        state
    }

    /// How many procedures call each other in what was called here.
    pub(crate) fn deepest_call(&self) -> usize {
        self.calls_deep
    }

    fn same_case(&mut self, e: &ast::Expr, called: &Name, case: Option<RecordId>) -> bool {
        let name = &called.text;
        let Some(case) = case else { return true };
        if self.case == Some(case) {
            return true;
        }
        let a_case = self.context.a_type(&Type::Record(case));
        let wanted = self.context.type_name(&Type::Record(case));
        let finding = match (self.case, &self.caseless) {
            (Some(mine), _) => {
                let mine = self.context.type_name(&Type::Record(mine));
                Diagnostic::error(
                    codes::P2014,
                    place(e.span),
                    format!("`{name}` is for {a_case}, and the case here is a `{mine}`"),
                )
                .here("another case")
                .help("Take what it needs of the case as parameters, and leave out its `for`.")
            }
            (None, Some(caller)) => Diagnostic::error(
                codes::P2014,
                place(e.span),
                format!("`{name}` is for {a_case}, and `{caller}` is for any case"),
            )
            .here(format!("needs {a_case}"))
            .help(format!("Write `procedure {caller}(…) for {wanted}`.")),
            // A playbook for a case that does not exist, which is reported.
            (None, None) => return false,
        };
        self.report(finding.label(place(called.span), "declared here"));
        false
    }

    fn too_large(&mut self, e: &ast::Expr, name: &str, many: bool) {
        let what = if many {
            format!(
                "with this call of `{name}` the calls of procedures here stand for more than {LARGEST} steps"
            )
        } else {
            format!(
                "with this call of `{name}` procedures call each other too deep: {DEEPEST} in a row at most"
            )
        };
        self.report(
            Diagnostic::error(codes::P2015, place(e.span), what)
                .here("too large")
                .note(
                    "The body of a procedure stands wherever it is called; calls of procedures that call others multiply.",
                )
                .help("Go through a list with `for`, and call the procedure once in its body."),
        );
    }
}
