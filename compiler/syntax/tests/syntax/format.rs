//! The style, by example: what is written on the left becomes what is on the right.

use play_syntax::format;

#[track_caller]
fn becomes(written: &str, styled: &str) {
    assert_eq!(format(written).unwrap_or_else(|e| format!("{e:?}")), styled, "\n{written}");
    assert_eq!(format(styled).as_deref(), Ok(styled), "not stable");
}

#[test]
fn lines_are_indented_by_their_braces_and_trailing_spaces_go() {
    becomes(
        "fn f( a:Int )->Int{\nif a>1{ \n a+1\n}else{\n\n\n0\n\n}\n\n\n}\n\n",
        "fn f(a: Int) -> Int {\n  if a > 1 {\n    a + 1\n  } else {\n    0\n  }\n}\n",
    );
}

#[test]
fn one_empty_line_is_kept_and_more_are_one() {
    becomes("use a.b\n\n\n\nuse a.c\nuse a.d\n", "use a.b\n\nuse a.c\nuse a.d\n");
}

#[test]
fn a_line_that_goes_on_is_indented_once_more() {
    becomes(
        "fn f() -> T {\na +\nb\nf(\na,\nb\n)\nlet x = a\nelse b\n}\n",
        "fn f() -> T {\n  a +\n    b\n  f(\n    a,\n    b\n  )\n  let x = a\n    else b\n}\n",
    );
}

#[test]
fn fields_and_the_entries_of_a_map_stand_in_columns() {
    becomes(
        "case A {\na: Int\n/// Why.\nlonger: String?\n\nb: Int\n}\n",
        "case A {\n  a:      Int\n  /// Why.\n  longer: String?\n\n  b: Int\n}\n",
    );
    becomes(
        "source s from feed(\"x\") -> A {\nmap {\na = 1\nlonger = x\nelse y\nb = 2\n}\n}\n",
        "source s from feed(\"x\") -> A {\n  map {\n    a      = 1\n    longer = x\n      else y\n    b      = 2\n  }\n}\n",
    );
}

#[test]
fn clauses_stand_below_their_action() {
    becomes(
        "connector c {\nconfig { a: Url }\n/// Reads.\nread x() -> Json\nGET \"/x\" query {a:1}\nexpect 200->body\n\nwrite y() -> Json\nPOST \"/y\"\nexpect 204\n}\n",
        "connector c {\n  config { a: Url }\n  /// Reads.\n  read x() -> Json\n    GET \"/x\" query { a: 1 }\n    expect 200 -> body\n\n  write y() -> Json\n    POST \"/y\"\n    expect 204\n}\n",
    );
}

#[test]
fn signs_have_their_spaces_and_strings_are_left_alone() {
    becomes(
        "fn f() -> T {\n[ a,b ] . c( d : 1 ) [ 0 ]\n- a-b*- c\nx as  [ Int ] ? == 1\na? .b ?.c\nf( u=>u )\n\"a  { b }  c{d+ e}\"\nreturns[0]\na in[b]\n}\n",
        "fn f() -> T {\n  [a, b].c(d: 1)[0]\n  -a - b * -c\n  x as [Int]? == 1\n  a? .b?.c\n  f(u => u)\n  \"a  {b}  c{d + e}\"\n  returns [0]\n  a in [b]\n}\n",
    );
    becomes("use a . { b,c }\n", "use a.{b, c}\n");
}

#[test]
fn comments_stay_where_they_are() {
    becomes(
        "// head\nfn f() -> T {   // why\n// first\na // second\n      // last\n}\n// tail\n",
        "// head\nfn f() -> T {  // why\n  // first\n  a  // second\n  // last\n}\n// tail\n",
    );
}

#[test]
fn line_ends_and_marks_of_other_systems_go() {
    becomes("\u{feff}use a.b\r\nuse a.c\r\n", "use a.b\nuse a.c\n");
}

#[test]
fn a_file_with_mistakes_is_not_touched() {
    assert!(format("fn f( {").is_err());
    assert_eq!(format(""), Ok(String::new()));
}

#[test]
fn the_lines_of_a_guard_stand_below_each_other() {
    becomes(
        "guard g covers a.b{\n// Why.\nnever   when x\nlimit 1   per 1h\nallow when x\nand y\n  else  refuse\n}\n",
        "guard g covers a.b {\n  // Why.\n  never when x\n  limit 1 per 1h\n  allow when x\n    and y\n  else refuse\n}\n",
    );
}
