//! Services, and what is between them and their database: it is encrypted, or falls silent.

use crate::served::fleet::{Fleet, accepted, signal};
use crate::shared::{TELL, closed, waiting};
use play_tests::postgres;
use play_tests::postgres::proxy::Cut;
use serde_json::json;

/// Every connection that services make is made as the URL says, also those of one that takes over.
#[test]
fn services_share_a_server_that_asks_for_tls_and_for_who_they_are() {
    let server = postgres::encrypted::Encrypted::start(&[]);
    server.asks_who_it_is("cert");
    let fleet = Fleet::at(server.socket().to_string(), TELL);
    let file = |name: &str| server.file(name).display().to_string();
    let place = server.url("localhost", "sslrootcert=CA").replace(":secret-of-play", "");
    let (certificate, key) = (file("play.crt"), file("play.key"));
    let named = format!("{place}&sslcert={certificate}&sslkey={key}");
    let known = [("PGSSLCERT", certificate.as_str()), ("PGSSLKEY", key.as_str())];
    let one = fleet.world.serve_at(&named, &[]);
    let other = fleet.world.try_serve_at(&place, &[], &known).unwrap_or_else(|seen| panic!("{seen:#?}"));
    (0..4).for_each(|n| drop(accepted(if n % 2 == 0 { &one } else { &other }, &n.to_string())));
    fleet.all_closed(4);
    // As the server sees them: all are encrypted, and of the one that is named.
    let others = "SELECT application_name FROM pg_stat_activity a JOIN pg_stat_ssl s USING (pid) WHERE a.client_addr IS NOT NULL \
                  AND (NOT s.ssl OR s.client_dn IS DISTINCT FROM '/CN=play')";
    let there = "SELECT count(*) >= 6 FROM pg_stat_activity WHERE client_addr IS NOT NULL";
    assert_eq!(server.sql(others), Vec::<Vec<String>>::new());
    assert_eq!(server.sql(there), [["t"]]);
    signal(&one, "-KILL");
    (4..6).for_each(|n| drop(accepted(&other, &n.to_string())));
    fleet.all_closed(6);
    assert_eq!(server.sql(others), Vec::<Vec<String>>::new());
    // One that shows nothing is turned away before it listens.
    let (seen, ended) = fleet.world.try_serve_at(&place, &[], &[]).map(|_| ()).unwrap_err();
    assert_eq!(ended.and_then(|status| status.code()), Some(2), "{seen:?}");
    assert!(format!("{seen:?}").contains("requires a valid client certificate"), "{seen:?}");
    assert_eq!(other.stop(), 0);
    fleet.is_sound();
}

/// Nothing gets through to the database, and nobody says so: the service that it happens to ends by itself, and the other has its runs.
#[test]
fn a_service_around_which_it_falls_silent_ends_and_another_has_its_runs() {
    let fleet = waiting();
    let proxy = postgres::proxy();
    let place = format!("{}&tcp_user_timeout=1", proxy.through(&fleet.place));
    let (mut one, other) = (fleet.world.serve_at(&place, &[]), fleet.serve());
    accepted(&one, "T-1");
    fleet.within(30, "it waits", || (fleet.lines("wait.started") == 1).then_some(()));
    proxy.cut(Cut::Silence);
    let taken = other.until("taken_over");
    assert_eq!(taken["waiting"], json!(1), "{taken}");
    assert_eq!(closed(&other, "T-1"), "kept");
    fleet.all_closed(1);
    // Two leases, and what it then tidies up.
    let ended = fleet.within(60, "it has ended", || one.child.try_wait().unwrap());
    assert_eq!(ended.code(), Some(2));
    assert_eq!(other.stop(), 0);
    fleet.is_sound();
}
