//! How the desk grows (performance P7): what each call of a patron's and a library's day consumes and takes, through the
//! real functions, in counties of very different size.
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
