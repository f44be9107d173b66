//! `hash N`: computes one hash to allocate the memory, then N more. Prints the CPU time of each of these in
//! nanoseconds, and their minor page faults in total.

use std::{error::Error, fs};

use domain::password::Password;
use hashing::Hasher;
use runtime::Ids;

use crate::busy;

pub(crate) fn hashed(count: u32) -> Result<(), Box<dyn Error>> {
    let (hasher, password) = (Hasher::new(), Password::tried("Vélo-Pomme7-Lune").ok_or("no password")?);
    let hash = || hasher.hash(&password, &Ids::System);
    hash()?;
    let (before, began) = (page_faults()?, busy()?);
    for _ in 0..count {
        hash()?;
    }
    let took = (busy()? - began) / u64::from(count.max(1));
    println!("{took} {}", page_faults()? - before);
    Ok(())
}

/// Returns the minor page faults so far: `minflt` of proc(5).
fn page_faults() -> Result<u64, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let (_, after_name) = stat.rsplit_once(')').ok_or("no name in parentheses")?;
    Ok(after_name.split_whitespace().nth(7).ok_or("no number of faults")?.parse()?)
}
