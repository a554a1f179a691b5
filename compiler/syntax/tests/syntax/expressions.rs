//! Each ambiguity of `docs/lexical.md`, and the order of operators: source on the left, tree on the right.

use crate::shape::body;

#[track_caller]
fn reads(source: &str, tree: &str) {
    assert_eq!(body(source), tree, "\n{source}");
}

#[test]
fn operators_from_loosest_to_tightest() {
    reads("a or b and c", "(or a (and b c))");
    reads("a == b and c < d", "(and (== a b) (< c d))");
    reads("a + b * c - d", "(- (+ a (* b c)) d)");
    reads("not a == b", "(not (== a b))");
    reads("not a in b or c", "(or (not (in a b)) c)");
    reads("a not in b or c", "(or (not (in a b)) c)");
    reads("a + 1 not in b and c", "(and (not (in (+ a 1) b)) c)");
    reads("not a not in b", "(not (not (in a b)))");
    reads("a\n  not in b", "(not (in a b))");
    reads("-a * b", "(* (neg a) b)");
    reads("a - -b", "(- a (neg b))");
    reads("a / b / c % d", "(% (/ (/ a b) c) d)");
    reads("a + b as Int", "(+ a (as b Int))");
    reads("-a.b", "(neg (. a b))");
    reads("(a + b) * c", "(* (+ a b) c)");
}

#[test]
fn else_is_the_loosest_and_goes_to_the_right() {
    reads("a else b else c", "(else a (else b c))");
    reads("a == b else c or d", "(else (== a b) (or c d))");
    reads("(x as String else \"a\") == \"b\"", "(== (else (as x String) (str \"a\")) (str \"b\"))");
    reads("f() else {\nclose A because \"b\"\n}", "(else (call f) {(close A because (str \"b\"))})");
    reads("f() else close A because \"b\"", "(else (call f) (close A because (str \"b\")))");
}

#[test]
fn a_line_ends_a_statement() {
    reads("a\nb", "a ; b");
    reads("a\n- b", "a ; (neg b)");
    reads("a\n(b)", "a ; b");
    reads("a\n[b]", "a ; [b]");
    reads("a\n{ b }", "a ; {b}");
    reads("let x = 1\nlet y = 2", "(let x 1) ; (let y 2)");
}

#[test]
fn a_line_that_cannot_have_ended_goes_on() {
    reads("a +\nb", "(+ a b)");
    reads("a\n+ b", "(+ a b)");
    reads("a\n.b\n?.c", "(?. (. a b) c)");
    reads("a\nelse b", "(else a b)");
    reads("a\nand b\nor c", "(or (and a b) c)");
    reads("a\nas Int\nin b", "(in (as a Int) b)");
    reads("close A\nbecause \"b\"", "(close A because (str \"b\"))");
    reads("let x =\n5", "(let x 5)");
    reads("f(a,\nb\n)", "(call f a b)");
    reads("f(\na\n- b\n)", "(call f (- a b))");
    reads("[a,\n\nb,\n]", "[a b]");
    reads("if a { b }\nelse { c }", "(if a {b} {c})");
    reads("a // why\n// and why\n+ b", "(+ a b)");
}

#[test]
fn a_for_after_a_do_is_a_time_only_with_a_duration() {
    reads("do a.b(c) for 4h", "(for (do (call (. a b) c)) 14400000ms)");
    reads("do a.b(c)\nfor 4h", "(for (do (call (. a b) c)) 14400000ms)");
    reads("do a.b(c) irreversible because \"x\"", "(irreversible (do (call (. a b) c)) (str \"x\"))");
    reads("do a.b(c)\nfor x in y { x }", "(do (call (. a b) c)) ; (for x y {x})");
}

#[test]
fn words_are_names_where_they_mean_nothing_else() {
    reads("payload.from.to", "(. (. payload from) to)");
    reads("payload.if.else.in / 2", "(/ (. (. (. payload if) else) in) 2)");
    reads("let source = map", "(let source map)");
    reads("close", "close");
    reads("note.len", "(. note len)");
    reads("f(in: 1, for: 2, title: 3)", "(call f in:1 for:2 title:3)");
    reads("R { within: 4h\n because: 1, and: 2 }", "(R {within:14400000ms because:1 and:2})");
    reads("set source = x because y", "(set source x because y)");
}

#[test]
fn a_slash_divides_after_a_value_and_begins_a_regex_elsewhere() {
    reads("a / b / c", "(/ (/ a b) c)");
    reads("a matches /b c/", "(matches a /b c/)");
    reads("f(/a\\/b/, c)", "(call f /a/b/ c)");
    reads("[/a/, /\"{/]", "[/a/ /\"{/]");
    reads("f(x) / 2", "(/ (call f x) 2)");
    reads("x? / 2", "(/ (? x) 2)");
    reads("not x matches /^a$/", "(not (matches x /^a$/))");
}

#[test]
fn strings_hold_expressions() {
    reads(r#""""#, "(str )");
    reads(r#""a {b.c} d""#, r#"(str "a " (. b c) " d")"#);
    reads(r#""{a}{b}""#, "(str a b)");
    reads(r#""{if a { "x{b}" } else { "\}".c }}""#, r#"(str (if a {(str "x" b)} {(. (str "}") c)}))"#);
    reads(r#""\{a\} \"\\\n\u{e9}""#, r#"(str "{a} \"\\\né")"#);
    reads(r#""a // b""#, r#"(str "a // b")"#);
    reads(r#""{f({ a: "x" })}""#, r#"(str (call f {a:(str "x")}))"#);
}

#[test]
fn addresses_and_colons() {
    reads("R { a: ::1, b: 2 }", "(R {a:ip:::1 b:2})");
    reads("f(ip: fe80::1, net: 2001:db8::/32)", "(call f ip:ip:fe80::1 net:net:2001:db8::/32)");
    reads("1:2:3:4:5:6:7:8", "ip:1:2:3:4:5:6:7:8");
    reads("a in 10.0.0.0/8", "(in a net:10.0.0.0/8)");
    reads("10.0.0.1.version", "(. ip:10.0.0.1 version)");
    reads("::ffff:10.0.0.1", "ip:10.0.0.1");
    reads("f(a: b)", "(call f a:b)");
}

#[test]
fn numbers_with_units_and_dates() {
    reads("90s + 1h30m", "(+ 90000ms 5400000ms)");
    reads("5MB + 1KiB + 3B", "(+ (+ 5000000B 1024B) 3B)");
    reads("1_000 + 2.5", "(+ 1000 2.5)");
    reads("2026-11-20T12:00Z", "time:2026-11-20T12:00:00Z");
    reads("2026 - 11 - 20", "(- (- 2026 11) 20)");
    reads("2026-11-20", "date:2026-11-20");
    reads("-9223372036854775808", "-9223372036854775808");
    reads("5m.seconds", "(. 300000ms seconds)");
}

#[test]
fn question_marks() {
    reads("a?.b", "(?. a b)");
    reads("a? .b", "(. (? a) b)");
    reads("x as Int? == 1", "(== (? (as x Int)) 1)");
    reads("x as [Int]? else y", "(else (? (as x [Int])) y)");
    reads("let x: Int? = y", "(let x: Int? y)");
    reads("x as Email?.domain", "(?. (as x Email) domain)");
}

#[test]
fn in_a_condition_a_brace_begins_the_body() {
    reads("if x == Foo { y }", "(if (== x Foo) {y})");
    reads("if x == (Foo { a: 1 }) { y }", "(if (== x (Foo {a:1})) {y})");
    reads("match x { A => Foo { a: 1 } }", "(match x (A (Foo {a:1})))");
    reads("for x in f(Foo { a: 1 }) { x }", "(for x (call f (Foo {a:1})) {x})");
    reads("if let u = f(x) else none { u }", "(if (let u (else (call f x) none)) {u})");
    reads("let x = Foo { a: 1 }", "(let x (Foo {a:1}))");
    reads("Foo {}", "(Foo {})");
    reads("{ a: 1, \"b c\": { d: [] } }", "{a:1 b c:{d:[]}}");
}

#[test]
fn if_match_for_and_blocks_are_values() {
    reads("let x = if a { 1 } else if b { 2 } else { 3 }", "(let x (if a {1} (if b {2} {3})))");
    reads(
        "match v {\nA | B.C => 1\n -1 => 2, \"x\" => 3\n none => 4\n _ => 5\n}",
        "(match v (A|B.C 1) (-1 2) ((str \"x\") 3) (none 4) (_ 5))",
    );
    reads("f(u => u.host, _ => 1)", "(call f (u => (. u host)) (_ => 1))");
    reads("x[0].y[\"k\"](z)", "(call (index (. (index x 0) y) (str \"k\")) z)");
}

#[test]
fn questions() {
    reads(
        "let o = ask role.analyst \"x?\" { Yes, No }\n showing a, case.b\n within 4h else Yes because \"n\"\nb",
        "(let o (ask role.analyst (str \"x?\") [Yes No] a (. case b) within:14400000ms else:(Yes (str \"n\")))) ; b",
    );
    reads(
        "ask role.a \"x\" {\n Yes\n No\n}\n within 4h\n showing a\n else b",
        "(else (ask role.a (str \"x\") [Yes No] a within:14400000ms) b)",
    );
    reads(
        "approve a.b(c) from role.x within 1h\n  because \"d\"\n  else e",
        "(else (approve (call (. a b) c) role.x within:3600000ms because:(str \"d\")) e)",
    );
    reads("approve.len", "(. approve len)");
    reads("let ask = showing\nask.len", "(let ask showing) ; (. ask len)");
}

#[test]
fn steps() {
    reads(
        "step contain {\n do a.b()\n} else {\n rollback because \"x\"\n}\nc",
        "(step contain {(do (call (. a b)))} {(rollback because (str \"x\"))}) ; c",
    );
    reads("step contain { a }", "(step contain {a})");
    reads("rollback because \"x\" else b", "(else (rollback because (str \"x\")) b)");
    reads("rollback\nb", "(rollback) ; b");
    reads("let step = rollback", "(let step (rollback))");
}

#[test]
fn calls_on_terms() {
    reads("a.b(c) retry 3 timeout 10s else d", "(else (timeout (retry (call (. a b) c) 3) 10000ms) d)");
    reads("a.b(c)\n  retry 3\n  backoff 2s\n  else d", "(else (retry (call (. a b) c) 3 2000ms) d)");
    reads("do a.b(c) timeout 10s else none", "(else (timeout (do (call (. a b) c)) 10000ms) none)");
}

#[test]
fn waits() {
    reads("wait 5m\nwait.len", "(wait 300000ms) ; (. wait len)");
    reads(
        "wait t.closed(x) within 5d\n else hand over to role.a because \"b\"\nc",
        "(else (wait (call (. t closed) x) within:432000000ms) (hand-over role.a because (str \"b\"))) ; c",
    );
    reads(
        "wait s.report(id) every 30s\n until not answer.open and answer.n > 2\n within 10m else none",
        "(else (wait (call (. s report) id) every:30000ms until:(and (not (. answer open)) (> (. answer n) 2)) within:600000ms) none)",
    );
    reads(
        "let r = wait s.report(id)\n every 30s\n within 10m else none",
        "(let r (else (wait (call (. s report) id) every:30000ms within:600000ms) none))",
    );
}

#[test]
fn acts() {
    reads("set severity = a else High because \"x\"", "(set severity (else a High) because (str \"x\"))");
    reads("route to queue.a because b", "(route queue.a because b)");
    reads("hand over to role.b", "(hand-over role.b)");
    reads("note \"a {b}\"", "(note (str \"a \" b))");
    reads("close A", "(close A)");
    reads("let t = do a.b(x: 1) else none", "(let t (else (do (call (. a b) x:1)) none))");
}
