//! `playc answer`, `playc approve`, `playc deny`: somebody says what a run waits for.

use jiff::Timestamp;
use play_engine::person::{Roles, Said};
use play_engine::subject::{self, NoSubject};
use play_scheduler::Asked;
use play_scheduler::event::{APPROVE, DENY};

use crate::cli::{AnswerArgs, DecideArgs, SaysArgs};
use crate::commands::api;
use crate::commands::run::all_ended;
use crate::commands::says::{self, There};
use crate::output::{Style, safe};
use crate::runs::Recorded;
use crate::{Ended, Result, Trouble};

/// `playc answer`
pub fn answer(args: &AnswerArgs, _style: Style) -> Result {
    say(&args.run, args.line, &args.says, &args.choice, false)
}

/// `playc approve`
pub fn approve(args: &DecideArgs, _style: Style) -> Result {
    say(&args.run, args.line, &args.says, APPROVE, true)
}

/// `playc deny`
pub fn deny(args: &DecideArgs, _style: Style) -> Result {
    say(&args.run, args.line, &args.says, DENY, true)
}

/// Gives the run the answer. It goes on at once, in this process.
fn say(run: &str, line: Option<u64>, args: &SaysArgs, choice: &str, approval: bool) -> Result {
    let (decision, more) = if approval {
        (choice, serde_json::json!({ "line": line }))
    } else {
        ("answer", serde_json::json!({ "line": line, "choice": choice }))
    };
    if let Some(api) = &args.api {
        return api::decide(api, run, decision, args, more);
    }
    if let Some(ended) = api::decide_by_store(run, decision, args, more)? {
        return Ok(ended);
    }
    let there = There::find(run, args)?;
    let (line, asked) = the_question(&there, line, approval)?;
    if !asked.choices.iter().any(|c| c == choice) {
        let all: Vec<String> = asked.choices.iter().map(|c| format!("`{c}`")).collect();
        return Err(Trouble(format!(
            "`{}` is not an answer to line {line}: \"{}\"; there are {}",
            safe(choice),
            safe(&asked.question),
            all.join(", ")
        )));
    }
    let project = says::project(&args.place)?;
    let settings = project.as_ref().and_then(|p| p.settings.as_deref());
    let roles = settings.map(says::roles).unwrap_or_default();
    let turn = has_the_role(&roles, &asked, &args.by)?;
    asked.hears(line, (args.by.as_str(), turn), choice).map_err(|e| Trouble(safe(&e.to_string())))?;
    let (said, finished) = there.speak(&args.place, project.as_ref(), |engine, load| {
        let by = (args.by.as_str(), args.because.as_str());
        engine.answer(&there.recorded.run, line, choice, by, &roles, load)
    })?;
    says::tell(&finished);
    match said {
        Said::Taken => Ok(if all_ended(&finished) { Ended::Fine } else { Ended::Findings }),
        Said::TooLate => Err(Trouble(format!(
            "the time for an answer to line {line} was over at {:.0}; the run went on without it",
            asked.until
        ))),
    }
}

/// As which of the roles that are asked somebody answers; they have it, where `play.toml` says who has.
fn has_the_role(roles: &Roles, asked: &Asked, by: &str) -> Result<usize> {
    let members = match roles.speaks_as(asked, by) {
        Ok((turn, _)) => return Ok(turn),
        Err(members) => members,
    };
    let near = play_diagnostics::suggest::closest(by, members.iter().map(String::as_str));
    let hint = near.map(|near| format!(" (did you mean `{near}`?)")).unwrap_or_default();
    let all = members.join(", ");
    Err(Trouble(format!(
        "`{}` does not have {}{hint}; by play.toml these have it: {}",
        safe(by),
        safe(&asked.who()),
        safe(&all)
    )))
}

/// The line that asks, and what it asks.
fn the_question(there: &There, line: Option<u64>, approval: bool) -> Result<(u64, Asked)> {
    let (mut run, recorded) = (there.as_it_stands()?, &there.recorded);
    // Nobody may have been there to ask who was to be asked meanwhile.
    for of in run.waits().iter().filter(|w| w.person.is_some()).map(|w| w.of).collect::<Vec<_>>() {
        run.catch_up(of, Timestamp::now()).map_err(|e| Trouble(e.to_string()))?;
    }
    subject::asked(&run, line, approval).map_err(|why| {
        Trouble(match why {
            NoSubject::OtherSort(of, asked) => {
                let how = if asked.approval { "`playc approve` or `playc deny`" } else { "`playc answer`" };
                format!("line {of} is answered with {how}")
            }
            NoSubject::None | NoSubject::NotThere(_) => {
                let open = run.waits().into_iter().filter_map(|w| Some((w.of, w.person?)));
                nothing_open(recorded, line, approval, &open.collect::<Vec<_>>())
            }
            NoSubject::Several(all) => {
                let one = |(of, asked): &(u64, Asked)| {
                    format!("--line {of} ({}: {})", safe(&asked.who()), safe(&asked.question))
                };
                let all: Vec<String> = all.iter().map(one).collect();
                format!("more than one is asked; say which: {}", all.join(", "))
            }
        })
    })
}

/// Why there is nothing to answer: what was asked there is answered, is over, or was never asked.
fn nothing_open(recorded: &Recorded, line: Option<u64>, approval: bool, open: &[(u64, Asked)]) -> String {
    let what = if approval { "no approval of this run is asked for" } else { "nothing is asked in this run" };
    let mut text = match line {
        Some(line) => format!("line {line} of this run does not wait for anybody"),
        None => what.to_string(),
    };
    if let Some(closed) = subject::closed(&recorded.lines, line, approval) {
        text.push_str(&format!("; {}", safe(&closed.to_string())));
    }
    for (of, asked) in open {
        let how = if asked.approval { "an approval" } else { "an answer" };
        text.push_str(&format!("; line {of} waits for {how} of {}", safe(&asked.who())));
    }
    text
}
