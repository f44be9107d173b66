//! Checks that everything cited by code, tests and pages exists: requirement ids, sections of the rules and the
//! contract, files, headings. Ids and sections under "Planned" may not be cited, because they are not built.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use crate::support::root;

/// Folders whose code and pages are checked.
const FOLDERS: [&str; 8] = ["domain", "functions", "infra", "dev", "tests", "docs", "scripts", ".ci"];
/// Prefixes of requirement ids. Performance, `P`, and findings, `S`, are cited in test names; outside these, S3 is an AWS
/// service.
const KINDS: [&str; 10] = ["PW", "AP", "RE", "HH", "IM", "EX", "OP", "ST", "GD", "AC"];
/// Pages that define the cited ids and sections.
const DEFINING: [&str; 2] = ["docs/rules.md", "docs/requirements.md"];
/// Folders that builds and tools create, and that a fresh clone lacks.
const BUILT: [&str; 5] = ["target", ".venv", ".tools", ".aws-sam", "node_modules"];

fn page(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Reads every text file of the repository, by its path from the root.
fn texts() -> BTreeMap<String, String> {
    let mut found = Vec::new();
    for folder in FOLDERS {
        walk(&root().join(folder), &mut found);
    }
    found.extend(fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()));
    let named = |path: PathBuf| {
        let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        fs::read_to_string(path).ok().map(|text| (name, text))
    };
    found.into_iter().filter_map(named).collect()
}

/// Returns whether a file's name has this extension.
fn has(name: &str, extension: &str) -> bool {
    Path::new(name).extension().is_some_and(|it| it == extension)
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if !path.is_dir() {
            found.push(path);
        } else if !BUILT.iter().any(|built| path.ends_with(built)) {
            walk(&path, found);
        }
    }
}

/// Returns the files that cite: all but lock files, recorded answers and the defining pages.
fn citing() -> impl Iterator<Item = (String, String)> {
    let recorded = |name: &str| ["lock", "snap", "csv"].iter().any(|extension| has(name, extension));
    texts().into_iter().filter(move |(name, _)| !recorded(name) && !DEFINING.contains(&name.as_str()))
}

/// Returns the id that a word cites: `PW6`, or a test's name that begins with `pw6_` or `p7_`.
fn cited_id(word: &str) -> Option<String> {
    let (head, upper) = match word.split_once('_') {
        Some((head, _)) => (head, head.to_uppercase()),
        None => (word, word.to_owned()),
    };
    let kind = upper.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = upper.len() - kind.len();
    let lower_case = head != upper;
    let known = if lower_case { ["P", "S"].contains(&kind) || KINDS.contains(&kind) } else { KINDS.contains(&kind) };
    (known && (1..=2).contains(&digits)).then_some(upper)
}

/// Returns a text without line breaks and comment marks, in lower case.
fn flowing(text: &str) -> String {
    let lines = text.lines().map(|line| line.trim_start_matches(['/', '!', '#', '*', ' ', '\t']).trim_end());
    lines.collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Returns the section numbers after "rules, section": `1 and 2`, `2 to 4`, `3`.
fn cited_sections(text: &str) -> BTreeSet<u8> {
    let mut cited = BTreeSet::new();
    for (at, found) in text.match_indices("rules, section") {
        let rest = text[at + found.len()..].trim_start_matches('s');
        for word in rest.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
            match word.parse() {
                Ok(number) => cited.insert(number),
                Err(_) if word == "and" || word == "to" => continue,
                Err(_) => break,
            };
        }
    }
    cited
}

/// Returns the sections that a test's name cites: `section_4_…`, `sections_2_and_3_…`.
fn sections_in_a_name(word: &str) -> impl Iterator<Item = u8> {
    let (named, most) =
        word.strip_prefix("sections_").map_or((word.strip_prefix("section_"), 1), |rest| (Some(rest), 3));
    let parts = named.unwrap_or_default().split('_').take(most);
    parts.take_while(|part| *part == "and" || part.parse::<u8>().is_ok()).filter_map(|part| part.parse().ok())
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
}

#[test]
fn every_cited_requirement_is_described() {
    let requirements = page("docs/requirements.md");
    let mut cited = BTreeSet::new();
    for (name, text) in citing() {
        for id in words(&text).filter_map(cited_id) {
            assert!(requirements.contains(&format!("| **{id}** |")), "{name} cites {id}");
            cited.insert(id);
        }
    }
    assert!(cited.len() > 30, "{cited:?}");
}

#[test]
fn every_cited_section_is_there() {
    let (rules, contract) = (page("docs/rules.md"), page("docs/api.md").to_lowercase());
    let mut cited = BTreeSet::new();
    for (name, text) in citing() {
        let flowing = flowing(&text);
        let in_names = words(&text).flat_map(sections_in_a_name);
        for section in cited_sections(&flowing).into_iter().chain(in_names) {
            assert!(rules.contains(&format!("\n## {section}. ")), "{name} cites section {section} of the rules");
            cited.insert(section);
        }
        for (at, found) in flowing.match_indices("(contract, ") {
            let heading = words(&flowing[at + found.len()..]).next().unwrap_or_default();
            let there = heading.is_empty() || contract.contains(&format!("\n## {heading}\n"));
            assert!(there, "{name} cites \"{heading}\" of the contract");
        }
    }
    assert_eq!(cited, (1..=7).collect(), "each section has its tests");
}

/// Returns the texts between backticks, without code blocks.
fn quoted(text: &str) -> Vec<&str> {
    let prose = text.split("```").step_by(2);
    prose.flat_map(|part| part.split('`').skip(1).step_by(2)).collect()
}

#[test]
fn every_file_that_a_page_names_exists() {
    let texts = texts();
    let there = |path: &str| root().join(path.trim_end_matches('/')).exists();
    let pages = texts.iter().filter(|(name, _)| has(name, "md"));
    for (name, text) in pages.filter(|(name, _)| *name != "CHANGELOG.md") {
        let names = quoted(text).into_iter().filter(|it| !it.contains([' ', '…', '<', '{', '*', '=', '\n']));
        for path in names.filter_map(|it| it.split_once('/').map(|(folder, _)| (folder, it))) {
            let ours = !path.0.is_empty() && !BUILT.contains(&path.0) && there(path.0);
            assert!(!ours || there(path.1), "{name} names {}", path.1);
        }
        let files = quoted(text).into_iter().filter(|it| has(it, "rs") && !it.contains('/'));
        for file in files {
            assert!(texts.keys().any(|known| known.ends_with(&format!("/{file}"))), "{name} names {file}");
        }
    }
}

/// Returns the anchor that GitHub gives a heading.
fn anchor(heading: &str) -> String {
    let kept = |c: char| c.is_alphanumeric() || c == ' ' || c == '-' || c == '_';
    heading.to_lowercase().chars().filter(|&c| kept(c)).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn every_link_of_a_page_leads_somewhere() {
    for (name, text) in texts().into_iter().filter(|(name, _)| has(name, "md")) {
        let folder = root().join(&name).parent().unwrap().to_owned();
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|target| !target.contains("://")) {
            let (path, heading) = target.split_once('#').unwrap_or((target, ""));
            let file = if path.is_empty() { root().join(&name) } else { folder.join(path) };
            assert!(file.exists(), "{name} leads to {target}");
            if !heading.is_empty() {
                let text = fs::read_to_string(file).unwrap();
                let mut headings = text.lines().filter_map(|line| line.trim_start_matches('#').strip_prefix(' '));
                assert!(headings.any(|it| anchor(it) == heading), "{name} leads to {target}");
            }
        }
    }
}
