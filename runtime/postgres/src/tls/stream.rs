//! A connection inside TLS, as `tokio-postgres` wants it.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::Socket;
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};

use super::options::Tls;
use super::refused::verdict;
use super::{Refused, binding, certificates};

/// Makes connections as a URL asks for them.
#[derive(Clone)]
pub(crate) struct Connector {
    tls: Tls,
    config: Arc<ClientConfig>,
}

impl Connector {
    /// Reads what it needs.
    ///
    /// # Errors
    /// Where a file with certificates cannot be read.
    pub(crate) fn new(tls: &Tls) -> Result<Self, Refused> {
        Ok(Self { tls: tls.clone(), config: certificates::config(tls)? })
    }
}

impl MakeTlsConnect<Socket> for Connector {
    type Stream = Encrypted;
    type TlsConnect = Handshake;
    type Error = Refused;

    fn make_tls_connect(&mut self, name: &str) -> Result<Handshake, Refused> {
        Ok(Handshake { connector: self.clone(), name: name.to_string() })
    }
}

/// A handshake that is to be made.
pub(crate) struct Handshake {
    connector: Connector,
    name: String,
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

impl TlsConnect<Socket> for Handshake {
    type Stream = Encrypted;
    type Error = Failed;
    type Future = Pin<Box<dyn Future<Output = Result<Encrypted, Failed>> + Send>>;

    fn connect(self, socket: Socket) -> Self::Future {
        Box::pin(async move {
            let Self { connector: Connector { tls, config }, name } = self;
            let server = ServerName::try_from(name.clone())
                .map_err(|_| Refused(format!("{name:?} is not a name that a certificate can have")))?;
            match tokio_rustls::TlsConnector::from(config).connect(server, socket).await {
                Ok(stream) => Ok(Encrypted(Box::new(stream))),
                // Cut off on the way is another matter: it can be tried again.
                Err(e) => match verdict(&e) {
                    Some(error) => Err(Refused::of(&tls, &name, error).into()),
                    None => Err(e.into()),
                },
            }
        })
    }
}

/// A connection inside TLS.
pub(crate) struct Encrypted(Box<tokio_rustls::client::TlsStream<Socket>>);

impl TlsStream for Encrypted {
    fn channel_binding(&self) -> ChannelBinding {
        let (_, session) = self.0.get_ref();
        let certificate = session.peer_certificates().and_then(<[_]>::first);
        match certificate.and_then(|certificate| binding::end_point(certificate)) {
            Some(digest) => ChannelBinding::tls_server_end_point(digest),
            None => ChannelBinding::none(),
        }
    }
}

impl AsyncRead for Encrypted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, into)
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
