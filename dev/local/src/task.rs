//! A background task that runs until it is stopped or dropped.

use std::time::Duration;

use tokio::{sync::oneshot, task::JoinHandle, time::timeout};

/// Time that a stop leaves requests to finish.
pub(crate) const GRACE: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(crate) struct Task {
    stop: oneshot::Sender<()>,
    handle: JoinHandle<()>,
}

impl Task {
    /// Starts a future that must end soon after its receiver resolves, whether with a value or by a dropped sender.
    pub(crate) fn new<F: Future<Output = ()> + Send + 'static>(run: impl FnOnce(oneshot::Receiver<()>) -> F) -> Self {
        let (stop, stopped) = oneshot::channel();
        Self { stop, handle: tokio::spawn(run(stopped)) }
    }

    /// Signals the task to end and waits for it. Aborts it after 10 s.
    pub(crate) async fn stop(self) {
        let Self { stop, mut handle } = self;
        drop(stop);
        if timeout(GRACE * 2, &mut handle).await.is_err() {
            handle.abort();
        }
    }
}
