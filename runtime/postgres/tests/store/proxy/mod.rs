//! A proxy that cuts connections when it is told to: that on which evidence is written, or those that read; or that falls silent.
#![allow(dead_code, reason = "each test uses its part")]

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;

/// What does not get through: the connection is cut where it would.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub enum Cut {
    /// All gets through.
    Nothing,
    /// What is asked on the connection that writes.
    Requests,
    /// What the server has answered: so whatever it did is done.
    Replies,
    /// The answer to a `COMMIT` of its own.
    Commits,
    /// The answer to a `COMMIT` on the connection on which runs are taken.
    Claims,
    /// What is asked on a connection that only reads, new ones as well.
    Reads,
    /// Nothing is cut, and nothing gets through, in neither direction, new ones as well: nobody says that anything is gone.
    Silence,
}

/// What becomes of some bytes.
enum Fate {
    Passes,
    Vanishes,
    Ends,
}

impl Fate {
    fn of(cut: u8, ends: bool) -> Self {
        match () {
            () if cut == Cut::Silence as u8 => Self::Vanishes,
            () if ends => Self::Ends,
            () => Self::Passes,
        }
    }
}

/// It listens on a port of its own, as long as the test runs.
pub struct Proxy {
    port: u16,
    cut: Arc<AtomicU8>,
}

/// Both ends of a server's connection.
trait Stream: Read + Write + Send {
    fn end(&self);
}

impl Stream for TcpStream {
    fn end(&self) {
        drop(self.shutdown(Shutdown::Both));
    }
}

impl Stream for UnixStream {
    fn end(&self) {
        drop(self.shutdown(Shutdown::Both));
    }
}

impl Proxy {
    /// In front of a server that is named by a URL with a socket, or with an address.
    pub fn start(server: &str) -> Self {
        let config: tokio_postgres::Config = server.parse().unwrap();
        let host = config.get_hosts()[0].clone();
        let to = config.get_ports().first().copied().unwrap_or(5432);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let cut = Arc::new(AtomicU8::new(0));
        let told = Arc::clone(&cut);
        thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.unwrap();
                match &host {
                    tokio_postgres::config::Host::Unix(folder) => {
                        let server = UnixStream::connect(folder.join(format!(".s.PGSQL.{to}"))).unwrap();
                        join(client, server.try_clone().unwrap(), server, &told);
                    }
                    tokio_postgres::config::Host::Tcp(name) => {
                        let server = TcpStream::connect((name.as_str(), to)).unwrap();
                        join(client, server.try_clone().unwrap(), server, &told);
                    }
                }
            }
        });
        Self { port, cut }
    }

    /// The URL of a place, through the proxy.
    pub fn through(&self, place: &str) -> String {
        let config: tokio_postgres::Config = place.parse().unwrap();
        let (user, options) = (config.get_user().unwrap(), config.get_options().unwrap().replace('=', "%3D"));
        let password =
            config.get_password().map(|p| format!(":{}", String::from_utf8_lossy(p))).unwrap_or_default();
        let database = config.get_dbname().unwrap();
        format!(
            "postgres://{user}{password}@127.0.0.1:{}/{database}?options={options}&sslmode=prefer",
            self.port
        )
    }

    /// From now on.
    pub fn cut(&self, what: Cut) {
        self.cut.store(what as u8, Ordering::SeqCst);
    }
}

fn join(
    client: TcpStream,
    to_server: impl Stream + 'static,
    from_server: impl Stream + 'static,
    cut: &Arc<AtomicU8>,
) {
    // What it is for, by what it is called: 1 writes, 2 reads, 3 takes runs.
    let purpose = Arc::new(AtomicU8::new(0));
    let (cut_requests, cut_replies) = (Arc::clone(cut), Arc::clone(cut));
    let (sees, knows) = (Arc::clone(&purpose), purpose);
    let back = client.try_clone().unwrap();
    thread::spawn(move || {
        pass(client, to_server, |bytes| {
            for (name, purpose) in [("play: writing", 1), ("play: reading", 2), ("play: claiming", 3)] {
                if bytes.windows(name.len()).any(|w| w == name.as_bytes()) {
                    sees.store(purpose, Ordering::SeqCst);
                }
            }
            let cut = cut_requests.load(Ordering::SeqCst);
            let ends = match sees.load(Ordering::SeqCst) {
                1 => cut == Cut::Requests as u8,
                2 => cut == Cut::Reads as u8,
                _ => false,
            };
            Fate::of(cut, ends)
        });
    });
    thread::spawn(move || {
        pass(from_server, back, |bytes| {
            let cut = cut_replies.load(Ordering::SeqCst);
            let commits = || bytes.windows(6).any(|w| w == b"COMMIT");
            let ends = match knows.load(Ordering::SeqCst) {
                1 => cut == Cut::Replies as u8 || cut == Cut::Commits as u8 && commits(),
                3 => cut == Cut::Claims as u8 && commits(),
                _ => false,
            };
            Fate::of(cut, ends)
        });
    });
}

fn pass(mut from: impl Stream, mut to: impl Stream, mut fate: impl FnMut(&[u8]) -> Fate) {
    let mut bytes = [0; 1 << 14];
    loop {
        let n = from.read(&mut bytes).unwrap_or(0);
        let on = match fate(&bytes[..n]) {
            Fate::Passes => n > 0 && to.write_all(&bytes[..n]).is_ok(),
            Fate::Vanishes if n > 0 => true,
            // That one end is gone does not get through either.
            Fate::Vanishes => return std::mem::forget(to),
            Fate::Ends => false,
        };
        if !on {
            break;
        }
    }
    from.end();
    to.end();
}
