//! What the functions and constants of the standard library give.

use std::collections::BTreeSet;

use play_check::check_workspace;
use play_check::workspace::of_text;
use play_program::convert;
use play_syntax::ast::ItemKind;

/// The value of an expression of text, as it is recorded.
fn value(modules: &str, ty: &str, expression: &str) -> String {
    let text = format!("use std.{modules}\nconst it: {ty} = {expression}\n");
    let checked = check_workspace(&of_text("t", &text).unwrap(), &play_stdlib::module);
    let program = checked.program.unwrap_or_else(|| panic!("{expression}: {:#?}", checked.diagnostics));
    let it = program.consts.iter().find(|c| c.name == "it").unwrap();
    let value = play_reference::constants::evaluate(&program, &it.body).unwrap();
    convert::to_recorded(&value, &it.ty, &program.types).to_string()
}

/// The members of an enum of the library.
fn members(module: &str, name: &str) -> Vec<String> {
    let file = play_syntax::parse(0, play_stdlib::module(module).unwrap()).file;
    let found = file.items.iter().find_map(|item| match &item.kind {
        ItemKind::Enum(d) if d.name.text == name => {
            Some(d.variants.iter().map(|v| v.name.text.to_string()).collect())
        }
        _ => None,
    });
    found.unwrap()
}

#[test]
fn each_type_of_incident_has_a_class_and_a_code_of_its_own() {
    let kinds = members("taxonomy", "IncidentType");
    assert_eq!(kinds.len(), 39);
    let list = |function: &str, ty: &str| -> Vec<String> {
        let calls: Vec<String> = kinds.iter().map(|k| format!("{function}(IncidentType.{k})")).collect();
        serde_json::from_str(&value("taxonomy", ty, &format!("[{}]", calls.join(", ")))).unwrap()
    };
    let (codes, classes) = (list("incident_code", "[String]"), list("incident_class", "[IncidentClass]"));
    assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), kinds.len(), "no code stands for two types");
    let used: BTreeSet<String> = classes.iter().cloned().collect();
    assert_eq!(used, members("taxonomy", "IncidentClass").into_iter().collect(), "no class is empty");
    for (code, class) in codes.iter().zip(&classes) {
        // `abusive-content="spam"` is of the class `AbusiveContent`; `OtherIncident` is called `other`.
        let (predicate, rest) = code.split_once("=\"").unwrap();
        let name: String = predicate.split('-').map(|w| w[..1].to_uppercase() + &w[1..]).collect();
        assert_eq!(class.strip_suffix("Incident").unwrap_or(class), name, "{code}");
        assert!(rest.ends_with('"'), "{code}");
    }
}

#[test]
fn indicators_are_found_in_a_text() {
    let text = "see hxxps://bad[.]example.com/x, 203.0.113.9, 8.8.8.8, ada@example.org and d41d8cd98f00b204e9800998ecf8427e twice: 8.8.8.8";
    let of = |function: &str| {
        value("indicators", "[String]", &format!("indicators_in(\"{text}\").map(i => {function}(i))"))
    };
    assert_eq!(
        of("indicator_text"),
        r#"["8.8.8.8","https://bad.example.com/x","ada@example.org","bad.example.com","example.org","d41d8cd98f00b204e9800998ecf8427e"]"#
    );
    assert_eq!(
        of("indicator_kind"),
        r#"["ipv4-addr","url","email-addr","domain-name","domain-name","file"]"#
    );
    assert_eq!(
        value("indicators", "String", "indicator_kind(AddressIndicator(ip: 2001:4860:4860::8888))"),
        "\"ipv6-addr\""
    );
    assert_eq!(value("indicators", "Int", "indicators_in(\"10.0.0.1 and nothing else\").len"), "0");
}

#[test]
fn each_class_of_closure_is_right_wrong_or_not_looked_at() {
    let right = "[TruePositive, BenignPositive, FalsePositive, Duplicate, Suppressed].map(c => closure_is_right(c) else false)";
    assert_eq!(value("closures", "[Bool]", right), "[true,true,false,false,false]");
    let looked = "[TruePositive, BenignPositive, FalsePositive, Duplicate, Suppressed].count(c => closure_is_right(c) == none)";
    assert_eq!(value("closures", "Int", looked), "2");
    assert_eq!(value("closures", "String", "closure_ocsf_verdict(FalsePositive)"), "\"False Positive\"");
    assert_eq!(value("closures", "String", "closure_meaning(Duplicate)"), "\"Another case has it.\"");
}

#[test]
fn clocks_can_be_reckoned_with() {
    assert_eq!(value("deadlines", "Bool", "gdpr_33_authority == nis2_23_notification"), "true");
    assert_eq!(
        value("deadlines", "Time", "2026-03-02T09:00Z + nis2_23_early_warning"),
        "\"2026-03-03T09:00:00.000000000Z\""
    );
    // A month after the notification is never before this.
    assert_eq!(
        value(
            "deadlines",
            "Bool",
            "nis2_23_final_report <= 28d and dora_19_after_classification < dora_19_initial"
        ),
        "true"
    );
}

#[test]
fn what_windows_and_others_call_a_file_is_its_last_part() {
    let of = |path: &str| value("sources.crowdstrike_fdr", "String?", &format!("fdr_file_name(\"{path}\")"));
    assert_eq!(of(r"\\Device\\HarddiskVolume2\\Windows\\cmd.exe"), "\"cmd.exe\"");
    assert_eq!(of("/usr/bin/id"), "\"id\"");
}
