//! `hash N`: one hash to take the memory, then N more; prints what these cost: nanoseconds of the
//! processor each, minor page faults in all.

use std::fs;

use domain::password::Password;
use hashing::Hasher;
use runtime::Ids;

fn main() {
    let count: u32 = std::env::args().nth(1).and_then(|count| count.parse().ok()).expect("how many");
    let (hasher, password) = (Hasher::new(), Password::tried("Vélo-Pomme7-Lune").expect("a password"));
    let hash = || hasher.hash(&password, &Ids::System).expect("it hashes");
    hash();
    let (before, began) = (page_faults(), busy());
    for _ in 0..count {
        hash();
    }
    let took = (busy() - began) / u64::from(count.max(1));
    println!("{took} {}", page_faults() - before);
}

/// `minflt` of proc(5).
fn page_faults() -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("proc is there");
    let after_name = stat.rsplit(')').next().expect("a name in parentheses");
    after_name.split_whitespace().nth(7).and_then(|faults| faults.parse().ok()).expect("a number of faults")
}

/// Nanoseconds that this, the only thread, has had of a processor: whatever else the machine does.
fn busy() -> u64 {
    let stat = fs::read_to_string("/proc/self/schedstat").expect("proc is there");
    stat.split_whitespace().next().and_then(|busy| busy.parse().ok()).expect("nanoseconds")
}
