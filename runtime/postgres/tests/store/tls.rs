//! Encrypted connections: a server that lets nobody in without, one that cannot, and whose certificate is taken.

use std::os::unix::fs::PermissionsExt as _;

use play_evidence::Chain;
use play_journal::{Journal as _, JournalError, JournalRead as _, Sharing as _};
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

/// `options` with a user's certificate and key.
fn shown(server: &Encrypted, user: &str) -> String {
    let [certificate, key] =
        ["crt", "key"].map(|end| server.file(&format!("{user}.{end}")).display().to_string());
    server.url("localhost", &format!("sslrootcert=CA&sslcert={certificate}&sslkey={key}"))
}

#[test]
fn who_asks_is_known_by_a_certificate_of_their_own() {
    let server = Encrypted::start(&[]);
    // Instead of a password: what the certificate is for is the name of the user.
    server.asks_who_it_is("cert");
    let url = shown(&server, "play").replace(":secret-of-play", "");
    let store = Store::open(&url_of(&url), quick()).unwrap();
    store.append_wait(one(&mut Chain::new("run-1"))).unwrap();
    store.close().unwrap();
    // As the server sees all who came over the network.
    let named = "SELECT DISTINCT s.client_dn FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) WHERE a.client_addr IS NOT NULL";
    let reader = Store::read_only(&url_of(&url)).unwrap();
    assert_eq!(server.sql(named), [["/CN=play"]]);
    drop(reader);
    let error = refused(&shown(&server, "eve"));
    assert!(error.contains("certificate authentication failed for user"), "{error}");
    let error = refused(&server.url("localhost", "sslrootcert=CA"));
    assert!(
        error.contains("requires a valid client certificate") && error.contains("sslcert=FILE"),
        "{error}"
    );
    let error = refused(&shown(&server, "stranger"));
    assert!(error.contains(" does not take the certificate in") && error.contains("UnknownCA"), "{error}");
    assert!(error.contains("stranger.crt") && error.contains("ssl_ca_file"), "{error}");
}

#[test]
fn a_server_may_ask_for_a_certificate_beside_a_password() {
    let server = Encrypted::start(&[]);
    server.asks_who_it_is("scram-sha-256 clientcert=verify-full");
    Store::migrate(&url_of(&shown(&server, "play"))).unwrap();
    let wrong = shown(&server, "play").replace("secret-of-play", "secret-of-others");
    assert!(refused(&wrong).contains("password authentication failed"));
    let none = shown(&server, "play").replace(":secret-of-play", "");
    let error = refused(&none);
    assert!(error.contains("password missing: put it into PGPASSWORD"), "{error}");
    // The server says no more than that.
    assert!(refused(&shown(&server, "eve")).contains("authentication failed for user"));
    let error = refused(&server.url("localhost", "sslrootcert=CA"));
    assert!(error.contains("requires a valid client certificate"), "{error}");
}

#[test]
fn what_is_wrong_with_a_certificate_or_its_key_is_said_with_the_file() {
    let server = Encrypted::start(&[]);
    let url = shown(&server, "play");
    let file = |name: &str| server.file(name).display().to_string();
    let instead = |of: &str, other: &str| refused(&url.replace(&file(of), &file(other)));
    let locked = "pkey -in play.key -aes256 -passout pass:locked -out locked.key";
    assert!(
        std::process::Command::new("openssl")
            .current_dir(server.file(""))
            .args(locked.split(' '))
            .status()
            .unwrap()
            .success()
    );
    std::fs::copy(server.file("play.key"), server.file("open.key")).unwrap();
    std::fs::set_permissions(server.file("open.key"), std::fs::Permissions::from_mode(0o644)).unwrap();
    std::fs::copy(server.file("play.crt"), server.file("a-certificate.key")).unwrap();
    let own = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(server.file("a-certificate.key"), own).unwrap();
    for (of, other, why) in [
        ("play.key", "nowhere.key", "nowhere.key\", cannot be read: "),
        (
            "play.key",
            "open.key",
            "open.key\", is not used: others may read it: let nobody but its owner, with `chmod 600 FILE`",
        ),
        ("play.key", "", "is not used: it is not a file"),
        ("play.key", "a-certificate.key", "a-certificate.key\", cannot be read: there is no key in it"),
        ("play.key", "locked.key", "unlocked with `openssl pkey -in LOCKED -out FILE`"),
        ("play.key", "eve.key", "eve.key\", is not the key of the certificate in \""),
        ("play.crt", "old.crt", "is of version 1"),
        ("play.crt", "nowhere.crt", "nowhere.crt\", cannot be read: "),
        ("play.crt", "play.key", "there is no certificate in it"),
    ] {
        let error = instead(of, other);
        assert!(error.contains(why), "{other}: {error}");
    }
    // The server has not asked for it; nobody is told of it.
    Store::migrate(&url_of(&url)).unwrap();
}

#[test]
fn a_certificate_that_is_exchanged_before_its_key_is_waited_for_by_whoever_is_at_work() {
    let server = Encrypted::start(&[]);
    server.asks_who_it_is("cert");
    let url = url_of(&shown(&server, "play"));
    let store = Store::join(&url, quick()).unwrap();
    let reader = Store::read_only(&url).unwrap();
    let key = std::fs::read(server.file("play.key")).unwrap();
    // Those that are kept are gone, and others are made.
    let lost = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity \
                WHERE application_name IN ('play: reading', 'play: claiming')";
    for (bytes, why) in [
        (std::fs::read(server.file("eve.key")).unwrap(), "is not the key of the certificate"),
        (key[..key.len() / 2].to_vec(), "without its `-----END"),
        (Vec::new(), "there is no key in it"),
    ] {
        store.claim(1).unwrap();
        std::fs::write(server.file("play.key"), bytes).unwrap();
        assert_eq!(server.sql(lost).len(), 3);
        let owner = || store.owner("run-1").map(drop);
        let errors = [
            asked_twice(&|| store.heads().map(drop)),
            asked_twice(&owner),
            store.claim(1).unwrap_err(),
            asked_twice(&|| reader.heads().map(drop)),
        ];
        for error in errors {
            assert!(error.passes() && error.to_string().contains(why), "{error:?}");
        }
        assert!(!Store::migrate(&url).unwrap_err().passes());
        std::fs::write(server.file("play.key"), &key).unwrap();
        assert_eq!(store.heads().unwrap(), reader.heads().unwrap());
        store.claim(1).unwrap();
    }
    store.close().unwrap();
}

/// The first error may still be that the one that was kept is gone.
fn asked_twice(ask: &dyn Fn() -> Result<(), JournalError>) -> JournalError {
    let first = ask().unwrap_err();
    ask().err().unwrap_or(first)
}
