//! What actions send, and how their answers are read.

use play_check::typed;
use play_program::code::{ActionCode, Computed, JsonNode, PathPart, Related};
use play_program::exec::Fault;

use crate::block::{Blocks, OnTry};

pub(crate) fn code(blocks: Blocks<'_>, action: &typed::ActionCode) -> Result<ActionCode, Fault> {
    let computed = |body: &typed::Body| {
        Ok(Computed { block: blocks.body(body, OnTry::Fail)?, ty: body.expr.ty.clone() })
    };
    let named = |all: &[(String, typed::Body)]| {
        all.iter().map(|(name, body)| Ok((name.clone(), computed(body)?))).collect::<Result<Vec<_>, Fault>>()
    };
    let mut code = ActionCode {
        query: named(&action.query)?,
        headers: named(&action.headers)?,
        ..ActionCode::default()
    };
    for part in &action.path {
        code.path.push(match part {
            typed::PathPart::Text(text) => PathPart::Text(text.clone()),
            typed::PathPart::Value(body) => PathPart::Value(computed(body)?),
        });
    }
    if let Some(template) = &action.json {
        json(&computed, template, &mut code.json)?;
    }
    for body in &action.respond {
        let block = body.as_ref().map(|b| blocks.body(b, OnTry::Fail)).transpose()?;
        code.respond.push(block);
    }
    let related = |related: &Option<typed::Related>| {
        related
            .as_ref()
            .map(|r| {
                let when = r.when.as_ref().map(|w| blocks.body(w, OnTry::Fail)).transpose()?;
                Ok(Related { action: r.action, args: blocks.body(&r.args, OnTry::Fail)?, when })
            })
            .transpose()
    };
    code.undo = related(&action.undo)?;
    code.snapshot = related(&action.snapshot)?;
    code.verify = related(&action.verify)?;
    code.verified = related(&action.verified)?;
    Ok(code)
}

type ComputedOf<'a> = dyn Fn(&typed::Body) -> Result<Computed, Fault> + 'a;

/// Adds a template and what is in it; gives its index.
fn json(
    computed: &ComputedOf<'_>,
    template: &typed::JsonTemplate,
    nodes: &mut Vec<JsonNode>,
) -> Result<u32, Fault> {
    let index = nodes.len();
    nodes.push(JsonNode::List(Vec::new()));
    let node = match template {
        typed::JsonTemplate::Object(members) => {
            let mut all = Vec::new();
            for (name, member) in members {
                all.push((name.clone(), json(computed, member, nodes)?));
            }
            JsonNode::Object(all)
        }
        typed::JsonTemplate::List(items) => {
            let mut all = Vec::new();
            for item in items {
                all.push(json(computed, item, nodes)?);
            }
            JsonNode::List(all)
        }
        typed::JsonTemplate::Value(body) => JsonNode::Value(computed(body)?),
    };
    if let Some(place) = nodes.get_mut(index) {
        *place = node;
    }
    u32::try_from(index).map_err(|_| crate::block::too_large(0))
}
