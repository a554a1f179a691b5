//! The thread that speaks to the database. The journal's methods wait for it, wherever they are called.

use std::future::Future;
use std::pin::Pin;
use std::sync::mpsc;
use std::thread;

use play_journal::JournalError;
use tokio::sync::mpsc::UnboundedSender;

type Job = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A thread with a runtime of its own. It ends when the last of its owners is gone, and all connections with it.
#[derive(Debug)]
pub(crate) struct Io(UnboundedSender<Job>);

impl Io {
    pub(crate) fn start() -> Result<Self, JournalError> {
        let started = || JournalError::io("starting the thread that speaks to the database");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(started())?;
        let (jobs, mut received) = tokio::sync::mpsc::unbounded_channel::<Job>();
        thread::Builder::new()
            .name("postgres".to_string())
            .spawn(move || {
                runtime.block_on(async {
                    while let Some(job) = received.recv().await {
                        drop(tokio::spawn(job));
                    }
                });
            })
            .map_err(started())?;
        Ok(Self(jobs))
    }

    /// Lets it go on by itself.
    pub(crate) fn spawn(&self, job: impl Future<Output = ()> + Send + 'static) {
        // Refused only when the thread has ended: then nobody waits for it either.
        let _ = self.0.send(Box::pin(job));
    }

    /// Waits for it. Never from that thread itself.
    pub(crate) fn call<T: Send + 'static>(
        &self,
        job: impl Future<Output = Result<T, JournalError>> + Send + 'static,
    ) -> Result<T, JournalError> {
        self.begin(job).end()
    }

    /// Begins it. Whoever does has something else to do before it waits.
    pub(crate) fn begin<T: Send + 'static>(
        &self,
        job: impl Future<Output = Result<T, JournalError>> + Send + 'static,
    ) -> Begun<T> {
        let (done, result) = mpsc::sync_channel(1);
        self.spawn(async move {
            // Nobody waits any more: that is theirs to decide.
            let _ = done.send(job.await);
        });
        Begun(result)
    }
}

/// What the thread is at, for one who waits for it later.
pub(crate) struct Begun<T>(mpsc::Receiver<Result<T, JournalError>>);

impl<T> Begun<T> {
    /// Waits for it. Never from that thread itself.
    pub(crate) fn end(self) -> Result<T, JournalError> {
        // When the job has panicked, nobody is there to answer. The hook has reported it already.
        self.0.recv().unwrap_or(Err(JournalError::Closed))
    }

    /// The same where it need not be waited for any more.
    pub(crate) fn ended(&self) -> Option<Result<T, JournalError>> {
        match self.0.try_recv() {
            Ok(result) => Some(result),
            Err(mpsc::TryRecvError::Empty) => None,
            Err(mpsc::TryRecvError::Disconnected) => Some(Err(JournalError::Closed)),
        }
    }
}
