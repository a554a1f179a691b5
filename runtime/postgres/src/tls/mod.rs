//! Encrypted connections: what a URL asks for, and how one is made.
//!
//! The words are those of libpq (<https://www.postgresql.org/docs/current/libpq-ssl.html>, table "SSL Mode Descriptions"), and mean
//! the same. Otherwise than there, a server elsewhere is verified unless the URL says how much is enough: whoever encrypts to a
//! server that may be anybody's gives it the password and the evidence all the same.

mod binding;
mod certificates;
mod identity;
mod options;
mod pem;
mod refused;
mod stream;

pub(crate) use options::{Mode, Tls, taken};
pub(crate) use refused::Refused;
pub(crate) use stream::Connector;
