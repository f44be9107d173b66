//! Prepares the portal's static files for `src/assets.rs`. Each file is compressed and gets its digest in its name, so
//! that browsers may cache it forever. References of the form `"./other.js"` are rewritten to the name with the digest,
//! so that a change of a file also changes the names of all files that refer to it.
//!
//! The API's description is compressed as well and keeps its name.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    error::Error,
    fmt::Write as _,
    fs,
    io::Write as _,
    path::Path,
};

use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};

/// The API's description. A test compares it with the code.
const DESCRIPTION: &str = "../../openapi.json";

type Outcome<T> = Result<T, Box<dyn Error>>;

/// A file in the form in which it is served.
struct Prepared {
    /// The name with the digest, for example `list.0123456789ab.js`.
    name: String,
    /// All modules that it imports, directly or indirectly, in alphabetical order.
    modules: BTreeSet<String>,
    gzip: Vec<u8>,
}

#[expect(clippy::disallowed_methods, reason = "cargo passes OUT_DIR to build scripts in the environment")]
fn main() -> Outcome<()> {
    println!("cargo::rerun-if-changed=static");
    println!("cargo::rerun-if-changed={DESCRIPTION}");
    let mut sources = BTreeMap::new();
    for entry in fs::read_dir("static")? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).ok_or("a file name in UTF-8")?.to_owned();
        sources.insert(name, fs::read_to_string(&path)?);
    }
    let mut prepared = BTreeMap::new();
    for name in sources.keys() {
        prepare(name, &sources, &mut prepared, &mut Vec::new())?;
    }
    let out = env::var("OUT_DIR")?;
    let out = Path::new(&out);
    fs::write(out.join("openapi.json.gz"), compressed(&fs::read(DESCRIPTION)?)?)?;
    write(&prepared, out)
}

fn compressed(bytes: &[u8]) -> Outcome<Vec<u8>> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(bytes)?;
    Ok(gzip.finish()?)
}

/// Prepares a file, after the files that it refers to.
///
/// # Errors
/// If a file refers to itself, directly or indirectly.
fn prepare(
    name: &str,
    sources: &BTreeMap<String, String>,
    prepared: &mut BTreeMap<String, Prepared>,
    above: &mut Vec<String>,
) -> Outcome<()> {
    if prepared.contains_key(name) {
        return Ok(());
    }
    if above.iter().any(|other| other == name) {
        return Err(format!("{name} refers to itself through {above:?}").into());
    }
    above.push(name.to_owned());
    let mut text = sources[name].clone();
    let mut modules = BTreeSet::new();
    for other in sources.keys().filter(|other| text.contains(&format!("\"./{other}\""))).cloned().collect::<Vec<_>>() {
        prepare(&other, sources, prepared, above)?;
        let made = &prepared[&other];
        text = text.replace(&format!("\"./{other}\""), &format!("\"./{}\"", made.name));
        if extension(&other) == Some("js") {
            modules.extend(made.modules.iter().cloned().chain([made.name.clone()]));
        }
    }
    above.pop();
    let digest = Sha256::digest(text.as_bytes());
    let digest = digest[..6].iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    let (stem, extension) = name.rsplit_once('.').ok_or("a file name with an extension")?;
    let gzip = compressed(text.as_bytes())?;
    let made = Prepared { name: format!("{stem}.{digest}.{extension}"), modules, gzip };
    prepared.insert(name.to_owned(), made);
    Ok(())
}

fn extension(name: &str) -> Option<&str> {
    Path::new(name).extension()?.to_str()
}

fn write(prepared: &BTreeMap<String, Prepared>, out: &Path) -> Outcome<()> {
    let mut list = String::from("[\n");
    for (source, Prepared { name, modules, gzip }) in prepared {
        fs::write(out.join(name), gzip)?;
        let modules: Vec<_> = modules.iter().collect();
        writeln!(
            list,
            "Asset {{ source: {source:?}, name: {name:?}, modules: &{modules:?}, \
             gzip: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}\")) }},"
        )?;
    }
    list.push(']');
    fs::write(out.join("assets.rs"), list)?;
    Ok(())
}
