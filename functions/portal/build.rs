//! Prepares the portal's static files for `src/assets.rs`. The modules are joined into one script, so that a first visit
//! makes few requests (requirements P11). Each file is compressed and gets its digest in its name, so that browsers may
//! cache it forever. The script's references of the form `"./towns.json"` are rewritten to the name with the digest.
//!
//! The modules are joined by code of our own, because `make dev` has neither node nor minutes for a bundler: see
//! `docs/decisions/0032-one-script.md`.
//!
//! The API's description is compressed as well and keeps its name.

use std::{collections::BTreeMap, env, error::Error, fmt::Write as _, fs, io::Write as _, path::Path};

use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};

#[path = "src/script.rs"]
mod script;

/// The API's description. A test compares it with the code.
const DESCRIPTION: &str = "../../openapi.json";
/// The script of all modules.
const SCRIPT: &str = "portal.js";

type Outcome<T> = Result<T, Box<dyn Error>>;

#[expect(clippy::disallowed_methods, reason = "cargo passes OUT_DIR to build scripts in the environment")]
fn main() -> Outcome<()> {
    println!("cargo::rerun-if-changed=static");
    println!("cargo::rerun-if-changed={DESCRIPTION}");
    let out = env::var("OUT_DIR")?;
    let out = Path::new(&out);
    let (modules, mut files) = sources()?;
    let mut script = script::joined(&modules)?;
    for (source, text) in &files {
        script = script.replace(&format!("\"./{source}\""), &format!("\"./{}\"", named(source, text)?));
    }
    files.insert(SCRIPT.to_owned(), script);
    let mut list = String::from("[\n");
    for (source, text) in &files {
        let name = named(source, text)?;
        fs::write(out.join(&name), compressed(text.as_bytes())?)?;
        writeln!(
            list,
            "Asset {{ source: {source:?}, name: {name:?}, \
             gzip: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}\")) }},"
        )?;
    }
    fs::write(out.join("assets.rs"), list + "]")?;
    fs::write(out.join("openapi.json.gz"), compressed(&fs::read(DESCRIPTION)?)?)?;
    Ok(())
}

/// Returns the modules, and all other files of `static/`.
fn sources() -> Outcome<(BTreeMap<String, String>, BTreeMap<String, String>)> {
    let (mut modules, mut files) = (BTreeMap::new(), BTreeMap::new());
    for entry in fs::read_dir("static")? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).ok_or("a file name in UTF-8")?.to_owned();
        let kind = if path.extension().is_some_and(|extension| extension == "js") { &mut modules } else { &mut files };
        kind.insert(name, fs::read_to_string(&path)?);
    }
    Ok((modules, files))
}

/// Returns the name with the digest, for example `style.0123456789ab.css`.
fn named(source: &str, text: &str) -> Outcome<String> {
    let digest = Sha256::digest(text.as_bytes());
    let digest = digest[..6].iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    let (stem, extension) = source.rsplit_once('.').ok_or("a file name with an extension")?;
    Ok(format!("{stem}.{digest}.{extension}"))
}

fn compressed(bytes: &[u8]) -> Outcome<Vec<u8>> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(bytes)?;
    Ok(gzip.finish()?)
}
