//! Where a store is: a folder, or a database.

use std::convert::Infallible;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use play_journal::{Heard, Journal, JournalRead, Report, Store};
use play_postgres::Url;

use crate::{Result, Trouble};

/// Where a store is.
#[derive(Clone, Debug)]
pub enum Place {
    /// A folder.
    Folder(PathBuf),
    /// A PostgreSQL database.
    Database(Box<Url>),
    /// A database that cannot be found: why. What was written may have a password in it, and is not kept.
    Nowhere(String),
}

impl FromStr for Place {
    /// An argument that cannot be read would be repeated where it is refused.
    type Err = Infallible;

    fn from_str(text: &str) -> std::result::Result<Self, Infallible> {
        if !Url::is_one(text) {
            // Most likely meant as one, and a password would be shown as the name of a folder.
            if text.contains("://") || text.contains("password=") {
                return Ok(Self::Nowhere("it is not written as `postgres://USER@HOST/DATABASE`".into()));
            }
            return Ok(Self::Folder(text.into()));
        }
        Ok(match text.parse() {
            Ok(url) => Self::Database(Box::new(url)),
            Err(why) => Self::Nowhere(why),
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
            Self::Database(url) => url.fmt(f),
            Self::Nowhere(_) => f.write_str("postgres://…"),
        }
    }
}

fn nowhere(why: &str) -> Trouble {
    Trouble(format!("--store names a database, but {why}"))
}

impl Place {
    /// As one word of a command.
    pub fn word(&self) -> String {
        crate::output::word(&self.to_string())
    }

    /// Opens it for writing, or makes one.
    pub fn writer(&self) -> Result<Arc<dyn Journal>> {
        match self {
            Self::Folder(path) => Ok(Arc::new(Store::open(path, play_journal::Options::default())?)),
            Self::Database(url) => {
                Ok(Arc::new(play_postgres::Store::open(url, play_postgres::Options::default())?))
            }
            Self::Nowhere(why) => Err(nowhere(why)),
        }
    }

    /// Opens it for writing beside others who do the same.
    pub fn shared(&self) -> Result<Arc<dyn Journal>> {
        match self {
            Self::Folder(path) => Err(Trouble(format!(
                "play.toml says `share = true`, and the store {} is a folder, which one engine has at a time: name a database \
                 with --store, or leave `share` out",
                path.display()
            ))),
            Self::Database(url) => {
                Ok(Arc::new(play_postgres::Store::join(url, play_postgres::Options::default())?))
            }
            Self::Nowhere(why) => Err(nowhere(why)),
        }
    }

    /// Opens it for writing beside services, to drive what is opened there and no more.
    pub fn beside(&self) -> Result<Arc<dyn Journal>> {
        match self {
            Self::Database(url) => {
                Ok(Arc::new(play_postgres::Store::join_beside(url, play_postgres::Options::default())?))
            }
            _ => self.shared(),
        }
    }

    /// Says something to those who share it, and gives what they answer; `None` where nobody does.
    pub fn say(&self, run: &str, said: &str) -> Result<Option<Heard>> {
        match self {
            Self::Folder(_) => Ok(None),
            Self::Database(url) => Ok(play_postgres::Store::say_to(url, run, said)?),
            Self::Nowhere(why) => Err(nowhere(why)),
        }
    }

    /// Whether services share it.
    pub fn is_shared(&self) -> Result<bool> {
        match self {
            Self::Folder(_) => Ok(false),
            Self::Database(url) => Ok(play_postgres::Store::is_shared(url)?),
            Self::Nowhere(why) => Err(nowhere(why)),
        }
    }

    /// Opens it for reading.
    pub fn reader(&self) -> Result<Arc<dyn JournalRead>> {
        match self {
            Self::Folder(path) => {
                exists(path)?;
                Ok(Arc::new(Store::read_only(path)?))
            }
            Self::Database(url) => Ok(Arc::new(play_postgres::Store::read_only(url)?)),
            Self::Nowhere(why) => Err(nowhere(why)),
        }
    }

    /// Makes one where there is none; brings the tables of a database up to date.
    pub fn make(&self) -> Result<()> {
        match self {
            Self::Folder(_) => Ok(self.writer()?.close()?),
            // No more than the tables: whoever makes them need not be the one who writes.
            Self::Database(url) => Ok(play_postgres::Store::migrate(url)?),
            Self::Nowhere(why) => Err(nowhere(why)),
        }
    }

    /// Reads everything again.
    pub fn verify(&self) -> Result<Report> {
        match self {
            Self::Folder(path) => {
                exists(path)?;
                Ok(play_journal::verify_store(path)?)
            }
            Self::Database(url) => Ok(play_postgres::verify(url)?),
            Self::Nowhere(why) => Err(nowhere(why)),
        }
    }

    /// Where in the store a problem is.
    pub fn spot(&self, problem: &play_journal::Problem) -> String {
        match self {
            Self::Folder(_) => format!("{}, byte {}", problem.segment, problem.offset),
            // A table has no bytes to count.
            Self::Database(_) | Self::Nowhere(_) => problem.segment.clone(),
        }
    }
}

/// Makes sure that there is a store in a folder; says what to do when there is none.
fn exists(store: &Path) -> Result<()> {
    let shown = store.display();
    match std::fs::metadata(store.join("store.json")) {
        Ok(_) => Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Err(Trouble(format!(
            "there is no store at {shown}; name one with --store, or make one with `playc run`"
        ))),
        Err(e) => Err(Trouble(format!("the store at {shown} cannot be read: {e}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> Place {
        text.parse().unwrap()
    }

    #[test]
    fn a_place_is_shown_so_that_it_can_be_written_again_and_without_a_password() {
        assert_eq!(place(".play/store").word(), ".play/store");
        assert_eq!(place("my store").word(), "'my store'");
        assert_eq!(place("postgres://play:secret@db/evidence").word(), "postgres://play@db/evidence");
        let socket = "postgres://play:secret@/evidence?host=/run/postgresql";
        assert_eq!(place(socket).word(), "'postgres://play@/evidence?host=/run/postgresql'");
    }

    #[test]
    fn a_database_that_cannot_be_found_is_said_without_what_was_written() {
        let place = place("postgres://play:secret@db:port/evidence");
        let Err(Trouble(why)) = place.reader() else { panic!("it was opened") };
        assert!(why.contains("postgres://USER@HOST"), "{why}");
        assert!(!format!("{why} {place} {place:?}").contains("secret"));
    }
}
