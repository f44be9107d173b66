use std::collections::{BTreeMap, BTreeSet};

use domain::Status;

use super::*;

const NOW: &str = "2026-11-24T08:00:00Z";

fn all(patrons: usize, overdue: usize) -> (Date, Vec<Registration>) {
    let county = County::of(patrons, overdue, NOW.parse().unwrap()).unwrap();
    let registrations = (0..patrons).map(|index| county.registration(index).unwrap()).collect();
    (county.today, registrations)
}

#[test]
fn overdue_registrations_are_as_many_and_where_asked_for() {
    let late = |patrons, overdue| {
        let (today, all) = all(patrons, overdue);
        let late: Vec<_> = all.into_iter().filter(|r| r.is_overdue(today)).map(|r| r.library_id).collect();
        assert_eq!(late.len(), overdue, "of {patrons}");
        late
    };
    assert_eq!(late(1_000, 10), late(3_000, 10));
    assert_eq!(late(500, 60).into_iter().collect::<BTreeSet<_>>().len(), FORGETFUL);
    late(500, 0);
}

#[test]
fn a_fifth_goes_to_the_town_and_the_rest_everywhere() {
    let (_, all) = all(3_000, 10);
    let mut libraries: BTreeMap<&str, usize> = BTreeMap::new();
    for registration in &all {
        *libraries.entry(registration.library_id.as_str()).or_default() += 1;
    }
    assert!((600..650).contains(&libraries[TOWN]), "{}", libraries[TOWN]);
    assert!(libraries.len() > 225, "{}", libraries.len());
}

#[test]
fn addresses_cards_and_ids_are_unique_and_nothing_is_outlived() {
    let (today, all) = all(3_000, 10);
    let emails: BTreeSet<_> = all.iter().map(|r| &r.person.email).collect();
    let ids: BTreeSet<_> = all.iter().map(|r| &r.id).collect();
    assert_eq!((emails.len(), ids.len()), (3_000, 3_000));
    let cards: Vec<_> = all.iter().filter_map(|r| r.person.card_number.as_ref()).collect();
    assert_eq!(cards.iter().collect::<BTreeSet<_>>().len(), cards.len());
    assert!(all.iter().all(|r| !r.is_outlived(today)));
}

#[test]
fn every_status_has_a_realistic_share() {
    let (today, all) = all(3_000, 10);
    let share = |status| 100 * all.iter().filter(|r| r.status(today) == status).count() / all.len();
    assert!((1..=3).contains(&share(Status::Pending)));
    assert!((50..90).contains(&share(Status::Active)) && (10..40).contains(&share(Status::Expired)));
    let letters: BTreeSet<_> = all.iter().map(|r| domain::collation::fold(r.person.last_name.as_str())).collect();
    let letters: BTreeSet<_> = letters.iter().filter_map(|name| name.chars().next()).collect();
    assert!(letters.len() > 20, "{letters:?}");
}
