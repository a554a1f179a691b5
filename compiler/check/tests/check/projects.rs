//! What is said of projects of several packages. A test is one text that holds their files; its snapshot shows the findings.

use play_check::check_workspace;
use play_check::workspace::of_text;
use play_diagnostics::text::{Style, render};

fn shown(source: &str) -> String {
    let workspace = match of_text("main", source) {
        Ok(workspace) => workspace,
        Err(why) => return why,
    };
    let checked = check_workspace(&workspace, &play_stdlib::module);
    let style = Style { color: false, width: 100, plain: false };
    let shown = render(&checked.diagnostics, &checked.files, style);
    let lines: Vec<&str> = shown.lines().map(str::trim_end).collect();
    match checked.program {
        Some(program) => {
            let files: Vec<&str> = program.files.iter().map(|f| f.path.as_str()).collect();
            format!("files: {}\n{}", files.join(", "), lines.join("\n"))
        }
        None => lines.join("\n"),
    }
}

macro_rules! says {
    ($($(#[$doc:meta])* $name:ident $source:literal)*) => {
        $($(#[$doc])* #[test] fn $name() {
            let source = $source.trim();
            insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "projects" }, {
                insta::assert_snapshot!(stringify!($name), format!("{source}\n\n{}", shown(source)));
            });
        })*
    };
}

says! {
    /// A file of the project has the path that one of the standard library has in evidence; of another in that folder nothing is said.
    a_folder_that_is_called_as_the_standard_library_is r#"
// file: std/connectors/okta.play
const mine = 1

// file: std/mine.play
const other = 2

// file: main.play
use std.connectors.okta

case T { user: OktaUserId }

playbook p for T {
  close FalsePositive because "{case.user} {mine} {other}"
}
"#
    /// That is said of their names; their files of one name are no more of a mistake than others.
    two_packages_of_one_name r#"
// file: play.toml
[packages]
net = { path = "../net" }
mail = { path = "../mail" }
// file: ../net/play.toml
name = "common"
// file: ../net/main.play
const near = 3
// file: ../mail/play.toml
name = "common"
// file: ../mail/main.play
const far = 5
// file: main.play
use net.main
use mail.main
const both = near + far
"#
    /// What is declared where a file cannot be read is not told again where it is used.
    roles_and_queues_of_a_file_that_cannot_be_read r#"
// file: broken.play
role night_lead: Analyst
queue night: Analyst

// file: main.play
role day_lead
queue day
case T { n: Int }
playbook p for T {
  if case.n > 3 { hand over to role.night_lead because "many" }
  hand over to queue.night because "few"
}
"#
    /// And what is not declared there is an error all the same.
    roles_and_queues_that_no_file_declares r#"
// file: broken.play
fn half(n: Int -> Int { n

role night_lead
queue night

// file: main.play
role day_lead
queue day
case T { n: Int }
playbook p for T {
  if case.n > 3 { hand over to role.weekend_lead because "many" }
  hand over to queue.weekend because "few"
}
"#
    /// Two packages each have a `limit` of their own, and nobody is in anybody's way.
    each_package_has_its_own_names r#"
// file: play.toml
[packages]
net = { path = "../net" }
mail = { path = "../mail" }
// file: ../net/limits.play
const limit = 3
// file: ../net/ranges.play
type Range { of: Cidr, name: String }
fn crowded(n: Int) -> Bool { n > limit }
// file: ../mail/senders.play
enum Trust { Known, Unknown }
fn trust(n: Int) -> Trust { if n > limit { Known } else { Unknown } }
// file: ../mail/limits.play
const limit = 5
// file: main.play
use net.ranges
use mail.senders
const limit = weight(Known)
fn weight(t: Trust) -> Int { match t { Known => 1, Unknown => 2 } }
fn both(n: Int) -> Bool { crowded(n) and trust(n) == Known }
"#
    /// What a package's other files declare, and what it uses itself, is its own affair.
    what_is_not_used_is_not_known r#"
// file: play.toml
[packages]
mail = { path = "../mail" }
// file: ../mail/senders.play
use std.connectors.okta
type Sender { user: OktaUser }
// file: ../mail/unused.play
fn trusted(n: Int) -> Bool { n > 3 }
// file: main.play
use mail.senders
fn f(s: Sender) -> Bool { trusted(1) and s.user.status == "ACTIVE" }
fn g(u: OktaUser) -> Bool { u.status == "ACTIVE" }
"#
    misspelt r#"
// file: play.toml
nam = "triage"
[packages]
mail = { path = "../mail" }
lost = { path = "../nowhere" }
[lints]
unused-nam = "off"
[conectors.okta]
base_url = "https://okta.example"
// file: ../mail/senders.play
const limit = 5
// file: ../mail/net/ranges.play
const office = 10.0.0.0/8
// file: main.play
use mial.senders
use mail.sender
use mail.net.range
use mail
use lost.thing
use other.thing
const x = thing_that_is_lost
"#
    two_packages_bring_one_name r#"
// file: play.toml
[packages]
net = { path = "../net" }
mail = { path = "../mail" }
// file: ../net/a.play
const limit = 3
const office = 10.0.0.0/8
connector edr { config { base_url: Url }  read host(id: String) -> String GET "/h/{id}" expect 200 -> body.x as String? }
// file: ../mail/b.play
const limit = 5
connector edr { config { base_url: Url }  read host(id: String) -> String GET "/h/{id}" expect 200 -> body.x as String? }
// file: main.play
use net.a
use mail.b
const office = 10.0.0.0/16
const twice = limit + limit
"#
    packages_in_a_circle r#"
// file: play.toml
[packages]
a = { path = "../a" }
// file: ../a/play.toml
[packages]
b = { path = "../b" }
// file: ../a/a.play
const x = 1
// file: ../b/play.toml
[packages]
c = { path = "../c" }
// file: ../b/b.play
const x = 1
// file: ../c/play.toml
[packages]
a = { path = "../a" }
// file: ../c/c.play
const x = 1
// file: main.play
use a.a
"#
    /// Playbooks come along only where the project itself names their file.
    playbooks_of_a_package r#"
// file: play.toml
[packages]
common = { path = "../common" }
// file: ../common/types.play
case Login { user: String }
playbook one for Login { close FalsePositive because "one" }
// file: ../common/more.play
playbook two for Login { close FalsePositive because "two" }
test "not run from outside" {
  given Login { user: "u" }
  run nothing
}
// file: main.play
use common.types
test "the playbook of the package" {
  given Login { user: "u" }
  run one
  expect closed FalsePositive
}
"#
    approvals_that_are_not_set_so r#"
// file: play.toml
[approval]
distinct = true
[approvals]
distinct = "yes"
distinkt = true
// file: main.play
const x = 1
"#
    /// Where a guard may let it through without asking, or both ask one role, nothing is certain.
    fewer_persons_than_two_roles_take r#"
// file: play.toml
[approvals]
distinct = true
[roles]
lead = ["ada", "ben"]
chief = ["ben", "Ada "]
// file: main.play
connector x {
  config { base_url: Url }
  write cut(q: String) -> Unit
    POST "/cut" json { q: q }
    expect 204
    undo join(q)
    class change
  write join(q: String) -> Unit
    POST "/join" json { q: q }
    expect 204
    class restore
}
case T { n: Int, s: String }
guard one covers x.cut { else approval from 2 of role.lead within 1h else refuse }
guard two covers x.cut { else approval from role.chief within 1h else refuse }
guard three covers x.cut { else approval from role.chief within 1h then role.lead within 1h else refuse }
guard four for T covers x.cut {
  allow when case.n > 3
  else approval from role.chief within 1h else refuse
}
playbook p for T {
  do x.cut(case.s) else none
  close TruePositive because "cut"
}
"#
    lint_levels r#"
// file: play.toml
[lints]
unused-name = "error"
does-nothing = "off"
// file: main.play
fn f(n: Int) -> Int {
  let unused = 1
  n + 1
  n
}
"#
}
