//! One piece of the desk's work by itself, to measure it: `alone hash N`, `alone rows N FILE`.

mod hash;
mod rows;
// The source file itself: depending on `export` would bring in S3's client, which takes minutes to compile.
#[path = "../../../../../functions/export/src/workbook.rs"]
mod workbook;

use std::{error::Error, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["hash", count] => hash::hashed(count.parse()?),
        ["rows", count, file] => rows::written(count.parse()?, file),
        _ => Err("hash N, or rows N FILE".into()),
    }
}

/// Returns the CPU time of this, the only thread, so far, in nanoseconds. Other work on the machine does not count.
fn busy() -> Result<u64, Box<dyn Error>> {
    let told = fs::read_to_string("/proc/self/schedstat")?;
    Ok(told.split_whitespace().next().ok_or("no time")?.parse()?)
}
