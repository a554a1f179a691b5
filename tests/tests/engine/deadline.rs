//! Persons answer in the moment in which the time for an answer is over: the first decision counts, their own or that the time is over,
//! and each is told which it was. In a folder, and at two services that share a database.

use std::path::Path;
use std::time::Duration;

use crate::served::fleet::{Fleet, accepted};
use crate::served::{SERVED, Service, World};
use jiff::Timestamp;
use play_tests::store;
use serde_json::{Value, json};

const PLAYBOOK: &str = r#"
playbook p for T {
  let known = ask role.lead "Is {case.q} ours?" { Yes, No } within 4s else No because "nobody looked"
  close FalsePositive because "{known.by}: {known.reason}"
}
"#;

/// When each answers, in milliseconds from the end of its time on.
const MOMENTS: [i64; 7] = [-30, -12, -4, 0, 3, 9, 400];
/// And how much later all of them do, of each run: at the first somebody is mostly in time, at the last nobody is.
const LATER: [i64; RUNS] = [0, 10, 20, 27, 32, 45];
/// Runs that ask at about the same time.
const RUNS: usize = 6;

fn lines(place: &str, run: &Value) -> Vec<Value> {
    let lines = store::lines(Path::new(place), run["run"].as_str().unwrap());
    lines.iter().map(|line| serde_json::from_slice(line).unwrap()).collect()
}

fn runs(place: &str) -> Vec<Value> {
    store::runs(Path::new(place))
}

fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = std::time::Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// When the time of a run is over.
fn end(place: &str, case: &str) -> Timestamp {
    until("it asks", || {
        let run = runs(place).into_iter().find(|run| run["case"] == case)?;
        let asked = lines(place, &run).into_iter().find(|line| line["k"] == "person.asked")?;
        asked["until"].as_str()?.parse().ok()
    })
}

/// Gives how many runs had an answer, and for how many the time was over.
fn race(place: &str, services: &[&Service], cases: &[String]) -> (usize, usize) {
    let ends: Vec<Timestamp> = cases.iter().map(|case| end(place, case)).collect();
    let told: Vec<Vec<(String, u16, Value)>> = std::thread::scope(|scope| {
        let all: Vec<Vec<_>> = cases
            .iter()
            .zip(&ends)
            .zip(LATER)
            .map(|((case, end), later)| {
                let one = |(n, moment): (usize, &i64)| {
                    let at = *end + jiff::SignedDuration::from_millis(*moment + later);
                    let service = services[n % services.len()];
                    scope.spawn(move || {
                        std::thread::sleep(
                            Duration::try_from(at.duration_since(Timestamp::now())).unwrap_or_default(),
                        );
                        let by = format!("person {n}");
                        let said = json!({ "choice": "Yes", "by": by, "because": "it is" });
                        let (status, answer) = service.decide(case, "answer", said);
                        (by, status, answer)
                    })
                };
                // Who is first among those that wait for a moment is not for us to say.
                MOMENTS.iter().enumerate().map(one).collect()
            })
            .collect();
        all.into_iter().map(|of| of.into_iter().map(|one| one.join().unwrap()).collect()).collect()
    });
    let (mut answered, mut expired) = (0, 0);
    for (case, told) in cases.iter().zip(told) {
        let run = until("it is closed", || {
            runs(place).into_iter().find(|run| run["case"] == *case && run["state"] == "closed")
        });
        let lines = lines(place, &run);
        let ended: Vec<&Value> = lines
            .iter()
            .filter(|line| matches!(line["k"].as_str(), Some("person.answered" | "person.expired")))
            .collect();
        assert_eq!(ended.len(), 1, "one decision: {lines:#?}");
        let taken: Vec<&str> =
            told.iter().filter(|(_, status, _)| *status == 200).map(|(by, ..)| &**by).collect();
        let others = told.iter().filter(|(_, status, _)| *status != 200);
        if ended[0]["k"] == "person.answered" {
            answered += 1;
            let by = ended[0]["person"].as_str().unwrap();
            assert_eq!(taken, [by], "who was told that it counts: {told:#?}");
            for (_, status, answer) in others {
                let said = answer["error"].as_str().unwrap();
                assert!(*status == 409 && said.contains(&format!("was answered by {by}")), "{told:#?}");
            }
        } else {
            expired += 1;
            assert_eq!(taken, [""; 0], "nobody's counts: {told:#?}");
            for (_, status, answer) in others {
                let said = answer["error"].as_str().unwrap();
                assert!(*status == 410 && said.contains("the time for an answer"), "{told:#?}");
            }
        }
    }
    println!("{answered} answered, {expired} expired");
    (answered, expired)
}

#[test]
fn in_a_folder_an_answer_counts_or_its_time_was_over_and_each_is_told_which() {
    let source = "role lead\ncase T { q: String }\nsource src from feed(\"t\") -> T { map { q = payload.q as String? } }\n";
    let settings = format!("name = \"deadline\"\n{SERVED}source = \"src\"\n");
    let program = format!("{source}{PLAYBOOK}");
    let world = World::new(&[("p.play", &program), ("play.toml", &settings), ("stubs.json", "[]")]);
    let service = world.serve();
    let cases: Vec<String> = (0..RUNS)
        .map(|n| {
            let (_, answer) = service.send("-", &json!({ "q": format!("{n}") }).to_string());
            answer["records"][0]["case"].as_str().unwrap().to_string()
        })
        .collect();
    let place = world.path("store").display().to_string();
    let (answered, expired) = race(&place, &[&service], &cases);
    assert!(answered + expired == RUNS && expired > 0, "{answered} {expired}");
    // One whose time is over long since, and nobody has said anything.
    let (_, answer) = service.send("-", r#"{"q": "late"}"#);
    let case = answer["records"][0]["case"].as_str().unwrap().to_string();
    let late = end(&place, &case) + jiff::SignedDuration::from_secs(1);
    std::thread::sleep(Duration::try_from(late.duration_since(Timestamp::now())).unwrap_or_default());
    let said = json!({ "choice": "Yes", "by": "ada", "because": "it is" });
    let (status, answer) = service.decide(&case, "answer", said);
    assert_eq!(status, 410, "{answer}");
    assert!(answer["error"].as_str().unwrap().ends_with("the run went on without it"), "{answer}");
    assert_eq!(service.stop(), 0);
    world.is_sound();
}

#[test]
fn at_services_that_share_a_database_too() {
    let fleet = Fleet::with(&[], PLAYBOOK);
    let services = [fleet.serve(), fleet.serve()];
    let cases: Vec<String> = (0..RUNS).map(|n| accepted(&services[n % 2], &format!("{n}"))).collect();
    let (answered, expired) = race(&fleet.place, &[&services[0], &services[1]], &cases);
    assert!(answered + expired == RUNS && expired > 0, "{answered} {expired}");
    assert_eq!(services.map(Service::stop), [0, 0]);
    World::is_sound_at(&fleet.place);
}
