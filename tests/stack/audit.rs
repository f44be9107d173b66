//! Known vulnerabilities (requirements S19): who looks for them and when, and how long one may be accepted.

use jiff::{civil::Date, tz::Offset};
use runtime::Clock;

use crate::support::root;

/// Days for which a vulnerability may be accepted.
const AT_MOST: i32 = 90;

fn page(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn table(path: &str) -> toml::Table {
    page(path).parse().unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Returns the accepted vulnerabilities of npm and Python packages, each as `id`, `day: reason`.
fn of_packages(advisories: &toml::Table) -> Vec<(String, String)> {
    let entries = advisories["accepted"].as_array().expect("a list");
    let text = |entry: &toml::Value, name: &str| entry.get(name).map(|it| it.to_string().replace('"', ""));
    let said = |entry: &toml::Value| {
        let (since, reason) = (text(entry, "since").unwrap_or_default(), text(entry, "reason").unwrap_or_default());
        (text(entry, "id").expect("an id"), format!("{since}: {reason}"))
    };
    entries.iter().map(said).collect()
}

/// Returns the accepted vulnerabilities of crates. Their reason begins with the day.
fn of_crates(deny: &toml::Table) -> Vec<(String, String)> {
    let entries = deny["advisories"]["ignore"].as_array().expect("a list");
    let said = |entry: &toml::Value| match entry.get("id") {
        Some(id) => (id.to_string(), entry["reason"].as_str().unwrap_or_default().to_owned()),
        None => (entry.to_string(), String::new()),
    };
    entries.iter().map(said).collect()
}

/// Returns what is wrong with an accepted vulnerability, of which `day: reason` is said.
fn fault(said: &str, today: Date) -> Option<&'static str> {
    let Some((since, reason)) = said.split_once(": ") else { return Some("has no day and reason") };
    let Ok(since) = since.parse::<Date>() else { return Some("has no day") };
    let days = since.until(today).map_or(i32::MAX, |span| span.get_days());
    match days {
        _ if reason.trim().is_empty() => Some("has no reason"),
        ..0 => Some("is accepted in advance"),
        0..=AT_MOST => None,
        _ => Some("has been accepted for too long: update the package, or look at it again"),
    }
}

#[test]
fn s19_accepted_vulnerabilities_are_dated_and_recent() {
    let today = Offset::UTC.to_datetime(Clock::System.now()).date();
    let said = [of_packages(&table(".ci/advisories.toml")), of_crates(&table("deny.toml"))].concat();
    for (id, said) in said {
        assert_eq!(fault(&said, today), None, "{id}");
    }
}

#[test]
fn s19_an_acceptance_ends_after_90_days() {
    let accepted = "accepted = [{ id = 'GHSA-1', since = 2026-08-30, reason = 'not reached' }, { id = 'GHSA-2' }]";
    let ignored = "advisories.ignore = ['RUSTSEC-1', { id = 'RUSTSEC-2', reason = 'soon' }, { id = 'RUSTSEC-3', \
                   reason = '2026-08-30: not reached' }]";
    let said = [of_packages(&accepted.parse().unwrap()), of_crates(&ignored.parse().unwrap())].concat();
    let faulty = |today: &str| {
        let today = today.parse().unwrap();
        said.iter().map(|(_, said)| fault(said, today).is_some()).collect::<Vec<_>>()
    };
    assert_eq!(faulty("2026-11-28"), [false, true, true, true, false]);
    assert_eq!(faulty("2026-11-29"), [true; 5]);
    assert_eq!(faulty("2026-08-29"), [true; 5]);
}

#[test]
fn s19_each_week_and_each_pull_request_is_audited() {
    let workflow = page(".github/workflows/audit.yml");
    for line in ["\n  schedule:\n", " * * 1\"\n", "\n  pull_request:\n", "\n      - run: make audit\n"] {
        assert!(workflow.contains(line), "{line}");
    }
    assert!(!page(".ci/run").contains("audit"), "the databases are out of reach there");
}
