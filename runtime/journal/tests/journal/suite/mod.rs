//! What every journal does, wherever it keeps things.

use std::sync::mpsc;
use std::sync::{Arc, Barrier};
use std::thread;

use play_evidence::{Chain, Line, ParsedLine};
use play_journal::{Batch, Blob, Journal, JournalError, JournalRead, Ticket};

use crate::common::{line, line_with, lines, name, one};

/// Runs every test over a new journal each.
pub fn suite(make: &dyn Fn() -> Box<dyn Journal>) {
    what_is_appended_is_there(&*make());
    a_batch_that_does_not_continue_its_chains_is_refused_as_a_whole(&*make());
    batches_that_wait_are_committed_in_order(&*make());
    callers_are_told_after_it_is_readable(make());
    a_caller_that_panics_harms_nobody(&*make());
    blobs_are_kept_with_their_salt(&*make());
    bodies_that_no_line_could_name_are_refused(&*make());
    a_batch_that_is_too_large_is_refused(&*make());
    artifacts_are_kept_by_digest(&*make());
    many_append_at_once(make());
    two_journals_are_not_the_same(&*make(), &*make());
}

/// A place where one journal is, to be opened again and again.
pub struct Place<'a> {
    /// Opens it for writing, or makes it.
    pub open: &'a dyn Fn() -> Result<Box<dyn Journal>, JournalError>,
    /// Opens it only to read.
    pub read: &'a dyn Fn() -> Result<Box<dyn JournalRead>, JournalError>,
}

/// What holds of one journal over time. The place has none yet.
pub fn over_time(place: &Place<'_>) {
    assert!((place.read)().is_err(), "reading makes nothing");
    a_new_one_says_that_it_was_created(place);
    everything_is_there_again_after_a_restart(place);
    only_one_may_write(place);
    a_closed_one_takes_nothing_and_lets_others_write(place);
    one_may_read_while_another_writes(place);
}

fn a_new_one_says_that_it_was_created(place: &Place<'_>) {
    let journal = (place.open)().unwrap();
    let lines = journal.lines_of("store").unwrap();
    let created = ParsedLine::parse(&lines[0]).unwrap();
    assert_eq!((lines.len(), created.k.as_str()), (1, "store.created"));
    assert_eq!(created.field("id").and_then(play_evidence::J::as_str), Some(journal.id().as_str()));
    assert_eq!(journal.runs().unwrap(), Vec::<String>::new());
    journal.close().unwrap();
}

fn everything_is_there_again_after_a_restart(place: &Place<'_>) {
    let mut chain = Chain::new("restarted");
    let (mut id, mut salt) = (None, None);
    for round in 0..6_u8 {
        let journal = (place.open)().unwrap();
        assert_eq!(*id.get_or_insert(journal.id()), journal.id());
        assert_eq!(*salt.get_or_insert(journal.salt()), journal.salt());
        assert_eq!(journal.chain("restarted").unwrap().unwrap_or_else(|| Chain::new("restarted")), chain);
        let blob = Blob::new([round; 32], vec![round; 100]);
        let written = line_with(&mut chain, &blob);
        journal.append_wait(Batch { lines: vec![written], blobs: vec![blob] }).unwrap();
        journal.close().unwrap();
    }
    let reader = (place.read)().unwrap();
    assert_eq!(Some(reader.id()), id);
    assert_eq!(reader.lines_of("restarted").unwrap().len(), 6);
    assert_eq!(reader.heads().unwrap()["store"].next_seq, 1);
    for round in 0..6 {
        let digest = Blob::new([round; 32], vec![round; 100]).digest();
        assert_eq!(reader.blob(&digest).unwrap(), Some(vec![round; 100]));
    }
}

fn only_one_may_write(place: &Place<'_>) {
    let journal = (place.open)().unwrap();
    let Err(error) = (place.open)() else { panic!("two write") };
    assert!(matches!(error, JournalError::Locked { .. }), "{error}");
    assert!(error.to_string().contains("open the store only to read"), "{error}");
    journal.close().unwrap();
    (place.open)().unwrap().close().unwrap();
    // One that is let go is closed.
    drop((place.open)().unwrap());
    drop((place.open)().unwrap());
}

fn a_closed_one_takes_nothing_and_lets_others_write(place: &Place<'_>) {
    let journal = (place.open)().unwrap();
    let mut chain = Chain::new("closed");
    let (ticket, done) = Ticket::pair();
    journal.append(one(&mut chain), done);
    journal.close().unwrap();
    ticket.wait().unwrap();
    assert_eq!(journal.lines_of("closed").unwrap().len(), 1, "what waited was written");
    assert!(matches!(journal.append_wait(one(&mut chain)), Err(JournalError::Closed)));
    journal.close().unwrap();
}

fn one_may_read_while_another_writes(place: &Place<'_>) {
    let journal = (place.open)().unwrap();
    let mut chain = Chain::new("read");
    journal.append_wait(one(&mut chain)).unwrap();
    let reader = (place.read)().unwrap();
    assert_eq!(reader.lines_of("read").unwrap().len(), 1);
    journal.append_wait(one(&mut chain)).unwrap();
    assert_eq!((place.read)().unwrap().lines_of("read").unwrap().len(), 2);
    journal.close().unwrap();
}

fn bytes(lines: &[Line]) -> Vec<Vec<u8>> {
    lines.iter().map(|l| l.bytes.to_vec()).collect()
}

fn what_is_appended_is_there(journal: &dyn Journal) {
    let before = journal.heads().unwrap();
    assert_eq!(journal.runs().unwrap(), Vec::<String>::new());
    assert!(journal.chain("run-b").unwrap().is_none());
    assert_eq!(journal.lines_of("run-b").unwrap(), Vec::<Vec<u8>>::new());

    let (mut b, mut a) = (Chain::new("run-b"), Chain::new("run-a"));
    let written = [line(&mut b, "1"), line(&mut a, "2"), line(&mut b, "3"), line(&mut b, "4")];
    journal.append_wait(lines(written[..3].to_vec())).unwrap();
    journal.append_wait(lines(written[3..].to_vec())).unwrap();

    assert_eq!(journal.runs().unwrap(), ["run-b", "run-a"]);
    let of_b = [written[0].clone(), written[2].clone(), written[3].clone()];
    assert_eq!(journal.lines_of("run-b").unwrap(), bytes(&of_b));
    assert_eq!(journal.lines_of("run-a").unwrap(), bytes(&written[1..2]));
    assert_eq!(journal.chain("run-b").unwrap(), Some(b));
    let head = journal.heads().unwrap()["run-a"];
    assert_eq!((head.next_seq, head.prev), (1, written[1].hash));
    assert_eq!(journal.heads().unwrap().len(), before.len() + 2);

    let mut seen = Vec::new();
    journal
        .for_each_line(&mut |run, line| {
            assert_eq!(run, name(line).0);
            seen.push(line.to_vec());
        })
        .unwrap();
    let runs_only: Vec<_> = seen.into_iter().filter(|l| name(l).0 != "store").collect();
    assert_eq!(runs_only, bytes(&written));
}

fn a_batch_that_does_not_continue_its_chains_is_refused_as_a_whole(journal: &dyn Journal) {
    let mut chain = Chain::new("run-1");
    let first = line(&mut chain, "1");
    let second = line(&mut chain, "2");
    let mut other = Chain::new("run-1");
    let twin = line(&mut other, "another first");
    let after_twin = line(&mut other, "another second");
    let mut forged = second.clone();
    forged.hash = [0; 32];

    let refused = |batch: Batch, what: &str| match journal.append_wait(batch) {
        Err(e @ JournalError::Refused { .. }) => {
            assert!(e.goes_on());
            assert!(e.to_string().contains(what), "{e}");
        }
        other => panic!("{other:?}"),
    };
    let mut elsewhere = Chain::new("run-2");
    let good = line(&mut elsewhere, "good");
    refused(lines([good.clone(), second.clone()]), "goes on with line 0");
    assert!(journal.chain("run-2").unwrap().is_none(), "the good line went with the bad one");

    journal.append_wait(lines([good, first.clone()])).unwrap();
    refused(lines([twin]), "goes on with line 1");
    refused(lines([after_twin]), "`prev`");
    refused(lines([forged]), "hash of its bytes");
    refused(lines([Line::new(b"{}\n".to_vec())]), "not a line");
    refused(lines([Line::new(b"".to_vec())]), "not a line");

    journal.append_wait(lines([second.clone()])).unwrap();
    assert_eq!(journal.lines_of("run-1").unwrap(), bytes(&[first, second]));
}

fn batches_that_wait_are_committed_in_order(journal: &dyn Journal) {
    let mut chain = Chain::new("run-1");
    let written: Vec<_> = (0..200).map(|i| line(&mut chain, &i.to_string())).collect();
    let mut tickets = Vec::new();
    for line in &written {
        let (ticket, done) = Ticket::pair();
        journal.append(lines([line.clone()]), done);
        tickets.push(ticket);
    }
    for ticket in tickets {
        ticket.wait().unwrap();
    }
    assert_eq!(journal.lines_of("run-1").unwrap(), bytes(&written));
}

fn callers_are_told_after_it_is_readable(journal: Box<dyn Journal>) {
    let journal: Arc<dyn Journal> = Arc::from(journal);
    let (told, seen) = mpsc::channel();
    let reader = Arc::clone(&journal);
    journal.append(
        one(&mut Chain::new("run-1")),
        Box::new(move |result| {
            result.unwrap();
            told.send(reader.lines_of("run-1").unwrap().len()).unwrap();
        }),
    );
    assert_eq!(seen.recv().unwrap(), 1);
}

fn a_caller_that_panics_harms_nobody(journal: &dyn Journal) {
    let mut chain = Chain::new("run-1");
    journal.append(one(&mut chain), Box::new(|_| panic!("as the test wants it")));
    journal.append_wait(one(&mut chain)).unwrap();
    assert_eq!(journal.lines_of("run-1").unwrap().len(), 2);
}

fn blobs_are_kept_with_their_salt(journal: &dyn Journal) {
    let mut chain = Chain::new("run-1");
    let body = b"{\"huge\": 12345678901234567890}".to_vec();
    let (one, two) = (Blob::new([1; 32], body.clone()), Blob::new([2; 32], body.clone()));
    let empty = Blob::new([3; 32], Vec::new());
    assert_ne!(one.digest(), two.digest(), "the same body is not recognised by its digest");

    let written = [line_with(&mut chain, &one), line_with(&mut chain, &two)];
    journal.append_wait(Batch { lines: written.to_vec(), blobs: vec![one.clone(), two.clone()] }).unwrap();
    let last = line_with(&mut chain, &empty);
    journal.append_wait(Batch { lines: vec![last], blobs: vec![empty.clone()] }).unwrap();

    assert_eq!(journal.blob(&one.digest()).unwrap(), Some(body.clone()));
    assert_eq!(journal.blob(&two.digest()).unwrap(), Some(body));
    assert_eq!(journal.blob(&empty.digest()).unwrap(), Some(Vec::new()));
    assert_eq!(journal.blob(&"0".repeat(64)).unwrap(), None);
    assert_eq!(journal.blob("no digest").unwrap(), None);
}

fn bodies_that_no_line_could_name_are_refused(journal: &dyn Journal) {
    let blob = Blob::new([1; 32], b"body".to_vec());
    let error = journal.append_wait(Batch { lines: Vec::new(), blobs: vec![blob.clone()] }).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the batch was not appended: it has bodies, but no line that could name them"
    );
    assert!(error.goes_on());
    assert_eq!(journal.blob(&blob.digest()).unwrap(), None);
    journal.append_wait(Batch::default()).unwrap();
}

fn a_batch_that_is_too_large_is_refused(journal: &dyn Journal) {
    let mut chain = Chain::new("run-1");
    let before = chain.clone();
    let blob = Blob::new([1; 32], vec![0; 64 << 20]);
    let batch = Batch { lines: vec![line_with(&mut chain, &blob)], blobs: vec![blob] };
    let error = journal.append_wait(batch).unwrap_err();
    assert!(error.goes_on() && error.to_string().ends_with("67108864 may be written together"), "{error}");
    assert!(journal.chain("run-1").unwrap().is_none());

    let mut chain = before;
    journal.append_wait(one(&mut chain)).unwrap();
    assert_eq!(journal.chain("run-1").unwrap(), Some(chain));
}

fn artifacts_are_kept_by_digest(journal: &dyn Journal) {
    let digest = journal.put_artifact(b"program").unwrap();
    assert_eq!(digest, "1310ca2c8932dbd118668bd97442558a3e1f546b5e15c69699dfbd6024f548d8");
    assert_eq!(journal.put_artifact(b"program").unwrap(), digest);
    assert_eq!(journal.artifact(&digest).unwrap(), Some(b"program".to_vec()));
    assert_eq!(journal.artifact(&"0".repeat(64)).unwrap(), None);
    assert_eq!(journal.artifact("../store.json").unwrap(), None);
}

fn many_append_at_once(journal: Box<dyn Journal>) {
    const THREADS: usize = 16;
    const LINES: usize = 40;
    let journal: Arc<dyn Journal> = Arc::from(journal);
    let start = Arc::new(Barrier::new(THREADS));
    let threads: Vec<_> = (0..THREADS)
        .map(|n| {
            let (journal, start) = (Arc::clone(&journal), Arc::clone(&start));
            thread::spawn(move || {
                let mut chain = Chain::new(&format!("run-{n}"));
                start.wait();
                for _ in 0..LINES {
                    let blob = Blob::new([n as u8; 32], chain.next_seq().to_le_bytes().to_vec());
                    let written = vec![line_with(&mut chain, &blob), line(&mut chain, "same batch")];
                    journal.append_wait(Batch { lines: written, blobs: vec![blob] }).unwrap();
                }
                chain
            })
        })
        .collect();
    for thread in threads {
        let chain = thread.join().unwrap();
        assert_eq!(journal.chain(chain.name()).unwrap(), Some(chain.clone()));
        let mut prev = "0".repeat(64);
        let lines = journal.lines_of(chain.name()).unwrap();
        assert_eq!(lines.len(), 2 * LINES);
        for (seq, line) in lines.iter().enumerate() {
            let parsed = ParsedLine::parse(line).unwrap();
            assert_eq!((parsed.run.as_str(), parsed.seq, parsed.prev), (chain.name(), seq as u64, prev));
            prev = play_evidence::line::hex(&play_evidence::line::hash(line));
        }
    }
}

fn two_journals_are_not_the_same(one: &dyn Journal, other: &dyn Journal) {
    assert_ne!(one.id(), other.id());
    assert_ne!(one.salt(), other.salt());
}
