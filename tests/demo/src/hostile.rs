//! A peer that does what no peer should: the first part of the path says what. It speaks on the bare socket.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// One that runs until this is dropped.
#[derive(Debug)]
pub struct Hostile {
    address: SocketAddr,
    reached: Arc<AtomicUsize>,
    serving: JoinHandle<()>,
}

impl Hostile {
    /// Serves on a listener; call it within a tokio runtime. Redirects lead to `elsewhere`.
    ///
    /// # Errors
    /// When the listener has no address.
    pub fn serve(listener: TcpListener, elsewhere: &str) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (reached, elsewhere) = (Arc::<AtomicUsize>::default(), Arc::<str>::from(elsewhere));
        let count = Arc::clone(&reached);
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                let elsewhere = Arc::clone(&elsewhere);
                tokio::spawn(async move {
                    // Whoever asked is gone: nothing is left to do.
                    let mut stream = stream;
                    while let Ok(true) = meet(&mut stream, &elsewhere).await {}
                });
            }
        });
        Ok(Self { address, reached, serving })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections were made to it.
    #[must_use]
    pub fn reached(&self) -> usize {
        self.reached.load(Ordering::Relaxed)
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Reads a request with its body; gives its path.
async fn request(stream: &mut TcpStream) -> io::Result<String> {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let n = stream.read(&mut chunk).await?;
        bytes.extend_from_slice(chunk.get(..n).unwrap_or_default());
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if n == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length =
            head.lines().find_map(|l| l.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if body.len() >= length.unwrap_or(0) {
            return Ok(head.split(' ').nth(1).unwrap_or("").to_string());
        }
    }
}

/// The beginning of an answer on a connection that is not to be used again.
const JSON: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";

/// A whole answer on one that may.
const KEPT: &str = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n\"ok\"";

/// With a length that is right, on a connection that is not to be used again.
fn whole(head: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    [format!("{head}connection: close\r\ncontent-length: {}\r\n\r\n", body.len()).as_bytes(), body].concat()
}

/// Answers one request; whether the connection is good for another.
async fn meet(stream: &mut TcpStream, elsewhere: &str) -> io::Result<bool> {
    let path = request(stream).await?;
    let how = path.trim_start_matches('/').split('/').next().unwrap_or("");
    let chunked = format!("{JSON}transfer-encoding: chunked\r\n\r\n");
    let said: Vec<u8> = match how {
        "slow-head" => return trickle(stream, b"HTTP/1.1 200 OK\r\n", b"a: b\r\n").await,
        "slow-body" => return trickle(stream, format!("{JSON}\r\n").as_bytes(), b"1").await,
        "endless-body" => {
            return endless(stream, format!("{JSON}\r\n").as_bytes(), &[b' '; 1 << 16]).await;
        }
        "endless-chunk" => {
            // A chunk that is announced as larger than any memory.
            let head = format!("{chunked}7fffffffffffffff\r\n");
            return endless(stream, head.as_bytes(), &[b'1'; 1 << 16]).await;
        }
        "endless-extension" => {
            return endless(stream, format!("{chunked}1;").as_bytes(), &[b'x'; 1 << 12]).await;
        }
        "endless-trailer" => {
            let head = format!("{chunked}4\r\n\"ok\"\r\n0\r\n");
            return endless(stream, head.as_bytes(), &b"a: b\r\n".repeat(100)).await;
        }
        "endless-interim" => {
            return trickle(stream, b"", b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n").await;
        }
        "reset" => {
            stream.set_zero_linger()?;
            return Ok(false);
        }
        "reset-in-body" => {
            stream.write_all(format!("{JSON}content-length: 100\r\n\r\n\"o").as_bytes()).await?;
            stream.flush().await?;
            tokio::time::sleep(Duration::from_millis(50)).await;
            stream.set_zero_linger()?;
            return Ok(false);
        }
        // As it should be, and the connection is good for more.
        "stays-open" => {
            stream.write_all(KEPT.as_bytes()).await?;
            return Ok(true);
        }
        // A second answer that nobody has asked for: the next request on this connection must not get it.
        "two-answers" => {
            let both = KEPT.replace("ok", "no");
            let both = [KEPT, &both].concat();
            stream.write_all(both.as_bytes()).await?;
            tokio::time::sleep(Duration::from_secs(2)).await;
            return Ok(false);
        }
        "gzip-bomb" => whole(&format!("{JSON}content-encoding: gzip\r\n"), bomb()),
        "redirect-loop" => whole(&format!("HTTP/1.1 302 Found\r\nlocation: {path}\r\n"), ""),
        "redirect-elsewhere" => {
            whole(&format!("HTTP/1.1 307 Temporary Redirect\r\nlocation: http://{elsewhere}/x\r\n"), "")
        }
        "refresh-elsewhere" => whole(&format!("{JSON}refresh: 0; url=http://{elsewhere}/x\r\n"), "\"ok\""),
        "length-too-long" => format!("{JSON}content-length: 100\r\n\r\n\"ok\"").into(),
        "length-too-short" => format!("{JSON}content-length: 4\r\n\r\n\"ok\" and more").into(),
        "length-cuts" => format!("{JSON}content-length: 3\r\n\r\n\"ok\"").into(),
        "length-huge" => format!("{JSON}content-length: 18446744073709551615\r\n\r\n\"ok\"").into(),
        "length-negative" => format!("{JSON}content-length: -1\r\n\r\n\"ok\"").into(),
        "lengths-differ" => format!("{JSON}content-length: 4\r\ncontent-length: 5\r\n\r\n\"ok\"").into(),
        "lengths-agree" => format!("{JSON}content-length: 4\r\ncontent-length: 4\r\n\r\n\"ok\"").into(),
        "length-and-chunks" => {
            format!("{JSON}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n4\r\n\"ok\"\r\n0\r\n\r\n")
                .into()
        }
        "html" => whole("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n", "<html>Sign in</html>"),
        "json-error" => whole(JSON, r#"{"error":"not now","code":500}"#),
        "not-utf8" => whole(JSON, b"\"\xff\xfe\""),
        "half-a-surrogate" => whole(JSON, r#""\ud800""#),
        "deep" => whole(JSON, "[".repeat(100_000)),
        "many-parts" => whole(JSON, format!("[{}0]", "[],".repeat(500_000))),
        "empty" => whole(JSON, ""),
        "long-header" => whole(&format!("{JSON}x: {}\r\n", "y".repeat(1 << 20)), "\"ok\""),
        "many-headers" => whole(&format!("{JSON}{}", "x: y\r\n".repeat(200)), "\"ok\""),
        "headers-twice" => whole(&format!("{JSON}content-type: text/html\r\nx: a\r\nx: b\r\n"), "\"ok\""),
        "header-with-nul" => whole(&format!("{JSON}x: a\0b\r\n"), "\"ok\""),
        "header-folded" => whole(&format!("{JSON}x: a\r\n b: c\r\n"), "\"ok\""),
        "chunk-size-broken" => format!("{chunked}zz\r\n\"ok\"\r\n0\r\n\r\n").into(),
        "chunk-size-too-large" => format!("{chunked}fffffffffffffffff\r\n\"ok\"\r\n0\r\n\r\n").into(),
        "chunk-too-short" => format!("{chunked}9\r\n\"ok\"\r\n0\r\n\r\n").into(),
        "chunks-without-end" => format!("{chunked}4\r\n\"ok\"\r\n").into(),
        "continue-first" => [b"HTTP/1.1 100 Continue\r\n\r\n".as_slice(), &whole(JSON, "\"ok\"")].concat(),
        "hints-first" => {
            [b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n".as_slice(), &whole(JSON, "\"ok\"")].concat()
        }
        "switches" => {
            b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n".to_vec()
        }
        "no-content-with-body" => b"HTTP/1.1 204 No Content\r\ncontent-length: 4\r\n\r\n\"ok\"".to_vec(),
        "status-000" => whole("HTTP/1.1 000 Nothing\r\n", "\"ok\""),
        "status-999" => whole("HTTP/1.1 999 Too much\r\n", "\"ok\""),
        "partial" => whole("HTTP/1.1 206 Partial Content\r\n", "\"ok\""),
        "http-0.9" => b"\"ok\"\n".to_vec(),
        "http-2" => b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x80\0\x04\0\x01\0\0\0\x05\0\xff\xff\xff".to_vec(),
        // An alert of TLS: it is spoken here, and the request was not.
        "tls" => b"\x15\x03\x01\0\x02\x02\x46".to_vec(),
        _ => whole(JSON, "\"ok\""),
    };
    stream.write_all(&said).await?;
    stream.shutdown().await?;
    Ok(false)
}

/// A beginning, and then a little of the same every 50 ms.
async fn trickle(stream: &mut TcpStream, head: &[u8], more: &[u8]) -> io::Result<bool> {
    stream.write_all(head).await?;
    loop {
        stream.write_all(more).await?;
        stream.flush().await?;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A beginning, and then the same for ever.
async fn endless(stream: &mut TcpStream, head: &[u8], more: &[u8]) -> io::Result<bool> {
    stream.write_all(head).await?;
    loop {
        stream.write_all(more).await?;
    }
}

/// A gzip stream of 1 GiB of zeros, in about 1 MiB: behind a block's codes each two bits, zeros themselves, repeat 258 bytes.
fn bomb() -> Vec<u8> {
    let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    bytes.extend_from_slice(&[0xed, 0xc1, 0x31, 1, 0, 0, 0, 0xc2, 0xa0, 0xf5, 0x4f, 0x6d, 8, 0x5f, 0xa0]);
    bytes.resize(1 << 20, 0);
    bytes
}
