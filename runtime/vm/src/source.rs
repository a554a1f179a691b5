//! Records to cases.

use play_program::convert::{self, Misfit};
use play_program::exec::{Arrival, Mapped, Mapping, Unmapped};
use play_program::json::{Found, JsonAt, ReadLog};
use play_program::shape;
use play_program::value::Value;

use crate::interpreter::{Scratch, Stop, with_scratch};
use crate::load::{Loaded, Ready};

pub(crate) fn map(program: &Loaded, source: usize, record: &JsonAt, config: &[Value]) -> Mapping {
    match with_scratch(|scratch| try_map(program, source, record, config, scratch)) {
        Ok(Some(mapped)) => Mapping::Mapped(mapped),
        Ok(None) => Mapping::Rejected,
        Err(unmapped) => Mapping::Unmapped(unmapped),
    }
}

/// What a record is for an event.
pub(crate) fn event(program: &Loaded, event: u32, record: &JsonAt) -> Arrival {
    let Some(ready) = program.events.get(event as usize) else { return Arrival::Other };
    let names = program.artifact.manifest.events.get(event as usize).map(|e| e.params.as_slice());
    with_scratch(|scratch| {
        let mut reader = Reader { program, record, config: &[], log: ReadLog::default(), scratch };
        // What cannot be asked of a record is no reason to think that it is one.
        if !matches!(reader.value(&ready.accept, "accept"), Ok(Value::Bool(true))) {
            return Arrival::Other;
        }
        let mut args = Vec::new();
        for (key, (name, _)) in ready.keys.iter().zip(names.unwrap_or_default()) {
            match reader.value(key, name) {
                Ok(value) => args.push(value),
                Err(why) => return Arrival::Unmapped(why),
            }
        }
        match ready.gives.as_ref().map(|gives| reader.value(gives, "accept")) {
            None => Arrival::Is { args, value: Value::None },
            Some(Ok(value)) => Arrival::Is { args, value },
            Some(Err(why)) => Arrival::Unmapped(why),
        }
    })
}

struct Reader<'a> {
    program: &'a Loaded,
    record: &'a JsonAt,
    config: &'a [Value],
    log: ReadLog,
    scratch: &'a mut Scratch,
}

impl Reader<'_> {
    fn value(&mut self, block: &Ready, field: &str) -> Result<Value, Unmapped> {
        let args = std::iter::once(Value::Json(self.record.clone())).chain(self.config.iter().cloned());
        let stop = match self.program.run(block, args, &mut self.log, self.scratch) {
            Ok(value) => return Ok(value),
            Err(stop) => stop,
        };
        let Misfit { path, expected, found } = match stop {
            Stop::Misfit(misfit) => misfit,
            // There is no run yet that could end by a fault: the record is not mapped, and the fault says why.
            Stop::Fault(fault) => Misfit { path: String::new(), expected: fault.what, found: Found::Absent },
        };
        Err(Unmapped { field: field.to_string(), path, expected, found })
    }
}

fn try_map(
    program: &Loaded,
    source: usize,
    record: &JsonAt,
    config: &[Value],
    scratch: &mut Scratch,
) -> Result<Option<Mapped>, Unmapped> {
    let manifest = &program.artifact.manifest;
    let parts = (
        manifest.sources.get(source),
        program.artifact.code.sources.get(source),
        program.sources.get(source),
    );
    let (Some(declared), Some(code), Some(ready)) = parts else { return Ok(None) };
    let Some(case) = manifest.types.record(declared.case) else { return Ok(None) };
    let mut reader = Reader { program, record, config, log: ReadLog::default(), scratch };

    for accept in &ready.accept {
        if !matches!(reader.value(accept, "accept")?, Value::Bool(true)) {
            return Ok(None);
        }
    }
    let mut dedup = None;
    if let (Some(block), Some(key), Some(window)) = (&ready.dedup, &code.dedup, declared.dedup) {
        let value = reader.value(block, "dedup")?;
        dedup = Some((convert::display(&value, &key.ty, &manifest.types), window));
    }
    let plain = |slot| shape::case_default(slot).unwrap_or(Value::None);
    let mut slots: Vec<Value> = (0..case.fields.len()).map(plain).collect();
    let mut from = Vec::new();
    for ((slot, _), block) in code.map.iter().zip(&ready.map) {
        let slot = usize::from(*slot);
        let name = case.fields.get(slot).map_or("", |f| f.name.as_str());
        reader.log.take_recent();
        let value = reader.value(block, name)?;
        from.push((slot, reader.log.take_recent()));
        if let Some(place) = slots.get_mut(slot) {
            *place = value;
        }
    }
    Ok(Some(Mapped { case: slots, from, dedup, read: reader.log }))
}
