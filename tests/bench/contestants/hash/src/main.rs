//! `hash N`: one hash to take the memory, then N more; prints what these cost: nanoseconds each, minor page faults in all.

use std::{fs, time::Instant};

use domain::password::Password;
use hashing::Hasher;
use runtime::Ids;

fn main() {
    let count: u32 = std::env::args().nth(1).and_then(|count| count.parse().ok()).expect("how many");
    let (hasher, password) = (Hasher::new(), Password::tried("Vélo-Pomme7-Lune").expect("a password"));
    let hash = || hasher.hash(&password, &Ids::System).expect("it hashes");
    hash();
    let (before, began) = (page_faults(), Instant::now());
    for _ in 0..count {
        hash();
    }
    let took = began.elapsed().as_nanos() / u128::from(count.max(1));
    println!("{took} {}", page_faults() - before);
}

/// `minflt` of proc(5).
fn page_faults() -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("proc is there");
    let after_name = stat.rsplit(')').next().expect("a name in parentheses");
    after_name.split_whitespace().nth(7).and_then(|faults| faults.parse().ok()).expect("a number of faults")
}
