//! What the fixes of mistakes make of a text: never another meaning than was written.

use play_syntax::parse;

/// The text after the fixes of what is wrong with it, round by round; only the safe ones, or the first of each.
fn mended(text: &str, all: bool) -> String {
    let mut text = text.to_string();
    for _ in 0..6 {
        let parsed = parse(0, &text);
        let fixes = parsed.diagnostics.iter().filter_map(|d| d.fixes.iter().find(|f| f.safe || all));
        let mut edits: Vec<_> = fixes.flat_map(|f| f.edits.clone()).collect();
        edits.sort_by_key(|e| (e.place.start, e.place.end));
        for edit in edits.iter().rev() {
            text.replace_range(edit.place.start as usize..edit.place.end as usize, &edit.text);
        }
    }
    text
}

fn body(lines: &str) -> String {
    format!("playbook p for T {{\n  {lines}\n  close Duplicate because \"known\"\n}}\n")
}

fn becomes(lines: &str, right: &str) {
    assert_eq!(mended(&body(lines), false), body(right), "{lines}");
}

/// That no fix is made, not even of those that are not safe; gives what is said.
fn stays(text: &str) -> String {
    let parsed = parse(0, text);
    assert!(!parsed.diagnostics.is_empty(), "{text}");
    assert_eq!(mended(text, true), text);
    parsed.diagnostics.iter().map(|d| format!("{}\n", d.message)).collect()
}

#[test]
fn an_elif_is_written_only_behind_the_block_of_an_if() {
    becomes("if a { note \"a\" } elif b { note \"b\" }", "if a { note \"a\" } else if b { note \"b\" }");
    becomes(
        "if a == (Foo { a: 1 }) {\n  }\n  elif b {\n  }",
        "if a == (Foo { a: 1 }) {\n  }\n  else if b {\n  }",
    );
    becomes(
        "if a { note \"{a}\" } else if b { note \"b\" } elif c { note \"c\" }",
        "if a { note \"{a}\" } else if b { note \"b\" } else if c { note \"c\" }",
    );
    // Behind these, an `else` says what is done when they fail, or belongs to nothing.
    for lines in [
        "do okta.suspend(case.user) for 4h\n  elif a { note \"a\" } else { note \"b\" }",
        "let who: String? = case.country\n  elif a { note \"a\" }",
        "note \"x\"\n  elif a { note \"a\" }",
        "if a { note \"a\" } else { note \"b\" }\n  elif c { note \"c\" }",
        "for x in xs { note \"a\" }\n  elif c { note \"c\" }",
        "do okta.suspend(case.user) else { note \"a\" } elif c { note \"c\" }",
    ] {
        assert!(stays(&body(lines)).contains("there is no `elif` here"), "{lines}");
    }
}

#[test]
fn a_list_of_what_may_be_parts_of_numbers_is_left_alone() {
    becomes("if a in (1, 200, 300) { note \"x\" }", "if a in [1, 200, 300] { note \"x\" }");
    stays(&body("if a in (1,000, 2,500) { note \"x\" }"));
    stays(&body("if a in (200,404,500) { note \"x\" }"));
}

#[test]
fn a_word_for_a_sign_stands_apart() {
    becomes(
        "if case.hits<5&&seen.score<5&&!seen.vpn{ note \"x\" }",
        "if case.hits<5 and seen.score<5 and not seen.vpn{ note \"x\" }",
    );
    becomes("if seen.score<50||!seen.vpn { note \"x\" }", "if seen.score<50 or not seen.vpn { note \"x\" }");
    becomes("if (a)&&(!b) && ! c { note \"x\" }", "if (a) and (not b) and not c { note \"x\" }");
    becomes("if \"a{b||c}\"!in d { note \"x\" }", "if \"a{b or c}\" not in d { note \"x\" }");
    becomes("let a = case.country??\"x\"", "let a = case.country else \"x\"");
    becomes("let a = payload.country as String??none", "let a = payload.country as String else none");
    assert_eq!(mended(&body("if a|b { note \"x\" }"), true), body("if a or b { note \"x\" }"));
}

#[test]
fn a_large_word_is_an_operator_only_where_one_can_stand() {
    becomes("if a AND b == Like { note \"x\" }", "if a and b == Like { note \"x\" }");
    becomes("if a == Or OR b == Not AND c { note \"x\" }", "if a == Or or b == Not and c { note \"x\" }");
    becomes(
        "if case.hits < 20 AND case.land == IN { note \"x\" }",
        "if case.hits < 20 and case.land == IN { note \"x\" }",
    );
    becomes("if a AND xs.any(In => In == 1) { note \"x\" }", "if a and xs.any(In => In == 1) { note \"x\" }");
    becomes("if a AND NOT b OR (NOT c) { note \"x\" }", "if a and not b or (not c) { note \"x\" }");
    becomes("if a NOT IN xs AND b { note \"x\" }", "if a not in xs and b { note \"x\" }");
}

#[test]
fn quotes_that_may_end_elsewhere_and_braces_that_are_meant_stay() {
    stays(&body("note 'the users' account is bad'"));
    becomes("note 'a'", "note \"a\"");
    stays(&body("note f\"{{case.ip}} {a}\""));
    becomes("note f\"{case.ip} {a}\"", "note \"{case.ip} {a}\"");
    stays(&body("note u\"{a}\""));
}

#[test]
fn what_follows_from_a_brace_elsewhere_is_not_mended() {
    let said = stays("playbook p for T {\n  if a {\n    note \"a\"\n  }\n  }\n  note \"b\"\n}\n");
    assert!(said.contains("this `}` is one too many"), "{said}");
    // Right behind the end it may go.
    assert_eq!(
        mended("playbook p for T {\n  note \"a\"\n}\n}\n", true),
        "playbook p for T {\n  note \"a\"\n}\n\n"
    );
    let arm = "match a {\n    Low => note \"b\" }\n    High | Critical => note \"a\"\n  ";
    assert!(!mended(&body(arm), true).contains(" or "));
    let said = stays("  user: OktaUserId\n  ip: Ip\n}\n");
    assert!(said.contains("this `}` closes nothing"), "{said}");
}

#[test]
fn the_odd_brace_is_pointed_out() {
    let line = |text: &str| {
        let parsed = parse(0, text);
        let odd = parsed.diagnostics.iter().find(|d| d.message.contains("one too many")).unwrap();
        text.get(..odd.labels[0].place.start as usize).unwrap().lines().count()
    };
    assert_eq!(line("playbook p for T {\n  if a {\n  }\n  }\n  note \"b\"\n}\n"), 4);
    let arms = "  match a {\n    A => { }\n    }\n    B => { }\n  }\n";
    assert_eq!(line(&format!("playbook p for T {{\n{arms}  note \"b\"\n}}\n")), 4);
    // One of a declaration before is none of this one.
    let before = "fn f() -> Int {\n  1\n  }\n";
    let said = parse(0, &format!("{before}fn g() -> Int {{\n  1\n}}\n}}\n")).diagnostics;
    assert_eq!(said.len(), 1);
    assert!(said[0].message.contains("this `}` closes nothing"), "{said:?}");
    // Two are two.
    let two = parse(0, "playbook p for T {\n  note \"a\"\n  }\n  }\n}\n").diagnostics;
    let places: Vec<u32> = two.iter().map(|d| d.labels[0].place.start).collect();
    assert_eq!(places, [32, 36], "{two:?}");
    // Right before the end it may go.
    assert_eq!(
        mended("playbook p for T {\n  note \"a\"\n  }\n}\n", true),
        "playbook p for T {\n  note \"a\"\n  \n}\n"
    );
}

#[test]
fn a_value_in_parentheses_is_revealed_with_what_stands_in_for_it() {
    becomes("let a = reveal (b) because \"c\"", "let a = reveal b because \"c\"");
    becomes("let a = reveal (b else \"x\") because \"c\"", "let a = reveal b else \"x\" because \"c\"");
    becomes("let a = reveal (b) else \"x\" because \"c\"", "let a = reveal b else \"x\" because \"c\"");
    becomes(
        "let a = reveal (b.c(1)) else f(\"x\") because \"c\"",
        "let a = reveal b.c(1) else f(\"x\") because \"c\"",
    );
    for lines in ["let a = reveal (b else \"x\").len because \"c\"", "let a = reveal (b) + (c) because \"c\""]
    {
        assert_eq!(mended(&body(lines), false), body(lines));
    }
}

#[test]
fn a_part_of_a_field_is_not_set() {
    becomes("set case.severity = High because \"x\"", "set severity = High because \"x\"");
    let said = stays(&body("set case.severity.level = High because \"x\""));
    assert!(said.contains("as a whole"), "{said}");
}

#[test]
fn a_semicolon_in_brackets_breaks_no_line() {
    becomes("note \"a\"; note \"b\";;", "note \"a\"\n note \"b\"");
    becomes("let z = xs.map(t => t;)", "let z = xs.map(t => t)");
    becomes("let z = [b;]", "let z = [b]");
    becomes("let z = \"{a;}\"", "let z = \"{a}\"");
    becomes("if a { note (\"a\"); note \"b\" }", "if a { note (\"a\")\n note \"b\" }");
    stays(&body("let z = \"{a; 3}\""));
    stays(&body("let z = \"{if a { b; 3 } else { 4 }}\""));
    for (before, after) in [("f(a; 3)", "f(a, 3)"), ("[1; 2; 3]", "[1, 2, 3]")] {
        let line = |value: &str| body(&format!("let z = {value}"));
        assert_eq!(mended(&line(before), false), line(before), "not beyond doubt");
        assert_eq!(mended(&line(before), true), line(after));
    }
}

/// What is in brackets goes on in the next line, and means something else with it.
#[test]
fn a_semicolon_in_brackets_of_several_lines_is_not_taken_away() {
    for (before, after) in [
        ("let z = f(\n    a;\n    -b\n  )", "let z = f(\n    a,\n    -b\n  )"),
        ("let z = [\n    a;\n    [b]\n  ]", "let z = [\n    a,\n    [b]\n  ]"),
    ] {
        assert_eq!(mended(&body(before), false), body(before), "not beyond doubt");
        assert_eq!(mended(&body(before), true), body(after));
    }
    // The last of them separates nothing, and what stands in braces is a body.
    becomes("let z = f(\n    a;\n  )", "let z = f(\n    a\n  )");
    becomes(
        "let z = f(if a {\n    b;\n    c\n  } else { d })",
        "let z = f(if a {\n    b\n    c\n  } else { d })",
    );
}

/// What another language puts on two lines, or ends with a sign, is one statement here.
#[test]
fn a_semicolon_within_a_statement_tears_it_nowhere() {
    becomes("if a == 1; { note \"x\" }", "if a == 1 { note \"x\" }");
    becomes("let z = f(a); else none", "let z = f(a) else none");
    becomes("do f(a); for 4h", "do f(a) for 4h");
    for word in ["and", "or", "in", "not in", "like"] {
        becomes(&format!("if a; {word} b {{ note \"x\" }}"), &format!("if a {word} b {{ note \"x\" }}"));
    }
    becomes("let z = a; as Int", "let z = a as Int");
    // Without a blank two words stay two.
    becomes("if a == 1;and b { note \"x\" }", "if a == 1 and b { note \"x\" }");
    becomes("if a;in b { note \"x\" }", "if a in b { note \"x\" }");
    becomes("do f(a) for 4h;else none", "do f(a) for 4h else none");
    becomes("let z = f(a);\n    else none", "let z = f(a)\n    else none");
    becomes("if a {\n  };\n  else {\n  }", "if a {\n  }\n  else {\n  }");
    // A field of this name begins another line.
    becomes("let z = Foo { a: 1; as: 2 }", "let z = Foo { a: 1\n as: 2 }");
    for (before, after) in [
        ("let z = a; + 1", "let z = a + 1"),
        // What a parenthesis that is not closed holds ends with its line.
        ("let z = f(1, 2;\n  note \"x\"", "let z = f(1, 2\n  note \"x\""),
        ("let z = (1 + 2;\n  let y = 1", "let z = (1 + 2\n  let y = 1"),
    ] {
        let plain = mended(&body(before), false);
        assert!(plain == body(before) || before.contains('('), "not beyond doubt: {plain}");
        assert_eq!(mended(&body(before), true), body(after));
    }
}

/// `if a := b; a > 1 {` of another language.
#[test]
fn a_value_that_gets_its_name_in_a_head_stands_in_the_line_before() {
    for (before, after) in [
        ("if a := b; a > 1 { note \"x\" }", "let a = b\n  if a > 1 { note \"x\" }"),
        ("match a = b; a { 1 => c, _ => d }", "let a = b\n  match a { 1 => c, _ => d }"),
        (
            "if c {\n    if a := f(1); a > 1 and b { note \"x\" }\n  }",
            "if c {\n    let a = f(1)\n    if a > 1 and b { note \"x\" }\n  }",
        ),
    ] {
        assert_eq!(mended(&body(before), false), body(before), "the name may hide another one further down");
        assert_eq!(mended(&body(before), true), body(after));
    }
    let text = "if a := b; a > 1 { note \"x\" }";
    assert_eq!(parse(0, &body(text)).diagnostics.len(), 1);
    // What it decides is known, too.
    let tree = format!("{:?}", parse(0, &body(text)).file);
    assert!(tree.contains("Let") && tree.contains("If"), "{tree}");
    // Behind an `else` there is no line before, what may be absent has a name only in the body, and a count is no list.
    for text in [
        "if c { note \"x\" } else if a := b; a > 1 { note \"y\" }",
        "if let a = b; a > 1 { note \"x\" }",
        "for i := 0; i < 3; i++ { note \"x\" }",
        "if a := 1; b := 2; c := 3; a > b { note \"x\" }",
    ] {
        let said = stays(&body(text));
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.contains("in the head"), "{said}");
    }
    // The time of an act is no head.
    becomes("do f(a) for hold; note \"x\"", "do f(a) for hold\n note \"x\"");
}

/// Also the name of what has a `;` in its brackets stays known.
#[test]
fn a_semicolon_in_brackets_is_read_as_a_comma() {
    let (before, after) = (body("let z = f(1; [2; 3])"), body("let z = f(1, [2, 3])"));
    let (read, meant) = (parse(0, &before), parse(0, &after));
    assert_eq!(read.file, meant.file);
    assert_eq!(read.diagnostics.len(), 2);
    for text in ["f(1;, 2)", "f(1,; 2)", "f(1;; 2)", "f(;1)"] {
        let said = parse(0, &body(&format!("let z = {text}"))).diagnostics;
        assert!(said.iter().all(|d| d.message.contains("`;`")), "{text}: {said:?}");
    }
    for (before, after) in [
        ("f(1;, 2)", "f(1, 2)"),
        ("f(1,; 2)", "f(1, 2)"),
        ("f(1;; 2)", "f(1, 2)"),
        ("f(;1, 2)", "f(1, 2)"),
        ("f(1; -2)", "f(1, -2)"),
        ("f(a; as Int, 3)", "f(a as Int, 3)"),
        ("(a; and b)", "(a and b)"),
    ] {
        let line = |value: &str| body(&format!("let z = {value}"));
        let said = parse(0, &line(before)).diagnostics;
        assert!(said.iter().all(|d| d.message.contains("`;`")), "{before}: {said:?}");
        assert_eq!(mended(&line(before), true), line(after));
    }
}

#[test]
fn arms_in_one_line_are_separated_by_commas() {
    for (between, sure) in
        [("{ note \"x\" };", true), ("{ note \"x\" }", true), ("note \"x\";", true), ("f(a)", false)]
    {
        for pattern in ["_", "2", "A | B.C", "1..3", "V(x, y: z)", "\"x\"", "none"] {
            let before = body(&format!("match a {{ 1 => {between} {pattern} => {{ note \"y\" }} }}"));
            let right = between.trim_end_matches(';');
            let after = body(&format!("match a {{ 1 => {right}, {pattern} => {{ note \"y\" }} }}"));
            assert_eq!(parse(0, &before).diagnostics.len(), 1, "{before}");
            assert_eq!(mended(&before, false), if sure { after.clone() } else { before.clone() });
            assert_eq!(mended(&before, true), after);
        }
    }
    becomes(
        "match a { 1 => { b }; -1 => { c }; _ => { d } }",
        "match a { 1 => { b }, -1 => { c }, _ => { d } }",
    );
    becomes(
        "match a {\n    1 => { b };\n    _ => { c };\n  }",
        "match a {\n    1 => { b }\n    _ => { c }\n  }",
    );
}

/// Also before the first declaration.
#[test]
fn a_semicolon_outside_of_all_is_taken_away() {
    assert_eq!(mended(";\nrole lead;\n;\n", false), "\nrole lead\n\n");
    assert_eq!(mended("; role lead; role other;", false), "\n role lead\n role other");
    assert_eq!(mended(";", false), "");
}

#[test]
fn a_bracket_of_another_kind_is_written_as_the_one_that_is_open() {
    for (before, after) in [
        ("[1, 2)", "[1, 2]"),
        ("f(a]", "f(a)"),
        ("f([1, 2))", "f([1, 2])"),
        ("f(\n    [1, 2),\n    b\n  )", "f(\n    [1, 2],\n    b\n  )"),
        ("g(f(a], b)", "g(f(a), b)"),
        // One that is too many goes.
        ("[1, 2)]", "[1, 2]"),
        ("[f(a)), b]", "[f(a), b]"),
        ("f(a])", "f(a)"),
        // Each of two in the place of the other.
        ("[f(1, 2], 3)", "[f(1, 2), 3]"),
        ("(a[1)]", "(a[1])"),
        ("f([\n    g(1],\n    2)\n  )", "f([\n    g(1),\n    2]\n  )"),
    ] {
        let line = |value: &str| body(&format!("let z = {value}"));
        assert_eq!(mended(&line(before), false), line(before), "not beyond doubt");
        assert_eq!(mended(&line(before), true), line(after));
        assert_eq!(parse(0, &line(before)).diagnostics.len(), 1, "{before}");
    }
    // Here it is its own, and the one before it is not closed.
    assert_eq!(mended(&body("let z = g(f([1, 2))"), true), body("let z = g(f([1, 2))"));
    let constant = |value: &str| format!("const a = {value}\nconst b = [1]\n");
    assert_eq!(mended(&constant("[1, 2)"), true), constant("[1, 2]"));
}

#[test]
fn a_colon_with_an_equals_sign_is_one_of_them() {
    becomes("let a := b", "let a = b");
    for ty in ["Int", "[Int]", "Int?", "{String: Int}", "[{String: [Int]}]?"] {
        becomes(&format!("let a: {ty} := b"), &format!("let a: {ty} = b"));
        let constant = |sign: &str| format!("const a: {ty} {sign} 3\n");
        assert_eq!(mended(&constant(":="), false), constant("="));
        let config = |sign: &str| format!("config {{ a: {ty} {sign} 3 }}\n");
        assert_eq!(mended(&config(":="), false), config("="));
    }
    becomes("f(ip := a)", "f(ip: a)");
    becomes("let a = Foo { ip:=b, c := d }", "let a = Foo { ip: b, c: d }");
    assert_eq!(mended("const a := 3\n", false), "const a = 3\n");
    assert_eq!(mended("config { a: Int := 3 }\n", false), "config { a: Int = 3 }\n");
    let source =
        |sign: &str| format!("source s from feed(\"x\") -> T {{ map {{ ip {sign} payload.ip as Ip? }} }}\n");
    assert_eq!(mended(&source(":="), false), source("="));
    // It may be another value for a name that is given.
    for (before, after) in [
        ("a := b", "let a = b"),
        ("if c { a := b }", "if c { let a = b }"),
        ("let a = 1\n  a := b", "let a = 1\n  a := b"),
    ] {
        assert_eq!(mended(&body(before), false), body(before), "not beyond doubt");
        assert_eq!(mended(&body(before), true), body(after));
        assert_eq!(parse(0, &body(before)).diagnostics.len(), 1, "{before}");
    }
    // Neither sign alone means anything there.
    for as_it_is in [
        body("if z := a { note \"x\" }"),
        body("if (a := 3) { note \"x\" }"),
        body("for t := a { note \"x\" }"),
        body("case.n := 3"),
        body("match a { 1 => z := 2, _ => note \"x\" }"),
        body("let z = f(case.n := 1)"),
        body("let z = [x := 1]"),
        "case A { n: Int := 3 }\n".to_string(),
        "enum E { A := 1 }\n".to_string(),
        "role lead := \"x\"\n".to_string(),
    ] {
        assert_eq!(mended(&as_it_is, true), as_it_is);
        let said = parse(0, &as_it_is).diagnostics;
        assert_eq!(said.len(), 1, "{as_it_is}: {said:?}");
    }
}

#[test]
fn what_reveal_takes_loses_its_parentheses_only_where_it_may_stand_bare() {
    for (before, after) in [
        ("(case.user)", "case.user"),
        ("(case.note else \"x\")", "case.note else \"x\""),
        ("(case.user + \"x\")", "case.user + \"x\""),
        ("(f(a, b) else \"z\")", "f(a, b) else \"z\""),
    ] {
        becomes(
            &format!("let c = reveal {before} because \"why\""),
            &format!("let c = reveal {after} because \"why\""),
        );
    }
    for value in [
        "(if a { b } else { c })",
        "(match a { B => \"x\", _ => \"y\" })",
        "(case.user,)",
        "(case.user, case.ip)",
        "(mail: case.user)",
        "()",
        "(x => x)",
    ] {
        let said = stays(&body(&format!("let c = reveal {value} because \"why\"")));
        assert!(said.contains("without parentheses"), "{value}: {said}");
    }
}

#[test]
fn an_else_takes_the_next_line_only_where_that_stands_further_in() {
    becomes("if a { note \"a\" } else note \"b\"", "if a { note \"a\" } else { note \"b\" }");
    becomes("if a { note \"a\" } else\n    note \"b\"", "if a { note \"a\" } else\n    { note \"b\" }");
    for line in ["if a { note \"a\" } else\n  note \"b\"", "if a {\n    note \"a\"\n  } else\n  note \"b\""] {
        assert_eq!(mended(&body(line), false), body(line), "it may be the next statement");
    }
}

#[test]
fn two_bars_are_what_they_stand_for() {
    let act = "hand over to queue.tier1 because \"x\"";
    becomes(&format!("do f(a) || {act}"), &format!("do f(a) else {act}"));
    becomes(&format!("if a {{ do f(a) for 4h||{act} }}"), &format!("if a {{ do f(a) for 4h else {act} }}"));
    // This is done where the condition does not hold.
    becomes(&format!("a || {act}"), &format!("a or {act}"));
    becomes("match a { B || C.D => 1, _ => 2 }", "match a { B | C.D => 1, _ => 2 }");
    becomes("match a {\n    B || 3 || \"x\" => 1\n  }", "match a {\n    B | 3 | \"x\" => 1\n  }");
    becomes("let z = xs.any(x => x || y)", "let z = xs.any(x => x or y)");
    becomes("match a { B => x || y, _ => z }", "match a { B => x or y, _ => z }");
}

#[test]
fn the_members_of_an_enum_take_no_colon() {
    let text = "enum E { A = 1, B = 2 }\n";
    assert_eq!(mended(text, false), text);
}

#[test]
fn a_chain_of_colons_is_put_in_braces() {
    let before = body("if a:\n    note \"a\"\n  elif b:\n    note \"b\"\n  else:\n    note \"c\"");
    let after = body(
        "if a {\n    note \"a\"\n  }\n  else if b {\n    note \"b\"\n  }\n  else {\n    note \"c\"\n  }",
    );
    assert_eq!(mended(&before, true), after);
}
