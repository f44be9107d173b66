//! Tests of loading the sample county into a local desk's table.

use domain::{Registration, Status, calendar::day_in_paris};
use local::{COUNTY_EMAIL, LocalDesk, Options};
use store::{Raising, StaffChange, Store};

use super::*;

const NOW: &str = "2026-11-24T10:30:00+01:00";

/// Starts an empty local desk; returns it with its store.
async fn desk() -> (LocalDesk, Store) {
    let options = Options { now: Some(NOW.parse().unwrap()), ..Options::default() };
    let desk = LocalDesk::start(options).await.unwrap();
    let store = Store::new(desk.runtime("register").unwrap()).unwrap();
    (desk, store)
}

async fn loaded(store: &Store) -> Vec<SignIn> {
    let county = COUNTY_EMAIL.parse().unwrap();
    load(store, &Hasher::new(), &Ids::counted(), NOW.parse().unwrap(), &county).await.unwrap()
}

fn patrons() -> Vec<Patron> {
    let resources: Vec<_> = resources::all().unwrap().into_iter().map(|resource| resource.id).collect();
    let members = staff::members(&COUNTY_EMAIL.parse().unwrap()).unwrap();
    patrons::all(&libraries::all().unwrap(), &resources, &members, NOW.parse().unwrap()).unwrap()
}

async fn stored(store: &Store) -> Vec<Registration> {
    let ids: Vec<_> = patrons().iter().map(|patron| patron.made.id.clone()).collect();
    let mut found = Vec::new();
    for ids in ids.chunks(100) {
        found.extend(store.registrations_of(ids).await.unwrap().into_iter().map(|found| found.registration));
    }
    found.sort_by(|a, b| a.id.cmp(&b.id));
    found
}

#[tokio::test]
async fn everything_is_loaded_and_no_message_is_queued() {
    let (desk, store) = desk().await;
    let sign_ins = loaded(&store).await;
    let who: Vec<_> = sign_ins.iter().map(|sign_in| sign_in.email.as_str()).collect();
    assert_eq!(
        who[..4],
        [COUNTY_EMAIL, "bib.fleury@oise.example", "bib.clermont@oise.example", "bib.beauvais@oise.example"]
    );
    assert_eq!(who.len(), 5);
    assert_eq!(store.libraries().await.unwrap().len(), 234);
    assert_eq!(store.resources().await.unwrap().len(), 7);
    assert_eq!(store.staff().await.unwrap().len(), 4);
    let mut expected: Vec<_> = patrons().iter().map(|patron| patron.now().clone()).collect();
    expected.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(stored(&store).await, expected);
    let later = "2027-11-24T00:00:00Z".parse().unwrap();
    assert!(store.due(later, 100).await.unwrap().is_empty());
    desk.stop().await;
}

#[tokio::test]
async fn loading_twice_changes_nothing_and_completes_a_partial_load() {
    let (desk, store) = desk().await;
    let half: Vec<_> = patrons().into_iter().step_by(2).map(|patron| (patron, None)).collect();
    let half: Vec<_> = half.into_iter().map(|(patron, secret)| (Patron { steps: vec![], ..patron }, secret)).collect();
    writing::patrons(&store, &Ids::counted(), half, Progress::of(150)).await.unwrap();
    let first = loaded(&store).await;
    let records = stored(&store).await;
    assert_eq!(records.len(), patrons::PATRONS);
    assert!(records.iter().any(|record| record.status(day_in_paris(NOW.parse().unwrap())) == Status::Active));
    assert_eq!(loaded(&store).await, first);
    assert_eq!(stored(&store).await, records);
    desk.stop().await;
}

#[tokio::test]
async fn a_county_account_with_its_own_password_keeps_it() {
    let (desk, store) = desk().await;
    let members = staff::members(&COUNTY_EMAIL.parse().unwrap()).unwrap();
    let own = writing::credentials(&Hasher::new(), &Ids::System, "Entonnoir+Pivoine-6").unwrap();
    let opening = Raising { generation: "generation", credentials: Some(&own) };
    let added = store.put_staff(None, None, &members[0].member, opening, None).await.unwrap();
    assert_eq!(added, StaffChange::Done(1));
    let sign_ins = loaded(&store).await;
    assert!(sign_ins.iter().all(|sign_in| sign_in.email != COUNTY_EMAIL));
    assert_eq!(sign_ins.len(), 4);
    desk.stop().await;
}

#[test]
fn a_sign_in_is_displayed_in_aligned_columns() {
    let sign_in = sign_in("county", &COUNTY_EMAIL.parse().unwrap(), "Girafe-Violon-42");
    assert_eq!(
        sign_in.to_string(),
        "county                          mdo@oise.example                    Girafe-Violon-42"
    );
}
