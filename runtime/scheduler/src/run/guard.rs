//! Guards: what an act is asked before it is done.
//!
//! The order is always `never`, `limit`, `allow`, `else`; of several guards all are asked the one before the next is, and all must
//! agree. What they refuse is a failure of the call, `Denied`, which its `else` sees. A condition that cannot be computed refuses.
//!
//! Where no `allow` holds a guard may want a person to approve the act (`approval`); then all are asked again before it is done.
//!
//! `never` and `allow` are computed here. A limit counts what its guard has let through over the whole store, which only the
//! world knows: [`Command::Count`] asks it.

use std::collections::BTreeMap;

use play_evidence::J;
use play_program::action::{ActionId, Answer};
use play_program::exec::{Emission, Emit, Fault, Key, Part};
use play_program::guard::{ClauseKind, Guard, Otherwise};
use play_program::value::{Failure, FailureKind, Value};

use super::approval::Wanting;
use super::lines::{fields, seq};
use super::supervised::{SUPERVISION, Supervised};
use super::{Run, SchedulerError};
use crate::event::{Command, Counting, Step};
use crate::ids;

/// An act whose guards have not all agreed yet.
pub(super) struct Asked {
    pub(super) emission: Emission,
    pub(super) action: ActionId,
    pub(super) args: Vec<Value>,
    /// Indices of the guards that cover it.
    guards: Vec<usize>,
    /// What is being counted.
    pub(super) counting: Vec<Limit>,
    reserve: bool,
    /// What persons have approved: by guard, with the lines that say so.
    pub(super) approved: BTreeMap<usize, Vec<u64>>,
    /// The lines of persons who are still asked for it.
    pub(super) open: Vec<u64>,
}

impl Asked {
    /// Whether a count is under way.
    pub(super) fn is_counting(&self) -> bool {
        !self.counting.is_empty()
    }
}

/// A limit of a guard.
pub(super) struct Limit {
    guard: usize,
    clause: usize,
    at: u32,
    /// The guard's name.
    name: String,
    counting: Counting,
}

impl Limit {
    /// As its count is called: the guard, and which of its clauses.
    fn name(&self) -> String {
        format!("{}.{}", self.name, self.clause)
    }
}

/// What the guards say that can be computed at once.
pub(super) struct Decided {
    /// The guards that let it through, each with the clause and what that rested on.
    pub(super) allowed: Vec<(usize, usize, Vec<Part>)>,
    /// The guards that let it through because persons have approved it, with the lines that say so.
    pub(super) approved: Vec<(usize, u32, Vec<u64>)>,
    /// The guards that want somebody to approve it.
    pub(super) wanting: Vec<Wanting>,
    /// The first that refuses it, and what its clauses rested on.
    refused: Option<(usize, Vec<Part>)>,
}

impl Run {
    /// Asks the guards of an act that became due; anything else happens at once.
    pub(super) fn guarded(&mut self, step: &mut Step, emission: Emission) -> Result<(), SchedulerError> {
        let Emit::Act { action, args, .. } = &emission.what else { return self.due(step, emission) };
        let (action, args) = (*action, args.clone());
        let case = self.manifest.playbooks.get(self.playbook).map(|p| p.case);
        let covering = self.manifest.guards.iter().enumerate();
        let covering = covering.filter(|(_, g)| case.is_some_and(|case| g.covers(action, case)));
        let guards: Vec<usize> = covering.map(|(index, _)| index).collect();
        if guards.is_empty() && !self.is_supervised() {
            return self.due(step, emission);
        }
        let Some(spec) = self.manifest.action(action).cloned() else { return Ok(()) };
        let supervision = self.is_supervised().then_some(SUPERVISION);
        let asked = guards.iter().copied().chain(supervision);
        let names: Vec<String> = asked.filter_map(|g| self.guard_name(g)).map(str::to_string).collect();
        let args_j = self.args(&spec, &args);
        let f = fields([
            ("action", J::Str(spec.full_name())),
            ("digest", J::Str(ids::sha256_hex(&args_j.to_bytes()))),
            ("args", args_j),
            ("guards", J::Str(names.join(", "))),
        ]);
        let of = self.write(step, "guard.asked", "engine", Some(emission.at), f)?;
        let asked = Asked {
            emission,
            action,
            args,
            guards,
            counting: Vec::new(),
            reserve: false,
            approved: BTreeMap::new(),
            open: Vec::new(),
        };
        self.ask_guards(step, of, asked)
    }

    pub(super) fn guard(&self, index: usize) -> Option<&Guard> {
        self.manifest.guards.get(index)
    }

    /// `never`, and then the limits.
    pub(super) fn ask_guards(
        &mut self,
        step: &mut Step,
        of: u64,
        mut asked: Asked,
    ) -> Result<(), SchedulerError> {
        for index in asked.guards.clone() {
            let Some(guard) = self.guard(index).cloned() else { continue };
            let known = guard.shared(asked.action, &asked.args);
            for (n, clause) in guard.clauses.iter().enumerate() {
                if clause.kind != ClauseKind::Never {
                    continue;
                }
                let (holds, parts) = self.clause(index, n, &known);
                if holds.unwrap_or(true) {
                    let f = BTreeMap::from([("parts".to_string(), parts)]);
                    return self.refuse(step, of, asked, (&guard, "never", clause.at), f);
                }
            }
        }
        asked.counting = self.limits(&asked);
        let decided = self.decide(&asked);
        asked.reserve =
            decided.refused.is_none() && (decided.wanting.is_empty() || self.autonomy.is_shadow());
        if asked.counting.is_empty() {
            return self.allow(step, of, asked);
        }
        step.commands.push(count_command(of, &asked));
        self.asked.insert(of, asked);
        Ok(())
    }

    /// Whether a clause holds, `None` when it cannot be computed; and what that rested on, as it is recorded.
    fn clause(&self, guard: usize, clause: usize, known: &[Value]) -> (Option<bool>, J) {
        match self.machine.guard(guard, clause, known) {
            Ok((holds, parts)) => (Some(holds), J::Arr(parts.iter().map(|p| self.part(p)).collect())),
            Err(Fault { .. }) => (None, J::Arr(Vec::new())),
        }
    }

    fn limits(&self, asked: &Asked) -> Vec<Limit> {
        let mut all = Vec::new();
        for index in &asked.guards {
            let Some(guard) = self.guard(*index) else { continue };
            for (n, clause) in guard.clauses.iter().enumerate() {
                if let ClauseKind::Limit { most, window } = &clause.kind {
                    let counted_as = Counting::name_for(&guard.name, &self.autonomy);
                    let counting =
                        Counting { index: *index, guard: counted_as, most: *most, window: *window };
                    let name = guard.name.clone();
                    all.push(Limit { guard: *index, clause: n, at: clause.at, name, counting });
                }
            }
        }
        all
    }

    /// The counts have come.
    pub(super) fn counted(&mut self, step: &mut Step, of: u64, counts: &[u64]) -> Result<(), SchedulerError> {
        let asked = self.asked.get(&of).ok_or(SchedulerError::NotWaiting(of))?;
        if asked.counting.len() != counts.len() {
            return Err(SchedulerError::WrongKind(of));
        }
        let at = asked.emission.at;
        let number = |n: &u64| J::int(i64::try_from(*n).unwrap_or(i64::MAX));
        let names = asked.counting.iter().map(Limit::name);
        let all = names.zip(counts).map(|(name, n)| (name, play_evidence::json::val(number(n)))).collect();
        let f = fields([("of", seq(of)), ("counts", J::Obj(all))]);
        self.write(step, "guard.counted", "engine", Some(at), f)?;
        let Some(asked) = self.asked.remove(&of) else { return Ok(()) };
        let over = asked.counting.iter().zip(counts).find(|(l, n)| **n >= u64::from(l.counting.most));
        let over = over.map(|(l, n)| (l.guard, l.at, l.counting.most, *n));
        let Some((guard, at, most, n)) = over else { return self.allow(step, of, asked) };
        let Some(guard) = self.guard(guard).cloned() else { return Ok(()) };
        let f = fields([("count", number(&n)), ("most", J::Int(i64::from(most)))]);
        self.refuse(step, of, asked, (&guard, "limit", at), f)
    }

    /// What `allow` says, and who else decides, once nothing is over its limit.
    fn allow(&mut self, step: &mut Step, of: u64, asked: Asked) -> Result<(), SchedulerError> {
        let decided = self.decide(&asked);
        if let Some((index, parts)) = decided.refused {
            let Some(guard) = self.guard(index).cloned() else { return Ok(()) };
            let parts = J::Arr(parts.iter().map(|p| self.part(p)).collect());
            let f = BTreeMap::from([("parts".to_string(), parts)]);
            return self.refuse(step, of, asked, (&guard, "else", guard.at), f);
        }
        if self.autonomy.is_shadow() {
            self.would_allow(step, of, &asked.emission.key, decided)?;
            return self.due(step, asked.emission);
        }
        if !decided.wanting.is_empty() {
            return self.needs_approval(step, of, asked, decided.wanting);
        }
        for (index, at, said) in &decided.approved {
            let Some(guard) = self.guard_name(*index) else { continue };
            let (name, lines) = match said.as_slice() {
                [one] => ("approval", seq(*one)),
                all => ("approvals", J::Arr(all.iter().map(|n| seq(*n)).collect())),
            };
            let f = fields([
                ("of", seq(of)),
                ("guard", J::Str(guard.into())),
                ("clause", J::Str("approval".into())),
                ("parts", J::Arr(Vec::new())),
                (name, lines),
            ]);
            self.write(step, "guard.allowed", "engine", Some(*at), f)?;
        }
        let approved = decided.approved.iter().flat_map(|(_, _, said)| said.iter().copied());
        self.approvals.count_for(&asked.emission.key, approved.collect());
        for (index, clause, parts) in decided.allowed {
            let Some(guard) = self.guard(index).cloned() else { continue };
            let at = guard.clauses.get(clause).map_or(guard.at, |c| c.at);
            let f = fields([
                ("of", seq(of)),
                ("guard", J::Str(guard.name.clone())),
                ("clause", J::Str("allow".into())),
                ("parts", J::Arr(parts.iter().map(|p| self.part(p)).collect())),
            ]);
            self.write(step, "guard.allowed", "engine", Some(at), f)?;
        }
        self.due(step, asked.emission)
    }

    fn decide(&self, asked: &Asked) -> Decided {
        let mut decided =
            Decided { allowed: Vec::new(), approved: Vec::new(), wanting: Vec::new(), refused: None };
        for index in &asked.guards {
            let Some(guard) = self.guard(*index) else { continue };
            let known = guard.shared(asked.action, &asked.args);
            let (mut by, mut rested) = (None, Vec::new());
            for (n, clause) in guard.clauses.iter().enumerate() {
                if !matches!(clause.kind, ClauseKind::Allow { .. }) {
                    continue;
                }
                let Ok((holds, parts)) = self.machine.guard(*index, n, &known) else { continue };
                if holds {
                    by = Some((n, parts));
                    break;
                }
                rested.extend(parts);
            }
            match by {
                Some((clause, parts)) => decided.allowed.push((*index, clause, parts)),
                None => match &guard.otherwise {
                    Otherwise::Approval { at, from, needed, within, then, distinct } => {
                        let known = asked.approved.get(index).cloned();
                        let roles: Vec<&str> = std::iter::once(from.as_str())
                            .chain(then.iter().map(|t| t.to.as_str()))
                            .collect();
                        match known.or_else(|| self.approved_before(asked, &roles, *needed)) {
                            Some(said) => decided.approved.push((*index, *at, said)),
                            None => decided.wanting.push(Wanting {
                                guard: *index,
                                at: *at,
                                from: from.clone(),
                                needed: *needed,
                                within: *within,
                                then: then.clone(),
                                distinct: *distinct,
                                parts: rested,
                            }),
                        }
                    }
                    Otherwise::Refuse if decided.refused.is_none() => {
                        decided.refused = Some((*index, rested));
                    }
                    Otherwise::Refuse => {}
                },
            }
        }
        match self.supervision(asked) {
            None => {}
            Some(Supervised::Approved(at, said)) => decided.approved.push((SUPERVISION, at, said)),
            Some(Supervised::Wants(wanting)) => decided.wanting.push(wanting),
        }
        decided
    }

    fn refuse(
        &mut self,
        step: &mut Step,
        of: u64,
        asked: Asked,
        (guard, clause, at): (&Guard, &str, u32),
        f: BTreeMap<String, J>,
    ) -> Result<(), SchedulerError> {
        let words = format!("refused by guard {}: {clause}", guard.name);
        let failure = Failure { kind: FailureKind::Denied, words };
        self.refuse_as(step, of, asked, (&guard.name, clause, at), f, failure)
    }

    /// The same, with the failure that its call ends in.
    pub(super) fn refuse_as(
        &mut self,
        step: &mut Step,
        of: u64,
        asked: Asked,
        (guard, clause, at): (&str, &str, u32),
        mut f: BTreeMap<String, J>,
        failure: Failure,
    ) -> Result<(), SchedulerError> {
        f.insert("of".into(), seq(of));
        f.insert("guard".into(), J::Str(guard.into()));
        f.insert("clause".into(), J::Str(clause.into()));
        self.write(step, "guard.refused", "engine", Some(at), f)?;
        self.refusals.push((asked.action, asked.args.clone(), guard.to_string()));
        self.denied.push_back((asked.emission.key, Err(failure)));
        Ok(())
    }

    /// How the counts are called that an act waits for, in the order of its limits.
    pub(crate) fn counting(&self, of: u64) -> Option<Vec<String>> {
        Some(self.asked.get(&of)?.counting.iter().map(Limit::name).collect())
    }

    /// What has to be counted again after a stop.
    pub(super) fn uncounted(&self) -> impl Iterator<Item = Command> + '_ {
        self.asked.iter().filter(|(_, a)| a.is_counting()).map(|(of, a)| count_command(*of, a))
    }

    /// The acts that guards have refused, each with its arguments and the guard's name.
    #[must_use]
    pub fn refusals(&self) -> &[(ActionId, Vec<Value>, String)] {
        &self.refusals
    }
}

fn count_command(of: u64, asked: &Asked) -> Command {
    let limits = asked.counting.iter().map(|l| l.counting.clone()).collect();
    Command::Count { of, limits, reserve: asked.reserve }
}

/// Answers that nobody outside gave: what the guards said in place of the world, and what a shadow run goes on with.
pub(super) type Denied = std::collections::VecDeque<(Key, Answer)>;
