//! Guards: what they cover, and their conditions.

use std::sync::Arc;

use jiff::SignedDuration;
use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::action::ActionId;
use play_program::guard::{self, Clause, ClauseKind, Cover, Otherwise};
use play_program::shape::{CASE_FIELDS, case_field_type};
use play_program::types::{FieldType, RecordId, RecordType, Type};
use play_syntax::ast::{Covers, Expr, ExprKind, GuardDecl, GuardLine, GuardLineKind, Name, Span, Target};

use crate::body::{BodyCx, Kind, Role};
use crate::connector::CLASSES;
use crate::context::{Context, Global, is_wrong, place};
use crate::names::{index, rename};
use crate::typed::{self, Body, Guard, NodeId};

impl Context<'_> {
    /// Checks all guards; each keeps its index.
    pub(crate) fn guard_bodies(&mut self, worth: bool) -> Vec<Guard> {
        let all = self.guards.clone();
        self.bodies(worth, &all, |context, decl| context.guard(decl))
    }

    fn guard(&mut self, decl: &GuardDecl) -> Guard {
        let at = self.node(decl.name.span);
        let case = decl.case.as_ref().map(|name| (self.case_type(name), name));
        let covers = self.covered(decl);
        let params = self.shared_params(&covers);
        let known = match &case {
            Some((case, _)) => *case,
            None => Some(self.common_case()),
        };
        let mut body = GuardBody { context: self, known, params: &params, span: decl.name.span };
        let (mut clauses, mut conditions, mut otherwise) = (Vec::new(), Vec::new(), None);
        let mut last: Option<Span> = None;
        for line in &decl.lines {
            let at = body.context.node(line.span);
            let (kind, condition) = match &line.kind {
                GuardLineKind::Never(when) => (ClauseKind::Never, Some(body.condition(when))),
                GuardLineKind::Allow(when) => {
                    let when = when.as_ref().map(|w| body.condition(w));
                    (ClauseKind::Allow { when: when.is_some() }, when)
                }
                GuardLineKind::Limit { count, per } => match body.context.limit(count, per) {
                    Some((most, window)) => (ClauseKind::Limit { most, window }, None),
                    None => continue,
                },
                GuardLineKind::Refuse | GuardLineKind::Approval { .. } => {
                    if let Some(first) = last.replace(line.span) {
                        body.context.second_else(line.span, first);
                    }
                    otherwise = body.context.otherwise(at, line);
                    continue;
                }
            };
            clauses.push(Clause { at, kind });
            conditions.push(condition);
        }
        // Most have two lines, and lists grow to four.
        clauses.shrink_to_fit();
        conditions.shrink_to_fit();
        self.allows_something(decl);
        self.needless_else(decl);
        let covers = covers
            .iter()
            .map(|action| Cover { action: *action, args: self.positions(*action, &params) })
            .collect();
        let case = match case {
            // A case that does not exist is reported; a guard for it covers everything, so that nothing more is said.
            Some((case, _)) => case,
            None => None,
        };
        Guard {
            spec: guard::Guard {
                name: decl.name.text.as_str().to_string(),
                at,
                case,
                covers,
                params,
                clauses,
                otherwise: otherwise.unwrap_or(Otherwise::Refuse),
            },
            conditions,
        }
    }

    /// The guard of that name, for tests. Reports when there is none.
    pub(crate) fn guard_named(&mut self, name: &Name) -> Option<usize> {
        match self.globals.get(name.span, name.text.as_str()).map(|(global, _)| *global) {
            Some(Global::Guard(index)) => return Some(index),
            Some(Global::Broken) => return None,
            _ => {}
        }
        let text = &name.text;
        let near = self.closest(text, self.guards.iter().map(|g| g.name.text.as_str())).map(str::to_string);
        let finding =
            Diagnostic::error(codes::P2001, place(name.span), format!("there is no guard `{text}`"))
                .here("not declared");
        self.report(match near {
            Some(near) => rename(finding, name.span, &near),
            None => finding,
        });
        None
    }

    /// `given guard mailbox_cleanup counted 20`
    pub(crate) fn given_counted(&mut self, guard: &Name, count: &Expr) -> Option<(usize, u32)> {
        let found = self.guard_named(guard);
        let ExprKind::Int(count) = count.kind else { return None };
        Some((found?, u32::try_from(count).ok()?))
    }

    /// The layout of a case of which nothing is known but what every case has.
    pub(crate) fn common_case(&mut self) -> RecordId {
        if let Some(known) = self.common_case {
            return known;
        }
        let fields = CASE_FIELDS.iter().enumerate().filter_map(|(slot, name)| {
            Some(FieldType { name: (*name).to_string(), ty: case_field_type(slot)? })
        });
        let id = RecordId(index(self.types.records.len()));
        let fields = fields.collect();
        Arc::make_mut(&mut self.types).records.push(RecordType {
            name: "Case".into(),
            is_case: true,
            fields,
        });
        self.common_case = Some(id);
        id
    }

    /// The writes that a guard covers.
    fn covered(&mut self, decl: &GuardDecl) -> Vec<ActionId> {
        let mut covers = Vec::new();
        match &decl.covers {
            Covers::Class(class) if !CLASSES.contains(&class.text.as_str()) => self.no_such_class(class),
            Covers::Class(class) => {
                let of_class = self.actions.iter().enumerate().filter(|(_, action)| {
                    action.write && action.class.as_deref() == Some(class.text.as_str())
                });
                covers.extend(of_class.map(|(at, _)| ActionId(index(at))));
            }
            Covers::Actions(actions) => {
                for (connector, name) in actions {
                    let Some(action) = self.action(connector, name) else { continue };
                    let Some(found) = self.actions.get(action.0 as usize) else { continue };
                    if !found.write {
                        let full = found.full_name();
                        self.report(
                            Diagnostic::error(
                                codes::P5032,
                                place(name.span),
                                format!("`{full}` only reads, and needs no guard"),
                            )
                            .here("a read")
                            .note("A guard says what may be done to the world; a read changes nothing.")
                            .help("Leave it out."),
                        );
                    } else if covers.contains(&action) {
                        let full = found.full_name();
                        self.report(
                            Diagnostic::error(
                                codes::P5032,
                                place(name.span),
                                format!("`{full}` is covered twice"),
                            )
                            .here("again here")
                            .help("Leave it out."),
                        );
                    } else {
                        covers.push(action);
                    }
                }
            }
        }
        covers
    }

    fn no_such_class(&mut self, class: &Name) {
        let finding = Diagnostic::error(
            codes::P5032,
            place(class.span),
            format!("`{}` is not a class of writes", class.text),
        )
        .here("no such class");
        let near = self.closest(&class.text, CLASSES.iter().copied()).map(str::to_string);
        self.report(match near {
            Some(near) => rename(finding, class.span, &near),
            None => finding.help("There are notify, record, contain, restore, change and destroy."),
        });
    }

    /// The parameters that all of these actions have, by name and type, in the order of the first.
    fn shared_params(&self, covers: &[ActionId]) -> Vec<(String, Type)> {
        let mut all = covers.iter().filter_map(|a| self.actions.get(a.0 as usize)).map(|a| &a.params);
        let Some(first) = all.next() else { return Vec::new() };
        let others: Vec<_> = all.collect();
        first.iter().filter(|p| others.iter().all(|o| o.contains(p))).cloned().collect()
    }

    fn positions(&self, action: ActionId, params: &[(String, Type)]) -> Vec<u16> {
        let of = self.actions.get(action.0 as usize).map(|a| a.params.as_slice()).unwrap_or_default();
        let position = |p: &(String, Type)| of.iter().position(|o| o == p);
        params.iter().filter_map(|p| u16::try_from(position(p)?).ok()).collect()
    }

    pub(crate) fn limit(&mut self, count: &Expr, per: &Expr) -> Option<(u32, SignedDuration)> {
        let window = self.fixed_duration(per, "the time of a limit");
        let most = match count.kind {
            ExprKind::Int(n) => u32::try_from(n).ok().filter(|n| *n > 0),
            _ => return None,
        };
        if most.is_none() {
            self.report(
                Diagnostic::error(codes::P5037, place(count.span), "this is not a limit")
                    .here("a number from 1 to 4,294,967,295 is wanted")
                    .help("What must never be done is `never when …`, or an action that no playbook calls."),
            );
        }
        Some((most?, window?))
    }

    fn otherwise(&mut self, at: NodeId, line: &GuardLine) -> Option<Otherwise> {
        match &line.kind {
            GuardLineKind::Approval { from: to, quorum, within, then } => {
                let from = self.approver(to);
                let needed = self.quorum(quorum.as_ref(), to, then);
                let what = "the time for an approval";
                let within = self.wait_length(within, what);
                let then = self.escalations(to, then, what, Self::approver);
                let distinct = self.parties.distinct;
                Some(Otherwise::Approval { at, from: from?, needed, within: within?, then, distinct })
            }
            _ => Some(Otherwise::Refuse),
        }
    }

    /// Who is asked for an approval: a role. Reports anybody else.
    pub(crate) fn approver(&mut self, from: &Target) -> Option<String> {
        if from.kind.text == "role" {
            self.party(from);
            return Some(format!("role.{}", from.name.text));
        }
        self.report(
            Diagnostic::error(
                codes::P5032,
                place(from.span()),
                format!("`{}.{}` cannot approve", from.kind.text, from.name.text),
            )
            .here("not a role")
            .note("An approval is given by somebody who has a role; a queue only holds cases.")
            .help(format!("Write `role.{}`.", from.name.text)),
        );
        None
    }

    fn second_else(&mut self, second: Span, first: Span) {
        self.report(
            Diagnostic::error(codes::P1018, place(second), "`else` is written twice in this guard")
                .here("the second one")
                .label(place(first), "the first one")
                .help("Leave one of them out."),
        );
    }

    /// Where the declaration of this name ends.
    fn guard_end(&self, name: Span) -> Option<u32> {
        let file = self.files.get(name.file as usize)?;
        file.tree
            .items
            .iter()
            .map(|item| item.span)
            .find(|s| s.start <= name.start && name.end <= s.end)
            .map(|s| s.end)
    }

    /// A guard that lets nothing through is a mistake: so much can be had without the action.
    fn allows_something(&mut self, decl: &GuardDecl) {
        let lets = |l: &GuardLine| matches!(l.kind, GuardLineKind::Allow(_) | GuardLineKind::Approval { .. });
        if decl.lines.iter().any(lets) {
            return;
        }
        let covered = match &decl.covers {
            Covers::Actions(all) => all.iter().map(|(_, action)| action.span.end).max(),
            Covers::Class(class) => Some(class.span.end),
        };
        // What could not be read may have been the `allow`.
        let rest = self.guard_end(decl.name.span);
        let torn =
            rest.zip(covered).is_some_and(|(end, start)| self.is_torn(Span { start, end, ..decl.name.span }));
        if torn {
            return;
        }
        self.report(
            Diagnostic::error(
                codes::P5031,
                place(decl.name.span),
                format!("guard `{}` never lets anything through", decl.name.text),
            )
            .here("no `allow`")
            .note("What no `allow` lets through is refused.")
            .help("Add `allow` or `allow when …`."),
        );
    }

    fn needless_else(&mut self, decl: &GuardDecl) {
        let always = decl.lines.iter().find(|l| matches!(l.kind, GuardLineKind::Allow(None)));
        let approval = decl.lines.iter().find(|l| matches!(l.kind, GuardLineKind::Approval { .. }));
        if let (Some(always), Some(approval)) = (always, approval) {
            self.report(
                Diagnostic::warning(codes::P9005, place(approval.span), "nobody is ever asked")
                    .here("never reached")
                    .label(place(always.span), "this allows everything")
                    .help("Give the `allow` a condition, or leave this line out."),
            );
        }
    }
}

/// What is known in the conditions of a guard.
struct GuardBody<'c, 'a> {
    context: &'c mut Context<'a>,
    known: Option<RecordId>,
    params: &'c [(String, Type)],
    span: Span,
}

impl GuardBody<'_, '_> {
    fn condition(&mut self, when: &Expr) -> Body {
        let mut body = BodyCx::new(self.context, Kind::Guard).of_case(self.known);
        for (name, ty) in self.params {
            body.param(&act_name(name), ty.clone(), self.span, Role::Given);
        }
        let expr = body.condition(when);
        body.finish(expr)
    }
}

/// The local of a parameter. No other name has a dot in it.
fn act_name(param: &str) -> String {
    format!("act.{param}")
}

impl BodyCx<'_, '_> {
    /// `act.user` in the condition of a guard.
    pub(crate) fn act_param(&mut self, at: NodeId, name: &Name) -> typed::Expr {
        if let Some(local) = self.find(&act_name(&name.text)) {
            return self.local(at, local);
        }
        let known: Vec<String> =
            self.locals.iter().filter_map(|l| l.name.strip_prefix("act.")).map(String::from).collect();
        let finding = Diagnostic::error(
            codes::P5036,
            place(name.span),
            format!("nothing is known of `act.{}` here", name.text),
        )
        .here("not a parameter of every action that the guard covers");
        let near = self.context.closest(&name.text, known.iter().map(String::as_str)).map(str::to_string);
        let finding = match near {
            Some(near) => rename(finding, name.span, &near),
            None if known.is_empty() => finding
                .note("The actions that it covers share no parameter.")
                .help("Write a guard for each of them."),
            None => {
                let all: Vec<String> = known.iter().map(|k| format!("`act.{k}`")).collect();
                finding.help(format!("There is {}.", all.join(", ")))
            }
        };
        self.report(finding);
        self.wrong(at)
    }

    /// A field that not every case has, in a guard for all of them.
    pub(crate) fn not_every_case(&mut self, name: &Name) {
        let has =
            |c: &RecordType| c.is_case && c.fields.iter().any(|f| f.name == name.text && !is_wrong(&f.ty));
        let case = self.context.types.records.iter().find(|c| has(c)).map_or("CASE", |c| &c.name).to_string();
        self.report(
            Diagnostic::error(
                codes::P2004,
                place(name.span),
                format!("not every case has a field `{}`", name.text),
            )
            .here("no such field in every case")
            .label(place(self.guard_span()), "this guard is for all cases")
            .help(format!("Write for which case it is: `guard NAME for {case} covers …`.")),
        );
    }

    fn guard_span(&self) -> Span {
        self.locals.first().map(|l| l.span).unwrap_or_default()
    }
}
