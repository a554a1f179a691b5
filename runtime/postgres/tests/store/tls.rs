//! Encrypted connections: a server that lets nobody in without, one that cannot, and whose certificate is taken.

use play_evidence::Chain;
use play_journal::{Journal as _, JournalRead as _, Sharing as _};
use play_postgres::{Store, Url, verify};

use crate::common::*;
use crate::encrypted::Encrypted;
use crate::server::{quick, url_of};

/// Why a server is not spoken to. The password is in no word of it.
fn refused(url: &str) -> String {
    let error = match Url::with_environment(url, |_| None) {
        Ok(url) => Store::migrate(&url).unwrap_err().to_string(),
        Err(error) => error,
    };
    assert!(!error.contains("secret"), "{error}");
    error
}

#[test]
fn every_connection_is_encrypted_and_the_server_is_the_one_it_is_to_be() {
    let server = Encrypted::start(&[]);
    let url = url_of(&server.url("localhost", "sslrootcert=CA"));
    Store::migrate(&url).unwrap();
    let store = Store::open(&url, quick()).unwrap();
    store.append_wait(one(&mut Chain::new("run-1"))).unwrap();
    store.close().unwrap();
    let one_of_two = Store::join(&url, quick()).unwrap();
    let other = Store::join(&url, quick()).unwrap();
    one_of_two.own(&["run-2".to_string()]).unwrap();
    other.claim(1).unwrap();
    one_of_two.append_wait(one(&mut Chain::new("run-2"))).unwrap();
    assert!(Store::is_shared(&url).unwrap());
    // Those at work just now, as the server sees them: none of them is plain, and each of them came in over the network.
    let plain = "SELECT application_name FROM pg_stat_activity a JOIN pg_stat_ssl s USING (pid) \
                 WHERE a.client_addr IS NOT NULL AND NOT s.ssl";
    assert_eq!(server.sql(plain), Vec::<Vec<String>>::new());
    let there = "SELECT count(*) >= 8 FROM pg_stat_activity a JOIN pg_stat_ssl s USING (pid) \
                 WHERE a.client_addr IS NOT NULL AND s.ssl AND s.version LIKE 'TLSv1.%'";
    assert_eq!(server.sql(there), [["t"]]);
    one_of_two.close().unwrap();
    other.close().unwrap();
    assert_eq!(Store::read_only(&url).unwrap().lines_of("run-2").unwrap().len(), 1);
    assert!(verify(&url).unwrap().is_clean());
    // Its rules have no place for a plain one, so that nothing above was.
    assert!(refused(&server.url("localhost", "sslmode=disable")).contains("no encryption"));
}

#[test]
fn whose_certificate_is_taken_is_as_the_mode_says() {
    let server = Encrypted::start(&[]);
    let reached = |host: &str, options: &str| {
        Store::migrate(&url_of(&server.url(host, options))).unwrap();
    };
    // `other` is an issuer who has nothing to do with this server; the server's name is localhost, and not its address.
    reached("localhost", "sslmode=verify-full&sslrootcert=CA");
    reached("127.0.0.1", "sslmode=verify-ca&sslrootcert=CA");
    reached("127.0.0.1", "sslmode=require&sslrootcert=CA");
    reached("127.0.0.1", "sslmode=require");
    reached("127.0.0.1", "sslmode=prefer&sslrootcert=OTHER");
    reached("127.0.0.1", "");
    reached("localhost", "hostaddr=127.0.0.1&sslrootcert=CA");
    for (host, options, why) in [
        ("localhost", "sslmode=verify-full&sslrootcert=OTHER", "is not from one of the issuers in"),
        ("localhost", "sslmode=verify-ca&sslrootcert=OTHER", "is not from one of the issuers in"),
        ("localhost", "sslmode=require&sslrootcert=OTHER", "is not from one of the issuers in"),
        ("127.0.0.1", "sslmode=verify-full&sslrootcert=CA", "is for another: localhost. Write the host as"),
        ("db.example", "hostaddr=127.0.0.1&sslrootcert=CA", "shows is for another: localhost"),
        // Nothing is said of how much is asked, and it is not this machine: as much as there is.
        ("db.example", "hostaddr=127.0.0.1", "sslrootcert=FILE"),
        ("localhost", "sslmode=verify-full", "the issuers that this machine trusts"),
        ("localhost", "sslrootcert=KEY", "there is no certificate in it"),
        ("localhost", "sslrootcert=/nowhere.pem", "cannot be read"),
    ] {
        let error = refused(&server.url(host, options));
        assert!(error.contains(why), "{host} {options}: {error}");
    }
}

#[test]
fn a_login_is_bound_to_the_certificate_under_which_it_was_made() {
    let server = Encrypted::start(&[]);
    let url = server.url("localhost", "sslmode=require&channel_binding=require");
    Store::migrate(&url_of(&url)).unwrap();
    let wrong = url.replace("secret-of-play", "secret-of-others");
    assert!(refused(&wrong).contains("password authentication failed"));
}

#[test]
fn a_server_without_tls_is_spoken_to_where_that_was_said_or_it_is_here() {
    let server = Encrypted::start(&["ssl=off"]);
    for options in ["", "sslmode=prefer", "sslmode=disable"] {
        Store::migrate(&url_of(&server.url("localhost", options))).unwrap();
    }
    for options in ["sslmode=require", "sslmode=verify-full", "sslmode=verify-ca&sslrootcert=CA"] {
        let error = refused(&server.url("localhost", options));
        assert!(error.contains("does not speak TLS") && error.contains("sslmode=disable"), "{error}");
    }
    let elsewhere = refused(&server.url("db.example", "hostaddr=127.0.0.1"));
    assert!(elsewhere.contains("does not speak TLS"), "{elsewhere}");
}

#[test]
fn where_it_is_only_preferred_a_server_that_can_but_will_not_is_spoken_to_plainly() {
    // Older than rustls speaks: so the handshake fails.
    let server = Encrypted::start(&["ssl_min_protocol_version=TLSv1", "ssl_max_protocol_version=TLSv1.1"]);
    server.let_in_plain();
    Store::migrate(&url_of(&server.url("localhost", ""))).unwrap();
    let error = refused(&server.url("localhost", "sslmode=require"));
    assert!(error.contains("there is no TLS connection with localhost"), "{error}");
}
