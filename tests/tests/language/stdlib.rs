//! The standard library is what the manual says of it: all modules and what they declare, the case types field by field, and what their
//! fields are called elsewhere.

use std::fmt::Write as _;

use play_check::check_workspace;
use play_check::workspace::of_text;
use play_syntax::ast::{FieldDecl, File, Item, ItemKind, RecordDecl};
use play_tests::playc::root;

fn tree(module: &str) -> (&'static str, File) {
    let text = play_stdlib::module(module).unwrap();
    let parsed = play_syntax::parse(0, text);
    assert_eq!(parsed.diagnostics, [], "{module}");
    (text, parsed.file)
}

fn page(name: &str) -> String {
    std::fs::read_to_string(root().join("docs").join(name)).unwrap()
}

/// What a person would write to use something of an item; the sources and fields have pages of their own.
fn names(item: &Item) -> Vec<String> {
    match &item.kind {
        ItemKind::Case(d) | ItemKind::Record(d) => vec![d.name.text.to_string()],
        ItemKind::Newtype(d) => vec![d.name.text.to_string()],
        ItemKind::Enum(d) => vec![d.name.text.to_string()],
        ItemKind::Const(d) => vec![d.name.text.to_string()],
        ItemKind::Fn(d) => vec![d.name.text.to_string()],
        ItemKind::Role(name) => vec![format!("role.{}", name.text)],
        ItemKind::Queue(name) => vec![format!("queue.{}", name.text)],
        ItemKind::Connector(d) => {
            let actions = d.actions.iter().map(|a| &a.name.text).chain(d.events.iter().map(|e| &e.name.text));
            actions.map(|action| format!("{}.{action}", d.name.text)).collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn the_manual_has_every_module_and_what_it_declares() {
    let page = page("stdlib.md") + &page("sources.md");
    let mut missing = Vec::new();
    for module in play_stdlib::modules() {
        let path = format!("`std.{}`", module.replace('/', "."));
        if !page.contains(&path) {
            missing.push(path.clone());
        }
        // What only a source itself uses is not for others.
        if module.starts_with("sources/") {
            continue;
        }
        for name in tree(module).1.items.iter().flat_map(|item| names(item)) {
            let is_there = page.contains(&format!("`{name}`")) || page.contains(&format!("`{name}("));
            if !is_there {
                missing.push(format!("{path}: {name}"));
            }
        }
    }
    assert!(missing.is_empty(), "docs/stdlib.md lacks {missing:#?}");
}

/// The row of a type in the table of types: its fields as they are declared, or its members.
fn row(item: &Item, text: &str) -> Option<String> {
    let (name, parts): (_, Vec<String>) = match &item.kind {
        ItemKind::Record(d) => (&d.name.text, d.fields.iter().map(|f| written(f, text)).collect()),
        ItemKind::Enum(d) => (&d.name.text, d.variants.iter().map(|v| v.name.text.to_string()).collect()),
        _ => return None,
    };
    let parts: Vec<String> = parts.iter().map(|part| format!("`{part}`")).collect();
    Some(format!("| `{name}` | {} |", parts.join(", ")))
}

#[test]
fn the_manual_has_the_fields_of_every_type_of_a_connector() {
    let page = page("stdlib.md");
    let modules = play_stdlib::modules().filter(|m| m.starts_with("connectors/")).map(tree);
    let rows: Vec<String> = modules
        .flat_map(|(text, file)| file.items.into_iter().filter_map(|i| row(&i, text)).collect::<Vec<_>>())
        .collect();
    assert!(rows.len() > 10);
    let missing: Vec<&String> = rows.iter().filter(|row| !page.contains(row.as_str())).collect();
    assert!(missing.is_empty(), "docs/stdlib.md lacks\n{missing:#?}");
}

#[test]
fn all_modules_can_be_used_together() {
    let uses: String = play_stdlib::modules().map(|m| format!("use std.{}\n", m.replace('/', "."))).collect();
    let checked = check_workspace(&of_text("all", &uses).unwrap(), &play_stdlib::module);
    let errors: Vec<&String> =
        checked.diagnostics.iter().filter(|d| d.is_error()).map(|d| &d.message).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn whatever_is_declared_says_what_it_is() {
    for module in play_stdlib::modules() {
        for item in &tree(module).1.items {
            // The name of a connector or of a framework says it; its module has a line as well.
            let plain =
                matches!(item.kind, ItemKind::Use(_) | ItemKind::Connector(_) | ItemKind::Controls(_));
            assert!(plain || !item.doc.is_empty(), "{module}: {:?}", names(item));
        }
    }
}

/// A case type of the library, with the text of its module.
fn cases() -> Vec<(&'static str, String, RecordDecl, &'static str)> {
    let modules = play_stdlib::modules().filter(|m| m.starts_with("cases/"));
    let case = |module: &'static str| {
        let (text, file) = tree(module);
        file.items.iter().find_map(|item| match &item.kind {
            ItemKind::Case(case) => Some((module, item.doc.join(" "), case.clone(), text)),
            _ => None,
        })
    };
    modules.filter_map(case).collect()
}

/// What a field is called elsewhere: `ECS `user.id`` of its doc.
fn elsewhere<'d>(doc: &'d str, standard: &str) -> Option<&'d str> {
    doc.split_once(&format!("{standard} `"))?.1.split('`').next()
}

/// The last field that all case types have.
const LAST_OF_ALL: &str = "incident";

#[test]
fn a_field_is_called_as_ecs_calls_it() {
    let all = cases();
    assert_eq!(all.len(), 8);
    for (module, _, case, _) in all {
        for field in case.fields.iter().filter(|f| f.name.text != LAST_OF_ALL) {
            let (name, doc) = (&field.name.text, field.doc.join(" "));
            match (elsewhere(&doc, "ECS"), elsewhere(&doc, "OCSF")) {
                (Some("@timestamp"), _) => assert_eq!(name, "timestamp"),
                (Some(ecs), _) => assert_eq!(name, &ecs.replace('.', "_"), "{module}"),
                // Of what ECS has no name for, OCSF has one that ends alike.
                (None, Some(ocsf)) => {
                    let last = ocsf.rsplit('.').next().unwrap().replace("fixed_in_version", "fixed_version");
                    assert!(name.ends_with(&last), "{module}: {name} and {ocsf}");
                }
                (None, None) => panic!("{module}: `{name}` does not say what others call it"),
            }
        }
    }
}

#[test]
fn all_case_types_begin_alike() {
    let shared = |case: &RecordDecl, text: &str| -> Vec<String> {
        let end = case.fields.iter().position(|f| f.name.text == LAST_OF_ALL).unwrap();
        case.fields[..=end].iter().map(|f| format!("{:?} {}", f.doc, written(f, text))).collect()
    };
    let all = cases();
    let first = shared(&all[0].2, all[0].3);
    for (module, _, case, text) in &all {
        assert_eq!(shared(case, text), first, "{module}");
    }
    // The module that they rest on lists them.
    let base = play_stdlib::module("cases/base").unwrap();
    for field in first.iter().filter_map(|f| f.rsplit_once("] ")?.1.split(':').next()) {
        assert!(base.contains(&format!("`{field}`")), "{field}");
    }
}

/// `user_id: String? pii`, with one blank.
fn written(field: &FieldDecl, text: &str) -> String {
    let span = &text[field.span.start as usize..field.span.end as usize];
    span.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn rows(page: &mut String, fields: &[FieldDecl], text: &str) {
    page.push_str("| field | | ECS | OCSF | |\n|---|---|---|---|---|\n");
    for field in fields {
        let doc = field.doc.join(" ");
        let said = ["ECS `", "OCSF `"].iter().filter_map(|s| doc.find(s)).min();
        let (name, ty) =
            written(field, text).split_once(": ").map(|(n, t)| (n.to_string(), t.to_string())).unwrap();
        let other = |standard| elsewhere(&doc, standard).map(|n| format!("`{n}`")).unwrap_or_default();
        let (ecs, ocsf, what) =
            (other("ECS"), other("OCSF"), doc[..said.unwrap_or(doc.len())].trim().trim_end_matches(';'));
        let _ = writeln!(page, "| `{name}` | `{ty}` | {ecs} | {ocsf} | {} |", what.replace('|', "\\|"));
    }
}

/// The tables of docs/cases.md, out of the modules.
fn tables() -> String {
    let mut page = String::new();
    for (index, (module, doc, case, text)) in cases().iter().enumerate() {
        let end = case.fields.iter().position(|f| f.name.text == LAST_OF_ALL).unwrap() + 1;
        if index == 0 {
            page.push_str("\n## In all of them\n\n");
            rows(&mut page, &case.fields[..end], text);
        }
        let _ = writeln!(page, "\n## {}\n\n`use std.{}`. {doc}\n", case.name.text, module.replace('/', "."));
        rows(&mut page, &case.fields[end..], text);
    }
    page
}

#[test]
fn the_manual_has_every_field() {
    let written = page("cases.md");
    let (before, rest) = written.split_once("<!-- fields -->\n").unwrap();
    let (_, after) = rest.split_once("<!-- end -->").unwrap();
    let right = format!("{before}<!-- fields -->\n{}<!-- end -->{after}", tables());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(root().join("docs/cases.md"), &right).unwrap();
        return;
    }
    assert!(written == right, "docs/cases.md is stale: UPDATE=1 cargo nextest run -p play-tests stdlib");
}
