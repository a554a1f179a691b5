//! `// allow: LINT because REASON`: a finding that is meant to be there, in the one place where it is.
//!
//! A comment with code before it speaks of its own line, one that stands alone of the next line of code. It takes the findings of the
//! lint that begin in that line.

use play_diagnostics::registry::codes;
use play_diagnostics::{Allowed, Code, Diagnostic, Edit, Place, lints, suggest};
use play_syntax::{Token, TokenKind, lex};

use crate::project::Loaded;

/// One lint of one such comment.
struct Allow {
    name: &'static str,
    code: Code,
    reason: String,
    /// The name in the comment.
    at: Place,
    /// The line of which it speaks.
    line: Place,
    /// What is left out when it is: nothing, where the comment names others, too.
    whole: Option<Place>,
    used: bool,
}

/// Takes what is allowed out of the findings, and reports what is wrong with comments that allow something.
pub(crate) fn apply(files: &[Loaded], findings: &mut Vec<Diagnostic>) -> Vec<Allowed> {
    let mut allows = Vec::new();
    let says = memchr::memmem::Finder::new("allow:");
    for (index, file) in files.iter().enumerate() {
        // Most files have none, and are not cut into tokens again.
        if !file.library && says.find(file.text.as_bytes()).is_some() {
            read(u32::try_from(index).unwrap_or(u32::MAX), &file.text, &mut allows, findings);
        }
    }
    if allows.is_empty() {
        return Vec::new();
    }
    let mut allowed = Vec::new();
    findings.retain(|finding| {
        if finding.is_error() {
            return true;
        }
        let start = Place { end: finding.place().start, ..finding.place() };
        let by = allows.iter_mut().find(|a| a.code == finding.code && a.line.holds(start));
        let Some(by) = by else { return true };
        by.used = true;
        allowed.push(Allowed { finding: finding.clone(), reason: by.reason.clone() });
        false
    });
    // Of a program with a mistake not all is known that would be found.
    if !findings.iter().any(|f| f.is_error()) {
        findings.extend(allows.iter().filter(|a| !a.used).map(unused));
    }
    allowed
}

fn unused(allow: &Allow) -> Diagnostic {
    let finding =
        Diagnostic::warning(codes::P9010, allow.at, format!("there is no `{}` to allow here", allow.name))
            .here("allows nothing")
            .note("It speaks of the line that it ends, or, where it stands alone, of the next line of code.")
            .help("Leave it out.");
    match allow.whole {
        Some(place) => finding.fix("Leave it out", true, vec![Edit { place, text: String::new() }]),
        None => finding,
    }
}

fn read(file: u32, text: &str, allows: &mut Vec<Allow>, findings: &mut Vec<Diagnostic>) {
    let tokens = lex(text);
    for (i, token) in tokens.iter().enumerate() {
        let comment = token.text(text);
        let Some(rest) = (token.kind == TokenKind::Comment)
            .then(|| comment.strip_prefix("//").and_then(|c| c.trim_start().strip_prefix("allow:")))
            .flatten()
        else {
            continue;
        };
        let start = token.end.saturating_sub(len(rest));
        let (names, reason) = match rest.split_once(" because ") {
            Some((names, reason)) => (names, reason.trim()),
            None => (rest, ""),
        };
        if reason.is_empty() {
            let at = Place { file, start: token.start, end: token.end };
            findings.push(
                Diagnostic::error(codes::P9011, at, "it is not said why this is allowed")
                    .here("why?")
                    .note("Whoever reads it later cannot tell otherwise whether the reason still holds.")
                    .help("Write `// allow: LINT because REASON`."),
            );
            continue;
        }
        let (line, alone) = line_of(file, &tokens, i, text);
        let several = names.contains(',');
        let mut from = start;
        for name in names.split(',') {
            let lead = len(name).saturating_sub(len(name.trim_start()));
            let begin = from.saturating_add(lead);
            let at = Place { file, start: begin, end: begin.saturating_add(len(name.trim())) };
            from = from.saturating_add(len(name)).saturating_add(1);
            match lints::ALL.iter().find(|(known, _)| *known == name.trim()) {
                Some((name, code)) => allows.push(Allow {
                    name,
                    code: *code,
                    reason: reason.to_string(),
                    at,
                    line,
                    whole: (!several).then(|| whole(file, &tokens, i, alone)),
                    used: false,
                }),
                None => findings.push(unknown(name.trim(), at)),
            }
        }
    }
}

fn unknown(name: &str, at: Place) -> Diagnostic {
    let all = || lints::ALL.iter().map(|(name, _)| *name);
    let finding = Diagnostic::error(codes::P9011, at, format!("there is no lint `{name}`")).here("not known");
    match suggest::closest(name, all()) {
        Some(near) => finding.help(format!("Did you mean `{near}`?")).fix(
            format!("Write `{near}`"),
            false,
            vec![Edit { place: at, text: near.to_string() }],
        ),
        None => finding.help(format!("There are: {}.", all().collect::<Vec<_>>().join(", "))),
    }
}

/// The line of which a comment speaks, and whether the comment stands alone in its own.
fn line_of(file: u32, tokens: &[Token], at: usize, text: &str) -> (Place, bool) {
    let Some(comment) = tokens.get(at) else { return (Place::default(), false) };
    let before = tokens.get(..at).unwrap_or_default().iter().rev();
    let alone = before.clone().take_while(|t| t.kind != TokenKind::Newline).all(|t| t.kind.is_trivia());
    let on = if alone {
        let after = tokens.get(at..).unwrap_or_default().iter();
        after.clone().find(|t| !t.kind.is_trivia()).map_or(comment.start, |t| t.start)
    } else {
        comment.start
    };
    let head = text.get(..on as usize).unwrap_or_default();
    let start = head.rfind('\n').map_or(0, |i| i.saturating_add(1));
    let tail = text.get(on as usize..).unwrap_or_default();
    let end = tail.find('\n').map_or(text.len(), |i| i.saturating_add(on as usize));
    (
        Place { file, start: u32::try_from(start).unwrap_or(0), end: u32::try_from(end).unwrap_or(u32::MAX) },
        alone,
    )
}

/// The comment with the spaces before it; with its line, where it stands alone.
fn whole(file: u32, tokens: &[Token], at: usize, alone: bool) -> Place {
    let Some(comment) = tokens.get(at) else { return Place::default() };
    let before = at.checked_sub(1).and_then(|i| tokens.get(i)).filter(|t| t.kind == TokenKind::Space);
    let after = tokens.get(at.saturating_add(1)).filter(|t| alone && t.kind == TokenKind::Newline);
    Place {
        file,
        start: before.map_or(comment.start, |t| t.start),
        end: after.map_or(comment.end, |t| t.end),
    }
}

fn len(text: &str) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}
