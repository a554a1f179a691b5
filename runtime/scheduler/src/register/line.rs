//! What each line says about what is in force.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use play_evidence::kinds::ends_run;
use play_evidence::{J, ParsedLine, Said};

use super::{Ending, InForce, OfRun, Register, Standing, call};

/// The kinds that say something, by their beginnings.
const KINDS: [&str; 5] = ["act.", "hold.", "rollback.", "retry.", "run."];

/// Why a rollback of a program has not come to an act.
pub(super) const ENDED_BEFORE: &str = "the run ended before";
const NOT_COMPUTED: &str = "what takes it back could not be computed";

/// What is looked at of a line.
#[derive(Clone, Copy)]
struct Seen<'l> {
    run: &'l str,
    seq: u64,
    t: Timestamp,
    k: &'l str,
    fields: &'l BTreeMap<String, J>,
}

impl<'l> Seen<'l> {
    fn field(self, name: &str) -> Option<&'l J> {
        self.fields.get(name)
    }

    fn number(self, name: &str) -> Option<u64> {
        self.field(name).and_then(J::as_int).and_then(|n| u64::try_from(n).ok())
    }
}

fn text<'l>(line: Seen<'l>, name: &str) -> Option<&'l str> {
    line.field(name).and_then(J::as_str)
}

fn numbers(line: Seen<'_>, name: &str) -> Vec<u64> {
    match line.field(name) {
        Some(J::Arr(all)) => all.iter().filter_map(J::as_int).filter_map(|n| u64::try_from(n).ok()).collect(),
        _ => Vec::new(),
    }
}

fn words(line: Seen<'_>) -> String {
    let said = match line.field("words") {
        Some(J::Obj(position)) => position.get("val").and_then(J::as_str).unwrap_or_default(),
        _ => "",
    };
    match text(line, "failure") {
        Some(failure) => format!("{failure}: {said}"),
        None => said.to_string(),
    }
}

impl Register {
    /// Whether the line with these bytes may say something about what is in force.
    #[must_use]
    pub fn concerns(line: &[u8]) -> bool {
        // The kind stands in every line; text from outside can only look like one, which costs time and no more.
        const KEY: &[u8] = b"\"k\":\"";
        line.windows(KEY.len()).enumerate().filter(|(_, window)| *window == KEY).any(|(at, _)| {
            let rest = line.get(at.saturating_add(KEY.len())..).unwrap_or_default();
            KINDS.iter().any(|kind| rest.starts_with(kind.as_bytes()))
        })
    }

    /// The same of a line of this kind.
    #[must_use]
    pub fn concerns_kind(kind: &str) -> bool {
        KINDS.iter().any(|begins| kind.starts_with(begins))
    }

    /// Takes note of a line of a run. Lines come in the order in which they were written.
    pub fn take(&mut self, line: &ParsedLine) {
        if !Self::concerns_kind(&line.k) {
            return;
        }
        let t = line.t.parse().unwrap_or_default();
        self.see(Seen { run: &line.run, seq: line.seq, t, k: &line.k, fields: &line.fields });
    }

    /// The same of a line that was just made, from what is at hand of it.
    pub fn take_said(&mut self, line: &Said) {
        if Self::concerns_kind(line.k) {
            self.see(Seen { run: &line.run, seq: line.seq, t: line.t, k: line.k, fields: &line.fields });
        }
    }

    fn see(&mut self, line: Seen<'_>) {
        let name = self.name(line.run);
        let mut of = match self.runs.get_mut(&name) {
            Some(of) => of.take().unwrap_or_default(),
            // Of one that is not known here any more, all is over; so it is with what comes late.
            None => Box::new(OfRun { ended: line.k != "run.opened", ..OfRun::default() }),
        };
        let gone = self.taken(&mut of, line);
        for seq in gone {
            of.refused.remove(&seq);
            if let Some(act) = of.acts.remove(&seq) {
                self.take_off(&act.target, line.run, seq);
            }
        }
        match (of.is_empty(), of.ended) {
            (true, true) => self.runs.remove(&name),
            (true, false) => self.runs.insert(name, None),
            (false, _) => self.runs.insert(name, Some(of)),
        };
    }

    /// Gives the acts that are not in force any more.
    fn taken(&mut self, run: &mut OfRun, line: Seen<'_>) -> Vec<u64> {
        let mut gone = Vec::new();
        let of = line.number("of").unwrap_or(u64::MAX);
        let t = line.t;
        let set = |run: &mut OfRun, act: u64, standing: Standing| {
            if let Some(act) = run.acts.get_mut(&act) {
                act.standing = standing;
            }
        };
        let failed = text(line, "how") == Some("not_done");
        match line.k {
            kind if ends_run(kind) => {
                run.ended = true;
                // What its program was still to take back is not, now. What a person asked for goes on.
                let mut dropped: Vec<u64> = Vec::new();
                run.rolling.retain(|_, (acts, asked)| {
                    if !*asked {
                        dropped.extend(acts);
                    }
                    *asked
                });
                for act in dropped {
                    if run.acts.get(&act).is_some_and(|a| a.standing == Standing::Ending(Ending::Due)) {
                        let words = ENDED_BEFORE.to_string();
                        set(run, act, Standing::Failed { undo: None, words });
                    }
                }
            }
            "act.intended" => gone.extend(self.intended(run, line, t)),
            "act.failed" | "act.withdrawn" => gone = self.not_done(run, line, of),
            "act.verified" | "act.resolved" if failed => gone = self.not_done(run, line, of),
            "act.done" | "act.verified" | "act.resolved" => {
                if let Some((call, out)) = run.out.remove(&of) {
                    if let Some(act) = run.undoing.get(&of).and_then(|(act, _)| run.acts.get(&(*act)?)) {
                        self.makes_up_for(&act.target, &call, out);
                    }
                    // Of several who write, one may tell of an earlier one later.
                    if self.calls.get(&call).is_none_or(|(before, _)| *before <= out) {
                        self.calls.insert(call, (out, line.run.to_string()));
                    }
                }
                if let Some(act) = run.acts.get_mut(&of) {
                    (act.standing, act.since) = (Standing::Holds, t);
                }
                if let Some((act, also)) = run.undoing.remove(&of) {
                    gone.extend(act.into_iter().chain(also));
                }
            }
            "act.in_doubt" => {
                set(run, of, Standing::InDoubt);
                if let Some((Some(act), _)) = run.undoing.get(&of) {
                    set(run, *act, Standing::EndingInDoubt(of));
                }
            }
            // What would have taken it back is tried again.
            "retry.scheduled" => {
                run.out.remove(&of);
                if let Some((Some(act), _)) = run.undoing.remove(&of) {
                    set(run, act, Standing::Ending(Ending::Again));
                }
            }
            "hold.started" => {
                if let Some(act) = run.acts.get_mut(&of) {
                    act.until = text(line, "until").and_then(|until| until.parse().ok());
                }
                run.holds.insert(line.seq, of);
            }
            "hold.ended" => {
                if let Some(act) = run.holds.remove(&of)
                    && run.acts.get(&act).is_some_and(|a| a.standing == Standing::Holds)
                {
                    set(run, act, Standing::Left);
                    if text(line, "why") == Some("undone") {
                        gone.push(act);
                    }
                }
                for act in numbers(line, "acts") {
                    set(run, act, Standing::Ending(Ending::Due));
                }
                gone.extend(numbers(line, "nothing"));
                for act in numbers(line, "failed") {
                    set(run, act, Standing::Failed { undo: None, words: NOT_COMPUTED.into() });
                }
            }
            "rollback.started" => {
                let acts = numbers(line, "acts");
                for act in &acts {
                    let Some(act) = run.acts.get_mut(act) else { continue };
                    // One that is on its way already stays so.
                    if !matches!(act.standing, Standing::Ending(_) | Standing::EndingInDoubt(_)) {
                        act.standing = Standing::Ending(Ending::Due);
                    }
                }
                for act in numbers(line, "held") {
                    set(run, act, Standing::Left);
                }
                run.rolling.insert(line.seq, (acts, line.field("asked").is_some()));
            }
            "rollback.done" => {
                let not = numbers(line, "failed");
                for act in run.rolling.remove(&of).unwrap_or_default().0 {
                    match run.acts.get(&act).map(|a| &a.standing) {
                        // Since it was not taken back here, the end of its hold does that, and is at it.
                        Some(Standing::Ending(Ending::Moving)) => {}
                        Some(Standing::Ending(_)) if not.contains(&act) => {
                            let words = NOT_COMPUTED.to_string();
                            set(run, act, Standing::Failed { undo: None, words });
                        }
                        // There was nothing to take back.
                        Some(Standing::Ending(_)) => gone.push(act),
                        _ => {}
                    }
                }
            }
            "hold.checked" => {
                let until = text(line, "until").and_then(|until| until.parse().ok());
                match (text(line, "holder"), text(line, "undone")) {
                    (Some(by), _) => set(run, of, Standing::Kept { by: by.to_string(), until }),
                    (_, Some(_)) => gone.push(of),
                    (None, None) => set(run, of, Standing::Ending(Ending::Moving)),
                }
            }
            _ => {}
        }
        gone
    }

    /// Gives the earlier attempt of the same act, if it is in doubt: this one stands for it from now on.
    fn intended(&mut self, run: &mut OfRun, line: Seen<'_>, t: Timestamp) -> Option<u64> {
        let key = text(line, "key").unwrap_or_default().to_string();
        let before = line.field("n").and_then(|_| {
            let mut all = run.acts.iter().filter(|(_, act)| *act.key == *key);
            all.next_back().map(|(seq, _)| *seq)
        });
        let action = self.action(text(line, "action").unwrap_or_default());
        let (undoes, also) = (line.number("undoes"), numbers(line, "also"));
        if undoes.is_some() || self.undos.contains(&action) {
            let digest = text(line, "digest").unwrap_or_default();
            let first = *run.first.entry(key.clone()).or_insert(t);
            run.out.insert(line.seq, (call(&action, digest), first));
        }
        if let Some(act) = undoes.and_then(|act| run.acts.get_mut(&act)) {
            act.standing = Standing::Ending(Ending::Moving);
            // Another attempt of the same call is as far behind as the first.
            if line.field("n").is_none() {
                act.overtaken = None;
            }
        }
        if undoes.is_some() || !also.is_empty() {
            run.undoing.insert(line.seq, (undoes, also));
        }
        let (None, Some(undo), Some(target)) = (undoes, text(line, "undo"), text(line, "target")) else {
            return before;
        };
        let undo = self.action(undo);
        self.undos.insert(Arc::clone(&undo));
        let target = self.targets.get_key_value(target).map_or_else(|| target.into(), |(t, _)| Arc::clone(t));
        let name = self.name(line.run);
        self.overtakes(run, &target, &name);
        self.put_on(&target, &name, line.seq);
        let act = InForce {
            action,
            args: line.field("args").map(J::to_bytes).unwrap_or_default().into(),
            undo,
            target,
            since: t,
            until: None,
            standing: Standing::Intended,
            key: key.into(),
            overtaken: None,
        };
        run.acts.insert(line.seq, Box::new(act));
        before
    }

    /// A run sends an act to this target: what takes back others there, and was out before, says nothing any more of how that is.
    fn overtakes(&mut self, own: &mut OfRun, target: &str, name: &Arc<str>) {
        let overtake = |act: &mut InForce| {
            if matches!(
                act.standing,
                Standing::EndingInDoubt(_) | Standing::Ending(Ending::Moving | Ending::Again)
            ) {
                act.overtaken = Some(Arc::clone(name));
            }
        };
        for (run, seq) in self.targets.get(target).into_iter().flatten() {
            // Those of the run whose line it is are not with the others meanwhile.
            let acts = match run == name {
                true => Some(&mut own.acts),
                false => self.runs.get_mut(run).and_then(Option::as_mut).map(|of| &mut of.acts),
            };
            if let Some(act) = acts.and_then(|acts| acts.get_mut(seq)) {
                overtake(act);
            }
        }
    }

    /// A write was not done: gives it, if it is one that would have been in force. Where it would have taken something back, that is not
    /// in force either where another run has made the same call since.
    fn not_done(&self, run: &mut OfRun, line: Seen<'_>, of: u64) -> Vec<u64> {
        let call = run.out.remove(&of).map(|(call, _)| call);
        let Some((Some(seq), _)) = run.undoing.get(&of) else { return vec![of] };
        let Some(act) = run.acts.get_mut(seq) else { return Vec::new() };
        let made = call.as_ref().and_then(|call| self.calls.get(call)).is_some_and(|(t, _)| *t >= act.since);
        if made {
            return vec![*seq];
        }
        act.standing = Standing::Failed { undo: Some(of), words: words(line) };
        if let Some(call) = call {
            run.refused.insert(*seq, call);
        }
        Vec::new()
    }

    /// A call that takes something back was made, and went out then: it does for what other runs could not take back by the same.
    fn makes_up_for(&mut self, target: &str, call: &str, out: Timestamp) {
        let on: Vec<(Arc<str>, u64)> = self.targets.get(target).into_iter().flatten().cloned().collect();
        for (name, seq) in on {
            // Not the run whose line it is: that says itself what else it takes back.
            let Some(Some(of)) = self.runs.get_mut(&name) else { continue };
            let failed = |act: &InForce| matches!(act.standing, Standing::Failed { .. }) && act.since <= out;
            let same = of.refused.get(&seq).is_some_and(|refused| refused == call);
            if !same || !of.acts.get(&seq).is_some_and(|act| failed(act)) {
                continue;
            }
            of.refused.remove(&seq);
            of.acts.remove(&seq);
            let (empty, ended) = (of.is_empty(), of.ended);
            self.take_off(target, &name, seq);
            match (empty, ended) {
                (true, true) => drop(self.runs.remove(&name)),
                (true, false) => drop(self.runs.insert(name, None)),
                (false, _) => {}
            }
        }
    }
}
