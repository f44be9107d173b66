//! RE8: a whole county, of 4,000 patrons in `make test` and of 100,000 in `make soak`. The list is complete, the daily
//! job finds exactly the overdue registrations, the counts of a library are right, and the workbook contains every
//! patron.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

use domain::{Registration, Status, collation};

use crate::{
    figures::growth::Grown,
    support::{
        FLEURY, Session, soak,
        workbook::{followed, open},
    },
};

/// The largest county, for `make soak`. Its workbook is too large for an HTTP answer.
const LARGEST: Size = Size { patrons: 100_000, overdue: 1_000 };
/// Enough for several pages of each letter, and for an overdue list of several pages.
const USUAL: Size = Size { patrons: 4_000, overdue: 250 };
const PAGE: usize = 50;

struct Size {
    patrons: usize,
    overdue: usize,
}

/// The expected contents of lists, counts and workbook.
#[derive(Default)]
struct Expected {
    /// The ids of all registrations, by their sort key in the list.
    by_name: BTreeMap<String, String>,
    overdue: BTreeSet<String>,
    /// The counts of Fleury's library, by status.
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
    assert_eq!(last.column("id").iter().collect::<Vec<_>>(), ids[ids.len() - PAGE..]);
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

/// Checks that the workbook has everybody in the list's order. A workbook too large for an answer is `elsewhere`,
/// behind a link. Returns its size in bytes.
async fn the_export_has_everybody(grown: &Grown, expected: &Expected, elsewhere: bool) -> usize {
    let file = if elsewhere {
        let answer = grown.exported(&grown.county).await;
        assert_eq!(answer.status(), 303);
        let (status, file) = followed(answer.headers()["location"].to_str().unwrap()).await;
        assert_eq!(status, 200);
        file
    } else {
        grown.desk.get("/registrations.xlsx", &grown.county).await.expect(200)
    };
    let sheet = open(&file);
    let column = |heading| sheet.rows().next().unwrap().iter().position(|cell| cell == heading).unwrap();
    let (last, first) = (column("Nom"), column("Prénom"));
    let names = sheet.rows().skip(1).map(|row| collation::name_key(&row[last].to_string(), &row[first].to_string()));
    let places = expected.by_name.keys();
    assert!(names.zip(places).all(|(name, place)| place.starts_with(&name)), "each in the order of the list");
    assert_eq!(sheet.height() - 1, expected.by_name.len());
    file.body.len()
}

/// Returns the ids that `overdue=true` lists, and whether every one of them was warned or escalated.
async fn listed_as_overdue(grown: &Grown, by: &Session) -> (BTreeSet<String>, bool) {
    let (mut ids, mut all_notified, mut path) =
        (BTreeSet::new(), true, "/registrations?overdue=true&limit=100".to_owned());
    loop {
        let page = grown.desk.get(&path, by).await.expect(200);
        ids.extend(page.column("id"));
        let notified = |(warned, escalated): (String, String)| !warned.is_empty() || !escalated.is_empty();
        all_notified &= page.column("warnedOn").into_iter().zip(page.column("escalatedOn")).all(notified);
        let Some(cursor) = page.json()["next"].as_str().map(str::to_owned) else { return (ids, all_notified) };
        path = format!("/registrations?overdue=true&limit=100&cursor={cursor}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn re8_a_county_is_listed_exported_and_swept() {
    let (began, mut expected) = (Instant::now(), Expected::default());
    let size = if soak().is_some() { LARGEST } else { USUAL };
    let grown = Grown::open_seeing(size.patrons, size.overdue, |registration| expected.note(registration)).await;
    let seeded = began.elapsed();
    assert_eq!((expected.by_name.len(), expected.overdue.len()), (size.patrons, size.overdue));
    the_list_begins_and_ends_as_it_should(&grown, &expected).await;
    the_counts_are_a_library_s(&grown, &expected).await;
    let bytes = the_export_has_everybody(&grown, &expected, soak().is_some()).await;
    let report = grown.desk.escalate().await;
    let marked = report["warned"].as_u64().unwrap() + report["escalated"].as_u64().unwrap();
    assert_eq!(usize::try_from(marked).unwrap(), size.overdue);
    assert_eq!(listed_as_overdue(&grown, &grown.county).await, (expected.overdue, true));
    let again = grown.desk.escalate().await;
    assert_eq!((&again["warned"], &again["escalated"]), (&0.into(), &0.into()), "run twice");
    println!(
        "RE8: {} patrons, in place after {seeded:.1?}, a file of {bytes} bytes, all after {:.1?}",
        size.patrons,
        began.elapsed(),
    );
}
