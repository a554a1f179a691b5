//! A file that is followed: each whole line that is added to it is a record.
//!
//! It is read from its beginning at each start: what was dealt with is known by its place and digest, and is passed over.
//! When another file takes its name (rotation), the rest of the old one is read first; when it gets shorter, it is read
//! from its beginning.

use std::io::SeekFrom;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Duration;

use play_connect::records::{MAX_RECORD, read_records};
use play_engine::intake::Record;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio::sync::{mpsc, watch};

use crate::config::Tail;
use crate::log::{Field, log};
use crate::service::{Arrived, Broken, To};

/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(250);
/// How much is read at a time: bytes.
const CHUNK: usize = 64 * 1024;

/// Lines out of pieces.
#[derive(Default)]
struct Lines {
    rest: Vec<u8>,
    /// A line that is too long is passed over up to its end.
    skipping: bool,
    /// Of the next line, from 1.
    number: u64,
}

impl Lines {
    fn new() -> Self {
        Self { number: 1, ..Self::default() }
    }

    /// The whole lines that a piece completes, with their numbers; `None` for one that is too long.
    fn take(&mut self, piece: &[u8]) -> Vec<(u64, Option<Vec<u8>>)> {
        let mut whole = Vec::new();
        for part in piece.split_inclusive(|b| *b == b'\n') {
            if !self.skipping {
                self.rest.extend_from_slice(part);
            }
            if self.rest.len() > MAX_RECORD {
                self.rest = Vec::new();
                self.skipping = true;
            }
            if part.ends_with(b"\n") {
                let line = std::mem::take(&mut self.rest);
                whole.push((self.number, (!std::mem::take(&mut self.skipping)).then_some(line)));
                self.number = self.number.saturating_add(1);
            }
        }
        whole
    }
}

/// Follows it until `ending` becomes true.
pub(crate) async fn follow(
    name: String,
    tail: Tail,
    only: Option<usize>,
    records: mpsc::Sender<Arrived>,
    mut ending: watch::Receiver<bool>,
) {
    let mut missing = false;
    let mut open: Option<(File, Lines)> = None;
    let mut chunk = vec![0; CHUNK];
    loop {
        if open.is_none() {
            match File::open(&tail.path).await {
                Ok(file) => {
                    log("file_opened", &[("file", Field::Id(&name))]);
                    open = Some((file, Lines::new()));
                    missing = false;
                }
                Err(_) if !missing => {
                    missing = true;
                    log("file_missing", &[("file", Field::Id(&name))]);
                }
                Err(_) => {}
            }
        }
        let mut read = 0;
        if let Some((file, lines)) = &mut open {
            match file.read(&mut chunk).await {
                Ok(n) => {
                    read = n;
                    for (number, line) in lines.take(chunk.get(..n).unwrap_or_default()) {
                        let pos = format!("{name}:{number}");
                        for arrived in arrivals(&pos, line, tail.pointer.as_deref(), only) {
                            tokio::select! {
                                sent = records.send(arrived) => if sent.is_err() { return },
                                () = crate::set(&mut ending) => return,
                            }
                        }
                    }
                }
                Err(_) => open = None,
            }
        }
        if read == 0 {
            if let Some((file, _)) = &mut open {
                match after_the_end(file, &tail.path).await {
                    Next::Same => {}
                    Next::Other => {
                        open = None;
                        continue;
                    }
                }
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = crate::set(&mut ending) => return,
            }
        }
    }
}

enum Next {
    Same,
    Other,
}

/// Whether the name stands for another file by now, or this one was cut.
async fn after_the_end(file: &mut File, path: &Path) -> Next {
    let (Ok(ours), Ok(at)) = (file.metadata().await, file.stream_position().await) else {
        return Next::Other;
    };
    if ours.len() < at {
        let _ = file.seek(SeekFrom::Start(0)).await;
        return Next::Other;
    }
    match tokio::fs::metadata(path).await {
        Ok(theirs) if (theirs.dev(), theirs.ino()) != (ours.dev(), ours.ino()) => Next::Other,
        // Between renaming and making anew: the old one may still be written to.
        _ => Next::Same,
    }
}

/// The records of a line.
fn arrivals(pos: &str, line: Option<Vec<u8>>, pointer: Option<&str>, only: Option<usize>) -> Vec<Arrived> {
    let Some(line) = line else {
        let why = format!("the line is longer than {MAX_RECORD} bytes");
        return vec![Arrived {
            to: To::Source(only),
            record: Err(Broken { pos: pos.into(), why }),
            done: None,
        }];
    };
    let mut all: Vec<Arrived> = Vec::new();
    for record in read_records(line.as_slice(), pointer) {
        // Mostly there is one.
        let pos = if record.index == 0 { pos.to_string() } else { format!("{pos}.{}", record.index) };
        let record = match record.body {
            Ok(json) => Ok(Record { pos, raw: record.raw, json }),
            Err(why) => Err(Broken { pos, why: why.why }),
        };
        all.push(Arrived { to: To::Source(only), record, done: None });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn lines_come_whole_in_whatever_pieces_they_are_written() {
        let mut lines = Lines::new();
        assert!(lines.take(b"{\"a\"").is_empty());
        let got = lines.take(b":1}\n{}\n{");
        let texts: Vec<_> = got.iter().map(|(n, l)| (*n, l.as_deref().unwrap())).collect();
        assert_eq!(texts, [(1, b"{\"a\":1}\n".as_slice()), (2, b"{}\n".as_slice())]);
    }

    #[test]
    fn a_line_that_is_too_long_is_said_and_the_next_one_is_read() {
        let mut lines = Lines::new();
        assert!(lines.take(&vec![b'x'; MAX_RECORD]).is_empty());
        let got = lines.take(b"xx\n{}\n");
        assert_eq!(got, [(1, None), (2, Some(b"{}\n".to_vec()))]);
    }

    async fn next(records: &mut mpsc::Receiver<Arrived>) -> String {
        let arrived = tokio::time::timeout(Duration::from_secs(10), records.recv()).await.unwrap().unwrap();
        match arrived.record {
            Ok(record) => format!("{} {}", record.pos, record.json),
            Err(broken) => format!("{} broken", broken.pos),
        }
    }

    #[tokio::test]
    async fn a_file_is_followed_through_a_rotation() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("alerts.jsonl");
        std::fs::write(&path, "{\"n\":1}\n\nnot json\n").unwrap();
        let (tx, mut rx) = mpsc::channel(8);
        let (end, ending) = watch::channel(false);
        let tail = Tail { path: path.clone(), source: None, pointer: None };
        let following = tokio::spawn(follow("edr".into(), tail, None, tx, ending));
        assert_eq!(next(&mut rx).await, "edr:1 {\"n\":1}");
        assert_eq!(next(&mut rx).await, "edr:3 broken");
        let mut old = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
        std::fs::rename(&path, dir.path().join("alerts.1")).unwrap();
        old.write_all(b"{\"n\":4}\n").unwrap();
        assert_eq!(next(&mut rx).await, "edr:4 {\"n\":4}", "the rest of the old one comes first");
        std::fs::write(&path, "{\"n\":5}\n").unwrap();
        assert_eq!(next(&mut rx).await, "edr:1 {\"n\":5}");
        end.send_replace(true);
        following.await.unwrap();
    }
}
