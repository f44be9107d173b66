//! Prepares the portal's static files: names each by its digest, so that browsers may cache it for good, compresses it,
//! and lists it for `src/assets.rs`.
//!
//! A file imports another as `"./other.js"`. That is rewritten to the other's name with its digest, so a change of one
//! file also changes the names of all files that import it. The API's description is compressed and keeps its name.

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

/// The API's description, which a test keeps equal to the code.
const DESCRIPTION: &str = "../../openapi.json";

type Outcome<T> = Result<T, Box<dyn Error>>;

/// A prepared file.
struct Ready {
    /// `list.0123456789ab.js`.
    name: String,
    /// Every module that it imports, directly or not, in alphabetical order.
    modules: BTreeSet<String>,
    gzip: Vec<u8>,
}

#[expect(clippy::disallowed_methods, reason = "cargo passes values to a build script through the environment")]
fn main() -> Outcome<()> {
    println!("cargo::rerun-if-changed=static");
    println!("cargo::rerun-if-changed={DESCRIPTION}");
    let mut sources = BTreeMap::new();
    for entry in fs::read_dir("static")? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).ok_or("a file name in UTF-8")?.to_owned();
        sources.insert(name, fs::read_to_string(&path)?);
    }
    let mut ready = BTreeMap::new();
    for name in sources.keys() {
        make_ready(name, &sources, &mut ready, &mut Vec::new())?;
    }
    let out = env::var("OUT_DIR")?;
    let out = Path::new(&out);
    fs::write(out.join("openapi.json.gz"), compressed(&fs::read(DESCRIPTION)?)?)?;
    write(&ready, out)
}

fn compressed(bytes: &[u8]) -> Outcome<Vec<u8>> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(bytes)?;
    Ok(gzip.finish()?)
}

/// Prepares a file, after the files that it imports.
fn make_ready(
    name: &str,
    sources: &BTreeMap<String, String>,
    ready: &mut BTreeMap<String, Ready>,
    above: &mut Vec<String>,
) -> Outcome<()> {
    if ready.contains_key(name) {
        return Ok(());
    }
    if above.iter().any(|other| other == name) {
        return Err(format!("{name} imports itself, by way of {above:?}").into());
    }
    above.push(name.to_owned());
    let mut text = sources[name].clone();
    let mut modules = BTreeSet::new();
    for other in sources.keys().filter(|other| text.contains(&format!("\"./{other}\""))).cloned().collect::<Vec<_>>() {
        make_ready(&other, sources, ready, above)?;
        let made = &ready[&other];
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
    let made = Ready { name: format!("{stem}.{digest}.{extension}"), modules, gzip };
    ready.insert(name.to_owned(), made);
    Ok(())
}

fn extension(name: &str) -> Option<&str> {
    Path::new(name).extension()?.to_str()
}

fn write(ready: &BTreeMap<String, Ready>, out: &Path) -> Outcome<()> {
    let mut list = String::from("[\n");
    for (source, Ready { name, modules, gzip }) in ready {
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
