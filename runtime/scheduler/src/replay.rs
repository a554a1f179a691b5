//! A run decided again from its own record: the same lines, byte for byte, or the first that differs.
//!
//! Only the input fields of a line are read. Everything else is computed again by the program that the run is pinned to
//! and compared, so a line whose derived part was altered cannot pass.

use std::sync::Arc;

use jiff::Timestamp;
use play_evidence::{J, ParsedLine};
use play_program::Value;
use play_program::artifact::Manifest;
use play_program::autonomy::Autonomy;
use play_program::exec::{Mapped, Program};
use play_program::json::{Doc, ReadLog};
use play_program::value::{Failure, FailureKind};

use crate::autonomy;
use crate::basis::Basis;
use crate::encode;
use crate::event::{Arrived, BodyRef, Came, Event, How};
use crate::intake::{self, Taken};
use crate::register::Release;
use crate::run::{Opening, Run};

/// How a replay ended.
#[derive(Debug)]
pub enum Replay {
    /// Every line came out the same. The run stands where the record ends.
    Identical {
        /// The run, ready to go on.
        run: Box<Run>,
        /// How many lines.
        lines: usize,
    },
    /// The first line that differs.
    Differs(Box<Difference>),
    /// From this line on it cannot be decided: what it needs is not here.
    Undecidable {
        /// 0-based line of the run.
        line: usize,
        /// What is not here.
        why: String,
    },
}

/// Where a replay and the record part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// 0-based line of the run.
    pub line: usize,
    /// What the replay wrote; `None` when it wrote nothing more here.
    pub replayed: Option<Vec<u8>>,
    /// What the record has; `None` when it ends here.
    pub stored: Option<Vec<u8>>,
    /// In words.
    pub why: String,
}

/// Replays the lines of one run.
#[must_use]
pub fn replay(program: &dyn Program, manifest: &Arc<Manifest>, artifact: &str, lines: &[&[u8]]) -> Replay {
    match Replaying::new(program, manifest, artifact, lines).all() {
        Ok(done) => done,
        Err(stop) => stop,
    }
}

struct Replaying<'a> {
    program: &'a dyn Program,
    manifest: &'a Arc<Manifest>,
    artifact: &'a str,
    lines: &'a [&'a [u8]],
    at: usize,
}

impl<'a> Replaying<'a> {
    fn new(
        program: &'a dyn Program,
        manifest: &'a Arc<Manifest>,
        artifact: &'a str,
        lines: &'a [&'a [u8]],
    ) -> Self {
        Self { program, manifest, artifact, lines, at: 0 }
    }

    fn all(mut self) -> Result<Replay, Replay> {
        let first = self.parsed()?;
        let (opening, t) = self.opening(&first)?;
        let (mut run, step) = Run::open(self.program, self.manifest, opening, t)
            .map_err(|e| self.differs(None, &e.to_string()))?;
        self.compare(&step.lines)?;
        while self.at < self.lines.len() {
            let line = self.parsed()?;
            let t = self.time(&line)?;
            let event = self.event(&run, &line)?;
            let step = run.apply(t, event).map_err(|e| self.differs(None, &e.to_string()))?;
            if step.lines.is_empty() {
                return Err(self.differs(None, "the run is over before this line"));
            }
            self.compare(&step.lines)?;
        }
        Ok(Replay::Identical { run: Box::new(run), lines: self.at })
    }

    fn parsed(&self) -> Result<ParsedLine, Replay> {
        let Some(bytes) = self.lines.get(self.at) else {
            return Err(self.differs(None, "the record has no line here"));
        };
        ParsedLine::parse(bytes).map_err(|e| self.differs(None, &format!("the line cannot be read: {e}")))
    }

    fn compare(&mut self, replayed: &[play_evidence::Line]) -> Result<(), Replay> {
        for line in replayed {
            match self.lines.get(self.at) {
                Some(stored) if *stored == &line.bytes[..] => self.at = self.at.saturating_add(1),
                Some(_) => return Err(self.differs(Some(line.bytes.to_vec()), "the line came out otherwise")),
                None => {
                    return Err(self.differs(Some(line.bytes.to_vec()), "the record ends before this line"));
                }
            }
        }
        Ok(())
    }

    fn differs(&self, replayed: Option<Vec<u8>>, why: &str) -> Replay {
        Replay::Differs(Box::new(Difference {
            line: self.at,
            replayed,
            stored: self.lines.get(self.at).map(|l| l.to_vec()),
            why: why.to_string(),
        }))
    }

    fn undecidable(&self, why: String) -> Replay {
        Replay::Undecidable { line: self.at, why }
    }

    fn time(&self, line: &ParsedLine) -> Result<Timestamp, Replay> {
        line.t.parse().map_err(|_| self.differs(None, "its time cannot be read"))
    }

    fn str(&self, line: &ParsedLine, name: &str) -> Result<String, Replay> {
        match line.field(name) {
            Some(J::Str(s)) => Ok(s.clone()),
            _ => Err(self.differs(None, &format!("its field `{name}` is not there or not text"))),
        }
    }

    fn number(&self, line: &ParsedLine, name: &str) -> Result<u64, Replay> {
        match line.field(name) {
            Some(J::Int(n)) => {
                u64::try_from(*n).map_err(|_| self.differs(None, &format!("its field `{name}` is negative")))
            }
            _ => Err(self.differs(None, &format!("its field `{name}` is not there or not a number"))),
        }
    }

    /// The counts of a `guard.counted`, in the order of the limits that are waited for.
    fn numbers(&self, line: &ParsedLine, name: &str) -> Result<Vec<u64>, Replay> {
        let number = |n: &J| n.as_int().and_then(|n| u64::try_from(n).ok());
        let all = match line.field(name) {
            Some(J::Arr(all)) => all.iter().map(number).collect(),
            _ => None,
        };
        all.ok_or_else(|| self.differs(None, &format!("its field `{name}` is not a list of numbers")))
    }

    fn release(&self, line: &ParsedLine) -> Result<Release, Replay> {
        let text = |name: &str| line.field(name).map(|_| self.str(line, name)).transpose();
        let until = text("until")?.map(|t| t.parse()).transpose();
        let until = until.map_err(|_| self.differs(None, "its field `until` is not a time"))?;
        match (text("holder")?, until, text("undone")?, text("overtaken")?) {
            (None, None, None, None) => Ok(Release::Free),
            (Some(run), until, None, None) => Ok(Release::Held { run, until }),
            (None, None, Some(run), None) => Ok(Release::Undone { run }),
            (None, None, None, Some(run)) => Ok(Release::Overtaken { run }),
            _ => Err(self.differs(None, "it says more than one thing of what others hold")),
        }
    }

    fn counts(&self, run: &Run, of: u64, line: &ParsedLine) -> Result<Vec<u64>, Replay> {
        let Some(J::Obj(counts)) = line.field("counts") else {
            return Err(self.differs(None, "its field `counts` is not there"));
        };
        let Some(names) = run.counting(of) else {
            return Err(self.differs(None, &format!("nothing is counted for line {of}")));
        };
        let count = |name: &String| match counts.get(name) {
            Some(J::Obj(p)) => p.get("val").and_then(J::as_int).and_then(|n| u64::try_from(n).ok()),
            _ => None,
        };
        let all: Option<Vec<u64>> = names.iter().map(count).collect();
        all.ok_or_else(|| self.differs(None, "one of its counts is not there, or not a number"))
    }

    fn words(&self, line: &ParsedLine, name: &str) -> Result<String, Replay> {
        let Some(J::Obj(position)) = line.field(name) else {
            return Err(self.differs(None, &format!("its field `{name}` is not a value position")));
        };
        match position.get("val") {
            Some(J::Str(s)) => Ok(s.clone()),
            _ => Err(self.undecidable(format!("`{name}` is not in the line"))),
        }
    }

    fn opening(&self, line: &ParsedLine) -> Result<(Opening, Timestamp), Replay> {
        if line.k != "run.opened" {
            return Err(self.differs(None, "a run begins with `run.opened`"));
        }
        let artifact = self.str(line, "artifact")?;
        if artifact != self.artifact {
            return Err(self.undecidable(format!("it was run by artifact {artifact}, not by this one")));
        }
        let config = encode::read_config(line.field("config"), self.manifest)
            .map_err(|why| self.differs(None, &format!("its configuration cannot be read: {why}")))?;
        let autonomy = autonomy::read(line).map_err(|why| self.differs(None, why))?;
        if let Some(given) = line.field("given") {
            return self.given(line, given, config, autonomy);
        }
        let source_name = self.str(line, "source")?;
        let Some(source) = self.manifest.sources.iter().position(|s| s.name == source_name) else {
            return Err(self.differs(None, "the program has no such source"));
        };
        let doc: Doc = match line.field("read").and_then(encode::sparse) {
            Some(doc) => doc,
            None => return Err(self.differs(None, "its field `read` cannot be read")),
        };
        let t = self.time(line)?;
        let case_id = self.str(line, "case")?;
        let mapped = match intake::take(self.program, self.manifest, Some(source), Arc::new(doc), &config) {
            Taken::Mapped { mapped, .. } => *mapped,
            Taken::Rejected => return Err(self.differs(None, "the source would not accept this record")),
            Taken::Unmapped { why, .. } => {
                let why =
                    format!("the record would not become a case: field `{}` at `{}`", why.field, why.path);
                return Err(self.differs(None, &why));
            }
        };
        let mut case = mapped.case.clone();
        intake::fill(&mut case, &case_id, &source_name, t, &config);
        let Some(playbook) = intake::route(self.program, self.manifest, source, &case) else {
            return Err(self.differs(None, "no playbook would take this case"));
        };
        let opening = Opening {
            artifact,
            run: line.run.clone(),
            case_id,
            source: Some(source),
            record: self.str(line, "record")?,
            pos: self.str(line, "pos")?,
            engine: self.str(line, "engine")?,
            playbook,
            mapped,
            config,
            autonomy,
        };
        Ok((opening, t))
    }

    /// A test gave the case, and named the playbook.
    fn given(
        &self,
        line: &ParsedLine,
        given: &J,
        config: Vec<Value>,
        autonomy: Autonomy,
    ) -> Result<(Opening, Timestamp), Replay> {
        let name = self.str(line, "playbook")?;
        let found = self.manifest.playbooks.iter().enumerate().find(|(_, p)| p.name == name);
        let Some((playbook, spec)) = found else {
            return Err(self.differs(None, "the program has no such playbook"));
        };
        let case = encode::read_given(given, spec.case, &self.manifest.types)
            .map_err(|why| self.differs(None, &format!("the given case cannot be read: {why}")))?;
        let opening = Opening {
            artifact: self.artifact.to_string(),
            run: line.run.clone(),
            case_id: self.str(line, "case")?,
            source: None,
            record: self.str(line, "record")?,
            pos: self.str(line, "pos")?,
            engine: self.str(line, "engine")?,
            playbook,
            mapped: Mapped { case, from: Vec::new(), dedup: None, read: ReadLog::default() },
            config,
            autonomy,
        };
        Ok((opening, self.time(line)?))
    }

    fn event(&self, run: &Run, line: &ParsedLine) -> Result<Event, Replay> {
        let k = line.k.as_str();
        if k == "run.resumed" {
            return Ok(Event::Resumed { engine: self.str(line, "engine")?, why: self.str(line, "why")? });
        }
        if k == "cancel.asked" {
            return Ok(Event::CancelAsked {
                person: self.str(line, "person")?,
                because: self.words(line, "because")?,
            });
        }
        if k == "undo.asked" {
            let (person, because) = (self.str(line, "person")?, self.words(line, "because")?);
            return Ok(Event::UndoAsked { person, because, acts: self.numbers(line, "acts")? });
        }
        if !matches!(
            k,
            "read.answered"
                | "read.failed"
                | "act.done"
                | "act.failed"
                | "act.in_doubt"
                | "act.held"
                | "act.released"
                | "act.resolved"
                | "timer.fired"
                | "person.answered"
                | "event.arrived"
                | "guard.counted"
                | "hold.checked"
        ) {
            return Err(
                self.differs(None, "the replay waits for an answer here and writes no line of its own")
            );
        }
        let of = self.number(line, "of")?;
        let came = || -> Result<Came, Replay> {
            let body = match line.field("body") {
                Some(J::Obj(b)) => match (b.get("blob"), b.get("len")) {
                    (Some(J::Str(digest)), Some(J::Int(len))) => {
                        Some(BodyRef { digest: digest.clone(), len: u64::try_from(*len).unwrap_or(0) })
                    }
                    _ => return Err(self.differs(None, "its field `body` cannot be read")),
                },
                _ => None,
            };
            let status = match line.field("status") {
                Some(J::Int(n)) => u16::try_from(*n).ok(),
                _ => None,
            };
            let ms = if k == "act.in_doubt" { 0 } else { self.number(line, "ms")? };
            let kept = match line.field("kept") {
                Some(J::Str(at)) => {
                    Some(at.parse().map_err(|_| self.differs(None, "its field `kept` is not a time"))?)
                }
                _ => None,
            };
            Ok(Came { ms, status, body, kept })
        };
        let value = || -> Result<Value, Replay> {
            let action = run.action_of(of).and_then(|(id, _)| self.manifest.action(id));
            let Some(action) = action else {
                return Err(self.differs(None, &format!("nothing waits for an answer to line {of}")));
            };
            let position = line.field("val").ok_or_else(|| self.differs(None, "it has no `val`"))?;
            encode::read_value(position, &action.result, &self.manifest.types).map_err(|why| match position {
                J::Obj(p) if p.contains_key("val") => {
                    self.differs(None, &format!("its value cannot be read: {why}"))
                }
                _ => self.undecidable(why),
            })
        };
        let failure = || -> Result<Failure, Replay> {
            let kind = FailureKind::from_name(&self.str(line, "failure")?)
                .ok_or_else(|| self.differs(None, "it names no known failure"))?;
            Ok(Failure { kind, words: self.words(line, "words")? })
        };
        Ok(match k {
            "timer.fired" => Event::Woke { of },
            "act.held" => Event::ActHeld { of, perhaps: self.str(line, "sent")? != "never" },
            "act.released" => Event::ActReleased { of },
            "person.answered" => Event::PersonAnswered {
                of,
                person: self.str(line, "person")?,
                choice: self.str(line, "choice")?,
                because: self.words(line, "because")?,
                basis: Basis::read(|name| line.field(name))
                    .ok_or_else(|| self.differs(None, "it does not say on what they have the role"))?,
                turn: match line.field("turn") {
                    Some(_) => usize::try_from(self.number(line, "turn")?).unwrap_or(usize::MAX),
                    None => 0,
                },
            },
            "hold.checked" => Event::Released { of, answer: self.release(line)? },
            "event.arrived" => {
                let Some(ty) = run.event_of(of) else {
                    return Err(self.differs(None, &format!("no event is waited for in line {of}")));
                };
                let position = line.field("val").ok_or_else(|| self.differs(None, "it has no `val`"))?;
                let value = encode::read_value(position, ty, &self.manifest.types)
                    .map_err(|why| self.differs(None, &format!("its value cannot be read: {why}")))?;
                let came = self.str(line, "came")?;
                let arrived = Arrived {
                    arrival: self.number(line, "arrival")?,
                    came: came.parse().map_err(|_| self.differs(None, "its field `came` is not a time"))?,
                    pos: self.str(line, "pos")?,
                    record: self.str(line, "record")?,
                };
                Event::Arrived { of, value, arrived }
            }
            "guard.counted" => Event::Counted { of, counts: self.counts(run, of, line)? },
            "read.answered" => Event::ReadAnswered { of, value: value()?, came: came()? },
            "read.failed" => Event::ReadFailed { of, failure: failure()?, came: came()? },
            "act.done" => Event::ActDone { of, value: value()?, came: came()? },
            "act.failed" => {
                let how = How::from_name(&self.str(line, "how")?)
                    .ok_or_else(|| self.differs(None, "it says neither `not_sent` nor `refused`"))?;
                Event::ActFailed { of, how, failure: failure()?, came: came()? }
            }
            "act.in_doubt" => {
                let words = line.field("words").map(|_| self.words(line, "words")).transpose()?;
                Event::ActInDoubt { of, why: self.str(line, "why")?, words, came: came()? }
            }
            _ => {
                let how = self.str(line, "how")?;
                let done = match how.as_str() {
                    "done" => Some(value()?),
                    "not_done" => None,
                    _ => return Err(self.differs(None, "it says neither `done` nor `not_done`")),
                };
                let (person, because) = (self.str(line, "person")?, self.words(line, "because")?);
                Event::ActResolved { of, done, person, because }
            }
        })
    }
}
