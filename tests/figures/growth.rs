//! How the desk grows (performance P7): what each call of a patron's and a library's day consumes and takes, through the
//! real functions, in counties of very different size.
//!
//! The engine's figures are taken for AWS's. They follow its rules: a query's rows are summed and rounded once, to 4 KB, and
//! cost half where they need not be the latest; each item that is asked for by key is rounded by itself; in a transaction
//! an item counts double and an index entry once, each rounded to 1 KB by itself; an entry that moves is written twice,
//! one that stays as it is not at all; a query that finds nothing costs half a unit. Not known to it: what a transaction
//! that lost a condition costs on AWS (it answers no figure), and retries, which AWS bills as calls.
//!
//! `tests/bench/growth.py` runs [`rows`], which takes minutes, and makes a table and a plot of its lines.

mod measures;
mod place;

pub(crate) use measures::Grown;

/// A row for each measure and size, as JSON, one a line. Sizes come from `GROWTH`, by commas.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes: tests/bench/growth.py runs it"]
#[expect(clippy::disallowed_methods, reason = "what the bench tells its measuring")]
async fn rows() {
    let sizes = std::env::var("GROWTH").unwrap_or_else(|_| "1000".to_owned());
    for patrons in sizes.split(',').map(|size| size.parse().expect("a number of patrons")) {
        let grown = Grown::open(patrons, 10).await;
        grown.measure_all(|row| println!("{row}")).await;
        grown.close().await;
    }
}
