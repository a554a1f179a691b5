//! A session with a server, and the task in which its connection goes on.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::AbortHandle;
use tokio_postgres::tls::TlsStream;
use tokio_postgres::{Client, Connection, Socket};

/// So long a session that nobody has any more may take to end as one does. One that waits for an answer does not end before it has come,
/// which may be never: each would be one of those that the server lets in.
const ENDING: Duration = Duration::from_secs(1);

/// A session. It ends when this is gone.
pub(crate) struct Session {
    client: Client,
    connection: AbortHandle,
    /// Gone with this.
    _there: oneshot::Sender<()>,
}

impl Session {
    /// Lets its connection go on by itself.
    pub(crate) fn new<S>((client, connection): (Client, Connection<Socket, S>)) -> Self
    where
        S: TlsStream + Unpin + Send + 'static,
    {
        let (there, gone) = oneshot::channel::<()>();
        let ending = async {
            // Nothing is ever sent.
            let _ = gone.await;
            tokio::time::sleep(ENDING).await;
        };
        let task = tokio::spawn(async move {
            tokio::select! {
                // Whoever uses it is told.
                _ = connection => {}
                () = ending => {}
            }
        });
        Self { client, connection: task.abort_handle(), _there: there }
    }

    /// Gives it up: whoever waits for an answer on it is told that it is closed.
    pub(crate) fn give_up(&self) {
        self.connection.abort();
    }
}

impl Deref for Session {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl DerefMut for Session {
    fn deref_mut(&mut self) -> &mut Client {
        &mut self.client
    }
}
