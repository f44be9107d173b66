//! The size of a soak run.

/// The number of random sequences that `make soak` asks for, from `SOAK`. `None` in `make test`, which repeats less.
#[expect(clippy::disallowed_methods, reason = "the Makefile passes it to the tests")]
pub(crate) fn soak() -> Option<u32> {
    std::env::var("SOAK").ok().and_then(|sequences| sequences.parse().ok())
}
