//! Procedures: pieces of playbooks with a name. Each is checked once by itself, and again wherever it is called, where its
//! body then stands.

use std::sync::Arc;

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::types::{RecordId, Type};
use play_syntax::ast::{ItemKind, ProcedureDecl};

use crate::body::{BodyCx, Kind, Role, Want, Why};
use crate::context::{Context, WRONG, is_wrong, place};
use crate::project::Loaded;
use crate::typed::Expr;
use crate::types::Site;

/// Nodes that the calls in one playbook may make, all in all: what a call stands for is compiled there, and calls of calls
/// multiply.
pub(crate) const LARGEST: usize = 20_000;

/// Procedures that may call each other in a row.
pub(crate) const DEEPEST: usize = 16;

/// How deep the tree of a body may be with the bodies that stand in it: a playbook round it is nested, too.
pub(crate) const DEEPEST_TREE: usize = 128;

/// A procedure's signature, and what became of its body.
#[derive(Clone)]
pub(crate) struct ProcedureInfo<'a> {
    pub(crate) decl: &'a ProcedureDecl,
    pub(crate) params: Vec<(String, Type)>,
    pub(crate) case: Option<RecordId>,
    pub(crate) result: Type,
    pub(crate) state: State,
    /// Its body as it was checked by itself.
    pub(crate) body: Option<Expr>,
}

/// How far the check of a procedure has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Not begun.
    Fresh,
    /// Under way: a call of it now is a call of itself.
    Begun,
    /// Done: it can be put in the place of a call.
    Sound {
        /// How many nodes its body has.
        size: usize,
        /// How many procedures call each other in it, itself included.
        depth: usize,
        /// How deep its tree is.
        tree: usize,
    },
    /// Done: something is wrong with it, and reported.
    Unsound,
}

impl<'a> ProcedureInfo<'a> {
    pub(crate) fn new(decl: &'a ProcedureDecl) -> Self {
        Self { decl, params: Vec::new(), case: None, result: WRONG, state: State::Fresh, body: None }
    }
}

impl Context<'_> {
    /// Reads the signatures of all procedures.
    pub(crate) fn sign_procedures(&mut self) {
        for at in 0..self.procedures.len() {
            let Some(decl) = self.procedures.get(at).map(|p| p.decl) else { continue };
            let params = self.params(&decl.params);
            self.no_labels(&decl.params);
            let case = decl.case.as_ref().and_then(|case| self.case_type(case));
            let result = decl.result.as_ref().map_or(Type::Unit, |ty| self.resolve(ty, Site::Result));
            if let Some(info) = Arc::make_mut(&mut self.procedures).get_mut(at) {
                info.params = params;
                info.case = case;
                info.result = result;
            }
        }
    }

    /// Checks all procedures, those too that nothing calls.
    pub(crate) fn procedure_bodies(&mut self) {
        for at in 0..self.procedures.len() {
            self.calling.push(at);
            self.checked_procedure(at);
            self.calling.pop();
        }
    }

    /// How a procedure came out by itself; it is checked now when it was not before. `Begun`: the call at hand is one of
    /// itself.
    pub(crate) fn checked_procedure(&mut self, at: usize) -> State {
        match self.procedures.get(at).map(|info| info.state) {
            Some(State::Fresh) => self.ask(),
            Some(state) => return state,
            None => return State::Unsound,
        }
        let Some(info) = Arc::make_mut(&mut self.procedures).get_mut(at) else { return State::Unsound };
        info.state = State::Begun;
        let (decl, params, case) = (info.decl, info.params.clone(), info.case);
        let result = info.result.clone();
        let (findings, nodes) = (self.findings.len(), self.nodes.len());

        let mut body = BodyCx::new(self, Kind::Playbook).of_case(case);
        body.caseless = decl.case.is_none().then(|| decl.name.text.as_str().to_string());
        for (param, (_, ty)) in decl.params.iter().zip(params) {
            body.param(&param.name.text, ty, param.name.span, Role::Param);
        }
        let block_at = body.node(decl.body.span);
        let expr = body.block(block_at, &decl.body, &body_want(decl, &result));
        let (blind, depth) = (body.blind, body.deepest_call());
        let expr = body.finish(expr).expr;

        let size = self.nodes.len().saturating_sub(nodes);
        let sound = !blind && !self.errors_since(findings) && !is_wrong(&result);
        let sound = sound && (decl.case.is_none() || case.is_some());
        if let Some(info) = Arc::make_mut(&mut self.procedures).get_mut(at) {
            info.state = if sound && info.state == State::Begun {
                State::Sound { size, depth: depth.saturating_add(1), tree: depth_of(&expr) }
            } else {
                State::Unsound
            };
            info.body = sound.then_some(expr);
        }
        self.procedures.get(at).map_or(State::Unsound, |info| info.state)
    }

    /// Reports procedures that call each other in a circle: all that are under way call the next one, from this one on.
    pub(crate) fn procedure_circle(&mut self, at: usize, way: &[usize]) {
        self.ask();
        let from = way.iter().position(|p| *p == at).unwrap_or_default();
        let circle: Vec<usize> = way.iter().skip(from).copied().collect();
        let names: Vec<_> =
            circle.iter().filter_map(|p| self.procedures.get(*p)).map(|p| p.decl.name.clone()).collect();
        let Some((first, rest)) = names.split_first() else { return };
        let mut finding =
            Diagnostic::error(codes::P3010, place(first.span), format!("`{}` uses itself", first.text))
                .note("There is no recursion in Play: every playbook ends, and this is how that is known.");
        finding = if rest.is_empty() {
            finding.here("called in its own body")
        } else {
            let all: Vec<String> = names.iter().chain([first]).map(|n| format!("`{}`", n.text)).collect();
            finding.here(format!("{} and round again", all.join(" → ")))
        };
        for name in rest {
            finding = finding.label(place(name.span), "on the way round");
        }
        self.report(finding.help("Go through a list with `for` instead."));
        for procedure in circle {
            if let Some(info) = Arc::make_mut(&mut self.procedures).get_mut(procedure) {
                info.state = State::Unsound;
            }
        }
    }
}

fn depth_of(e: &Expr) -> usize {
    e.parts().into_iter().map(depth_of).max().unwrap_or(0).saturating_add(1)
}

/// Whether a file declares procedures.
pub(crate) fn any(file: &Loaded) -> bool {
    file.tree.items.iter().any(|item| matches!(item.kind, ItemKind::Procedure(_)))
}

/// What is wanted of the body of a procedure.
pub(crate) fn body_want(decl: &ProcedureDecl, result: &Type) -> Want {
    match &decl.result {
        Some(_) if is_wrong(result) => Want::Any,
        Some(written) if *result != Type::Unit => Want::Type(result.clone(), Why::Written(written.span)),
        _ => Want::Discard,
    }
}
