//! Records to cases.

use play_check::typed::{Body, Program};
use play_program::config;
use play_program::convert::{self, Misfit};
use play_program::exec::{Arrival, Mapped, Mapping, Unmapped};
use play_program::json::{Found, JsonAt, ReadLog};
use play_program::shape::case_default;
use play_program::types::RecordId;
use play_program::value::Value;

use crate::Reference;
use crate::pure::{Frame, Stop};

/// A case of which nothing is known but the defaults.
pub(crate) fn empty_case(program: &Program, case: RecordId) -> Vec<Value> {
    let fields = program.types.record(case).map_or(0, |record| record.fields.len());
    (0..fields).map(|slot| case_default(slot).unwrap_or(Value::None)).collect()
}

/// What a source stands on.
#[derive(Clone, Copy)]
struct Given<'a> {
    record: &'a JsonAt,
    config: &'a [Value],
}

impl Reference {
    pub(crate) fn map_record(&self, source: usize, record: &JsonAt, config: &[Value]) -> Mapping {
        let Some(source) = self.program.sources.get(source) else { return Mapping::Rejected };
        let mut log = ReadLog::default();
        let given = Given { record, config };
        match self.map_fields(source, given, &mut log) {
            Ok(Some((case, from, dedup))) => Mapping::Mapped(Mapped { case, from, dedup, read: log }),
            Ok(None) => Mapping::Rejected,
            Err(unmapped) => Mapping::Unmapped(unmapped),
        }
    }

    /// What a record is for an event.
    pub(crate) fn of_event(&self, event: u32, record: &JsonAt) -> Arrival {
        let Some(event) = self.program.events.get(event as usize) else { return Arrival::Other };
        let (given, mut log) = (Given { record, config: &[] }, ReadLog::default());
        // What cannot be asked of a record is no reason to think that it is one.
        if !matches!(self.of_record("accept", &event.accept, given, &mut log), Ok(Value::Bool(true))) {
            return Arrival::Other;
        }
        let params = event.spec.params.iter().zip(&event.keys);
        let args = params.map(|((name, _), key)| self.of_record(name, key, given, &mut log)).collect();
        let args: Vec<Value> = match args {
            Ok(args) => args,
            Err(why) => return Arrival::Unmapped(why),
        };
        match &event.gives {
            None => Arrival::Is { args, value: Value::None },
            Some(gives) => match self.of_record("accept", gives, given, &mut log) {
                Ok(value) => Arrival::Is { args, value },
                Err(why) => Arrival::Unmapped(why),
            },
        }
    }

    #[expect(clippy::type_complexity, reason = "the parts of a `Mapped`, for the one caller above")]
    fn map_fields(
        &self,
        source: &play_check::typed::Source,
        given: Given<'_>,
        log: &mut ReadLog,
    ) -> Result<
        Option<(Vec<Value>, Vec<(usize, Vec<String>)>, Option<(String, jiff::SignedDuration)>)>,
        Unmapped,
    > {
        for condition in &source.accept {
            if !matches!(self.of_record("accept", condition, given, log)?, Value::Bool(true)) {
                return Ok(None);
            }
        }
        let mut dedup = None;
        if let Some((key, window)) = &source.dedup {
            let value = self.of_record("dedup", key, given, log)?;
            dedup = Some((convert::display(&value, &key.expr.ty, &self.program.types), *window));
        }
        log.take_recent();
        let mut case = empty_case(&self.program, source.case);
        let mut from = Vec::new();
        for (slot, body) in &source.map {
            let record_type = self.program.types.record(source.case);
            let name = record_type.and_then(|r| r.fields.get(*slot)).map_or("", |field| &field.name);
            let value = self.of_record(name, body, given, log)?;
            if let Some(place) = case.get_mut(*slot) {
                *place = value;
            }
            from.push((*slot, log.take_recent()));
        }
        Ok(Some((case, from, dedup)))
    }

    /// The value of a body of a source over a record.
    fn of_record(
        &self,
        field: &str,
        body: &Body,
        given: Given<'_>,
        log: &mut ReadLog,
    ) -> Result<Value, Unmapped> {
        let mut frame = Frame::with(body, [Value::Json(given.record.clone())]);
        config::append(&mut frame.case, given.config);
        std::mem::swap(log, &mut frame.log);
        let found = self.pure().eval(&body.expr, &mut frame);
        std::mem::swap(log, &mut frame.log);
        let unmet = match found {
            Ok(value) => return Ok(value),
            Err(Stop::Unmet(misfit)) => misfit,
            // There is no run yet that could end by a fault: the record is unmapped.
            Err(Stop::Fault(fault)) => {
                Misfit { path: String::new(), expected: format!("no {}", fault.what), found: Found::Absent }
            }
        };
        Err(Unmapped { field: field.into(), path: unmet.path, expected: unmet.expected, found: unmet.found })
    }
}
