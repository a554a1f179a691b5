//! A project of any size: well typed, varied, the same each time.
//!
//! Each file has a case with its source, playbook and test, and functions, types and constants of several forms until
//! it is long enough. Functions call functions of other files, so that names are looked up across the project.

use std::fmt::Write as _;

/// What the fixed part of a file takes; no file is shorter.
pub const MIN_LINES: usize = 60;

/// Name and text of each file: `files` of them, `lines` in all (rounded down to a whole number a file).
pub fn files(files: usize, lines: usize) -> impl Iterator<Item = (String, String)> {
    let each = lines / files.max(1);
    (0..files).map(move |file| (format!("f{file:05}.play"), text(file, each)))
}

/// The text of a file: `lines` lines.
fn text(file: usize, lines: usize) -> String {
    let mut out = head(file);
    let mut part = 0;
    // The filler of the next part may be 12 lines long at most.
    while out.lines().count() + 12 <= lines {
        out.push_str(&filler(file, part));
        part += 1;
    }
    for line in out.lines().count()..lines {
        let _ = writeln!(out, "// line {line}");
    }
    out
}

/// Case, source, playbook and test.
fn head(file: usize) -> String {
    // A function of an earlier file; the calls form a tree, so that no chain of them is long.
    let earlier = match file {
        0 => "hits".to_string(),
        file => format!("weight_{}(hits)", file / 2),
    };
    let (country, net, limit) = (file % 97, file % 250, 10 + file % 80);
    format!(
        r#"//! File {file} of a generated project.

use std.connectors.{{okta, ipintel}}

/// What file {file} looks at.
case Event{file} {{
  user:  OktaUserId
  ip:    Ip
  place: String?
  hits:  Int
}}

const home_{file}: [Cidr] = [10.{net}.0.0/16, 192.168.{net}.0/24]

/// How much the hits of file {file} weigh.
fn weight_{file}(hits: Int) -> Int {{
  if hits > {limit} {{ hits * 2 }} else {{ {earlier} + 1 }}
}}

source feed_{file} from feed("bench.{file}") -> Event{file} {{
  accept payload.kind as String? == "event-{file}"
  dedup  by payload.id as String? within 24h
  map {{
    severity = if (payload.level as Int else 0) > {limit} {{ High }} else {{ Low }}
    user     = payload.actor.id as OktaUserId?
    ip       = payload.client.ip as Ip?
    place    = payload.client.place as String else none
    hits     = payload.hits as Int else 0
  }}
}}

guard suspensions_{file} for Event{file} covers okta.suspend {{
  limit 20 per 1h
  allow when case.hits > 0
}}

playbook triage_{file} for Event{file} {{
  if case.ip in home_{file} {{
    close BenignPositive because "{{case.ip}} is ours"
  }}
  let user = okta.user(case.user)     else hand over to queue.tier1 because "who is {{case.user}}?"
  let seen = ipintel.lookup(case.ip)  else hand over to queue.tier1 because "what is {{case.ip}}?"
  if seen.score + weight_{file}(case.hits) > {limit} or case.place == "Country {country}" {{
    set severity = High because "score {{seen.score}}"
    do okta.suspend(user.id) for 4h else hand over to queue.tier2 because "could not suspend {{user.id}}"
    close TruePositive because "suspended {{user.id}}"
  }}
  close FalsePositive because "score {{seen.score}}"
}}

test "file {file}: an address of ours is benign" {{
  given Event{file} {{ user: "u{file}", ip: 10.{net}.0.1, hits: {limit} }}
  run triage_{file}
  expect closed BenignPositive
  expect never okta.suspend
}}
"#
    )
}

/// One more declaration or two, in one of six forms.
fn filler(file: usize, part: usize) -> String {
    let name = format!("{file}_{part}");
    // Types are written without `_`.
    let of = format!("{file}N{part}");
    let number = (file * 31 + part * 17) % 1_000;
    match (file + part) % 6 {
        0 => format!(
            r"
/// A score of file {file}.
fn score_{name}(hits: Int, factor: Int) -> Int {{
  let base = hits * factor + {number}
  if base > {number} * 2 {{ base - factor }} else {{ base % 97 + weight_{file}(hits) }}
}}
"
        ),
        1 => format!(
            r#"
/// A verdict of file {file}.
enum Verdict{of} {{ Clean{of}, Odd{of}, Bad{of} }}

fn verdict_{name}(score: Int) -> Verdict{of} {{
  if score < {number} {{ Clean{of} }} else if score < {number} + 50 {{ Odd{of} }} else {{ Bad{of} }}
}}

fn word_{name}(verdict: Verdict{of}) -> String {{
  match verdict {{ Clean{of} => "clean", Odd{of} | Bad{of} => "look at {number}" }}
}}
"#
        ),
        2 => format!(
            r"
/// A host of file {file}.
type Host{of} {{ name: String, address: Ip, open: [Int], owner: Email? }}

fn exposed_{name}(hosts: [Host{of}]) -> [String] {{
  hosts.filter(h => h.open.contains({number}) and not h.address.is_private).map(h => h.name.lower())
}}
"
        ),
        3 => format!(
            r"
const nets_{name}: [Cidr] = [172.16.{}.0/24, 10.0.0.0/8]
const wait_{name} = {}m

fn inside_{name}(ip: Ip, age: Duration) -> Bool {{
  ip in nets_{name} and age < wait_{name} or ip.is_loopback
}}
",
            number % 250,
            1 + number % 59,
        ),
        4 => format!(
            r"
/// Names that file {file} looks for.
fn odd_{name}(text: String) -> Bool {{
  text matches /^(adm|svc){number}[-_]\d+$/ or text.trim().lower().ends_with(\x22.{number}.example\x22)
}}
"
        )
        .replace("\\x22", "\""),
        _ => format!(
            r#"
/// What is known of a person.
type Person{of} {{ id: String, mail: Email?, team: String? }}

fn line_{name}(people: [Person{of}]) -> String {{
  let first = people.find(p => p.team == "team {number}")
  if let person = first {{ "{{person.id}} of {number}" }} else {{ "nobody" }}
}}
"#
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_the_length_asked_for_and_are_the_same_each_time() {
        let once: Vec<_> = files(7, 700).collect();
        assert_eq!(once.len(), 7);
        assert!(once.iter().all(|(_, text)| text.lines().count() == 100));
        assert_eq!(once, files(7, 700).collect::<Vec<_>>());
        assert_ne!(once[0].1, once[1].1);
    }

    #[test]
    fn the_fixed_part_and_one_filler_fit() {
        assert!(head(999).lines().count() <= MIN_LINES);
        assert!((0..6).all(|part| filler(1, part).lines().count() <= 12));
    }
}
