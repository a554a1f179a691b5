//! The lists of the service: a page at a time, and all pages are the list, whatever comes in meanwhile.

use std::collections::BTreeSet;

use crate::served::{SERVED, Service, World};
use play_tests::store;
use serde_json::{Value, json};

const PLAYBOOK: &str = r#"
case T { s: String }
source src from feed("t") -> T { map { s = payload.s as String? } }
playbook p for T {
  let known = ask role.analyst "Is {case.s} ours?" { Yes, No } within 4h else Yes because "nobody looked"
  close FalsePositive because "{known.by}: {known.reason}"
}
"#;

fn world() -> World {
    let settings = format!("name = \"paged\"\n{SERVED}");
    World::new(&[("p.play", PLAYBOOK), ("play.toml", &settings), ("stubs.json", "[]")])
}

/// So many further records, one request; the first has this number.
fn send(service: &Service, from: usize, many: usize) {
    let records: Vec<Value> = (from..from + many).map(|n| json!({ "s": format!("host-{n}") })).collect();
    let (status, answer) = service.send("-", &Value::Array(records).to_string());
    assert_eq!(status, 202, "{answer}");
}

fn page(service: &Service, address: &str) -> (Vec<Value>, Option<String>) {
    let (status, page) = service.api(&format!("GET {address}"), &Value::Null);
    assert_eq!(status, 200, "{page}");
    (page["items"].as_array().unwrap().clone(), page["next"].as_str().map(str::to_string))
}

fn runs(items: &[Value]) -> Vec<String> {
    items.iter().map(|one| one["run"].as_str().unwrap().to_string()).collect()
}

/// All waiting, whichever of the lists: a run waits once.
fn waits(service: &Service, many: usize) {
    let began = std::time::Instant::now();
    while service.list("status").as_array().unwrap().iter().filter(|one| one["what"] == "waiting").count()
        < many
    {
        assert!(began.elapsed().as_secs() < 60, "they do not come to wait");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

#[test]
fn the_pages_of_a_list_have_each_once_while_more_come_in() {
    let world = world();
    let service = world.serve();
    send(&service, 0, 5);
    waits(&service, 5);
    for list in ["/api/v1/cases", "/api/v1/status"] {
        let before = store::runs(&world.path("store")).len();
        let (first, mut next) = page(&service, &format!("{list}?limit=2"));
        assert_eq!(first.len(), 2, "no more than was wanted");
        // What comes in meanwhile moves nothing.
        send(&service, before, 5);
        waits(&service, before + 5);
        let mut all = runs(&first);
        while let Some(address) = next {
            assert!(address.starts_with(&format!("{list}?limit=2&after=")), "{address}");
            let (items, more) = page(&service, &address);
            assert!(items.len() == 2 || more.is_none() && items.len() == 1, "{items:?}");
            all.extend(runs(&items));
            next = more;
        }
        let each: BTreeSet<&String> = all.iter().collect();
        assert_eq!(each.len(), all.len(), "one is in two pages");
        let listed = runs(&store::runs(&world.path("store")));
        assert!(listed[..before].iter().all(|run| each.contains(run)), "one that was there is in none");
        if list == "/api/v1/cases" {
            assert_eq!(all, listed, "in the order in which they were opened, the new ones at the end");
        }
    }
    // A page that ends with the list says that nothing follows.
    assert_eq!(page(&service, "/api/v1/cases?limit=15").1, None);
    for asked in [
        "cases?limit=0",
        "cases?limit=10001",
        "cases?after=nosuchrun",
        "status?after=7",
        "status?after=a.b.c.d",
    ] {
        let (status, answer) = service.api(&format!("GET /api/v1/{asked}"), &Value::Null);
        assert_eq!(status, 400, "{asked}: {answer}");
    }
    assert_eq!(service.stop(), 0);
}

#[test]
fn a_list_of_which_nothing_is_said_is_given_a_thousand_at_a_time() {
    let world = world();
    let service = world.serve();
    send(&service, 0, 1000);
    send(&service, 1000, 3);
    for list in ["/api/v1/cases", "/api/v1/status"] {
        let (first, next) = page(&service, list);
        assert_eq!(first.len(), 1000);
        let (rest, end) = page(&service, &next.unwrap());
        assert_eq!((rest.len(), end), (3, None));
    }
    assert_eq!(service.stop(), 0);
}
