//! Pictures of playbooks: nothing in them lies over something else, and all is there.

use play_pages::graph::layout::{Line, Picture, Point, Rect, layout};
use play_pages::graph::{Graph, dot, mermaid, playbook, svg};
use play_pages::source::Sources;
use play_syntax::ast::ItemKind;
use play_tests::generate;
use play_tests::markup::well_formed;
use play_tests::playc::{self, root};

/// The pictures of all playbooks in a text, with the standard library round it.
fn graphs(path: &str, text: &str, also: &[(String, String)]) -> Vec<Graph> {
    let std =
        play_stdlib::modules().filter_map(|name| play_stdlib::module(name).map(|text| ("std.play", text)));
    let also = also.iter().map(|(path, text)| (path.as_str(), text.as_str()));
    let sources = Sources::parse([(path, text)].into_iter().chain(also).chain(std));
    let facts = sources.facts();
    let (_, tree) = sources.files().next().unwrap();
    let playbooks = tree.items.iter().filter_map(|item| match &item.kind {
        ItemKind::Playbook(decl) => Some(playbook(&facts, decl)),
        _ => None,
    });
    playbooks.collect()
}

type Segment = (Point, Point);

fn segments(line: &Line) -> Vec<Segment> {
    line.path.windows(2).map(|w| (w[0], w[1])).collect()
}

/// The rectangle of a segment, without thickness.
fn span((a, b): Segment) -> (i32, i32, i32, i32) {
    (a.0.min(b.0), a.0.max(b.0), a.1.min(b.1), a.1.max(b.1))
}

fn touch(a: Segment, b: Segment) -> bool {
    let ((ax0, ax1, ay0, ay1), (bx0, bx1, by0, by1)) = (span(a), span(b));
    ax0 <= bx1 && bx0 <= ax1 && ay0 <= by1 && by0 <= ay1
}

/// One goes through the other, and both go on.
fn cross(a: Segment, b: Segment) -> bool {
    let ((ax0, ax1, ay0, ay1), (bx0, bx1, by0, by1)) = (span(a), span(b));
    let through =
        |x: (i32, i32), y: (i32, i32), at: (i32, i32)| x.0 < at.0 && at.0 < x.1 && y.0 < at.1 && at.1 < y.1;
    // One lies flat, one stands.
    (ay0 == ay1 && bx0 == bx1 && through((ax0, ax1), (by0, by1), (bx0, ay0)))
        || (ax0 == ax1 && by0 == by1 && through((bx0, bx1), (ay0, ay1), (ax0, by0)))
}

fn overlap(a: Rect, b: Rect) -> bool {
    a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
}

/// The line goes through the inside of the rectangle.
fn through(segment: Segment, r: Rect) -> bool {
    let (x0, x1, y0, y1) = span(segment);
    x0 < r.x + r.w && x1 > r.x && y0 < r.y + r.h && y1 > r.y
}

/// What is wrong with a picture.
fn wrong(graph: &Graph, picture: &Picture) -> Vec<String> {
    let mut wrong = Vec::new();
    let say = |what: String| format!("{}: {what}", graph.name);
    let boxes: Vec<usize> = picture.boxes.iter().map(|b| b.node).collect();
    if boxes != (0..graph.nodes.len()).collect::<Vec<_>>() {
        wrong.push(say(format!("boxes {boxes:?} of {} nodes", graph.nodes.len())));
    }
    let mut drawn: Vec<_> = picture
        .lines
        .iter()
        .map(|l| (l.from, l.to, l.label.as_ref().map(|l| l.text.clone()), l.again))
        .collect();
    drawn.sort();
    let meant: Vec<_> = graph.edges.iter().map(|e| (e.from, e.to, e.label.clone(), e.again)).collect();
    if drawn != meant {
        wrong.push(say(format!("lines {drawn:?}, edges {meant:?}")));
    }
    for (i, a) in picture.boxes.iter().enumerate() {
        let inside = a.at.x >= 0
            && a.at.y >= 0
            && a.at.x + a.at.w <= picture.width
            && a.at.y + a.at.h <= picture.height;
        if !inside {
            wrong.push(say(format!("{a:?} is outside")));
        }
        for b in picture.boxes.iter().skip(i + 1).filter(|b| overlap(a.at, b.at)) {
            wrong.push(say(format!("{a:?} lies over {b:?}")));
        }
        for line in &picture.lines {
            if segments(line).iter().any(|s| through(*s, a.at)) {
                wrong.push(say(format!("{line:?} goes through {a:?}")));
            }
        }
        if let Some(last) = a.text.last().filter(|t| t.y + 4 > a.at.h) {
            wrong.push(say(format!("{last:?} is below its box {:?}", a.at)));
        }
    }
    for (i, a) in picture.lines.iter().enumerate() {
        for b in picture.lines.iter().skip(i + 1) {
            let akin = a.from == b.from || a.to == b.to;
            for s in segments(a) {
                for t in segments(b) {
                    if if akin { cross(s, t) } else { touch(s, t) } {
                        wrong.push(say(format!("{a:?} crosses {b:?}")));
                    }
                }
            }
        }
        let Some(label) = &a.label else { continue };
        let over = picture.boxes.iter().any(|b| overlap(b.at, label.at));
        let beside = picture.lines.iter().filter(|b| *b != a);
        let others = beside.clone().filter_map(|b| b.label.as_ref()).any(|b| overlap(b.at, label.at));
        let crossed =
            beside.filter(|b| b.from != a.from).any(|b| segments(b).iter().any(|s| through(*s, label.at)));
        if over || others || crossed {
            wrong.push(say(format!("{label:?} lies over something")));
        }
    }
    for frame in &picture.frames {
        for b in &picture.boxes {
            let (x, y) = (b.at.x + b.at.w / 2, b.at.y + b.at.h / 2);
            let within = frame.x < x && x < frame.x + frame.w && frame.y < y && y < frame.y + frame.h;
            if overlap(*frame, b.at) && !within {
                wrong.push(say(format!("{b:?} stands on the frame {frame:?}")));
            }
        }
    }
    wrong
}

/// Lines of a known form, quotes in pairs, frames that close.
fn mermaid_is_well_formed(graph: &Graph, text: &str) -> Result<(), String> {
    let mut lines = text.lines();
    if lines.next() != Some("flowchart TD") {
        return Err("no flowchart".into());
    }
    let (mut deep, mut nodes, mut edges) = (0_i32, 0, 0);
    for line in lines.map(str::trim) {
        if line.matches('"').count() % 2 == 1 {
            return Err(format!("an odd quote: {line}"));
        }
        match line.split([' ', '[', '(', '{']).next().unwrap_or_default() {
            "subgraph" => deep += 1,
            "end" => deep -= 1,
            "classDef" => {}
            _ if line.contains("-->") || line.contains("-.->") => edges += 1,
            id if id.starts_with('n') => nodes += 1,
            _ => return Err(format!("a strange line: {line}")),
        }
    }
    match (deep, nodes == graph.nodes.len(), edges == graph.edges.len()) {
        (0, true, true) => Ok(()),
        _ => Err(format!("{deep} frames stay open, {nodes} nodes, {edges} edges")),
    }
}

/// Statements of a known form: quotes close within their line, and so do braces over all.
fn dot_is_well_formed(graph: &Graph, text: &str) -> Result<(), String> {
    let (mut deep, mut nodes, mut edges) = (0_i32, 0, 0);
    for line in text.lines() {
        let mut bare = String::new();
        let (mut quoted, mut escaped) = (false, false);
        for c in line.chars() {
            match c {
                _ if escaped => escaped = false,
                '\\' if quoted => escaped = true,
                '"' => quoted = !quoted,
                c if !quoted => bare.push(c),
                _ => {}
            }
        }
        if quoted {
            return Err(format!("an open quote: {line}"));
        }
        deep += i32::try_from(bare.matches('{').count()).unwrap()
            - i32::try_from(bare.matches('}').count()).unwrap();
        edges += bare.matches("->").count();
        nodes += usize::from(
            bare.trim_start().starts_with('n') && bare.contains("[label=") && !bare.contains("->"),
        );
    }
    match (deep, nodes == graph.nodes.len(), edges == graph.edges.len() + graph.data.len()) {
        (0, true, true) => Ok(()),
        _ => Err(format!("{deep} braces stay open, {nodes} nodes, {edges} edges")),
    }
}

fn look(graph: &Graph) -> Vec<String> {
    let mut wrong = wrong(graph, &layout(graph));
    let drawn = svg(graph);
    wrong.extend(well_formed(&drawn).err().map(|e| format!("{}: SVG: {e}", graph.name)));
    let (_, style) = drawn.split_once("<style>").unwrap();
    let (style, rest) = style.split_once("</style>").unwrap();
    let foreign =
        [(rest, "<script"), (rest, "<image"), (rest, " href=\""), (style, "url("), (style, "@import")];
    for (_, what) in foreign.iter().filter(|(part, what)| part.contains(what)) {
        wrong.push(format!("{}: the SVG has {what}", graph.name));
    }
    wrong.extend(
        mermaid_is_well_formed(graph, &mermaid(graph)).err().map(|e| format!("{}: Mermaid: {e}", graph.name)),
    );
    wrong.extend(dot_is_well_formed(graph, &dot(graph)).err().map(|e| format!("{}: DOT: {e}", graph.name)));
    wrong
}

/// Path and text of all files in a folder of projects, project by project.
fn projects() -> Vec<Vec<(String, String)>> {
    let mut all = Vec::new();
    for parent in ["examples", "tests/playbooks"] {
        for project in std::fs::read_dir(root().join(parent)).unwrap() {
            let files = std::fs::read_dir(project.unwrap().path()).unwrap().map(|f| f.unwrap().path());
            let play = files.filter(|p| p.extension().is_some_and(|e| e == "play"));
            all.push(play.map(|p| (p.display().to_string(), std::fs::read_to_string(&p).unwrap())).collect());
        }
    }
    all
}

#[test]
fn nothing_lies_over_something_else_in_the_pictures_of_the_runbooks() {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for project in projects() {
        for (path, text) in &project {
            for graph in graphs(path, text, &project) {
                seen += 1;
                wrong.extend(look(&graph));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(seen >= 11, "only {seen} playbooks");
}

#[test]
fn nothing_lies_over_something_else_in_the_pictures_of_generated_programs() {
    let (mut framed, mut fans) = (0, 0);
    for seed in 0..400 {
        let text = generate::program(seed);
        for graph in graphs("generated.play", &text, &[]) {
            let wrong = look(&graph);
            assert!(wrong.is_empty(), "seed {seed}: {wrong:#?}\n{text}");
            framed += layout(&graph).frames.len();
            fans += graph.edges.iter().filter(|e| e.label.is_some()).count();
        }
    }
    assert!(framed > 100 && fans > 400, "{framed} frames, {fans} labels: there is nothing to see in these");
}

/// The finder of crossings finds them.
#[test]
fn a_crossing_is_seen() {
    assert!(cross(((0, 5), (10, 5)), ((5, 0), (5, 10))));
    assert!(!cross(((0, 5), (10, 5)), ((5, 5), (5, 10))), "they meet, and neither goes through");
    assert!(touch(((0, 5), (10, 5)), ((5, 5), (5, 10))));
    assert!(!touch(((0, 5), (4, 5)), ((5, 0), (5, 10))));
}

#[test]
fn the_same_text_gives_the_same_picture_and_a_small_edit_moves_little() {
    let text = std::fs::read_to_string(root().join("examples/impossible-travel/triage.play")).unwrap();
    let one = graphs("triage.play", &text, &[]).remove(0);
    assert_eq!(svg(&one), svg(&graphs("triage.play", &text, &[]).remove(0)));

    // A line more near the end: all that stands before it stays where it is.
    let edited =
        text.replace("  set severity = Critical", "  note \"they travelled\"\n  set severity = Critical");
    assert_ne!(edited, text);
    let other = graphs("triage.play", &edited, &[]).remove(0);
    let at = other.nodes.iter().position(|n| n.title == "note").unwrap();
    let (before, after) = (layout(&one), layout(&other));
    assert_eq!(before.boxes[..at], after.boxes[..at]);
    let down = after.boxes[at + 1].at.y - before.boxes[at].at.y;
    for (a, b) in before.boxes[at..].iter().zip(&after.boxes[at + 1..]) {
        assert_eq!((a.at.x, a.at.y + down), (b.at.x, b.at.y), "what stands below moves down, and not aside");
    }
}

#[test]
fn the_picture_says_what_is_done_and_what_it_rests_on() {
    let text = std::fs::read_to_string(root().join("tests/tests/toolchain/drawn.play")).unwrap();
    let graph = graphs("drawn.play", &text, &[]).remove(0);
    let name = |id: usize| format!("{} {}", graph.nodes[id].kind.word(), graph.nodes[id].title);
    let needs = graph.data.iter().map(|d| format!("{} of `{}` for `{}`\n", d.name, name(d.from), name(d.to)));
    insta::assert_snapshot!(format!("{}\n{}", mermaid(&graph), needs.collect::<String>()));
}

/// In all three forms.
#[test]
fn the_picture_says_who_approves() {
    let text = r#"
use std.connectors.okta
case Login { user: OktaUserId }
guard suspensions covers okta.suspend {
  never when case.user.text == "root"
  limit 10 per 1h
  else approval from 2 of role.lead within 2h then role.head within 1h else refuse
}
guard open covers okta.suspend {
  allow
  else approval from role.nobody within 2h else refuse
}
playbook a for Login {
  approve okta.suspend(case.user) from 3 of role.desk within 15m because "why" else close FalsePositive because "no"
  do okta.suspend(case.user) for 4h else none
  close TruePositive because "x"
}
"#;
    let graph = graphs("a.play", text, &[]).remove(0);
    for said in [
        "from 3 of role.desk within 15m",
        "suspensions: lets 10 pass per 1h",
        "suspensions: else asks 2 of role.lead within 2h",
        "suspensions: then role.head within 1h",
        "suspensions: refuses when",
    ] {
        for (form, drawn) in
            [("SVG", svg(&graph)), ("Mermaid", mermaid(&graph)), ("DOT", dot(&graph).replace("\\n", " "))]
        {
            assert!(drawn.contains(said), "{form} has no `{said}`: {drawn}");
            assert!(!drawn.contains("nobody"), "{form}: nobody is asked by a guard that lets all through");
        }
    }
}

/// What is long is broken into lines, so that its end is there, too; what is no sign of the author's stays the picture's.
#[test]
fn a_long_line_is_broken_and_not_cut() {
    let long = "suspensions_of_accounts_that_belong_to_people_in_finance_or_in_the_board";
    let text = format!(
        r#"
use std.connectors.okta
case Login {{ user: OktaUserId, hits: Int }}
guard {long} covers okta.suspend {{
  never when case.user.text == "<br/>\"]:::x" and case.hits > 1 and case.hits > 2 and case.hits > 3 and case.hits > 99
  else approval from 2 of role.lead_of_the_response_team within 7h then role.head within 1h else refuse
}}
playbook a for Login {{
  do okta.suspend(case.user) for 4h else none
  close TruePositive because "x"
}}
"#
    );
    let graph = graphs("a.play", &text, &[]).remove(0);
    assert_eq!(look(&graph), [""; 0]);
    let lines = layout(&graph).boxes.into_iter().flat_map(|b| b.text).map(|line| line.text);
    let (drawn, text) = (lines.collect::<Vec<_>>().join(" "), mermaid(&graph));
    assert!(!text.contains("…") && !drawn.contains("…"), "{text}{drawn}");
    for (form, said) in
        [("SVG", &drawn), ("Mermaid", &text.replace("<br/>", " ")), ("DOT", &dot(&graph).replace("\\n", " "))]
    {
        for end in ["within 7h", "then role.head within 1h", "99"] {
            assert!(said.contains(end), "{form} has no `{end}`: {said}");
        }
    }
    let signs = text.replace("<br/>", "");
    assert!(!signs.contains('<') && !signs.contains("\"]:::x"), "{text}");
}

/// As `play.toml` has it: where a person is asked for every write, and where nothing is done.
#[test]
fn the_picture_says_how_a_playbook_is_driven() {
    let folder = tempfile::tempdir().unwrap();
    let text = "use std.connectors.okta
use std.roles
case Login { user: OktaUserId }
guard s covers okta.suspend { allow }
playbook a for Login {
  do okta.suspend(case.user) for 4h else none
  close TruePositive because \"x\"
}
";
    std::fs::write(folder.path().join("a.play"), text).unwrap();
    let said = |how: &str, words: &[&str]| {
        std::fs::write(folder.path().join("play.toml"), format!("name = \"a\"\n{how}")).unwrap();
        let ran = playc::ran(playc::command(words).current_dir(folder.path()).output());
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
        ran.out.replace("<br/>", " ").replace("\\n", " ").replace("#95;", "_")
    };
    let supervised =
        "[playbooks.a]\nautonomy = \"supervised\"\napproval = \"role.soc_lead\"\nwithin = \"4h\"\n";
    let shadow = "[playbooks.a]\nautonomy = \"shadow\"\n";
    for form in ["svg", "mermaid", "dot"] {
        let words = ["graph", "--format", form];
        let asked = "runs supervised: role.soc_lead is asked before each write, and has 4h";
        let drawn = said(supervised, &words);
        assert!(drawn.contains(asked), "{form}: {drawn}");
        assert!(said(shadow, &words).contains("runs as a shadow: it does nothing"), "{form}");
        assert!(!said("", &words).contains("runs "), "{form}");
    }
}

/// Who needs what of whom, a line each.
fn needs(graph: &Graph) -> Vec<String> {
    let name = |id: usize| format!("{} {}", graph.nodes[id].kind.word(), graph.nodes[id].title);
    graph.data.iter().map(|d| format!("{} of `{}` for `{}`", d.name, name(d.from), name(d.to))).collect()
}

#[test]
fn a_name_of_an_arm_is_not_known_behind_it() {
    let text = r#"
use std.connectors.okta
case Login { n: Int, user: OktaUserId, other: OktaUserId }
playbook a for Login {
  let u = okta.user(case.user) else none
  if let u = okta.user(case.other) { note "inner {u.id}" }
  if u == none { note "nobody" }
  let k = 1
  if case.n > 3 {
    let k = 2
    note "inner {k}"
  } else { close Duplicate because "d" }
  if k > case.n { note "outer" }
  close FalsePositive because "x"
}
"#;
    let graph = graphs("a.play", text, &[]).remove(0);
    let expected = [
        "u of `read okta.user(case.user)` for `decide u == none`",
        "u of `read okta.user(case.other)` for `record note`",
        "k of `let k = 1` for `decide k > case.n`",
        "k of `let k = 2` for `record note`",
    ];
    assert_eq!(needs(&graph), expected);
}

#[test]
fn a_name_of_the_playbook_is_no_connector() {
    let text = r#"
connector hosts {
  config { base_url: Url }
  read count(id: String) -> Int
    GET "/y/{id}"
    expect 200 -> body.x as Int?
}
case Login { hosts: [String] }
playbook a for Login {
  let first = hosts.count("before") else 0
  let hosts = case.hosts.distinct()
  let n = hosts.count(h => h == "x")
  if n > first { note "many" }
  close FalsePositive because "x"
}
"#;
    let graph = graphs("a.play", text, &[]).remove(0);
    let reads: Vec<&str> =
        graph.nodes.iter().filter(|n| n.kind.word() == "read").map(|n| n.title.as_str()).collect();
    assert_eq!(reads, ["hosts.count(\"before\")"]);
}

#[test]
fn what_is_not_always_asked_says_so() {
    let text = r#"
use std.connectors.okta
case Login { n: Int, user: OktaUserId }
playbook a for Login {
  if case.n > 7 and (okta.user(case.user) else none) != none { note "known" }
  if (okta.user(case.user) else none) != none and case.n > 7 { note "known" }
  close FalsePositive because "x"
}
"#;
    let graph = graphs("a.play", text, &[]).remove(0);
    let perhaps: Vec<bool> = graph
        .nodes
        .iter()
        .filter(|n| n.kind.word() == "read")
        .map(|n| n.notes.iter().any(|note| note == "only if needed"))
        .collect();
    assert_eq!(perhaps, [true, false]);
}
