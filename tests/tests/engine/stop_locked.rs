//! A service is told to end while somebody has a table locked that it waits for: it ends all the same, and says what it waits for.

use std::time::{Duration, Instant};

use crate::served::fleet::{Fleet, accepted, signal};
use crate::served::{Service, World};
use play_tests::postgres;
use serde_json::json;

const PLAYBOOK: &str = r#"
playbook p for T {
  let known = ask role.lead "Is {case.q} ours?" { Yes, No } within 1h else No because "nobody looked"
  close FalsePositive because "{known.by}: {known.reason}"
}
"#;

/// Locks a table for whatever anybody wants of it, until the session is ended; gives its number.
fn locked(place: &str, table: &str) -> u64 {
    let (to, lock) = (
        place.to_string(),
        format!("BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(300)"),
    );
    std::thread::spawn(move || std::panic::catch_unwind(|| drop(postgres::sql(&to, &lock))));
    let sql = format!(
        "SELECT pid FROM pg_locks WHERE granted AND mode = 'AccessExclusiveLock' AND relation = '{table}'::regclass"
    );
    until(30, || postgres::sql(place, &sql).iter().flatten().find_map(|v| v.parse().ok()))
}

/// Asks nothing of the store meanwhile.
fn until<T>(seconds: u64, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < Duration::from_secs(seconds), "not within {seconds} s");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn world() -> (Fleet, Service) {
    let fleet = Fleet::with(&[], PLAYBOOK);
    let settings = fleet.world.path("play.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    std::fs::write(&settings, text.replace("[serve]\n", "[serve]\ngrace = \"1s\"\n")).unwrap();
    let service = fleet.serve();
    accepted(&service, "first");
    service.until("run_parked");
    (fleet, service)
}

/// It ends by itself, with 1, and says who has what it waits for; what it was told before is there.
fn ends(fleet: &Fleet, service: Service, (table, session): (&str, u64)) {
    let began = Instant::now();
    signal(&service, "-TERM");
    let said = service.until("stop_waits");
    assert!(began.elapsed() < Duration::from_secs(25), "{:?}", began.elapsed());
    assert_eq!((&said["for"], &said["locked_by_session"]), (&json!(table), &json!(session)), "{said}");
    let mut service = service;
    let ended = until(10, || service.child.try_wait().unwrap());
    assert_eq!(ended.code(), Some(1));
    let free = format!("SELECT pg_terminate_backend({session})");
    postgres::sql(&fleet.place, &free);
    let next = fleet.serve();
    assert_eq!(next.list("status")[0]["what"], "waiting");
    assert_eq!(next.stop(), 0);
    World::is_sound_at(&fleet.place);
}

#[test]
fn one_that_waits_to_write_ends_and_says_for_what() {
    let (fleet, service) = world();
    let session = locked(&fleet.place, "play_lines");
    std::thread::scope(|scope| {
        // Its sender waits for as long as it is there.
        let signature = crate::served::sign(r#"{"q": "second"}"#);
        let headers = [("X-Signature", &*format!("sha256={signature}"))];
        let request = Service::request("POST /hooks/edr", &headers, r#"{"q": "second"}"#);
        let address = service.address.clone();
        scope.spawn(move || {
            use std::io::{Read as _, Write as _};
            let mut stream = std::net::TcpStream::connect(address).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            drop(stream.read_to_end(&mut Vec::new()));
        });
        let waits = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'play_lines'::regclass";
        until(30, || {
            let rows = postgres::sql(&fleet.place, waits);
            rows.iter().any(|row| row.iter().any(|v| v == "1")).then_some(())
        });
        ends(&fleet, service, ("play_lines", session));
    });
}

#[test]
fn one_that_cannot_give_its_lease_back_ends_too() {
    let (fleet, service) = world();
    let session = locked(&fleet.place, "play_workers");
    ends(&fleet, service, ("play_workers", session));
}

#[test]
fn a_lease_that_cannot_be_renewed_is_told() {
    let (fleet, service) = world();
    assert_eq!(service.ask("GET /ready", &[], "").0, 200);
    let session = locked(&fleet.place, "play_workers");
    let said = service.until("lease_over");
    let (status, answer) = service.ask("GET /ready", &[], "");
    assert_eq!(status, 503, "{answer}");
    assert!(answer.to_string().contains("the lease is over"), "{answer}");
    assert_eq!(
        (&said["for"], &said["locked_by_session"]),
        (&json!("play_workers"), &json!(session)),
        "{said}"
    );
    postgres::sql(&fleet.place, &format!("SELECT pg_terminate_backend({session})"));
    service.until("lease_renewed");
    assert_eq!(service.ask("GET /ready", &[], "").0, 200);
    accepted(&service, "second");
    assert_eq!(service.stop(), 0);
    World::is_sound_at(&fleet.place);
}
