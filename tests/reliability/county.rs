//! RE8: a county of 100,000 patrons. The list goes from its first to its last, the daily job finds who is overdue and
//! nobody else, a library's counts are right, and the Excel file, too large for an answer, has everybody in it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

use domain::{Registration, Status, collation};

use crate::{
    figures::growth::Grown,
    support::{
        FLEURY, Session,
        workbook::{followed, open},
    },
};

const PATRONS: usize = 100_000;
const OVERDUE: usize = 1_000;
const PAGE: usize = 50;

/// What is to be found.
#[derive(Default)]
struct Expected {
    /// All of them, by their place in the list.
    by_name: BTreeMap<String, String>,
    overdue: BTreeSet<String>,
    /// Of Fleury's library.
    counts: BTreeMap<&'static str, usize>,
}

impl Expected {
    fn note(&mut self, registration: &Registration) {
        let (person, id) = (&registration.person, registration.id.to_string());
        let place = store::keys::name_key(person.last_name.as_str(), person.first_name.as_str(), &registration.id);
        let today = "2026-11-24".parse().unwrap();
        if registration.is_overdue(today) {
            self.overdue.insert(id.clone());
        }
        if registration.library_id.as_str() == FLEURY {
            let status = match registration.status(today) {
                Status::Pending => "pending",
                Status::Active => "active",
                Status::Expired => "expired",
            };
            *self.counts.entry(status).or_default() += 1;
        }
        self.by_name.insert(place, id);
    }
}

async fn the_list_begins_and_ends_as_it_should(grown: &Grown, expected: &Expected) {
    let ids: Vec<&String> = expected.by_name.values().collect();
    let first = grown.desk.get("/registrations", &grown.county).await.expect(200);
    assert_eq!(first.column("id").iter().collect::<Vec<_>>(), ids[..PAGE]);
    assert!(first.header("link").contains("rel=\"next\""));
    let path = format!("/registrations?cursor={}", grown.last_of_county().await);
    let last = grown.desk.get(&path, &grown.county).await.expect(200);
    assert_eq!(last.column("id").iter().collect::<Vec<_>>(), ids[PATRONS - PAGE..]);
    assert!(last.json()["next"].is_null() && last.header("link").is_empty());
}

async fn the_counts_are_a_library_s(grown: &Grown, expected: &Expected) {
    let counts = grown.desk.get(&format!("/registrations/counts?libraryId={FLEURY}"), &grown.county).await.expect(200);
    let counts = counts.json();
    let items = counts["items"].as_array().unwrap();
    let found: BTreeMap<&str, usize> = items
        .iter()
        .map(|of| (of["status"].as_str().unwrap(), usize::try_from(of["count"].as_u64().unwrap()).unwrap()))
        .filter(|(_, count)| *count > 0)
        .collect();
    assert_eq!(found, expected.counts);
    assert!(items.iter().all(|of| of["more"] == false));
}

/// A file that no answer can hold: the names in it, in its order.
async fn the_export_is_elsewhere_and_has_everybody(grown: &Grown, expected: &Expected) -> usize {
    let answer = grown.exported(&grown.county).await;
    assert_eq!(answer.status(), 303);
    let (status, file) = followed(answer.headers()["location"].to_str().unwrap()).await;
    assert_eq!(status, 200);
    let sheet = open(&file);
    let column = |heading| sheet.rows().next().unwrap().iter().position(|cell| cell == heading).unwrap();
    let (last, first) = (column("Nom"), column("Prénom"));
    let names = sheet.rows().skip(1).map(|row| collation::name_key(&row[last].to_string(), &row[first].to_string()));
    let places = expected.by_name.keys();
    assert!(names.zip(places).all(|(name, place)| place.starts_with(&name)), "each in the order of the list");
    assert_eq!(sheet.height() - 1, PATRONS);
    file.body.len()
}

/// Everyone whom `overdue=true` lists, and whether each was told of.
async fn listed_as_overdue(grown: &Grown, by: &Session) -> (BTreeSet<String>, bool) {
    let (mut ids, mut told, mut path) = (BTreeSet::new(), true, "/registrations?overdue=true&limit=100".to_owned());
    loop {
        let page = grown.desk.get(&path, by).await.expect(200);
        ids.extend(page.column("id"));
        let told_of = |(warned, escalated): (String, String)| !warned.is_empty() || !escalated.is_empty();
        told &= page.column("warnedOn").into_iter().zip(page.column("escalatedOn")).all(told_of);
        let Some(cursor) = page.json()["next"].as_str().map(str::to_owned) else { return (ids, told) };
        path = format!("/registrations?overdue=true&limit=100&cursor={cursor}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn re8_a_county_of_100000_is_listed_exported_and_swept() {
    let (began, mut expected) = (Instant::now(), Expected::default());
    let grown = Grown::open_seeing(PATRONS, OVERDUE, |registration| expected.note(registration)).await;
    let settled = began.elapsed();
    assert_eq!((expected.by_name.len(), expected.overdue.len()), (PATRONS, OVERDUE));
    the_list_begins_and_ends_as_it_should(&grown, &expected).await;
    the_counts_are_a_library_s(&grown, &expected).await;
    let bytes = the_export_is_elsewhere_and_has_everybody(&grown, &expected).await;
    let report = grown.desk.escalate().await;
    let marked = report["warned"].as_u64().unwrap() + report["escalated"].as_u64().unwrap();
    assert_eq!(usize::try_from(marked).unwrap(), OVERDUE);
    assert_eq!(listed_as_overdue(&grown, &grown.county).await, (expected.overdue, true));
    let again = grown.desk.escalate().await;
    assert_eq!((&again["warned"], &again["escalated"]), (&0.into(), &0.into()), "run twice");
    println!(
        "RE8: {PATRONS} patrons, in place after {settled:.1?}, a file of {bytes} bytes, all after {:.1?}",
        began.elapsed()
    );
}
