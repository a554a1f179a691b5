//! Questions and approvals: answered, denied, or nobody is there in time.

use super::{Feature, call};
use crate::generate::Ty;
use crate::generate::scope::Gen;

pub(super) const FEATURE: Feature = Feature {
    head: r#"
connector desk {
  config { base_url: Url }
  write tell(x: String) -> Int
    POST "/tell" json { x: x }
    expect 200 -> body
    class notify
}
"#,
    declare: &[desk],
    calls: &[call(Ty::Int, "do desk.tell", &[Ty::Str])],
    statements: &[ask, ask, approve],
    stubs: &[("desk.tell", "5")],
    given: &[answers, decides, decides, decides],
    ..Feature::NONE
};

/// What can be answered, in each question.
const CHOICES: &[&str] = &["Yes, No", "Yes, No, Later", "Block, Wait"];

fn desk(g: &mut Gen) {
    let first = match g.rng.below(3) {
        0 => format!("never when sure({})\n  ", g.pure(Ty::Bool, 1)),
        1 => format!("limit {} per 1h\n  ", g.rng.below(4).saturating_add(1)),
        _ => String::new(),
    };
    let allow = match g.rng.below(3) {
        0 => format!("allow when sure({})\n  ", g.pure(Ty::Bool, 1)),
        _ => String::new(),
    };
    let (several, then) = (several(g), then(g));
    g.line(&format!("guard desks covers desk.tell {{\n  {first}{allow}else approval from {several}role.lead within 1h{then} else refuse\n}}"));
    g.guards.push("desks".into());
}

/// Who is asked when nobody of the first has decided.
fn then(g: &mut Gen) -> &'static str {
    match g.rng.below(4) {
        0 => " then role.chief within 1h",
        1 => "\n    then role.chief within 40m then role.board within 2h",
        _ => "",
    }
}

/// How many persons it takes.
fn several(g: &mut Gen) -> &'static str {
    match g.rng.below(4) {
        0 => "2 of ",
        1 => "1 of ",
        _ => "",
    }
}

/// What is done when nobody answers: nothing, in a step; there its failure is the step's.
fn unanswered(g: &mut Gen) -> String {
    match g.rng.below(4) {
        0 if g.steps > 0 => String::new(),
        0 | 1 => format!(" else hand over to queue.q because {}", g.because()),
        2 => format!(" else close Duplicate because {}", g.because()),
        _ => format!(" else {}", g.unit_block(100)),
    }
}

fn ask(g: &mut Gen) {
    let choices = *g.rng.pick(CHOICES).unwrap_or(&"Yes, No");
    let members: Vec<&str> = choices.split(", ").collect();
    let question = g.pure(Ty::Str, 1);
    // A question is written in quotes.
    let question = if question == "\"\"" { "\"Well?\"".into() } else { format!("\"Well? {{{question}}}\"") };
    let showing = match g.rng.below(3) {
        0 => format!(" showing {}", g.pure(Ty::Int, 1)),
        1 => format!(" showing {}, {}", g.pure(Ty::Str, 0), g.pure(Ty::Bool, 1)),
        _ => String::new(),
    };
    let otherwise = if g.rng.chance(40) {
        let member = g.rng.word(&members);
        format!(" else {member} because {}", g.because())
    } else {
        unanswered(g)
    };
    let (name, then) = (g.fresh('a'), then(g));
    g.line(&format!(
        "let {name} = ask role.analyst {question} {{ {choices} }}{showing} within 4h{then}{otherwise}"
    ));
    g.know(format!("{name}.reason"), Ty::Str);
    g.know(format!("{name}.by"), Ty::Str);
    match g.rng.below(3) {
        0 => {
            let (member, then) = (g.rng.word(&members), g.unit_block(20));
            g.line(&format!("if {name}.choice == {member} {then}"));
        }
        1 => {
            // One of them goes on.
            let ends = std::iter::once(0).chain(std::iter::repeat(10));
            let arms = members.iter().zip(ends).map(|(m, ends)| format!("{m} => {}", g.unit_block(ends)));
            let arms: Vec<String> = arms.collect();
            g.line(&format!("match {name}.choice {{\n{}\n}}", arms.join("\n")));
        }
        _ => {}
    }
}

/// An approval beforehand, and the act that it is for.
fn approve(g: &mut Gen) {
    let told = g.fresh('t');
    let text = g.value(Ty::Str);
    g.line(&format!("let {told} = {text}"));
    let because = g.because();
    let otherwise = unanswered(g);
    let (name, several, then) = (g.fresh('a'), several(g), then(g));
    g.line(&format!(
        "let {name} = approve desk.tell({told}) from {several}role.lead within 30m{then} because {because}{otherwise}"
    ));
    g.know(format!("{name}.reason"), Ty::Str);
    g.know(format!("{name}.by"), Ty::Str);
    let arm = g.unit_block(20);
    g.line(&format!("do desk.tell({told}) else {arm}"));
}

/// Some are in time for all questions, some for none, some only when the choice is one of theirs.
fn answers(g: &mut Gen) -> Option<String> {
    let asked: Vec<&str> =
        CHOICES.iter().copied().filter(|c| playbook(g).contains(&format!("{{ {c} }}"))).collect();
    let asked = *g.rng.pick(&asked)?;
    let members: Vec<&str> = asked.split(", ").collect();
    let (choice, after) = (g.rng.word(&members), g.rng.word(&["5m", "1h", "5h", "0s"]));
    // Only who is asked that can be said to answer it.
    let later = [" then", "\n    then"].map(|then| format!("{{ {asked} }} within 4h{then} role.chief"));
    let then = later.iter().any(|later| playbook(g).contains(later));
    let role = g.rng.word(if then { &["analyst", "chief"] } else { &["analyst"] });
    g.rng.chance(75).then(|| format!("given role.{role} answers {choice} because \"seen it\" after {after}"))
}

fn decides(g: &mut Gen) -> Option<String> {
    // Only who may be asked can be said to answer.
    if !playbook(g).contains("desk.tell(") {
        return None;
    }
    let says = g.rng.word(&["approves", "approves", "denies"]);
    let of = g.rng.word(&["", " desk.tell(_)", " desk.tell(\"k1\")"]);
    let after = g.rng.word(&["1m", "45m", "2h"]);
    let who = g.rng.word(&["", " \"ada\"", " \"Ada\"", " \"ben\""]);
    // A procedure may be called by nobody.
    let guard = g.text.split_once("guard desks ").and_then(|(_, rest)| rest.split("\n}").next());
    let guard = guard.filter(|_| playbook(g).contains("do desk.tell("));
    let asked = [guard.unwrap_or_default(), playbook(g)];
    let asked = asked.iter().flat_map(|text| text.split("role.lead within").skip(1));
    let mut asked = asked.filter_map(|asked| asked.split(" because").next()?.split(" else").next());
    let later = asked.any(|asked| asked.contains("role.chief"));
    let role = g.rng.word(if later { &["lead", "chief"] } else { &["lead"] });
    g.rng.chance(75).then(|| format!("given role.{role}{who} {says}{of} because \"so be it\" after {after}"))
}

/// What is written of the playbook.
fn playbook(g: &Gen) -> &str {
    g.text.split_once("\nplaybook p ").map_or("", |(_, body)| body)
}
