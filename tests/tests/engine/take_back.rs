//! A run that takes something back, event by event: what ends meanwhile, and who else comes to it. On both engines, which have to agree.

use crate::tested::Compiled;
use jiff::{SignedDuration, Timestamp};
use play_evidence::{J, ParsedLine};
use play_program::exec::{Mapped, Program};
use play_program::json::ReadLog;
use play_program::value::{Failure, FailureKind, Value};
use play_scheduler::Run;
use play_scheduler::event::{Came, Command, Event, How, Step};
use play_scheduler::outlook::Outlook;
use play_scheduler::register::{Ending, Register, Standing};
use play_scheduler::run::Opening;

const PROGRAM: &str = r#"
case T { q: String }
connector x {
  config { base_url: Url }
  write block(q: String) -> String
    POST "/block" json { q: q }
    expect 200 -> body
    undo free(q)
    class change
  write free(q: String) -> String
    POST "/free" json { q: q }
    expect 200 -> body
    idempotent by q
    retry 3 backoff 1m
    class restore
}
guard all covers x.block, x.free { allow }
playbook p for T {
  do x.block(case.q) for 1h else none
  do x.block("other") else none
  rollback because "it was nothing" else none
  close FalsePositive because "over"
}
test "t" {
  given T { q: "s" }
  given x.block(_) returns "done"
  given x.free(_) returns "done"
  run p
  expect closed FalsePositive
}
"#;

/// A run that is told what happens, and the register of its store.
struct Driven {
    run: Run,
    register: Register,
    outlook: Outlook,
    now: Timestamp,
    lines: Vec<ParsedLine>,
    commands: Vec<Command>,
}

impl Driven {
    fn open(program: &dyn Program, c: &Compiled) -> Self {
        let opening = Opening {
            artifact: c.digest.clone(),
            run: "r".into(),
            case_id: "C-1".into(),
            source: None,
            record: "0".into(),
            pos: "test".into(),
            engine: "test".into(),
            playbook: c.spec.playbook,
            mapped: Mapped {
                case: c.spec.case.clone(),
                from: Vec::new(),
                dedup: None,
                read: ReadLog::default(),
            },
            config: Vec::new(),
            autonomy: c.spec.autonomy.clone(),
        };
        let now = play_scheduler::testing::start();
        let (run, step) = Run::open(program, &c.manifest, opening, now).unwrap();
        let (register, outlook) = (Register::default(), Outlook::default());
        let mut driven = Self { run, register, outlook, now, lines: Vec::new(), commands: Vec::new() };
        driven.note(step);
        driven
    }

    fn note(&mut self, step: Step) {
        for line in &step.lines {
            let line = ParsedLine::parse(&line.bytes).unwrap();
            self.register.take(&line);
            self.outlook.take(&line);
            self.lines.push(line);
        }
        self.commands.extend(step.commands);
        self.commands.retain(|c| !matches!(c, Command::Cancel { .. }));
    }

    fn tell(&mut self, event: Event) {
        let of = event.of();
        self.commands.retain(|c| Some(c.of()) != of);
        let step = self.run.apply(self.now, event).unwrap();
        self.note(step);
    }

    /// The only write that is out: its line and its key.
    fn out(&self) -> (u64, String) {
        let acts: Vec<_> = self
            .commands
            .iter()
            .filter_map(|c| match c {
                Command::Act { of, key, .. } => Some((*of, key.clone())),
                _ => None,
            })
            .collect();
        assert_eq!(acts.len(), 1, "{:?}", self.kinds());
        acts[0].clone()
    }

    fn done(&mut self) {
        let of = self.out().0;
        self.tell(Event::ActDone { of, value: Value::str("done"), came: Came::default() });
    }

    fn lost(&mut self) {
        let of = self.out().0;
        self.tell(Event::ActInDoubt { of, why: "timeout".into(), words: None, came: Came::default() });
    }

    /// Asks the register about what is to be taken back, and tells the answer.
    fn asked(&mut self) {
        let asks = self.commands.iter().find_map(|c| match c {
            Command::Release { of, call, .. } => Some((*of, call.clone())),
            _ => None,
        });
        let (of, call) = asks.expect("something is to be taken back");
        if let Some(answer) = self.register.ask("r", of, &call) {
            self.tell(Event::Released { of, answer });
        }
    }

    /// The first timer that is within this time goes off.
    fn wake(&mut self, within: SignedDuration) {
        let timers = self.commands.iter().filter_map(|c| match c {
            Command::Wake { of, at } => Some((*at, *of)),
            _ => None,
        });
        let (at, of) = timers.min().expect("a timer");
        assert!(at.duration_since(self.now) <= within, "{at}");
        self.now = self.now.max(at);
        self.tell(Event::Woke { of });
    }

    fn kinds(&self) -> Vec<&str> {
        self.lines.iter().map(|l| l.k.as_str()).collect()
    }

    fn cancel(&mut self) {
        self.tell(Event::CancelAsked { person: "ada".into(), because: "a drill".into() });
    }

    fn undo(&mut self, acts: &[u64]) {
        self.tell(Event::UndoAsked { person: "bob".into(), because: "enough".into(), acts: acts.to_vec() });
    }
}

/// The two acts are done and the rollback has come to the latest: to where its undo is out.
fn rolling(program: &dyn Program, c: &Compiled) -> (Driven, u64, u64) {
    let mut d = Driven::open(program, c);
    let first = d.out().0;
    d.done();
    let second = d.out().0;
    d.done();
    d.asked();
    (d, first, second)
}

fn on_both(test: impl Fn(&dyn Program, &Compiled) -> Vec<ParsedLine>) {
    let c = crate::tested::compiled(PROGRAM);
    let [by_vm, by_reference] = c.on_both(|program| test(program, &c));
    assert_eq!(by_vm, by_reference);
}

/// The program ends while its rollback asks whether the undo may be sent again: that was out, and goes out again with its key.
#[test]
fn what_was_out_is_sent_again_with_its_key_when_the_program_has_ended() {
    on_both(|program, c| {
        let (mut d, first, _) = rolling(program, c);
        d.done();
        d.asked();
        let (_, key) = d.out();
        d.lost();
        d.wake(SignedDuration::from_mins(2));
        d.cancel();
        assert!(d.run.state().is_over());
        assert!(!d.register.is_settled("r"), "it is still to be taken back");
        d.asked();
        assert_eq!(d.out().1, key);
        d.done();
        assert!(d.register.act("r", first).is_none());
        assert!(d.run.is_settled() && d.register.is_settled("r"), "{:?}", d.kinds());
        d.lines
    });
}

/// The same while it waits to be sent again: whoever reads the store knows that something is to come.
#[test]
fn a_run_is_not_settled_while_what_takes_back_is_to_be_sent_again() {
    on_both(|program, c| {
        let (mut d, _, second) = rolling(program, c);
        let (_, key) = d.out();
        d.lost();
        d.cancel();
        assert!(!d.run.is_settled());
        assert!(!d.register.is_settled("r"));
        let standing = d.register.act("r", second).map(|act| act.standing.clone());
        assert_eq!(standing, Some(Standing::Ending(Ending::Again)), "it is not given up");
        assert!(d.outlook.rests().is_some_and(|t| t.duration_since(d.now) < SignedDuration::from_mins(2)));
        d.wake(SignedDuration::from_mins(2));
        d.asked();
        assert_eq!(d.out().1, key);
        d.done();
        // The hold on the first lasts, and ends in its time.
        assert!(!d.register.is_settled("r"));
        d.wake(SignedDuration::from_hours(1));
        d.asked();
        d.done();
        assert!(d.run.is_settled() && d.register.is_settled("r"), "{:?}", d.kinds());
        d.lines
    });
}

/// The program has ended while an undo of its rollback was out, and a person takes the whole run back: one after the other, the latest
/// first, whichever answer comes when.
#[test]
fn what_outlives_its_rollback_does_not_move_that_of_a_person() {
    on_both(|program, c| {
        let (mut d, first, second) = rolling(program, c);
        let (undo, _) = d.out();
        d.cancel();
        d.undo(&[first, second]);
        // It is on its way: the person's waits for it.
        d.asked();
        assert_eq!(d.out().0, undo);
        d.done();
        assert!(
            !d.commands.iter().any(|c| matches!(c, Command::Release { of, .. } if *of == first)),
            "its turn comes when the latest is known to be taken back"
        );
        d.asked();
        d.asked();
        let (last, _) = d.out();
        assert!(last > undo);
        d.done();
        let rolled = d.lines.iter().filter(|l| l.k == "rollback.done").count();
        assert_eq!(rolled, 1, "{:?}", d.kinds());
        let undone = d.lines.iter().filter(|l| l.field("undoes").is_some());
        let undone: Vec<_> = undone.filter_map(|l| l.number("undoes")).collect();
        assert_eq!(undone, [second, first]);
        assert!(d.run.is_settled() && d.register.is_settled("r"), "{:?}", d.kinds());
        d.lines
    });
}

/// A person takes a run back whose undo waits to be tried again: it is tried at once, with its key, and theirs goes on with it.
#[test]
fn a_person_comes_to_what_is_tried_again() {
    on_both(|program, c| {
        let (mut d, first, second) = rolling(program, c);
        let (_, key) = d.out();
        d.lost();
        d.cancel();
        d.undo(&[first, second]);
        d.asked();
        assert_eq!(d.out().1, key, "under the same key");
        d.done();
        d.asked();
        assert_ne!(d.out().1, key);
        let of = d.out().0;
        let failure = Failure { kind: FailureKind::Rejected, words: "no".into() };
        d.tell(Event::ActFailed { of, how: How::Refused, failure, came: Came::default() });
        let ended = d.lines.iter().find(|l| l.k == "rollback.done").unwrap();
        let failed = J::Arr(vec![J::int(i64::try_from(first).unwrap())]);
        assert_eq!(ended.field("failed"), Some(&failed), "{:?}", d.kinds());
        assert!(!d.run.is_rolling());
        d.lines
    });
}
