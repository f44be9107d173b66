//! Something that runs beside the rest until it is stopped or dropped.

use std::time::Duration;

use tokio::{sync::oneshot, task::JoinHandle, time::timeout};

/// How long a stop waits for what is under way.
pub(crate) const FAREWELL: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(crate) struct Task {
    stop: oneshot::Sender<()>,
    handle: JoinHandle<()>,
}

impl Task {
    /// Runs what ends by itself soon after it is told, or after the other end is gone.
    pub(crate) fn new<F: Future<Output = ()> + Send + 'static>(run: impl FnOnce(oneshot::Receiver<()>) -> F) -> Self {
        let (stop, stopped) = oneshot::channel();
        Self { stop, handle: tokio::spawn(run(stopped)) }
    }

    /// Tells it to end, and waits until it has.
    pub(crate) async fn stop(self) {
        let Self { stop, mut handle } = self;
        drop(stop);
        if timeout(FAREWELL * 2, &mut handle).await.is_err() {
            handle.abort();
        }
    }
}
