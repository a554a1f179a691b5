//! How a run is driven, as its first line has it: an input, as no program says it. A run that is automatic has no such field.

use jiff::SignedDuration;
use play_evidence::{J, ParsedLine};
use play_program::autonomy::Autonomy;

/// The fields of `run.opened`.
#[must_use]
pub fn fields(autonomy: &Autonomy) -> Vec<(String, J)> {
    let mut all = Vec::new();
    if *autonomy != Autonomy::Automatic {
        all.push(("autonomy".to_string(), J::Str(autonomy.word().into())));
    }
    if let Autonomy::Supervised { from, within } = autonomy {
        let ms = i64::try_from(within.as_millis()).unwrap_or(i64::MAX);
        all.push(("approval".to_string(), J::Str(from.clone())));
        all.push(("within".to_string(), J::int(ms)));
    }
    all
}

/// The inverse of [`fields`].
///
/// # Errors
/// What cannot be read, in words.
pub fn read(line: &ParsedLine) -> Result<Autonomy, &'static str> {
    let word = match line.field("autonomy") {
        None => return Ok(Autonomy::Automatic),
        Some(word) => word.as_str().unwrap_or_default(),
    };
    match (word, line.field("approval"), line.field("within")) {
        ("shadow", None, None) => Ok(Autonomy::Shadow),
        ("supervised", Some(J::Str(from)), Some(J::Int(ms))) => {
            Ok(Autonomy::Supervised { from: from.clone(), within: SignedDuration::from_millis(*ms) })
        }
        ("supervised", ..) => Err("it does not say who is asked, and for how long"),
        _ => Err("its field `autonomy` is none that there is"),
    }
}

/// Whether this is the first line of a shadow run.
#[must_use]
pub fn opens_shadow(line: &ParsedLine) -> bool {
    line.k == "run.opened" && line.field("autonomy").and_then(J::as_str) == Some("shadow")
}

#[cfg(test)]
mod tests {
    use super::*;
    use play_evidence::{Chain, kinds};

    fn opened(more: &[(&str, J)]) -> ParsedLine {
        let text = |t: &str| J::Str(t.into());
        let mut f: std::collections::BTreeMap<String, J> =
            ["artifact", "case", "playbook", "source", "record", "pos", "engine"]
                .map(|name| (name.to_string(), text(name)))
                .into();
        f.insert("read".into(), J::Obj(Default::default()));
        f.extend(more.iter().map(|(name, value)| (name.to_string(), value.clone())));
        let kind = kinds::kind("run.opened").unwrap();
        let line = Chain::new("r").append(jiff::Timestamp::UNIX_EPOCH, "engine", None, kind, f).unwrap();
        ParsedLine::parse(&line.bytes).unwrap()
    }

    #[test]
    fn what_is_written_is_read() {
        let within = SignedDuration::from_hours(4);
        for autonomy in [
            Autonomy::Automatic,
            Autonomy::Shadow,
            Autonomy::Supervised { from: "role.soc_lead".into(), within },
        ] {
            let written = fields(&autonomy);
            let written: Vec<(&str, J)> =
                written.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
            assert_eq!(read(&opened(&written)), Ok(autonomy));
        }
    }

    #[test]
    fn what_nobody_writes_is_refused() {
        let text = |t: &str| J::Str(t.into());
        assert!(read(&opened(&[("autonomy", text("automatic"))])).is_err());
        assert!(read(&opened(&[("autonomy", text("shadow")), ("approval", text("role.r"))])).is_err());
        assert!(read(&opened(&[("autonomy", text("supervised")), ("approval", text("role.r"))])).is_err());
    }
}
