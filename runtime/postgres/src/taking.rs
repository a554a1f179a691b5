//! Taking runs: those that are nobody's by name, and those that others have left. A call whose answer is lost is not one that was never
//! made: whatever it took is found before anything else is taken.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use play_journal::JournalError;
use tokio_postgres::Error;

use crate::connect::{answered, asking, unreachable};
use crate::desk::{Held, Owns, held};
use crate::lease::{self, Asked};
use crate::open::locked;
use crate::store::{Inner, Store};
use crate::url::Url;

/// Runs to take.
pub(crate) enum Take {
    /// These, where they are nobody's.
    Named(Vec<String>),
    /// Those whose owners are gone: so many at the most.
    Left(i64),
}

impl Store {
    /// Takes runs; gives their names. Where the answer is lost, the next call finds what has become of it, and gives what was taken then.
    pub(crate) fn taken(&self, what: Take) -> Result<Vec<String>, JournalError> {
        let Inner { reader, worker, claiming, unheard, .. } = &*self.0;
        let (kept, worker, url) = (Arc::clone(claiming), *worker, reader.0.shared.url.clone());
        let mut unheard = unheard.lock().unwrap_or_else(PoisonError::into_inner);
        if unheard.is_lost {
            let kept = Arc::clone(&kept);
            let url = url.clone();
            let owned = reader.0.io.call(async move {
                let mut client = kept.client().await?;
                let asked = answered(kept.patience, lease::own_already(&mut client, worker)).await;
                heard(asked, &url, kept.patience, "asking what was taken")
            })?;
            unheard.found = self.not_known(owned);
            unheard.is_lost = false;
        }
        let names = match &what {
            Take::Left(_) if !unheard.found.is_empty() => {
                return Ok(self.keep(std::mem::take(&mut unheard.found)));
            }
            Take::Left(_) => None,
            Take::Named(names) => Some(names.clone()),
        };
        let asked = reader.0.io.call(async move {
            let mut client = kept.client().await?;
            let taken = async {
                match what {
                    Take::Named(names) => lease::own(&mut client, worker, &names).await,
                    Take::Left(most) => lease::claim(&mut client, worker, most).await,
                }
            };
            let asked = answered(kept.patience, taken).await;
            Ok(heard(asked, &url, kept.patience, "taking runs"))
        })?;
        unheard.is_lost = matches!(&asked, Err(e) if e.passes());
        let mut owned = match asked? {
            Asked::Got(owned) => owned,
            Asked::Busy(holder) => return Err(locked(&reader.0.shared.url, &holder)),
        };
        // What was taken by a call whose answer was lost is now given to whoever asks for it by name.
        let wanted = |(name, _): &mut lease::Owned| names.as_ref().is_some_and(|all| all.contains(name));
        owned.extend(unheard.found.extract_if(.., wanted));
        Ok(self.keep(owned))
    }

    /// Those of them that nobody here was told of.
    fn not_known(&self, owned: Vec<lease::Owned>) -> Vec<lease::Owned> {
        let held = held(&self.0.held);
        let is_known =
            |(name, epoch): &lease::Owned| held.owns.of(name).is_some_and(|(_, own)| own == *epoch);
        owned.into_iter().filter(|one| !is_known(one)).collect()
    }

    /// Chains are this worker's own from now on; gives their names.
    fn keep(&self, owned: Vec<lease::Owned>) -> Vec<String> {
        let mut held = held(&self.0.held);
        let Held { owns, heads } = &mut *held;
        let mut names = Vec::with_capacity(owned.len());
        for (name, epoch) in owned {
            if let Owns::Chains(epochs) = owns {
                epochs.insert(name.clone(), epoch);
            }
            // What was known of it may be from before others had it.
            heads.remove(name.as_str());
            names.push(name);
        }
        names
    }
}

/// Runs that were taken by calls whose answers were lost.
#[derive(Default)]
pub(crate) struct Unheard {
    /// There was such a call, and nobody has asked yet what became of it.
    is_lost: bool,
    /// What was found, and given to nobody yet: so it is not this worker's own yet, as far as anybody here knows.
    found: Vec<lease::Owned>,
}

/// What was answered within that time. That nothing was, passes: whoever asks again finds out what has become of it.
fn heard<T>(
    asked: Option<Result<T, Error>>,
    url: &Url,
    patience: Duration,
    doing: &'static str,
) -> Result<T, JournalError> {
    match asked {
        Some(asked) => asked.map_err(asking(url, doing)),
        None => Err(unreachable(url, format!("there is no answer within {:.1} s", patience.as_secs_f64()))),
    }
}
