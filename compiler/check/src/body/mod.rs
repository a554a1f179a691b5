//! Checking of bodies: expressions with their names, types and effects.
//!
//! One [`BodyCx`] checks one body (a function, a playbook, a field of a `map`, …). Expressions are checked in order of
//! evaluation, so that node ids ascend in it.

mod access;
mod acts;
mod answered;
mod arguments;
mod call;
mod compare;
mod config;
mod control;
mod elsewhere;
mod exhaustive;
mod expr;
mod failable;
mod failure;
mod fit;
mod join;
mod json;
mod keyed;
mod literal;
mod loosest;
mod map;
mod method;
mod name;
mod narrow;
mod operator;
mod person;
mod procedure;
mod ranges;
mod step;
mod terms;
mod unions;
mod visible;
mod wait;

pub(crate) use acts::is_fixed;
pub(crate) use arguments::count;
pub(crate) use fit::holds_never;

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::types::{RecordId, Type};
use play_program::value::Value;
use play_syntax::ast::{Name, Span};

use visible::Visible;

use crate::context::{Context, WRONG, place};
use crate::typed::{Body, EcoString, Effects, Expr, ExprKind, LocalId, NodeId, Until};

/// What a body belongs to: it decides what may stand in it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    /// A constant, or a value in a test.
    Const,
    /// A function with that result.
    Fn(Type),
    /// `accept`, `dedup`, `map`.
    Source,
    /// What an action sends.
    Request,
    /// What an action makes of an answer.
    Respond,
    /// The `when` of a playbook.
    When,
    /// A playbook.
    Playbook,
    /// The condition of a guard.
    Guard,
    /// `expect CONDITION` of a test.
    Expectation,
}

/// What is wanted of an expression by what stands round it.
#[derive(Clone, Debug)]
pub(crate) enum Want {
    /// Any value.
    Any,
    /// Nothing: it stands for its effect.
    Discard,
    /// Any value; literals adapt to this type.
    Hint(Type),
    /// A value of this type. Branches are held to it one by one; the expression itself by [`BodyCx::check`].
    Type(Type, Why),
}

impl Want {
    /// The type that literals adapt to.
    pub(crate) fn hint(&self) -> Option<&Type> {
        match self {
            Self::Any | Self::Discard => None,
            Self::Hint(ty) | Self::Type(ty, _) => Some(ty),
        }
    }

    /// The same type as a mere hint.
    pub(crate) fn softly(&self) -> Want {
        self.hint().map_or(Want::Any, |ty| Want::Hint(ty.clone()))
    }
}

/// Why a type is wanted, for messages.
#[derive(Clone, Debug)]
pub(crate) enum Why {
    /// It is a field of a record or case.
    Field(RecordId, String),
    /// It is a parameter: `severity` of `worst`.
    Param {
        /// The parameter.
        name: String,
        /// Of what.
        of: String,
    },
    /// It was written at that place.
    Written(Span),
    /// In words.
    Words(&'static str),
}

/// How a local came to be; it decides what is said when nobody uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// A parameter of a function or action.
    Param,
    /// `let`, and whether it holds what was fetched or done.
    Let(Effects),
    /// `for x in`
    Loop,
    /// `x => `
    Lambda,
    /// `if let x =`
    IfLet,
    /// Given by the language or made by the compiler: may stay unused.
    Given,
}

pub(crate) struct Local {
    pub(crate) name: EcoString,
    pub(crate) ty: Type,
    pub(crate) span: Span,
    pub(crate) used: bool,
    pub(crate) role: Role,
}

/// The checker of one body.
pub(crate) struct BodyCx<'c, 'a> {
    pub(crate) context: &'c mut Context<'a>,
    pub(crate) kind: Kind,
    /// The type of `case`, where there is one.
    pub(crate) case: Option<RecordId>,
    pub(crate) locals: Vec<Local>,
    /// Names that can be seen, innermost last.
    visible: Visible,
    /// Where the innermost block begins in `visible`.
    block_start: usize,
    /// Where effects may not stand at the moment, in words (`a string`, `a lambda`).
    pub(crate) quiet: Option<&'static str>,
    /// Something could not be parsed: what looks unused may be used there.
    pub(crate) blind: bool,
    /// The procedure whose body this is, by its name, where that says no case.
    pub(crate) caseless: Option<String>,
    /// Nodes that calls of procedures have made.
    inlined: usize,
    /// How many procedures call each other in what is called here.
    calls_deep: usize,
    /// What tests of options have told.
    known: narrow::Narrowing,
    /// The steps round this place.
    steps: step::Steps,
    /// The whole of a call with what it says of itself: `okta.user(x) retry 3`.
    whole_call: Option<Span>,
    params: u32,
    /// The conditions of its waits.
    pub(crate) untils: Vec<Until>,
    /// Names for failures.
    caught: Vec<failure::Caught>,
    /// How many findings there were when this body was begun.
    before: usize,
}

impl<'c, 'a> BodyCx<'c, 'a> {
    pub(crate) fn new(context: &'c mut Context<'a>, kind: Kind) -> Self {
        let before = context.findings.len();
        Self {
            context,
            before,
            kind,
            case: None,
            locals: Vec::new(),
            visible: Visible::default(),
            block_start: 0,
            quiet: None,
            blind: false,
            caseless: None,
            inlined: 0,
            calls_deep: 0,
            known: narrow::Narrowing::default(),
            steps: step::Steps::default(),
            whole_call: None,
            params: 0,
            untils: Vec::new(),
            caught: Vec::new(),
        }
    }

    /// With a case at hand.
    pub(crate) fn of_case(mut self, case: Option<RecordId>) -> Self {
        self.case = case;
        self
    }

    /// Adds a parameter. All parameters come before all other locals.
    pub(crate) fn param(&mut self, name: &str, ty: Type, span: Span, role: Role) {
        self.define(name, ty, span, role);
        self.params += 1;
    }

    /// Makes a name visible from here on.
    pub(crate) fn define(&mut self, name: &str, ty: Type, span: Span, role: Role) -> LocalId {
        let id = LocalId(crate::names::index(self.locals.len()));
        self.locals.push(Local { name: name.into(), ty, span, used: false, role });
        if name != "_" {
            self.visible.push(name, id);
        }
        id
    }

    /// The same for a `let`: twice the same name in one block is a mistake.
    pub(crate) fn define_let(&mut self, name: &Name, ty: Type, role: Role) -> LocalId {
        let twin = self.visible.first_since(self.block_start, &name.text);
        let twin = twin.and_then(|id| self.locals.get(id.0 as usize)).map(|l| l.span);
        if let Some(first) = twin {
            self.report(
                Diagnostic::error(
                    codes::P2002,
                    place(name.span),
                    format!("`{}` is declared twice", name.text),
                )
                .here("declared again here")
                .label(place(first), "first declared here")
                .note("A name keeps its value: there is no assignment.")
                .help("Choose another name."),
            );
        }
        self.define(&name.text, ty, name.span, role)
    }

    /// Runs with a scope of its own.
    pub(crate) fn scoped<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        let (length, outer) = (self.visible.len(), self.block_start);
        let facts = self.facts();
        self.block_start = length;
        let result = run(self);
        self.visible.truncate(length);
        self.block_start = outer;
        self.forget_facts(facts);
        result
    }

    /// Runs where effects may not stand.
    pub(crate) fn quietly<T>(&mut self, what: &'static str, run: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.quiet;
        self.quiet = outer.or(Some(what));
        let result = run(self);
        self.quiet = outer;
        result
    }

    /// The local that a name means, without using it.
    pub(crate) fn find(&self, name: &str) -> Option<LocalId> {
        self.visible.last(name)
    }

    /// Names of locals that can be seen, for suggestions.
    pub(crate) fn visible_names(&self) -> impl Iterator<Item = &str> {
        self.visible.names()
    }

    pub(crate) fn report(&mut self, finding: Diagnostic) {
        self.context.report(finding);
    }

    pub(crate) fn node(&mut self, span: Span) -> NodeId {
        self.context.node(span)
    }

    /// What stands for an expression that is wrong and was reported.
    pub(crate) fn wrong(&self, at: NodeId) -> Expr {
        Expr { kind: ExprKind::Lit(Value::None), ty: WRONG, at, fx: Effects::default() }
    }

    /// The body, done: warns of what nobody uses. Not where something is wrong: what looks unused may be meant there.
    pub(crate) fn finish(mut self, expr: Expr) -> Body {
        if !self.blind && !self.context.errors_since(self.before) {
            self.report_unused();
        }
        // Collected they would keep the room of all that was known of them.
        let mut locals = Vec::with_capacity(self.locals.len());
        locals.extend(self.locals.into_iter().map(|l| (l.name, l.ty)));
        Body { locals, params: self.params, expr }
    }
}

/// An expression whose effects are those of its parts.
pub(crate) fn made(kind: ExprKind, ty: Type, at: NodeId, parts: &[&Expr]) -> Expr {
    let fx = parts.iter().fold(Effects::default(), |fx, part| fx.with(part.fx));
    Expr { kind, ty, at, fx }
}

/// A constant.
pub(crate) fn lit(value: Value, ty: Type, at: NodeId) -> Expr {
    Expr { kind: ExprKind::Lit(value), ty, at, fx: Effects::default() }
}
