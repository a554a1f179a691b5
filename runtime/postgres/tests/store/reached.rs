//! Servers that are not reached: how long that takes at the most, and whether it is worth trying again.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use play_journal::{Journal as _, JournalError, JournalRead as _};
use play_postgres::{Store, Url};

use crate::server::{self, Place};

/// A listener on this machine that treats whoever comes in some way. Gives its port.
fn listens(mut treats: impl FnMut(TcpStream) + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || listener.incoming().for_each(|client| treats(client.unwrap())));
    port
}

/// Accepts, and says nothing.
fn silent() -> u16 {
    let mut kept = Vec::new();
    listens(move |client| kept.push(client))
}

/// Answers whoever asks for TLS (`SSLRequest`, eight bytes) with a byte; then it says nothing, or goes.
fn answers(with: u8, and_goes: bool) -> u16 {
    let mut kept = Vec::new();
    listens(move |mut client| {
        // One that asks for nothing is turned away.
        if client.read_exact(&mut [0; 8]).is_ok() && client.write_all(&[with]).is_ok() && !and_goes {
            kept.push(client);
        }
    })
}

/// A port at which nobody listens.
fn nobody() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn error(url: &str) -> JournalError {
    Store::migrate(&server::url_of(url)).unwrap_err()
}

/// It cannot be reached now, and may be the next time.
fn passes(url: &str) -> String {
    let error = error(url);
    assert!(matches!(error, JournalError::Unreachable { .. }), "{url}: {error:?}");
    error.to_string()
}

/// It is so the next time as well.
fn lasts(url: &str) -> String {
    let error = error(url);
    assert!(matches!(error, JournalError::NotAStore { .. }), "{url}: {error:?}");
    error.to_string()
}

/// Somebody may have a turn meanwhile, which is a lease long: it is a quarter of that.
#[test]
fn a_server_that_says_nothing_is_given_up_in_a_quarter_of_a_lease() {
    let urls = [
        // It is asked to let somebody in.
        format!("postgres://play@127.0.0.1:{}/e?sslmode=disable", silent()),
        // It is asked whether it speaks TLS.
        format!("postgres://play@127.0.0.1:{}/e?sslmode=require", silent()),
        // It stops in the middle of the handshake.
        format!("postgres://play@127.0.0.1:{}/e?sslmode=require", answers(b'S', false)),
        // Several have no more time than one.
        format!("postgres://play@127.0.0.1:{},127.0.0.1:{}/e?sslmode=disable", silent(), silent()),
    ];
    std::thread::scope(|scope| {
        for url in urls {
            scope.spawn(move || {
                let start = Instant::now();
                let why = passes(&url);
                let took = start.elapsed();
                assert!(took > Duration::from_secs(2) && took < Duration::from_secs(5), "{url}: {took:?}");
                assert!(why.contains("there is no answer within"), "{url}: {why}");
            });
        }
    });
}

/// As libpq has it, for each host.
#[test]
fn who_says_how_long_waits_so_long() {
    let url = format!("postgres://play@127.0.0.1:{}/e?sslmode=disable&connect_timeout=1", silent());
    let start = Instant::now();
    assert!(passes(&url).contains("there is no answer within 1.0 s"));
    assert!(start.elapsed() < Duration::from_millis(2400), "{:?}", start.elapsed());
}

/// A machine that is gone keeps nobody from the one that has taken its place.
#[test]
fn a_host_that_says_nothing_leaves_time_for_the_next() {
    let place = Place::new();
    place.open().close().unwrap();
    let proxy = crate::proxy::Proxy::start(server::url());
    let through = proxy.through(&place.text);
    let both = through.replace("@127.0.0.1", &format!("@127.0.0.1:{},127.0.0.1", silent()));
    let store = Store::read_only(&server::url_of(&both)).unwrap();
    assert_eq!(store.heads().unwrap().len(), 1);
}

/// A server, or what stands before it, that is started again: the connection ends in the middle.
#[test]
fn a_handshake_that_is_cut_off_may_be_made_again() {
    let gone = answers(b'S', true);
    for mode in ["require", "verify-full", "prefer"] {
        let why = passes(&format!("postgres://play:of-nobody@127.0.0.1:{gone}/e?sslmode={mode}"));
        assert!(!why.contains("of-nobody"), "{why}");
    }
    // Before it has said whether it speaks TLS.
    let at_once = listens(drop);
    passes(&format!("postgres://play@127.0.0.1:{at_once}/e?sslmode=require"));
    // It says itself that it is about to end: a fatal alert, `internal_error`.
    let ending = listens(|mut client| {
        let mut hello = [0; 2048];
        if client.read_exact(&mut [0; 8]).is_ok()
            && client.write_all(b"S").is_ok()
            && client.read(&mut hello).is_ok()
        {
            drop(client.write_all(&[0x15, 3, 3, 0, 2, 2, 80]));
        }
    });
    passes(&format!("postgres://play@127.0.0.1:{ending}/e?sslmode=require"));
}

#[test]
fn what_is_said_about_how_tls_is_spoken_is_so_the_next_time_as_well() {
    let plain = answers(b'N', false);
    let why = lasts(&format!("postgres://play@127.0.0.1:{plain}/e?sslmode=require"));
    assert!(why.contains("the server does not speak TLS"), "{why}");
    // A fatal alert, `handshake_failure`.
    let refuses = listens(|mut client| {
        let mut hello = [0; 2048];
        if client.read_exact(&mut [0; 8]).is_ok()
            && client.write_all(b"S").is_ok()
            && client.read(&mut hello).is_ok()
        {
            drop(client.write_all(&[0x15, 3, 3, 0, 2, 2, 40]));
        }
    });
    let why = lasts(&format!("postgres://play@127.0.0.1:{refuses}/e?sslmode=require"));
    assert!(why.contains("there is no TLS connection with 127.0.0.1"), "{why}");
}

/// Where one of several may let somebody in the next time, it is worth trying; and each says why it did not.
#[test]
fn several_hosts_are_all_named_and_it_lasts_where_it_does_at_all_of_them() {
    let (plain, other, gone) = (answers(b'N', false), answers(b'N', false), nobody());
    let url =
        |one: u16, two: u16| format!("postgres://play@127.0.0.1:{one},127.0.0.1:{two}/e?sslmode=require");
    // Whichever comes last.
    for url in [url(plain, gone), url(gone, plain)] {
        let why = passes(&url);
        assert!(why.contains(&format!("127.0.0.1:{plain}: the server does not speak TLS")), "{why}");
        assert!(why.contains(&format!("127.0.0.1:{gone}: error connecting to server")), "{why}");
    }
    let why = lasts(&url(plain, other));
    for port in [plain, other] {
        assert!(why.contains(&format!("127.0.0.1:{port}: the server does not speak TLS")), "{why}");
    }
}

#[test]
fn what_does_not_fit_together_is_said_before_anybody_is_asked() {
    let read = |text: &str| Url::with_environment(text, |_| None).unwrap_err();
    assert!(read("postgres://one,two/e?hostaddr=10.0.0.1").contains("2 hosts and 1 `hostaddr`"));
    let why = read("postgres://play:of-nobody@db/e?tcp_user_timeout=30000");
    assert!(why.contains("is in seconds here, and the most is 3600"), "{why}");
    assert!(!why.contains("of-nobody"), "{why}");
    Url::with_environment("postgres://db/e?tcp_user_timeout=3600", |_| None).unwrap();
}
