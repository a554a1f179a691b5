//! Where evidence is kept: append-only segments with group commit.
//!
//! A store is a folder:
//!
//! ```text
//! store.json                 what it is, its id, its secret salt
//! lock                       held by the one process that writes
//! segments/00000001.jsonl    lines in batches, with the small bodies that they name; each batch closed by a trailer
//! blobs/00000001.pack        larger bodies that came from outside, each with its salt
//! artifacts/<sha256>.playa   the programs that ran
//! ```
//!
//! One thread writes. What waits for it is written as one batch: larger bodies first, with a sync of their own, then lines, small
//! bodies and a trailer, then one `fdatasync`. An append is answered when that is done, and a batch is there after a crash as a whole or not at all.
//! The first write or sync that fails is the last: nothing is appended after it.
//!
//! [`Store::open`] cuts what a crash left unfinished, and says so in the chain `store`. Damage that no crash explains is
//! a refusal to open. [`verify_store`] reads everything again and names each line that is not what was written.

mod abreast;
mod accept;
mod ahead;
mod artifact;
mod blob;
mod body;
mod caller;
mod commit;
mod contents;
pub mod crash;
mod disk;
mod error;
#[cfg(test)]
mod faults;
mod head;
mod index;
mod journal;
mod kept;
mod layout;
mod machine;
mod names;
mod open;
mod own;
mod pack;
mod pause;
mod queue;
mod room;
mod scan;
mod seal;
mod settled;
mod sharing;
mod stepper;
mod store;
mod trailer;
mod turn;
mod verify;
mod word;

pub use accept::{Accepted, accept};
pub use blob::Blob;
pub use caller::Caller;
pub use disk::{Disk, DiskFile, RealDisk};
pub use error::{Damage, JournalError};
pub use head::LineHead;
pub use index::{Head, Heads};
pub use journal::{Batch, Done, Journal, JournalRead, Lease, Lock, Ticket};
pub use machine::{Machine, System};
pub use own::{OWN_CHAIN, own_line};
pub use pause::Pause;
pub use queue::Wake;
pub use room::of as room;
pub use sharing::Sharing;
pub use stepper::Stepper;
pub use store::{Options, Reader, Store};
pub use turn::{Follow, Foreign, Granted, Turn};
pub use verify::{BlobRef, Problem, ProblemKind, Report, blob_refs, verify_store};
pub use word::{Heard, Word};
