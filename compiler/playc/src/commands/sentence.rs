//! A line of evidence as a sentence. All of it may come from an attacker: it is escaped and defanged.

use std::fmt::Write as _;

use play_evidence::display::{defang, escape};
use play_evidence::{J, ParsedLine};
use play_program::artifact::Manifest;

use crate::output::{self, Style};

/// Prints it: number, time, sentence, place in the source.
pub fn print(line: &ParsedLine, manifest: Option<&Manifest>, style: Style) {
    let place = line
        .at
        .and_then(|at| manifest?.place(at))
        .map(|(path, l, _)| style.dim(&format!("  {}:{l}", escape(path))))
        .unwrap_or_default();
    let time = line.t.get(11..23).unwrap_or(&line.t);
    let mut text = format!("{:>4}  {}  {}{place}", line.seq, style.dim(&escape(time)), tell(line, manifest));
    for more in details(line, manifest) {
        let _ = write!(text, "\n                      {more}");
    }
    output::out(&text);
}

/// A field, shown. What stands bare is ours; what stands in a value position is from outside, and is defanged too.
pub fn shown(j: &J) -> String {
    if let J::Str(ours) = j {
        return escape(ours);
    }
    let text = match j {
        J::Obj(position) => match (position.get("val"), position.get("blob"), position.get("com")) {
            (Some(v), _, _) => plain(v),
            (_, Some(_), _) => "(kept apart)".into(),
            (_, _, Some(_)) => "(committed)".into(),
            _ => plain(j),
        },
        other => plain(other),
    };
    let mut short: String = text.chars().take(160).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    defang(&escape(&short))
}

/// On what somebody has the role in which they decide.
pub fn basis(line: &ParsedLine) -> String {
    let word = line.field("basis").map(shown).unwrap_or_default();
    let settings = line.field("settings").map(shown).unwrap_or_default();
    let settings = settings.get(..12).unwrap_or(&settings);
    match word.as_str() {
        "listed" => format!("listed in play.toml ({settings})"),
        "anyone" => format!("anybody's by play.toml ({settings})"),
        "test" => "given by a test".into(),
        _ => "who has it was not known".into(),
    }
}

fn plain(j: &J) -> String {
    match j {
        J::Str(s) => s.clone(),
        J::Null => "none".into(),
        other => String::from_utf8_lossy(&other.to_bytes()).into_owned(),
    }
}

fn tell(line: &ParsedLine, manifest: Option<&Manifest>) -> String {
    let f = |name: &str| line.field(name).map(shown).unwrap_or_default();
    match line.k.as_str() {
        "run.opened" => format!(
            "case {} opened by {} from {}, playbook {}{}",
            f("case"),
            f("source"),
            f("pos"),
            f("playbook"),
            driven(line)
        ),
        "run.resumed" => format!("taken up again by {} ({})", f("engine"), f("why")),
        "run.closed" => format!("closed {} because \"{}\"", f("class"), f("because")),
        "run.handed_over" => format!("handed over to {} because \"{}\"", f("to"), f("because")),
        "run.shadow_ended" => {
            format!(
                "the shadow run ends: it would need {}, which line {} would have given",
                f("needs"),
                f("of")
            )
        }
        "run.faulted" => format!("ended in a fault: {} at {}; a person has the case", f("what"), f("why")),
        "case.mapped" => "the alert became the case:".into(),
        "case.set" => {
            format!("set {} from {} to {} because \"{}\"", f("field"), f("from"), f("to"), f("because"))
        }
        "privacy.revealed" => format!("revealed {} because \"{}\"", f("label"), f("because")),
        "case.noted" => format!("noted \"{}\"", f("text")),
        "case.routed" => format!("routed to {} because \"{}\"", f("to"), f("because")),
        "decision.decided" => {
            let text = line.at.and_then(|at| manifest?.text(at)).unwrap_or("a decision");
            let head = text.split(" {").next().unwrap_or(text);
            format!("decided `{}`: {}", first_line(head), f("took"))
        }
        "read.asked" => format!("asked {}({})", f("action"), args(line)),
        "read.answered" if line.field("kept").is_some() => {
            format!("line {} is answered by what came at {}: {}", f("of"), f("kept"), f("val"))
        }
        "read.answered" => format!("line {} answered in {} ms: {}", f("of"), f("ms"), f("val")),
        "read.failed" => format!("line {} failed: {} \"{}\"", f("of"), f("failure"), f("words")),
        "read.cancelled" => format!("line {} cancelled: nobody waits for it any more", f("of")),
        "retry.scheduled" => {
            format!("line {} is tried again at {}: attempt {}", f("of"), f("due"), f("n"))
        }
        "wait.started" if line.field("every").is_some() => format!(
            "waits for what {}({}) says, asked every {} ms, until {}",
            f("action"),
            args(line),
            f("every"),
            f("until")
        ),
        "wait.started" if line.field("event").is_some() => {
            format!("waits for {}({}) until {}", f("event"), args(line), f("until"))
        }
        "event.arrived" => {
            format!("line {}: it came at {} from {}: {}", f("of"), f("came"), f("pos"), f("val"))
        }
        "wait.polled" => {
            let then = line.field("due").map(|due| format!(", asked again at {}", shown(due)));
            format!("what line {} waits for: {}{}", f("of"), f("is"), then.unwrap_or_default())
        }
        "wait.started" => format!("waits for {} until {}", f("for"), f("until")),
        "guard.needs_approval" => {
            let who = format!("{}{}{}", persons(line), f("from"), later(line));
            format!("line {}: {} wants {who} to approve it", f("of"), f("guard"))
        }
        "person.would_ask" if line.field("action").is_some() => format!(
            "would ask {} to approve {}({}) because \"{}\"",
            f("to"),
            f("action"),
            named(line, "shown"),
            f("because")
        ),
        "person.would_ask" => {
            format!("would ask {} \"{}\" ({})", f("to"), f("question"), f("choices"))
        }
        "person.asked" if line.field("action").is_some() => {
            let why = line.field("because").map(|w| format!(" because \"{}\"", shown(w))).unwrap_or_default();
            format!(
                "asks {}{}{} to approve {}({}) until {}{}{why}",
                if line.field("distinct").is_some() { "others than before of " } else { "" },
                persons(line),
                f("to"),
                f("action"),
                named(line, "shown"),
                f("until"),
                later(line)
            )
        }
        "person.asked" => {
            let none = line.field("otherwise").map(|c| format!(", then {}", shown(c))).unwrap_or_default();
            let then = later(line);
            format!(
                "asks {} \"{}\" ({}) until {}{then}{none}",
                f("to"),
                f("question"),
                f("choices"),
                f("until")
            )
        }
        "person.escalated" => {
            format!("line {}: nobody has decided; asks {} as well, until {}", f("of"), f("to"), f("until"))
        }
        "person.answered" => {
            let said = format!("{} answers {} because \"{}\"", f("person"), f("choice"), f("because"));
            format!("line {}: {said}, as {}: {}", f("of"), f("role"), basis(line))
        }
        "person.expired" => match line.field("choice") {
            Some(choice) => {
                format!("line {}: nobody answered; {} because \"{}\"", f("of"), shown(choice), f("because"))
            }
            None => format!("line {}: nobody answered", f("of")),
        },
        "hold.started" => format!("line {} is held until {}", f("of"), f("until")),
        "hold.ended" => {
            let acts = matches!(line.field("acts"), Some(J::Arr(acts)) if !acts.is_empty());
            let nothing = line.field("nothing").map(|n| format!("; {} changed nothing", shown(n)));
            let failed = line.field("failed").map(|n| format!("; {} cannot be taken back", shown(n)));
            let rest = nothing.into_iter().chain(failed).collect::<String>();
            let then = match line.field("held") {
                Some(other) => format!("; line {} holds the same still", shown(other)),
                None if acts => format!("; takes back {}", f("acts")),
                None => String::new(),
            };
            format!("hold of line {} ended ({}){then}{rest}", f("of"), f("why"))
        }
        "hold.checked" => match (line.field("holder"), line.field("undone")) {
            (Some(run), _) => {
                let until = line.field("until").map(|t| format!(" until {}", shown(t)));
                let until = until.unwrap_or_else(|| ", nobody knows until when".into());
                format!("line {} is kept: run {} holds the same{until}", f("of"), shown(run))
            }
            (_, Some(run)) => format!("line {} was taken back by run {} meanwhile", f("of"), shown(run)),
            _ => {
                let anew = line.field("overtaken").map(|run| {
                    format!("; run {} has done something to it since: it takes another call", shown(run))
                });
                format!("line {}: no other run holds the same{}", f("of"), anew.unwrap_or_default())
            }
        },
        "cancel.asked" => format!("{} ends the run because \"{}\"", f("person"), f("because")),
        "undo.asked" => {
            format!("{} wants {} taken back because \"{}\"", f("person"), f("acts"), f("because"))
        }
        "timer.fired" => format!("the time set by line {} has come", f("of")),
        "timer.cancelled" => format!("line {} cancelled: nobody waits for its time any more", f("of")),
        "step.failed" => format!("step {} failed", f("step")),
        "rollback.started" => {
            let without = match line.field("without") {
                Some(J::Arr(acts)) if !acts.is_empty() => format!("; nothing takes back {}", f("without")),
                _ => String::new(),
            };
            format!("rolls back {} because \"{}\"{without}", f("acts"), f("because"))
        }
        "rollback.would" => {
            let without = match line.field("without") {
                Some(J::Arr(acts)) if !acts.is_empty() => format!("; nothing takes back {}", f("without")),
                _ => String::new(),
            };
            format!("would roll back {} because \"{}\"{without}", f("acts"), f("because"))
        }
        "rollback.done" => match line.field("failed") {
            Some(J::Arr(acts)) if !acts.is_empty() => {
                format!("rollback of line {} is not complete: {} are in force still", f("of"), f("failed"))
            }
            _ => format!("rollback of line {} is complete", f("of")),
        },
        "guard.asked" => format!("asks {} for {}({})", f("guards"), f("action"), args(line)),
        "guard.counted" => format!("line {} counted: {}", f("of"), counts(line)),
        "guard.allowed" => format!("line {} allowed by {}{}", f("of"), f("guard"), clause(line, manifest)),
        "guard.would_allow" if line.field("clause").map(shown).as_deref() == Some("approval") => {
            let said = line.field("approval").map(|l| format!(": line {} would have asked", shown(l)));
            let said = said.unwrap_or_else(|| ", if it were approved".into());
            format!("line {} would be allowed by {}{said}", f("of"), f("guard"))
        }
        "guard.would_allow" => {
            format!("line {} would be allowed by {}{}", f("of"), f("guard"), clause(line, manifest))
        }
        "guard.refused" => {
            let over = line.field("count").map(|n| format!(" ({} of {})", shown(n), f("most")));
            let over = over.unwrap_or_default();
            format!("line {} refused by {}{}{over}", f("of"), f("guard"), clause(line, manifest))
        }
        "act.intended" => {
            format!("intends {}({}), class {}{}", f("action"), args(line), f("class"), undo(line))
        }
        "act.would" => {
            let asks = line.field("asks").map(|to| format!(", once {} approves", shown(to)));
            let hold = match line.field("hold") {
                Some(J::Int(ms)) => format!(" for {:#}", jiff::SignedDuration::from_millis(*ms)),
                _ => String::new(),
            };
            let asks = asks.unwrap_or_default();
            format!(
                "would do {}({}){hold}, class {}{}{asks}",
                f("action"),
                args(line),
                f("class"),
                undo(line)
            )
        }
        "act.done" => format!("line {} done in {} ms: {}", f("of"), f("ms"), f("val")),
        "act.failed" => {
            format!("line {} {}: {} \"{}\"", f("of"), f("how").replace('_', " "), f("failure"), f("words"))
        }
        "act.in_doubt" => format!("line {} is in doubt ({}): it may have been done", f("of"), f("why")),
        "act.held" if line.field("sent").map(shown).as_deref() == Some("never") => {
            format!("line {} is held, as the store is paused: it never left", f("of"))
        }
        "act.held" => {
            format!("line {} is held, as the store is paused: it may have left before", f("of"))
        }
        "act.released" => format!("line {} is sent, as writes leave again", f("of")),
        "act.withdrawn" => format!("line {} is never sent: the run ended while it was held", f("of")),
        "act.verified" => format!("line {} was looked up: {}", f("of"), f("how").replace('_', " ")),
        "act.resolved" => format!(
            "line {}: {} says {} because \"{}\"",
            f("of"),
            f("person"),
            f("how").replace('_', " "),
            f("because")
        ),
        other => escape(other),
    }
}

/// Who is asked as well when nobody decides.
fn later(line: &ParsedLine) -> String {
    line.field("then").map(|then| format!(", then {}", shown(then))).unwrap_or_default()
}

/// How many persons it takes, where it is more than one.
fn persons(line: &ParsedLine) -> String {
    line.field("persons").map(|n| format!("{} of ", shown(n))).unwrap_or_default()
}

/// How a run is driven, where that is not by its guards alone.
fn driven(line: &ParsedLine) -> String {
    let f = |name: &str| line.field(name).map(shown).unwrap_or_default();
    match line.field("autonomy") {
        None => String::new(),
        Some(_) if line.field("approval").is_some() => {
            format!("; {}: every write asks {}", f("autonomy"), f("approval"))
        }
        Some(_) => format!("; {}: nothing is done", f("autonomy")),
    }
}

/// Source text on one line; `…` stands for the rest.
fn first_line(text: &str) -> String {
    let mut lines = text.lines();
    let first = escape(lines.next().unwrap_or("?").trim_end());
    if lines.next().is_some() { format!("{first} …") } else { first }
}

fn counts(line: &ParsedLine) -> String {
    let Some(J::Obj(counts)) = line.field("counts") else { return String::new() };
    counts.iter().map(|(name, n)| format!("{} {}", escape(name), shown(n))).collect::<Vec<_>>().join(", ")
}

/// The clause of a guard as it is written, or its word.
fn clause(line: &ParsedLine, manifest: Option<&Manifest>) -> String {
    let word = line.field("clause").map(shown).unwrap_or_default();
    match line.at.and_then(|at| manifest?.text(at)) {
        Some(text) if word != "else" && word != "approval" => format!(": `{}`", first_line(text)),
        _ if word == "else" => ": nothing allows it".into(),
        _ if word == "approval" => match (line.field("approval"), line.field("approvals")) {
            (Some(said), _) => format!(": a person decided in line {}", shown(said)),
            (None, Some(said)) => format!(": several persons decided, in lines {}", shown(said)),
            (None, None) => ": nobody approved it in time".into(),
        },
        _ => format!(": {word}"),
    }
}

fn undo(line: &ParsedLine) -> String {
    let also = line.field("also").map(|also| format!(", and with it {}", shown(also))).unwrap_or_default();
    if let Some(act) = line.field("undoes") {
        return format!(", takes back line {}{also}", shown(act));
    }
    if let Some(also) = line.field("also") {
        return format!(", takes back {}", shown(also));
    }
    line.field("undo").map(|u| format!(", undone by {}", shown(u))).unwrap_or_default()
}

/// The arguments of a call, as a person reads them.
pub fn args(line: &ParsedLine) -> String {
    named(line, "args")
}

fn named(line: &ParsedLine, field: &str) -> String {
    let Some(J::Obj(args)) = line.field(field) else { return String::new() };
    args.iter().map(|(name, v)| format!("{}: {}", escape(name), shown(v))).collect::<Vec<_>>().join(", ")
}

fn details(line: &ParsedLine, manifest: Option<&Manifest>) -> Vec<String> {
    match (line.k.as_str(), line.field("fields"), line.field("parts")) {
        ("case.mapped", Some(J::Obj(fields)), _) => fields
            .iter()
            .map(|(name, position)| {
                let from = match position {
                    J::Obj(p) => match p.get("from") {
                        Some(J::Arr(from)) => from.iter().map(shown).collect::<Vec<_>>().join(", "),
                        _ => String::new(),
                    },
                    _ => String::new(),
                };
                let from = if from.is_empty() { String::new() } else { format!("  from {from}") };
                format!("{} = {}{from}", escape(name), shown(position))
            })
            .collect(),
        ("person.asked", ..) if line.field("action").is_none() => match line.field("shown") {
            Some(J::Obj(all)) => {
                all.iter().map(|(name, v)| format!("{} = {}", escape(name), shown(v))).collect()
            }
            _ => Vec::new(),
        },
        (
            "decision.decided"
            | "wait.polled"
            | "guard.allowed"
            | "guard.would_allow"
            | "guard.refused"
            | "guard.needs_approval",
            _,
            Some(J::Arr(parts)),
        ) => parts.iter().map(|p| part(p, manifest)).collect(),
        _ => Vec::new(),
    }
}

fn part(part: &J, manifest: Option<&Manifest>) -> String {
    let J::Obj(p) = part else { return String::new() };
    let text = match p.get("at") {
        Some(J::Int(at)) => u32::try_from(*at).ok().and_then(|at| manifest?.text(at)).unwrap_or("?"),
        _ => "?",
    };
    let text = first_line(text);
    if let Some(on) = p.get("on") {
        return format!("{text} is {}", shown(on));
    }
    let is = p.get("is").map(plain).unwrap_or_default();
    match (p.get("l"), p.get("r")) {
        (Some(l), Some(r)) => format!("{text}: {is}  ({} | {})", shown(l), shown(r)),
        _ => format!("{text}: {is}"),
    }
}
