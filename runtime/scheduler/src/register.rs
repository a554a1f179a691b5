//! What is in force in a whole store: what runs have done that can be taken back, and until when each of them holds it.
//!
//! A projection of the evidence: it is made of the lines of runs, in the order in which they were written, and of nothing else.
//! So it is the same after a stop, and the same for whoever only looks.
//!
//! The rule, stated here once: what several acts were done to (their *target*) stays as it is while any of them holds it,
//! whichever runs they belong to. When the last hold has ended, each run takes its own acts back, the latest act first, so that
//! what the first of them found is what is there in the end; a call that has been made meanwhile is not made again.
//!
//! There is one for each store, and a store may have millions of runs that wait: what has nothing in force and nothing to take back
//! costs its name, and what is over costs nothing.

mod line;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use litemap::LiteMap;
use play_evidence::{J, ParsedLine};
use smallvec::SmallVec;

/// How an act stands that can be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It went out, and has no outcome yet.
    Intended,
    /// It went out, and nobody knows whether it was done.
    InDoubt,
    /// It was done, and holds what it was done to.
    Holds,
    /// It does not hold any more; another act of its own run does.
    Left,
    /// It does not hold any more; another run does.
    Kept {
        /// Which.
        by: String,
        /// Until when, if that is known.
        until: Option<Timestamp>,
    },
    /// It is to be taken back, or is being taken back.
    Ending(Ending),
    /// Nobody knows whether it was taken back: the line of what would have done so.
    EndingInDoubt(u64),
    /// It could not be taken back: a person has to see to it.
    Failed {
        /// The line of what would have done so.
        undo: Option<u64>,
        /// What the other side said.
        words: String,
    },
}

/// How far a run has come with taking an act back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Its turn has not come.
    Due,
    /// What takes it back is out.
    Moving,
    /// What takes it back was out, and is to be tried again: that goes on when the program has ended.
    Again,
}

/// An act that can be taken back, and was not yet.
#[derive(Clone, Debug)]
pub struct InForce {
    /// `okta.suspend`
    pub action: Arc<str>,
    /// Its arguments, as the evidence has them: as its bytes.
    args: Box<[u8]>,
    /// The action that takes it back.
    pub undo: Arc<str>,
    /// What it was done to: a digest.
    pub target: Arc<str>,
    /// When it was done, or intended where it has no outcome.
    pub since: Timestamp,
    /// Until when it holds; without an end where there is none.
    pub until: Option<Timestamp>,
    /// How it stands.
    pub standing: Standing,
    /// The same for all attempts.
    key: Box<str>,
    /// The run that has sent an act to the same since what takes this one back went out.
    overtaken: Option<Arc<str>>,
}

impl InForce {
    /// Its arguments, as the evidence has them.
    #[must_use]
    pub fn args(&self) -> J {
        J::parse(&self.args).unwrap_or(J::Null)
    }

    /// Whether it keeps what it was done to as it is. What may have been done does, as long as nobody knows better.
    #[must_use]
    pub fn holds(&self) -> bool {
        matches!(self.standing, Standing::Intended | Standing::InDoubt | Standing::Holds)
    }

    /// Whether its run still has to take it back.
    fn is_open(&self) -> bool {
        matches!(self.standing, Standing::Ending(_) | Standing::Kept { .. } | Standing::EndingInDoubt(_))
    }

    /// Whether what takes it back is out.
    fn is_moving(&self) -> bool {
        self.standing == Standing::Ending(Ending::Moving)
    }
}

/// Whether an act may be taken back now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Release {
    /// Nobody else holds what it was done to.
    Free,
    /// Another run does: the one that holds it longest.
    Held {
        /// Which.
        run: String,
        /// Until when, if that is known.
        until: Option<Timestamp>,
    },
    /// Another run has made the call since that would take it back.
    Undone {
        /// Which.
        run: String,
    },
    /// Nobody else holds it, and since what takes it back went out, this run has sent an act to the same, its own or another one: a
    /// target that knows that call by its key, and has done it before, would do nothing. So it takes another.
    Overtaken {
        /// Which.
        run: String,
    },
}

/// The acts of one run.
#[derive(Clone, Debug, Default)]
struct OfRun {
    ended: bool,
    acts: LiteMap<u64, Box<InForce>>,
    /// What takes acts back, by line: the act, and the others of the run that it takes back as well.
    undoing: LiteMap<u64, (Option<u64>, Vec<u64>)>,
    /// Writes that are out: how the call is called, and when it went out. A target that honours our key may have done it at the first
    /// attempt, whichever it answers.
    out: LiteMap<u64, (String, Timestamp)>,
    /// When such calls went out for the first time, by key.
    first: LiteMap<String, Timestamp>,
    /// How the call is called that was to take an act back and was not done, by the act: another run may make it yet.
    refused: LiteMap<u64, String>,
    /// Holds that last, by line of their `hold.started`.
    holds: LiteMap<u64, u64>,
    /// The acts of rollbacks that are under way, by line of their `rollback.started`; whether a person asked for it.
    rolling: LiteMap<u64, (Vec<u64>, bool)>,
}

impl OfRun {
    /// Whether it takes nothing back, and is not about to.
    fn rests(&self) -> bool {
        self.rolling.is_empty() && !self.acts.values().any(|act| act.is_open())
    }

    /// Whether there is nothing to know of it but whether it has ended.
    fn is_empty(&self) -> bool {
        let Self { ended, acts, undoing, out, first, refused, holds, rolling } = self;
        let nothing = acts.is_empty() && undoing.is_empty() && out.is_empty() && refused.is_empty();
        // An ended run tries nothing again of which there is no act.
        let nothing = nothing && (*ended || first.is_empty());
        nothing && holds.is_empty() && rolling.is_empty()
    }
}

/// What is in force, over all runs.
#[derive(Clone, Debug, Default)]
pub struct Register {
    /// Those of which there is something to know; nothing but that it has not ended, where there is no more. All others have.
    runs: BTreeMap<Arc<str>, Option<Box<OfRun>>>,
    targets: BTreeMap<Arc<str>, On>,
    /// Targets of acts that are about to be intended: who looks at how they stand before, by run and line of the read. Not of the
    /// evidence: whoever reads again after a stop looks again.
    looks: BTreeMap<(String, u64), Look>,
    /// Actions that take something back.
    undos: BTreeSet<Arc<str>>,
    /// The actions, each once.
    actions: BTreeSet<Arc<str>>,
    /// When such a call that was done last went out, and by which run.
    calls: BTreeMap<String, (Timestamp, String)>,
}

/// One looks at how something stands.
#[derive(Clone, Debug)]
struct Look {
    target: String,
    /// Somebody else has begun to take back what was done to it since.
    disturbed: bool,
}

/// The acts that were done to the same: run and line, in that order.
type On = SmallVec<[(Arc<str>, u64); 1]>;

/// How a call is called: the action, and the digest of its arguments as the evidence has it.
#[must_use]
pub fn call(action: &str, digest: &str) -> String {
    format!("{action} {digest}")
}

impl Register {
    /// Whether a run may take an act of its own back, by this call. `None`: not yet, and there is nothing new to say; ask again
    /// when something has changed. An act that may be is being taken back from now on.
    pub fn ask(&mut self, run: &str, act: u64, call: &str) -> Option<Release> {
        let answer = self.peek(run, act, call);
        if matches!(answer, Some(Release::Free | Release::Overtaken { .. }))
            && let Some(own) = self.act_mut(run, act)
        {
            own.standing = Standing::Ending(Ending::Moving);
        }
        answer
    }

    /// The same, for one who only looks: nothing is being taken back by that.
    #[must_use]
    pub fn peek(&self, run: &str, act: u64, call: &str) -> Option<Release> {
        let Some(own) = self.act(run, act) else {
            let by = self.calls.get(call).map(|(_, by)| Release::Undone { run: by.clone() });
            return Some(by.unwrap_or(Release::Free));
        };
        // It is on its way already, by another way of the run: what becomes of that is known first.
        if own.is_moving() || matches!(own.standing, Standing::EndingInDoubt(_)) {
            return None;
        }
        if let Some((holder, other)) = self.holder(run, &own.target) {
            let until = other.until.filter(|_| other.standing == Standing::Holds);
            return Some(Release::Held { run: holder.to_string(), until });
        }
        // The run itself has come to hold the same, or may have.
        let again = |(other, seq, of): &(&str, u64, &InForce)| *other == run && *seq != act && of.holds();
        if self.on(&own.target).any(|other| again(&other)) {
            return None;
        }
        if let Some((t, by)) = self.calls.get(call)
            && *t >= own.since
        {
            return Some(Release::Undone { run: by.clone() });
        }
        if self.looks.values().any(|look| *look.target == *own.target) {
            return None;
        }
        let later = |(other, seq, of): &(&str, u64, &InForce)| {
            of.is_open() && (of.since, *other, *seq) > (own.since, run, act)
        };
        if self.on(&own.target).any(|other| later(&other)) {
            return None;
        }
        let by = own.overtaken.as_ref().map(|run| Release::Overtaken { run: run.to_string() });
        Some(by.unwrap_or(Release::Free))
    }

    /// Takes note of a line of a run that somebody else drives, who knows nothing of who looks at what here.
    pub fn take_foreign(&mut self, line: &ParsedLine) {
        self.take(line);
        if self.looks.is_empty() {
            return;
        }
        let mut looks = std::mem::take(&mut self.looks);
        for look in looks.values_mut() {
            look.disturbed = look.disturbed || self.on(&look.target).any(|(_, _, of)| of.is_moving());
        }
        self.looks = looks;
    }

    /// Whether somebody else has begun to take back what is being looked at, since the look: how it was found says nothing then.
    #[must_use]
    pub fn was_disturbed(&self, run: &str, of: u64) -> bool {
        self.looks.get(&(run.to_string(), of)).is_some_and(|look| look.disturbed)
    }

    /// The runs of which something is to come.
    #[must_use]
    pub fn open(&self) -> Vec<String> {
        self.runs.keys().filter(|run| !self.is_settled(run)).map(|run| run.to_string()).collect()
    }

    /// A run looks at what it is about to do something to. `false`: somebody is taking that back right now; ask again when something
    /// has changed. Otherwise nobody takes it back until the run has said that it has looked.
    pub fn look(&mut self, run: &str, of: u64, target: &str) -> bool {
        if self.on(target).any(|(_, _, of)| of.is_moving()) {
            return false;
        }
        let look = Look { target: target.to_string(), disturbed: false };
        self.looks.insert((run.to_string(), of), look);
        true
    }

    /// The run has looked, and has intended what it wanted to, or has not. Whether anybody may have waited for that.
    pub fn looked(&mut self, run: &str, of: u64) -> bool {
        !self.looks.is_empty() && self.looks.remove(&(run.to_string(), of)).is_some()
    }

    /// Nobody drives the run any more: it looks at nothing.
    pub fn looks_away(&mut self, run: &str) {
        self.looks.retain(|(looking, _), _| looking != run);
    }

    /// A run that was told that an act is free does not take it back all the same: it has ended before.
    pub fn forget(&mut self, run: &str, act: u64) {
        let own = self.act_mut(run, act);
        if let Some(own) = own.filter(|own| own.is_moving()) {
            let words = line::ENDED_BEFORE.to_string();
            own.standing = Standing::Failed { undo: None, words };
        }
    }

    /// The act of another run that holds this the longest.
    fn holder(&self, run: &str, target: &str) -> Option<(&str, &InForce)> {
        let holding = self.on(target).filter(|(other, _, of)| *other != run && of.holds());
        let end = |of: &InForce| match of.standing {
            Standing::Holds => of.until.unwrap_or(Timestamp::MAX),
            _ => Timestamp::MIN,
        };
        holding.map(|(other, _, of)| (other, of)).max_by_key(|(_, of)| end(of))
    }

    /// Whether it will be known soon whether an act may be taken back: nothing else of `live` runs is in the way for long.
    pub fn is_soon(&self, run: &str, act: u64, soon: Timestamp, live: impl Fn(&str) -> bool) -> bool {
        let Some(own) = self.act(run, act) else { return true };
        if matches!(own.standing, Standing::EndingInDoubt(_)) {
            return false;
        }
        let is_other = |(other, seq, _): &(&str, u64, &InForce)| (*other, *seq) != (run, act);
        self.on(&own.target).filter(is_other).all(|(other, _, of)| match &of.standing {
            Standing::Holds => live(other) && of.until.is_some_and(|until| until <= soon),
            Standing::Intended | Standing::Ending(_) | Standing::Kept { .. } => live(other),
            Standing::InDoubt | Standing::EndingInDoubt(_) => false,
            Standing::Left | Standing::Failed { .. } => true,
        })
    }

    /// Whether somebody is taking back what this act is about to be done to, another run or its own: it has to wait for that, since
    /// what is on its way may come in any order.
    #[must_use]
    pub fn is_in_the_way(&self, run: &str, act: u64) -> bool {
        let Some(own) = self.act(run, act) else { return false };
        self.on(&own.target).any(|(other, seq, of)| (other, seq) != (run, act) && of.is_moving())
    }

    /// The acts that were done to the same, of all runs.
    fn on(&self, target: &str) -> impl Iterator<Item = (&str, u64, &InForce)> {
        let all = self.targets.get(target).into_iter().flatten();
        all.filter_map(|(run, seq)| Some((&**run, *seq, self.act(run, *seq)?)))
    }

    fn of(&self, run: &str) -> Option<&OfRun> {
        self.runs.get(run)?.as_deref()
    }

    fn act_mut(&mut self, run: &str, seq: u64) -> Option<&mut InForce> {
        self.runs.get_mut(run)?.as_mut()?.acts.get_mut(&seq).map(|act| &mut **act)
    }

    /// An act that is in force.
    #[must_use]
    pub fn act(&self, run: &str, seq: u64) -> Option<&InForce> {
        self.of(run)?.acts.get(&seq).map(|act| &**act)
    }

    /// Everything that is in force, run by run.
    pub fn all(&self) -> impl Iterator<Item = (&str, u64, &InForce)> {
        let all = self.runs.iter().filter_map(|(run, of)| Some((run, of.as_ref()?)));
        all.flat_map(|(run, of)| of.acts.iter().map(|(seq, act)| (&**run, *seq, &**act)))
    }

    /// The other acts that hold the same as this one.
    pub fn others(&self, run: &str, seq: u64) -> impl Iterator<Item = (&str, u64, &InForce)> {
        let target = self.act(run, seq).map_or_else(|| "".into(), |own| Arc::clone(&own.target));
        let own: (Arc<str>, u64) = (run.into(), seq);
        let all = self.targets.get(&target).into_iter().flatten().filter(move |other| **other != own);
        all.filter_map(|(run, seq)| Some((&**run, *seq, self.act(run, *seq)?)))
            .filter(|(_, _, of)| of.holds())
    }

    /// Whether a run of the store has ended, and nothing more is to come.
    #[must_use]
    pub fn is_settled(&self, run: &str) -> bool {
        match self.runs.get(run) {
            Some(Some(of)) => of.ended && of.holds.is_empty() && of.rests(),
            Some(None) => false,
            None => true,
        }
    }

    /// Whether a run of the store has nothing under way that it takes back, or is to take back once others let go of it.
    #[must_use]
    pub fn rests(&self, run: &str) -> bool {
        self.of(run).is_none_or(OfRun::rests)
    }

    /// The run that these acts belong to is called.
    fn name(&self, run: &str) -> Arc<str> {
        self.runs.get_key_value(run).map_or_else(|| run.into(), |(name, _)| Arc::clone(name))
    }

    /// An act was done to something, or may have been.
    fn put_on(&mut self, target: &Arc<str>, run: &Arc<str>, seq: u64) {
        let on = self.targets.entry(Arc::clone(target)).or_default();
        let one = (Arc::clone(run), seq);
        if let Err(at) = on.binary_search(&one) {
            on.insert(at, one);
        }
    }

    /// It is not in force any more.
    fn take_off(&mut self, target: &str, run: &str, seq: u64) {
        if let Some(on) = self.targets.get_mut(target) {
            on.retain(|(other, line)| **other != *run || *line != seq);
            if on.is_empty() {
                self.targets.remove(target);
            }
        }
    }

    fn action(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.actions.get(name) {
            return Arc::clone(known);
        }
        let name: Arc<str> = name.into();
        self.actions.insert(Arc::clone(&name));
        name
    }

    /// The runs that wait for another one to let go of something.
    #[must_use]
    pub fn kept(&self) -> Vec<String> {
        let is_kept = |of: &OfRun| of.acts.values().any(|act| matches!(act.standing, Standing::Kept { .. }));
        let all = self.runs.iter().filter(|(_, of)| of.as_deref().is_some_and(is_kept));
        all.map(|(run, _)| run.to_string()).collect()
    }

    /// Something else than the runs here holds a target until a time, or for good: for tests.
    pub fn hold_by(&mut self, name: &str, target: &str, since: Timestamp, until: Option<Timestamp>) {
        let (run, target) = (self.name(name), Arc::from(target));
        let nothing: Arc<str> = "".into();
        let act = InForce {
            action: Arc::clone(&nothing),
            args: Box::default(),
            undo: nothing,
            target: Arc::clone(&target),
            since,
            until,
            standing: Standing::Holds,
            key: Box::default(),
            overtaken: None,
        };
        self.put_on(&target, &run, 0);
        self.runs.entry(run).or_default().get_or_insert_default().acts.insert(0, Box::new(act));
    }

    /// What [`Register::hold_by`] began has ended.
    pub fn let_go(&mut self, name: &str) {
        self.runs.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use play_evidence::{Chain, kinds};

    use super::*;

    /// A store whose runs write lines.
    #[derive(Default)]
    struct Store {
        register: Register,
        chains: BTreeMap<&'static str, Chain>,
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn number(n: u64) -> J {
        J::int(i64::try_from(n).unwrap())
    }

    impl Store {
        fn write(&mut self, run: &'static str, second: i64, kind: &str, f: &[(&str, J)]) -> u64 {
            let line = self.line(run, second, kind, f);
            self.register.take(&line);
            line.seq
        }

        fn line(&mut self, run: &'static str, second: i64, kind: &str, f: &[(&str, J)]) -> ParsedLine {
            let chain = self.chains.entry(run).or_insert_with(|| Chain::new(run));
            let fields = f.iter().map(|(name, j)| ((*name).to_string(), j.clone())).collect();
            let line = chain.append(at(second), "engine", None, kinds::kind(kind).unwrap(), fields).unwrap();
            assert!(Register::concerns(&line.bytes));
            ParsedLine::parse(&line.bytes).unwrap()
        }

        fn intend(&mut self, run: &'static str, second: i64, action: &str, more: &[(&str, J)]) -> u64 {
            let text = |t: &str| J::Str(t.into());
            let mut f = vec![
                ("action", text(action)),
                ("args", J::Obj(BTreeMap::new())),
                ("digest", text("d")),
                ("class", text("contain")),
                ("key", text("k")),
                ("until", text("2026-01-01T00:00:00.000000000Z")),
            ];
            f.extend(more.iter().cloned());
            self.write(run, second, "act.intended", &f)
        }

        fn done(&mut self, run: &'static str, second: i64, of: u64) {
            let val = play_evidence::json::val(J::Null);
            self.write(run, second, "act.done", &[("of", number(of)), ("val", val), ("ms", J::Int(1))]);
        }

        /// An act that holds something for a time; gives its line.
        fn hold(&mut self, run: &'static str, second: i64, until: i64) -> u64 {
            let text = |t: &str| J::Str(t.into());
            let act = self.intend(run, second, "x.block", &[("undo", text("x.free")), ("target", text("t"))]);
            self.done(run, second, act);
            let until = J::Str(play_evidence::line::time(at(until)));
            self.write(run, second, "hold.started", &[("of", number(act)), ("until", until)]);
            act
        }

        fn end(&mut self, run: &'static str, second: i64, act: u64) {
            let f = [
                ("of", number(act + 2)),
                ("why", J::Str("time".into())),
                ("acts", J::Arr(vec![number(act)])),
            ];
            self.write(run, second, "hold.ended", &f);
        }

        fn checked(&mut self, run: &'static str, second: i64, act: u64, call: &str) -> Option<Release> {
            let answer = self.register.ask(run, act, call)?;
            let mut f = vec![("of", number(act))];
            match &answer {
                Release::Free => {}
                Release::Held { run, .. } => f.push(("holder", J::Str(run.clone()))),
                Release::Undone { run } => f.push(("undone", J::Str(run.clone()))),
                Release::Overtaken { run } => f.push(("overtaken", J::Str(run.clone()))),
            }
            self.write(run, second, "hold.checked", &f);
            Some(answer)
        }
    }

    /// Somebody else takes back what is being looked at, and has done so before anything else is told: it is to be looked at again.
    #[test]
    fn a_look_is_disturbed_by_one_who_takes_it_back_elsewhere() {
        let mut s = Store::default();
        let act = s.hold("a", 1, 5);
        s.end("a", 5, act);
        assert!(s.register.look("b", 7, "t"));
        let ended = s.line(
            "c",
            5,
            "run.faulted",
            &[("what", J::Str("x".into())), ("why", play_evidence::json::val(J::Null))],
        );
        s.register.take_foreign(&ended);
        assert!(!s.register.was_disturbed("b", 7), "that is about something else");
        let checked = s.line("a", 6, "hold.checked", &[("of", number(act))]);
        s.register.take_foreign(&checked);
        let undone = s.intend("a", 6, "x.free", &[("undoes", number(act))]);
        s.done("a", 7, undone);
        assert_eq!(s.register.act("a", act).map(InForce::is_moving), None, "it is not in force any more");
        assert!(s.register.was_disturbed("b", 7));
        assert!(s.register.looked("b", 7) && s.register.look("b", 9, "t"));
        assert!(!s.register.was_disturbed("b", 9));
    }

    fn held(run: &str, until: i64) -> Option<Release> {
        Some(Release::Held { run: run.into(), until: Some(at(until)) })
    }

    #[test]
    fn the_last_hold_decides_and_the_latest_act_goes_first() {
        let mut store = Store::default();
        let (a, b) = (store.hold("a", 0, 24), store.hold("b", 1, 4));
        store.end("b", 4, b);
        assert_eq!(store.checked("b", 4, b, "x.thaw b"), held("a", 24));
        assert!(!store.register.is_settled("b"));
        assert_eq!(store.register.kept(), ["b"]);
        store.end("a", 24, a);
        // What `a` found is what is to be there in the end: it waits for `b`, which came later.
        assert_eq!(store.checked("a", 24, a, "x.thaw a"), None);
        assert_eq!(store.checked("b", 24, b, "x.thaw b"), Some(Release::Free));
        assert_eq!(store.checked("a", 24, a, "x.thaw a"), None, "it is under way");
        let undo = store.intend("b", 24, "x.thaw", &[("undoes", number(b))]);
        store.done("b", 25, undo);
        assert_eq!(store.checked("a", 25, a, "x.thaw a"), Some(Release::Free));
        // Whoever would do the same to it now waits until it is out of the way.
        let text = |t: &str| J::Str(t.into());
        let again = store.intend("b", 25, "x.block", &[("undo", text("x.free")), ("target", text("t"))]);
        assert!(store.register.is_in_the_way("b", again));
        let undo = store.intend("a", 25, "x.thaw", &[("undoes", number(a))]);
        store.done("a", 26, undo);
        assert!(!store.register.is_in_the_way("b", again));
        assert_eq!(store.register.all().map(|(run, ..)| run).collect::<Vec<_>>(), ["b"]);
    }

    #[test]
    fn what_would_make_the_same_call_is_told_that_it_was_made() {
        let mut store = Store::default();
        let (a, b) = (store.hold("a", 0, 4), store.hold("b", 1, 4));
        store.end("a", 4, a);
        assert_eq!(store.checked("a", 4, a, "x.free d"), held("b", 4));
        store.end("b", 4, b);
        assert_eq!(store.checked("b", 4, b, "x.free d"), Some(Release::Free));
        let undo = store.intend("b", 4, "x.free", &[("undoes", number(b))]);
        assert_eq!(store.checked("a", 4, a, "x.free d"), None);
        store.done("b", 5, undo);
        assert_eq!(store.checked("a", 5, a, "x.free d"), Some(Release::Undone { run: "b".into() }));
        assert_eq!(store.register.all().count(), 0);
    }

    #[test]
    fn nothing_is_taken_back_while_somebody_looks_at_it() {
        let mut store = Store::default();
        let a = store.hold("a", 0, 4);
        assert!(store.register.look("b", 7, "t"));
        store.end("a", 4, a);
        assert_eq!(store.checked("a", 4, a, "x.free d"), None);
        assert!(store.register.looked("b", 7));
        assert_eq!(store.checked("a", 4, a, "x.free d"), Some(Release::Free));
        assert!(!store.register.look("b", 9, "t"), "it is being taken back");
        let undo = store.intend("a", 4, "x.free", &[("undoes", number(a))]);
        store.done("a", 5, undo);
        assert!(store.register.look("b", 9, "t"));
    }

    /// A hold ends, and a rollback comes to the same act while that is on its way.
    #[test]
    fn what_is_being_taken_back_is_not_taken_back_twice() {
        let mut store = Store::default();
        let a = store.hold("a", 0, 4);
        store.end("a", 4, a);
        assert_eq!(store.checked("a", 4, a, "x.free d"), Some(Release::Free));
        let undo = store.intend("a", 4, "x.free", &[("undoes", number(a))]);
        let because = play_evidence::json::val(J::Str("not all".into()));
        let acts = || J::Arr(vec![number(a)]);
        let f = [("acts", acts()), ("because", because), ("without", J::Arr(Vec::new()))];
        store.write("a", 4, "rollback.started", &f);
        assert_eq!(store.checked("a", 4, a, "x.free d"), None);
        store.write("a", 5, "act.in_doubt", &[("of", number(undo)), ("why", J::Str("timeout".into()))]);
        assert_eq!(store.checked("a", 5, a, "x.free d"), None);
        assert!(!store.register.is_soon("a", a, at(9), |_| true), "a person has to look");
        let resolved = [
            ("of", number(undo)),
            ("how", J::Str("done".into())),
            ("val", play_evidence::json::val(J::Null)),
            ("person", J::Str("ada".into())),
            ("because", play_evidence::json::val(J::Str("looked".into()))),
        ];
        store.write("a", 6, "act.resolved", &resolved);
        assert_eq!(store.checked("a", 6, a, "x.free d"), Some(Release::Undone { run: "a".into() }));
    }

    /// A rollback could not take it back, and is not done yet when the end of its hold takes it back; then another one comes to it.
    #[test]
    fn what_a_rollback_could_not_take_back_may_be_on_its_way_when_that_is_done() {
        let text = |t: &str| J::Str(t.into());
        let words = || play_evidence::json::val(J::Str("locked".into()));
        let mut store = Store::default();
        let a = store.hold("a", 0, 4);
        let rollback =
            || [("acts", J::Arr(vec![number(a)])), ("because", words()), ("without", J::Arr(Vec::new()))];
        let first = store.write("a", 1, "rollback.started", &rollback());
        assert_eq!(store.checked("a", 1, a, "x.free d"), Some(Release::Free));
        let undo = store.intend("a", 1, "x.free", &[("undoes", number(a))]);
        let (of, how, failure) = (("of", number(undo)), text("refused"), text("Denied"));
        let f = [of, ("words", words()), ("ms", J::Int(1)), ("how", how), ("failure", failure)];
        store.write("a", 2, "act.failed", &f);
        store.end("a", 4, a);
        assert_eq!(store.checked("a", 4, a, "x.free d"), Some(Release::Free));
        let undo = store.intend("a", 4, "x.free", &[("undoes", number(a))]);
        let failed = J::Arr(vec![number(a)]);
        store.write("a", 5, "rollback.done", &[("of", number(first)), ("failed", failed)]);
        store.write("a", 5, "rollback.started", &rollback());
        assert_eq!(store.checked("a", 5, a, "x.free d"), None, "it is under way");
        store.done("a", 6, undo);
        assert_eq!(store.checked("a", 6, a, "x.free d"), Some(Release::Undone { run: "a".into() }));
    }

    /// The run has done the same again since its hold ended, or may have.
    #[test]
    fn an_act_stays_while_its_own_run_holds_the_same() {
        let mut store = Store::default();
        let first = store.hold("a", 0, 4);
        store.end("a", 4, first);
        let again = store.hold("a", 4, 9);
        assert_eq!(store.checked("a", 5, first, "x.free d"), None);
        assert!(!store.register.is_soon("a", first, at(8), |_| true));
        store.end("a", 9, again);
        assert_eq!(store.checked("a", 9, again, "x.free d"), Some(Release::Free));
    }

    /// What took it back was tried again, and failed. The program comes to it once more, and ends before its turn.
    #[test]
    fn what_was_tried_again_once_is_not_still_tried_again_later() {
        let mut store = Store::default();
        let a = store.hold("a", 0, 4);
        store.end("a", 4, a);
        store.checked("a", 4, a, "x.free d");
        let undo = store.intend("a", 4, "x.free", &[("undoes", number(a))]);
        let next = J::Str(play_evidence::line::time(at(5)));
        store.write("a", 4, "retry.scheduled", &[("of", number(undo)), ("due", next), ("n", J::Int(2))]);
        let standing = |store: &Store| store.register.act("a", a).map(|act| act.standing.clone());
        assert_eq!(standing(&store), Some(Standing::Ending(Ending::Again)));
        let undo = store.intend("a", 5, "x.free", &[("undoes", number(a))]);
        let words = play_evidence::json::val(J::Str("locked".into()));
        let (how, failure) = (J::Str("refused".into()), J::Str("Denied".into()));
        let f =
            [("of", number(undo)), ("words", words), ("ms", J::Int(1)), ("how", how), ("failure", failure)];
        store.write("a", 5, "act.failed", &f);
        let because = play_evidence::json::val(J::Str("not all".into()));
        let f = [("acts", J::Arr(vec![number(a)])), ("because", because), ("without", J::Arr(Vec::new()))];
        store.write("a", 6, "rollback.started", &f);
        assert_eq!(standing(&store), Some(Standing::Ending(Ending::Due)));
        let why = play_evidence::json::val(J::Null);
        store.write("a", 7, "run.faulted", &[("what", J::Str("x".into())), ("why", why)]);
        let words = line::ENDED_BEFORE.to_string();
        assert_eq!(standing(&store), Some(Standing::Failed { undo: None, words }));
    }

    #[test]
    fn an_act_waits_for_what_its_own_run_takes_back() {
        let mut store = Store::default();
        let first = store.hold("a", 0, 4);
        store.end("a", 4, first);
        store.checked("a", 4, first, "x.free d");
        let undo = store.intend("a", 4, "x.free", &[("undoes", number(first))]);
        let text = |t: &str| J::Str(t.into());
        let again = store.intend("a", 4, "x.block", &[("undo", text("x.free")), ("target", text("t"))]);
        assert!(store.register.is_in_the_way("a", again));
        store.done("a", 5, undo);
        assert!(!store.register.is_in_the_way("a", again));
    }

    /// Somebody may find out late that a call was done: what was done since it went out is not undone by it.
    #[test]
    fn a_call_counts_from_when_it_went_out() {
        let mut store = Store::default();
        let text = |t: &str| J::Str(t.into());
        let a = store.hold("a", 0, 9);
        store.end("a", 1, a);
        store.checked("a", 1, a, "x.free d");
        let undo = store.intend("a", 1, "x.free", &[("undoes", number(a))]);
        store.write("a", 2, "act.in_doubt", &[("of", number(undo)), ("why", text("timeout"))]);
        let b = store.hold("b", 3, 9);
        let resolved = [
            ("of", number(undo)),
            ("how", text("done")),
            ("val", play_evidence::json::val(J::Null)),
            ("person", text("ada")),
            ("because", play_evidence::json::val(text("looked"))),
        ];
        store.write("a", 5, "act.resolved", &resolved);
        store.end("b", 9, b);
        assert_eq!(store.checked("b", 9, b, "x.free d"), Some(Release::Free));
    }

    /// What takes an act back may have been done before another act was: then its target knows it, and would do nothing.
    #[test]
    fn what_is_tried_again_after_another_act_takes_another_call() {
        let text = |t: &str| J::Str(t.into());
        for other in ["a", "b"] {
            let mut store = Store::default();
            let first = store.hold("a", 0, 4);
            store.end("a", 4, first);
            assert_eq!(store.checked("a", 4, first, "x.free d"), Some(Release::Free));
            let undo = store.intend("a", 4, "x.free", &[("undoes", number(first))]);
            store.write("a", 5, "act.in_doubt", &[("of", number(undo)), ("why", text("timeout"))]);
            let due = text("2026-01-01T00:00:00.000000000Z");
            store.write("a", 5, "retry.scheduled", &[("of", number(undo)), ("n", number(2)), ("due", due)]);
            // Its own undo found that there was nothing to take back.
            let later = store.hold(other, 6, 8);
            let ended = [
                ("of", number(later + 2)),
                ("why", text("time")),
                ("acts", J::Arr(Vec::new())),
                ("nothing", J::Arr(vec![number(later)])),
            ];
            store.write(other, 8, "hold.ended", &ended);
            let answer = store.checked("a", 9, first, "x.free d");
            assert_eq!(answer, Some(Release::Overtaken { run: other.into() }));
            // That call is the last one that went out, until something else is sent to the same.
            let anew = store.intend("a", 9, "x.free", &[("undoes", number(first))]);
            store.write("a", 9, "act.in_doubt", &[("of", number(anew)), ("why", text("timeout"))]);
            let due = text("2026-01-01T00:00:00.000000000Z");
            store.write("a", 9, "retry.scheduled", &[("of", number(anew)), ("n", number(2)), ("due", due)]);
            assert_eq!(store.checked("a", 9, first, "x.free d"), Some(Release::Free));
        }
    }

    fn resolved(store: &mut Store, second: i64, undo: u64, how: &str) {
        let text = |t: &str| J::Str(t.into());
        let mut f = vec![
            ("of", number(undo)),
            ("how", text(how)),
            ("person", text("ada")),
            ("because", play_evidence::json::val(text("looked"))),
        ];
        if how == "done" {
            f.push(("val", play_evidence::json::val(J::Null)));
        }
        store.write("a", second, "act.resolved", &f);
    }

    /// What takes an act of `a` back is in doubt since second 5, and `b` has come to hold the same since, until second 8.
    fn in_doubt() -> (Store, u64, u64, u64) {
        let mut store = Store::default();
        let a = store.hold("a", 0, 4);
        store.end("a", 4, a);
        assert_eq!(store.checked("a", 4, a, "x.free d"), Some(Release::Free));
        let undo = store.intend("a", 4, "x.free", &[("undoes", number(a))]);
        let why = J::Str("timeout".into());
        store.write("a", 5, "act.in_doubt", &[("of", number(undo)), ("why", why)]);
        let b = store.hold("b", 6, 8);
        (store, a, undo, b)
    }

    fn all(store: &Store) -> Vec<&str> {
        store.register.all().map(|(run, ..)| run).collect()
    }

    /// Whatever the person finds, `b` holds it until its own time is over, and takes it back then.
    #[test]
    fn who_settles_an_undo_in_doubt_ends_nothing_that_another_run_holds() {
        for how in ["done", "not_done"] {
            let (mut store, a, undo, b) = in_doubt();
            resolved(&mut store, 7, undo, how);
            assert!(store.register.act("b", b).unwrap().holds(), "{how}");
            if how == "not_done" {
                // A person wants it taken back all the same: it is when `b` lets go of it.
                assert_eq!(store.checked("a", 7, a, "x.free d"), held("b", 8));
            }
            store.end("b", 8, b);
            assert_eq!(store.checked("b", 8, b, "x.free d"), Some(Release::Free), "{how}");
            let free = store.intend("b", 8, "x.free", &[("undoes", number(b))]);
            store.done("b", 9, free);
            let expected = match how {
                // Once, and by `b`.
                "not_done" => Some(Release::Undone { run: "b".into() }),
                _ => None,
            };
            if expected.is_some() {
                assert_eq!(store.checked("a", 9, a, "x.free d"), expected);
            }
            assert_eq!(all(&store), [""; 0], "{how}");
        }
    }

    /// It was found not done, and the same call has been made since or is made later: then it needs nobody any more.
    #[test]
    fn what_was_not_taken_back_is_when_another_run_makes_the_same_call() {
        for before in [true, false] {
            let (mut store, a, undo, b) = in_doubt();
            if !before {
                resolved(&mut store, 7, undo, "not_done");
                let standing = store.register.act("a", a).map(|act| act.standing.clone());
                assert!(matches!(standing, Some(Standing::Failed { .. })), "{standing:?}");
            }
            store.end("b", 8, b);
            assert_eq!(store.checked("b", 8, b, "x.free d"), Some(Release::Free));
            let free = store.intend("b", 8, "x.free", &[("undoes", number(b))]);
            store.done("b", 9, free);
            if before {
                assert_eq!(all(&store), ["a"], "nobody has said yet what became of it");
                resolved(&mut store, 10, undo, "not_done");
            }
            assert_eq!(all(&store), [""; 0], "before: {before}");
            assert_eq!(store.checked("a", 11, a, "x.free d"), Some(Release::Undone { run: "b".into() }));
        }
        // Another call says nothing of it: it may have had to be as something else has found it.
        let (mut store, _, undo, b) = in_doubt();
        resolved(&mut store, 7, undo, "not_done");
        store.end("b", 8, b);
        assert_eq!(store.checked("b", 8, b, "x.free other"), Some(Release::Free));
        let free = store.intend("b", 8, "x.thaw", &[("undoes", number(b))]);
        store.done("b", 9, free);
        assert_eq!(all(&store), ["a"]);
    }

    #[test]
    fn what_failed_is_in_nobodys_way() {
        let mut store = Store::default();
        let (a, b) = (store.hold("a", 0, 9), store.hold("b", 1, 4));
        store.end("b", 4, b);
        store.checked("b", 4, b, "x.free d");
        store.end("a", 9, a);
        store.checked("b", 9, b, "x.free d");
        let undo = store.intend("b", 9, "x.free", &[("undoes", number(b))]);
        let words = play_evidence::json::val(J::Str("locked".into()));
        let how = [("how", J::Str("refused".into())), ("failure", J::Str("Denied".into()))];
        let mut f = vec![("of", number(undo)), ("words", words), ("ms", J::Int(1))];
        f.extend(how);
        store.write("b", 9, "act.failed", &f);
        assert_eq!(store.checked("a", 9, a, "x.free d"), Some(Release::Free));
        let (_, _, failed) = store.register.all().find(|(run, ..)| *run == "b").unwrap();
        assert_eq!(failed.standing, Standing::Failed { undo: Some(undo), words: "Denied: locked".into() });
        assert!(store.register.is_settled("b") || !store.register.kept().contains(&"b".to_string()));
    }

    #[test]
    fn one_that_may_have_been_done_holds() {
        let mut store = Store::default();
        let a = store.hold("a", 0, 4);
        let text = |t: &str| J::Str(t.into());
        let b = store.intend("b", 1, "x.block", &[("undo", text("x.free")), ("target", text("t"))]);
        store.write("b", 2, "act.in_doubt", &[("of", number(b)), ("why", text("timeout"))]);
        store.end("a", 4, a);
        let answer = store.checked("a", 4, a, "x.free d");
        assert_eq!(answer, Some(Release::Held { run: "b".into(), until: None }));
        let resolved = [
            ("of", number(b)),
            ("how", text("not_done")),
            ("person", text("ada")),
            ("because", play_evidence::json::val(text("looked"))),
        ];
        store.write("b", 5, "act.resolved", &resolved);
        assert_eq!(store.checked("a", 5, a, "x.free d"), Some(Release::Free));
    }
}
