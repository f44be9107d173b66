//! Growth (performance P7): the capacity and time of each call of a patron's and a library's day, through the real
//! functions, in counties of very different size.
//!
//! The embedded engine reports capacity by AWS's rules:
//!
//! - A query's rows are summed and rounded up once to 4 KB. An eventually consistent read costs half. A query without
//!   results costs half a unit.
//! - Each item read by key is rounded by itself.
//! - In a transaction an item counts double and an index entry once, each rounded up to 1 KB.
//! - An index entry that moves is written twice; an unchanged entry is not written.
//!
//! It does not report the cost of a transaction whose condition failed, nor retries, which AWS bills as calls.
//!
//! `tests/bench/growth.py` runs [`rows`], which takes minutes, and makes a table and a plot from its lines.

mod measures;
mod place;

pub(crate) use measures::Grown;

/// Prints one line of JSON for each measure and size. Sizes come from `GROWTH`, separated by commas.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes: tests/bench/growth.py runs it"]
#[expect(clippy::disallowed_methods, reason = "the bench passes the sizes")]
async fn rows() {
    let sizes = std::env::var("GROWTH").unwrap_or_else(|_| "1000".to_owned());
    for patrons in sizes.split(',').map(|size| size.parse().expect("a number of patrons")) {
        let grown = Grown::open(patrons, 10).await;
        grown.measure_all(|row| println!("{row}")).await;
        grown.close().await;
    }
}
