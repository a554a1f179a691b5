//! How far a playbook goes by itself where it is deployed, in words.

use jiff::SignedDuration;
use play_check::typed::Program;
use play_program::autonomy::Autonomy;
use play_program::convert::display;
use play_program::types::{Type, TypeTable};
use play_program::value::Value;
use play_syntax::ast::{Name, PlaybookDecl};

use crate::graph::{self, Facts, Graph};
use crate::source::is_at;

/// The playbook of a program that is declared with this name.
pub(crate) fn index(program: &Program, name: &Name) -> Option<usize> {
    program.playbooks.iter().position(|p| is_at(program, p.at, &p.name, name))
}

/// A span of time, as it is written.
pub(crate) fn span(time: SignedDuration) -> String {
    display(&Value::Duration(time), &Type::Duration, &TypeTable::with_builtins())
}

/// How it is driven.
pub(crate) fn said(autonomy: &Autonomy) -> String {
    match autonomy {
        Autonomy::Automatic => "by itself, as far as its guards let it".to_string(),
        Autonomy::Shadow => "as a shadow: it does nothing, and writes down what it would do".to_string(),
        Autonomy::Supervised { from, within } => {
            format!("supervised: {from} is asked before each write, and has {}", span(*within))
        }
    }
}

/// The picture of a playbook of a program. Where it is not driven by its guards alone, its first box says how.
#[must_use]
pub fn picture(facts: &Facts, program: &Program, decl: &PlaybookDecl) -> Graph {
    let mut graph = graph::playbook(facts, decl);
    let driven = index(program, &decl.name).and_then(|at| program.autonomy.get(at));
    if let Some(driven) = driven.filter(|driven| **driven != Autonomy::Automatic) {
        graph.says_first(format!("runs {}", said(driven)));
    }
    graph
}
