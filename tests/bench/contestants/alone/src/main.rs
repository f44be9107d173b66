//! One piece of the desk's work and nothing around it, so that it can be measured: `alone hash N`, `alone rows N FILE`.

mod hash;
mod rows;
// The file itself: `export` as a whole would bring S3's client, which takes minutes to compile.
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

/// Nanoseconds that this, the only thread, has had of a processor so far: whatever else the machine does.
fn busy() -> Result<u64, Box<dyn Error>> {
    let told = fs::read_to_string("/proc/self/schedstat")?;
    Ok(told.split_whitespace().next().ok_or("no time")?.parse()?)
}
