//! Keeps all log lines of the tests in the deployed functions' format: JSON, at level `debug`.

use std::{
    io::{self, Write},
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
};

use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Starts to keep the log, once per process.
pub(super) fn keep() {
    static KEPT: OnceLock<()> = OnceLock::new();
    KEPT.get_or_init(|| {
        // The project's own crates log at the finest level; the SDK and the local desk's servers log as deployed.
        let filter = EnvFilter::new(
            "info,edge=trace,desk=trace,store=trace,deliver=trace,escalate=trace,list=trace,export=trace,mail=trace",
        );
        tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(Sink).init();
    });
}

/// Returns all lines logged so far.
pub(crate) fn logged() -> String {
    String::from_utf8_lossy(&lines()).into_owned()
}

fn lines() -> MutexGuard<'static, Vec<u8>> {
    LOG.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Sink;

impl MakeWriter<'_> for Sink {
    type Writer = Self;
    fn make_writer(&self) -> Self {
        Self
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        lines().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
