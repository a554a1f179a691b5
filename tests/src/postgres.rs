//! Stores in a PostgreSQL database, for tests.

#[path = "../../runtime/postgres/tests/store/server/mod.rs"]
mod server;

#[path = "../../runtime/postgres/tests/store/encrypted/mod.rs"]
pub mod encrypted;

#[path = "../../runtime/postgres/tests/store/proxy/mod.rs"]
pub mod proxy;

/// The URL of a place where there is no store yet, and that nobody else has.
///
/// # Panics
/// When there is no server, and none can be started.
#[must_use]
pub fn place() -> String {
    server::Place::new().text
}

/// A proxy in front of the server.
///
/// # Panics
/// When there is no server, and none can be started.
#[must_use]
pub fn proxy() -> proxy::Proxy {
    proxy::Proxy::start(server::url())
}

/// Runs SQL there; gives all rows as text.
///
/// # Panics
/// When the server refuses it.
pub fn sql(place: &str, sql: &str) -> Vec<Vec<String>> {
    server::sql(place, sql)
}
