//! Where evidence is kept: a PostgreSQL database.
//!
//! The same lines, byte for byte, as the embedded store keeps, in the tables that `schema.sql` makes. One thread writes:
//! what waits for it is one statement, which is its own transaction, and an append is answered once that is committed. In
//! that same statement is the fence: it writes nothing unless everything that it is about is still this worker's own, by an
//! epoch that nobody else ever had. Leases run by the clock of the server, and are only there to say when others may take
//! over; that two never write the same chain rests on the epoch.
//!
//! Nothing on the way of an append is needed that distributed databases with the same protocol do not have: no advisory
//! locks, no types but text, numbers and bytes, no triggers.

mod append;
mod commit;
mod connect;
mod desk;
mod hosts;
mod io;
mod lease;
mod life;
mod open;
mod reach;
mod read;
mod renew;
mod schema;
mod session;
mod sharing;
mod store;
mod taking;
mod tls;
mod turns;
mod url;
mod verify;
mod words;

pub use store::{Options, Reader, Store};
pub use url::Url;
pub use verify::verify;
