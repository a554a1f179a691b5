//! The mistakes that authors of playbooks report of other systems, one by one: where those fail at three in the morning,
//! `check` fails, with one finding that says what to write. Below each stands the mended version, which checks without a word.

use play_check::{Input, check};
use play_diagnostics::Severity;
use play_diagnostics::text::{Style, render};
use play_program::artifact::SourceFile;

/// Declarations that the mistakes share.
const PRELUDE: &str = r#"
use std.connectors.{okta, tickets}
case Alert { host: String, user: OktaUserId, port: String, owner: Email?, urls: [Url]?, hits: Int, verdict: Verdict }
enum Verdict { Clean, Suspicious, Malicious }
fn is_known(host: String) -> Bool { host.starts_with("srv-") }
guard suspensions covers okta.suspend { limit 20 per 1h  allow }
guard filed covers tickets.open { allow }
"#;

fn findings(source: &str) -> (Vec<Severity>, String) {
    let file = |path: &str, text: &str| SourceFile { path: path.into(), text: text.into() };
    let files = vec![file("mistake.play", source.trim()), file("prelude.play", PRELUDE)];
    let checked = check(&Input { project: "mistakes".into(), files }, &play_stdlib::module);
    let style = Style { color: false, width: 100, plain: false };
    let said = render(&checked.diagnostics, &checked.files, style);
    let said: Vec<&str> = said.lines().map(str::trim_end).collect();
    (checked.diagnostics.iter().map(|d| d.severity).collect(), said.join("\n"))
}

/// The mistake, and the program without it.
macro_rules! mistakes {
    ($($(#[$doc:meta])* $name:ident $wrong:literal mended $right:literal)*) => {
        $($(#[$doc])* #[test] fn $name() {
            let (found, said) = findings($wrong);
            assert_eq!(found, [Severity::Error], "one error, and nothing else:\n{said}");
            let (found, other) = findings($right);
            assert_eq!(found, [], "the mended version should check without a word:\n{other}");
            insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "mistakes" }, {
                insta::assert_snapshot!(stringify!($name), format!("{}\n\n{said}", $wrong.trim()));
            });
        })*
    };
}

mistakes! {
    /// A list that is null when nothing was found.
    a_loop_over_a_null r#"
playbook triage for Alert {
  for url in case.urls { note "{url}" }
  close FalsePositive because "all links are noted"
}
"# mended r#"
playbook triage for Alert {
  for url in case.urls else [] { note "{url}" }
  close FalsePositive because "all links are noted"
}
"#
    /// A field of an answer is used as if the answer had been looked at.
    a_parsed_body_used_before_it_was_checked r#"
fn is_bad(report: Json) -> Bool { report.results[0].score > 50 }
"# mended r#"
fn is_bad(report: Json) -> Bool { (report.results[0].score as Int else 0) > 50 }
"#
    /// The vendor says that `mail` need not be there any more; the connector is changed, and so every use of it is found.
    a_required_property_dropped_by_a_vendor r#"
type Person { id: String, mail: Email? }
connector directory {
  config { base_url: Url }
  read person(id: String) -> Person
    GET "/people/{id}"
    expect 200 -> body
}
playbook triage for Alert {
  let person = directory.person(case.user.value) else hand over to queue.tier1 because "nobody has that id"
  close FalsePositive because "{person.id} is of {person.mail.domain}"
}
"# mended r#"
type Person { id: String, mail: Email? }
connector directory {
  config { base_url: Url }
  read person(id: String) -> Person
    GET "/people/{id}"
    expect 200 -> body
}
playbook triage for Alert {
  let person = directory.person(case.user.value) else hand over to queue.tier1 because "nobody has that id"
  let mail = person.mail else hand over to queue.tier1 because "{person.id} has no mail address"
  close FalsePositive because "{person.id} is of {mail.domain}"
}
"#
    a_misspelt_result_field r#"
playbook triage for Alert {
  let user = okta.user(case.user) else hand over to queue.tier1 because "no such user"
  close FalsePositive because "the user is {user.state}"
}
"# mended r#"
playbook triage for Alert {
  let user = okta.user(case.user) else hand over to queue.tier1 because "no such user"
  close FalsePositive because "the user is {user.status}"
}
"#
    text_plus_a_number r#"
playbook triage for Alert {
  close FalsePositive because "hits so far: " + (case.hits + 1)
}
"# mended r#"
playbook triage for Alert {
  close FalsePositive because "hits so far: {case.hits + 1}"
}
"#
    a_task_that_is_never_reached r#"
playbook triage for Alert {
  if is_known(case.host) {
    close FalsePositive because "a known server"
  } else {
    hand over to queue.tier2 because "an unknown host"
  }
  do okta.suspend(case.user) for 4h else note "{case.user} could not be suspended"
}
"# mended r#"
playbook triage for Alert {
  if is_known(case.host) { close FalsePositive because "a known server" }
  do okta.suspend(case.user) for 4h else note "{case.user} could not be suspended"
  hand over to queue.tier2 because "an unknown host"
}
"#
    /// `when: succeeded`: the name of the check instead of its answer.
    a_check_that_is_named_and_not_called r#"
playbook triage for Alert {
  if is_known { close FalsePositive because "a known server" }
  hand over to queue.tier2 because "an unknown host"
}
"# mended r#"
playbook triage for Alert {
  if is_known(case.host) { close FalsePositive because "a known server" }
  hand over to queue.tier2 because "an unknown host"
}
"#
    a_condition_that_is_always_true r#"
playbook triage for Alert {
  let urls = case.urls else []
  if urls.len >= 0 { note "there are links" }
  hand over to queue.tier2 because "{urls.len} links"
}
"# mended r#"
playbook triage for Alert {
  let urls = case.urls else []
  if urls.len > 0 { note "there are links" }
  hand over to queue.tier2 because "{urls.len} links"
}
"#
    a_condition_that_a_condition_above_has_settled r#"
playbook triage for Alert when case.severity >= High {
  if case.severity < Medium { close FalsePositive because "nothing to worry about" }
  hand over to queue.tier2 because "severe"
}
"# mended r#"
playbook triage for Alert when case.severity >= High {
  if case.severity < Critical { close FalsePositive because "nothing to worry about" }
  hand over to queue.tier2 because "severe"
}
"#
    text_compared_with_a_number r#"
playbook triage for Alert {
  if case.port == 443 { close FalsePositive because "just the web" }
  hand over to queue.tier2 because "port {case.port}"
}
"# mended r#"
playbook triage for Alert {
  if case.port == "443" { close FalsePositive because "just the web" }
  hand over to queue.tier2 because "port {case.port}"
}
"#
    /// `Suspicious` was added to the enum after this was written.
    a_choice_without_the_new_member r#"
playbook triage for Alert {
  match case.verdict {
    Clean => close FalsePositive because "clean"
    Malicious => hand over to queue.tier2 because "malicious"
  }
}
"# mended r#"
playbook triage for Alert {
  match case.verdict {
    Clean => close FalsePositive because "clean"
    Suspicious => hand over to queue.tier1 because "nobody is sure"
    Malicious => hand over to queue.tier2 because "malicious"
  }
}
"#
    /// The approval is asked for when it is done already: nobody can say no any more.
    an_approval_after_the_act r#"
playbook triage for Alert {
  do okta.suspend(case.user) for 4h else hand over to queue.tier2 because "{case.user} could not be suspended"
  approve okta.suspend(case.user) from role.soc_lead within 1h because "{case.hits} hits on {case.host}"
    else hand over to queue.tier2 because "not approved"
  close TruePositive because "suspended"
}
"# mended r#"
playbook triage for Alert {
  approve okta.suspend(case.user) from role.soc_lead within 1h because "{case.hits} hits on {case.host}"
    else hand over to queue.tier2 because "not approved"
  do okta.suspend(case.user) for 4h else hand over to queue.tier2 because "{case.user} could not be suspended"
  close TruePositive because "suspended"
}
"#
    /// A secret that a playbook can see lands in a ticket, and stays there.
    a_secret_in_a_ticket_body r#"
playbook triage for Alert {
  do tickets.open(title: "A key leaked", text: "It is {config.token}", severity: High) else none
  close TruePositive because "a ticket is open"
}
"# mended r#"
playbook triage for Alert {
  do tickets.open(title: "A key leaked", text: "It was found on {case.host}", severity: High) else none
  close TruePositive because "a ticket is open"
}
"#
    /// What an alert says becomes a part of what another system evaluates.
    data_that_is_evaluated_again r#"
connector siem {
  config { base_url: Url }
  read search(query: String trusted) -> [String]
    GET "/search" query { q: query }
    expect 200 -> body
}
playbook triage for Alert {
  let hits = siem.search("host = {case.host}") else []
  close FalsePositive because "{hits.len} hits"
}
"# mended r#"
connector siem {
  config { base_url: Url }
  read search(host: String) -> [String]
    GET "/search" query { host: host }
    expect 200 -> body
}
playbook triage for Alert {
  let hits = siem.search(case.host) else []
  close FalsePositive because "{hits.len} hits"
}
"#
    /// A host is cut off, the case is closed, and nobody ever lets the host in again.
    containment_without_an_end r#"
playbook triage for Alert when case.hits > 3 {
  if is_known(case.host) { hand over to queue.tier2 because "one of our servers" }
  do okta.suspend(case.user) else hand over to queue.tier2 because "{case.user} is not suspended"
  close TruePositive because "{case.user} is suspended"
}
"# mended r#"
playbook triage for Alert when case.hits > 3 {
  if is_known(case.host) { hand over to queue.tier2 because "one of our servers" }
  do okta.suspend(case.user) for 4h else hand over to queue.tier2 because "{case.user} is not suspended"
  close TruePositive because "{case.user} is suspended for four hours"
}
"#
    /// A line of a `map` that cannot be read: what it would have mapped is not said to be missing, too.
    a_line_of_a_map_that_cannot_be_read r#"
case Login { who: String, host: String }
source logins from feed("idp") -> Login {
  map {
    who  = payload.user?
    host = payload.host as ?
  }
}
playbook seen for Login { close FalsePositive because "{case.who} on {case.host}" }
"# mended r#"
case Login { who: String, host: String }
source logins from feed("idp") -> Login {
  map {
    who  = payload.user?
    host = payload.host as String?
  }
}
playbook seen for Login { close FalsePositive because "{case.who} on {case.host}" }
"#
}
