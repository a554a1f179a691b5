//! Real alerts of others, where they are at hand (`PLAY_CORPUS`, or beside the repository): every one is a case that ends,
//! or says which field failed to map and why.

use std::path::Path;

use play_tests::{playc, store};

/// Runs an example over a file of the corpus. Gives (records, ended in closed or handed over, intake lines that say why not).
fn over(example: &str, file: &str) -> Option<(usize, usize, usize)> {
    let Some(corpus) = playc::corpus() else {
        println!("the corpus is not here (PLAY_CORPUS); nothing was tested");
        return None;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let alerts = corpus.join("alerts").join(file);
    let records = std::fs::read_to_string(&alerts).unwrap().lines().count();
    let project = format!("examples/{example}");
    let ran = playc::run(&[
        "run".as_ref(),
        project.as_ref(),
        "--alert".as_ref(),
        alerts.as_os_str(),
        "--pointer".as_ref(),
        "/log".as_ref(),
        "--stub".as_ref(),
        format!("{project}/stubs.json").as_ref(),
        "--store".as_ref(),
        path.as_os_str(),
    ]);
    println!("{}{}", ran.err, ran.out);
    let ended = store::runs(&path)
        .iter()
        .filter(|r| matches!(r["state"].as_str(), Some("closed" | "handed_over")))
        .count();
    let refused = refusals(&path, &ran.err);
    let replayed = playc::run(&["replay".as_ref(), "--all".as_ref(), "--store".as_ref(), path.as_os_str()]);
    assert_eq!(replayed.code, 0, "{}", replayed.out);
    Some((records, ended, refused))
}

/// Records that are no case: each has an intake line with field, path, expected and found, and a message.
fn refusals(path: &Path, messages: &str) -> usize {
    let reader = play_journal::Store::read_only(path).unwrap();
    let mut n = 0;
    for bytes in reader.lines_of("intake").unwrap() {
        let line = play_evidence::ParsedLine::parse(&bytes).unwrap();
        match line.k.as_str() {
            "intake.unmapped" => {
                let Some(play_evidence::J::Str(field)) = line.field("field") else { panic!("no field") };
                assert!(messages.contains(&format!("field `{field}`")), "{messages}");
                n += 1;
            }
            "intake.rejected" => {
                let Some(play_evidence::J::Int(count)) = line.field("n") else { panic!("no count") };
                n += usize::try_from(*count).unwrap();
            }
            "intake.deduplicated" | "intake.unrouted" => n += 1,
            _ => {}
        }
    }
    n
}

#[test]
fn guardduty_findings_become_cases() {
    let Some((records, ended, refused)) = over("aws-guardduty", "AWS.GuardDuty.jsonl") else { return };
    println!("{records} findings: {ended} cases ended, {refused} not cases");
    assert!(ended >= 6, "{ended} of {records}");
    assert_eq!(ended + refused, records, "every finding is accounted for");
}

#[test]
fn okta_events_become_cases() {
    let Some((records, ended, refused)) = over("impossible-travel", "Okta.SystemLog.jsonl") else { return };
    println!("{records} events: {ended} cases ended, {refused} not cases");
    assert!(ended >= 50, "{ended} of {records}");
    assert_eq!(ended + refused, records, "every event is accounted for");
}
