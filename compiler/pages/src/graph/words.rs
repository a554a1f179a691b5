//! What boxes say.

use play_syntax::ast::{
    ActionDecl, Approve, Ask, Escalation, Expr, ExprKind, GuardLine, GuardLineKind, Name, PatternKind,
    Quorum, Span, StrPart, Target, Term, Wait,
};

use super::Said;
use super::facts::Facts;
use super::parts::parts;
use crate::page::{Inline, Inlines};
use crate::text::one_line;

/// A call as it is done: what is called, and what it says of itself.
pub(crate) struct Called<'e> {
    /// Whether it says `do`.
    pub(crate) write: bool,
    /// The call itself.
    pub(crate) call: &'e Expr,
    /// In source order.
    pub(crate) terms: Vec<&'e Term>,
}

/// What an expression calls, if it is a call of an action.
pub(crate) fn called<'e>(facts: &Facts, e: &'e Expr) -> Option<Called<'e>> {
    let (mut write, mut terms, mut e) = (false, Vec::new(), e);
    loop {
        match &e.kind {
            ExprKind::OnTerms { call, term, .. } => {
                terms.push(&**term);
                e = call;
            }
            ExprKind::Do(call) => {
                write = true;
                e = call;
            }
            ExprKind::Call { .. } if write || facts.action(e).is_some() => {
                terms.reverse();
                return Some(Called { write, call: e, terms });
            }
            _ => return None,
        }
    }
}

/// The source of a place, in one line.
pub(crate) fn source(facts: &Facts, at: Span) -> String {
    one_line(facts.text(at))
}

/// A text as it is said, without the quotes; what is computed stands in braces.
pub(crate) fn said(facts: &Facts, e: &Expr) -> String {
    plain(&told(facts, e))
}

/// A text as it is said, part by part: its words, and what is computed.
pub(crate) fn told(facts: &Facts, e: &Expr) -> Inlines {
    let ExprKind::Str(parts) = &e.kind else { return vec![Inline::Code(source(facts, e.span))] };
    let mut all: Inlines = Vec::new();
    for part in parts {
        match part {
            StrPart::Text(text) => {
                let begins = all.is_empty();
                let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
                let space = |is: bool| if is { " " } else { "" };
                let before = space(!begins && text.starts_with(char::is_whitespace));
                let after = space(!words.is_empty() && text.ends_with(char::is_whitespace));
                all.push(Inline::Text(format!("{before}{words}{after}")));
            }
            StrPart::Expr(e) => all.push(Inline::Code(source(facts, e.span))),
        }
    }
    if let Some(Inline::Text(last)) = all.last_mut() {
        last.truncate(last.trim_end().len());
    }
    all.retain(|part| *part != Inline::Text(String::new()));
    all
}

/// The same as one text; what is computed stands in braces.
pub(crate) fn plain(said: &Inlines) -> String {
    let part = |part: &Inline| match part {
        Inline::Text(text) | Inline::Link { text, .. } => text.clone(),
        Inline::Code(code) => format!("{{{code}}}"),
        Inline::Break => " ".to_string(),
    };
    said.iter().map(part).collect()
}

fn line(text: String) -> Inlines {
    vec![Inline::Text(text)]
}

/// What is to be known of a call besides its arguments.
pub(crate) fn terms(facts: &Facts, case: &Name, called: &Called) -> Vec<String> {
    let mut notes = Vec::new();
    for term in &called.terms {
        notes.push(match term {
            Term::Retry { times, backoff } => {
                let after = backoff.as_deref().map(|b| format!(", {} apart", source(facts, b.span)));
                format!("tried again {} times{}", source(facts, times.span), after.unwrap_or_default())
            }
            Term::Timeout(time) => format!("fails after {}", source(facts, time.span)),
            Term::For(time) => format!("for {}, then taken back", source(facts, time.span)),
            Term::Irreversible(why) => format!("not taken back: {}", said(facts, why)),
        });
    }
    let kept = called.terms.iter().any(|term| matches!(term, Term::Irreversible(_)));
    if let Some((connector, action)) = facts.action(called.call) {
        notes.extend(of_action(facts, case, connector, action, kept));
    }
    notes
}

/// What its declaration says of an act; what takes it back, unless the call keeps it.
fn of_action(facts: &Facts, case: &Name, connector: &str, action: &ActionDecl, kept: bool) -> Vec<String> {
    let mut notes = Vec::new();
    if !action.write {
        return notes;
    }
    if let Some(class) = &action.class {
        notes.push(format!("class {}", class.text));
    }
    if let Some(undo) = action.undo.as_ref().filter(|_| !kept) {
        let undo = source(facts, undo.span);
        notes.push(format!("undo {connector}.{}", undo.split('(').next().unwrap_or_default()));
    }
    if let Some(why) = &action.irreversible {
        notes.push(format!("irreversible: {}", said(facts, why)));
    }
    for guard in facts.guards(case, connector, action) {
        let guard_is = format!("guard {}", guard.name.text);
        let says = says(facts, &guard.lines);
        if says.is_empty() {
            notes.push(guard_is);
        } else {
            // Several guards may stand in a box, and what the call itself does else.
            notes.extend(says.into_iter().map(|what| format!("{guard_is}: {what}")));
        }
    }
    notes
}

/// What a guard does with an act, and whom it asks where nothing lets it through.
fn says(facts: &Facts, lines: &[GuardLine]) -> Vec<String> {
    let always = lines.iter().any(|line| matches!(line.kind, GuardLineKind::Allow(None)));
    let one = |line: &GuardLine| match &line.kind {
        GuardLineKind::Never(when) => vec![format!("refuses when {}", source(facts, when.span))],
        GuardLineKind::Limit { count, per } => {
            vec![format!("lets {} pass per {}", source(facts, count.span), source(facts, per.span))]
        }
        GuardLineKind::Approval { from, quorum, within, then } if !always => {
            let first = format!("else asks {}", approvers(facts, from, quorum.as_ref(), Some(within)));
            [first].into_iter().chain(then.iter().map(|e| next(facts, e))).collect()
        }
        GuardLineKind::Allow(_) | GuardLineKind::Refuse | GuardLineKind::Approval { .. } => Vec::new(),
    };
    lines.iter().flat_map(one).collect()
}

/// `2 of role.soc_lead within 2h`
fn approvers(facts: &Facts, from: &Target, quorum: Option<&Quorum>, within: Option<&Expr>) -> String {
    let persons = quorum.and_then(|q| q.persons).map(|n| format!("{n} of ")).unwrap_or_default();
    let within = within.map(|e| format!(" within {}", source(facts, e.span))).unwrap_or_default();
    format!("{persons}{}{within}", target(from))
}

/// `role.soc_lead`
pub(crate) fn target(to: &Target) -> String {
    format!("{}.{}", to.kind.text, to.name.text)
}

/// Who is asked after that.
fn next(facts: &Facts, then: &Escalation) -> String {
    format!("then {} within {}", target(&then.to), source(facts, then.within.span))
}

fn then(facts: &Facts, then: &[Escalation]) -> Vec<Inlines> {
    then.iter().map(|e| line(next(facts, e))).collect()
}

/// A question: what is asked, and the rest.
pub(crate) fn ask(facts: &Facts, ask: &Ask) -> Said {
    let choices: Vec<&str> = ask.choices.iter().map(|c| c.text.as_str()).collect();
    let mut notes = vec![line(format!("{}: {}", target(&ask.to), choices.join(" or ")))];
    if !ask.showing.is_empty() {
        let shown: Vec<String> = ask.showing.iter().map(|e| source(facts, e.span)).collect();
        notes.push(line(format!("shows {}", shown.join(", "))));
    }
    notes.extend(ask.within.iter().map(|e| line(format!("within {}", source(facts, e.span)))));
    notes.extend(then(facts, &ask.then));
    if let Some((choice, why)) = &ask.otherwise {
        let mut note = line(format!("else {}: ", choice.text));
        note.extend(told(facts, why));
        notes.push(note);
    }
    Said { title: told(facts, &ask.question), notes }
}

/// An approval: what is to be approved, and the rest.
pub(crate) fn approve(facts: &Facts, approve: &Approve) -> (String, Vec<Inlines>) {
    let mut notes = Vec::new();
    if let Some(from) = &approve.from {
        let who = approvers(facts, from, approve.quorum.as_ref(), approve.within.as_ref());
        notes.push(line(format!("from {who}")));
    }
    notes.extend(then(facts, &approve.then));
    notes.extend(approve.because.as_ref().map(|e| told(facts, e)));
    (source(facts, approve.act.span), notes)
}

/// A wait: for what, and the rest.
pub(crate) fn wait(facts: &Facts, wait: &Wait) -> (String, Vec<String>) {
    let term = |word: &str, e: &Option<Expr>| e.as_ref().map(|e| format!("{word} {}", source(facts, e.span)));
    let notes = [term("asks every", &wait.every), term("until", &wait.until), term("within", &wait.within)];
    (source(facts, wait.what.span), notes.into_iter().flatten().collect())
}

/// The names that an expression speaks of, each once.
pub(crate) fn names(e: &Expr, into: &mut Vec<String>) {
    match &e.kind {
        ExprKind::Name(name) if !into.iter().any(|known| name == known) => into.push(name.as_str().into()),
        // The name of its parameter is its own.
        ExprKind::Lambda { param, body } => {
            let mut inner = Vec::new();
            names(body, &mut inner);
            into.extend(inner.into_iter().filter(|name| *name != param.text));
        }
        _ => parts(e).into_iter().for_each(|part| names(part, into)),
    }
}

/// In which case an arm of a `match` is gone: `Suspicious or Malicious`.
pub(crate) fn patterns(facts: &Facts, arm: &play_syntax::ast::Arm) -> String {
    let one = |p: &play_syntax::ast::Pattern| match &p.kind {
        PatternKind::Any => "otherwise".to_string(),
        _ => source(facts, p.span),
    };
    arm.patterns.iter().map(one).collect::<Vec<_>>().join(" or ")
}
