//! Functions: what of their arguments their result has, computed once from the body.

use std::sync::Arc;

use play_program::types::Type;

use super::flow::Flow;
use super::walk::Walk;
use crate::context::Context;
use crate::typed::Fn;

/// What a function does to labels.
#[derive(Debug)]
pub(crate) struct Summary {
    /// Of its result; parts of arguments stand for their labels.
    pub(super) result: Flow,
    /// Types of its parameters.
    pub(super) params: Vec<Type>,
}

impl Summary {
    /// From the body; functions that it calls come before it.
    pub(super) fn of(context: &Context<'_>, before: &[Arc<Summary>], function: &Fn) -> Self {
        let body = &function.body;
        // A function has no place that anything is kept from.
        let mut none = Vec::new();
        let mut walk = Walk::new(context, before, &body.locals, None, &mut none);
        let params = usize::try_from(body.params).unwrap_or(0);
        for param in 0..params {
            walk.bind(param, Flow::argument(param));
        }
        let result = walk.flow(&body.expr);
        let params = body.locals.iter().take(params).map(|(_, ty)| ty.clone()).collect();
        Self { result, params }
    }

    /// Whether whoever calls it comes out the same.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.params == other.params && self.result.is_like(&other.result)
    }

    /// Of a call with these arguments.
    pub(super) fn call(&self, walk: &Walk<'_, '_>, args: &[Flow]) -> Flow {
        put_in(walk, &self.result, &self.params, args)
    }
}

fn put_in(walk: &Walk<'_, '_>, of: &Flow, params: &[Type], args: &[Flow]) -> Flow {
    let Some(known) = of.known() else { return Flow::default() };
    let mut flow = of.whole();
    for ((arg, path), all) in &known.args {
        let (Some(given), Some(ty)) = (args.get(*arg), params.get(*arg)) else { continue };
        let (mut part, mut ty) = (given.clone(), ty.clone());
        for slot in path {
            (part, ty) = walk.field(&part, &ty, *slot);
        }
        flow = flow.join(&if *all { part } else { part.parsed() });
    }
    for (slot, field) in &known.fields {
        flow = flow.join(&put_in(walk, field, params, args).in_field(*slot));
    }
    flow
}
