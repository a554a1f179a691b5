//! What stands in the lines of a run.

use std::collections::BTreeMap;

use play_evidence::{Chain, J, Line, kinds};
use play_program::Value;
use play_program::action::Action;
use play_program::exec::Part;
use play_program::value::Failure;

use super::{MAX_LINE, Run, SchedulerError};
use crate::encode;
use crate::event::{Came, Step};

pub(super) type Fields = BTreeMap<String, J>;

impl Run {
    /// Writes a line; gives its `seq`.
    pub(super) fn write(
        &mut self,
        step: &mut Step,
        kind: &str,
        by: &str,
        at: Option<u32>,
        f: Fields,
    ) -> Result<u64, SchedulerError> {
        let kind = kinds::kind(kind).ok_or_else(|| SchedulerError::Evidence(format!("no kind {kind}")))?;
        let seq = self.chain.next_seq();
        let prev = self.chain.prev();
        // The engine looks at it before it is written: see `Register`.
        let line = self.chain.append_said(self.last, by, at, kind, f);
        let line: Line = line.map_err(|e| SchedulerError::Evidence(e.to_string()))?;
        if line.bytes.len() > MAX_LINE {
            self.chain = Chain::resume(self.chain.name(), seq, prev);
            return Err(SchedulerError::TooLong);
        }
        step.lines.push(line);
        Ok(seq)
    }

    pub(super) fn args(&self, action: &Action, args: &[Value]) -> J {
        let pairs = action.params.iter().zip(args);
        J::Obj(pairs.map(|((name, ty), v)| (name.clone(), encode::value(v, ty, self.types()))).collect())
    }

    pub(super) fn case_field(&self, slot: usize) -> Option<(String, play_program::Type)> {
        let playbook = self.manifest.playbooks.get(self.playbook)?;
        let field = self.types().record(playbook.case)?.fields.get(slot)?;
        Some((field.name.clone(), field.ty.clone()))
    }

    pub(super) fn part(&self, part: &Part) -> J {
        match part {
            Part::Condition { at, is, sides } => {
                let is = match is {
                    Some(true) => "true",
                    Some(false) => "false",
                    None => "skipped",
                };
                let mut f = fields([("at", J::Int(i64::from(*at))), ("is", J::Str(is.into()))]);
                if let Some(sides) = sides {
                    let [(l, lt), (r, rt)] = &**sides;
                    f.insert("l".into(), encode::value(l, lt, self.types()));
                    f.insert("r".into(), encode::value(r, rt, self.types()));
                }
                J::Obj(f)
            }
            Part::On { at, value, ty } => J::Obj(fields([
                ("at", J::Int(i64::from(*at))),
                ("on", encode::value(value, ty, self.types())),
            ])),
        }
    }
}

pub(super) fn by(action: &Action) -> String {
    format!("connector:{}", action.connector)
}

pub(super) fn seq(of: u64) -> J {
    J::int(i64::try_from(of).unwrap_or(i64::MAX))
}

pub(super) fn time(t: jiff::Timestamp) -> J {
    J::Str(play_evidence::line::time(t))
}

pub(super) fn fields<const N: usize>(pairs: [(&str, J); N]) -> Fields {
    // One after the other: to collect them would sort them first.
    let mut all = Fields::new();
    for (name, value) in pairs {
        all.insert(name.to_string(), value);
    }
    all
}

pub(super) fn failure_fields(mut f: Fields, failure: &Failure) -> Fields {
    f.insert("failure".into(), J::Str(failure.kind.name().into()));
    f.insert("words".into(), encode::text(&failure.words));
    f
}

pub(super) fn answer_fields(mut f: Fields, of: u64, came: &Came) -> Fields {
    f.insert("of".into(), seq(of));
    f.insert("ms".into(), J::int(i64::try_from(came.ms).unwrap_or(i64::MAX)));
    if let Some(status) = came.status {
        f.insert("status".into(), J::Int(i64::from(status)));
    }
    if let Some(at) = came.kept {
        f.insert("kept".into(), time(at));
    }
    if let Some(body) = &came.body {
        f.insert("body".into(), play_evidence::json::blob(&body.digest, body.len));
    }
    f
}
