//! Everything that is logged while the tests run, as the deployed functions log it: JSON, at the level of debugging.

use std::{
    io::{self, Write},
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
};

use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Begins to keep the log, once a process.
pub(super) fn keep() {
    static KEPT: OnceLock<()> = OnceLock::new();
    KEPT.get_or_init(|| {
        // The house's own crates at the finest, the SDK's and the local desk's servers as deployed.
        let filter = EnvFilter::new(
            "info,edge=trace,desk=trace,store=trace,deliver=trace,escalate=trace,list=trace,export=trace,mail=trace",
        );
        tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(Sink).init();
    });
}

/// All lines so far.
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
