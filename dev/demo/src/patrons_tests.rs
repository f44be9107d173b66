//! Tests that the demonstration contains every case that it is meant to show.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Status,
    password::{Known, Password},
    registration::Duty,
};

use super::*;
use crate::{libraries, resources};

const NOW: &str = "2026-11-24T10:30:00+01:00";

fn members() -> Vec<DemoMember> {
    staff::members(&"mdo@oise.example".parse().unwrap()).unwrap()
}

fn patrons_at(now: &str) -> Vec<Patron> {
    let resources: Vec<_> = resources::all().unwrap().into_iter().map(|resource| resource.id).collect();
    all(&libraries::all().unwrap(), &resources, &members(), now.parse().unwrap()).unwrap()
}

fn patrons() -> Vec<Patron> {
    patrons_at(NOW)
}

fn today() -> Date {
    day_in_paris(NOW.parse().unwrap())
}

#[test]
fn patrons_are_the_same_at_each_run_and_on_any_day() {
    let records = |patrons: Vec<Patron>| patrons.iter().map(|patron| patron.now().clone()).collect::<Vec<_>>();
    assert_eq!(records(patrons()), records(patrons()));
    let names = |patrons: Vec<Patron>| -> Vec<_> {
        let made = patrons.into_iter().map(|patron| patron.made);
        made.map(|made| (made.id, made.person.email, made.library_id)).collect()
    };
    assert_eq!(names(patrons()), names(patrons_at("2028-02-29T00:10:00+01:00")));
}

#[test]
fn ids_and_emails_are_unique() {
    let patrons = patrons();
    let ids: BTreeSet<_> = patrons.iter().map(|patron| &patron.made.id).collect();
    let emails: BTreeSet<_> = patrons.iter().map(|patron| &patron.made.person.email).collect();
    assert_eq!((patrons.len(), ids.len(), emails.len()), (PATRONS, PATRONS, PATRONS));
    assert!(members().iter().all(|member| !emails.contains(&member.member.email)));
}

#[test]
fn every_story_ends_in_its_expected_state() {
    let today = today();
    let mut seen = BTreeMap::new();
    for (index, patron) in patrons().iter().enumerate() {
        let (story, now) = (Story::of(index), patron.now());
        *seen.entry(story).or_insert(0) += 1;
        let status = match story {
            Story::Fresh | Story::Overdue | Story::Warned | Story::Escalated | Story::Lapsed => Status::Pending,
            Story::Active | Story::Unblocked | Story::Expiring | Story::Renewed => Status::Active,
            Story::Expired | Story::ExpiredAgain => Status::Expired,
        };
        assert_eq!(now.status(today), status, "{story:?}");
        assert_eq!(now.is_overdue(today), status == Status::Pending && story != Story::Fresh, "{story:?}");
        let renewable = now.renew(&members()[0].account(), today).is_ok();
        let over = matches!(story, Story::Lapsed | Story::Expiring | Story::Expired | Story::ExpiredAgain);
        assert_eq!(renewable, over, "{story:?}");
        let renewed = matches!(story, Story::Renewed | Story::ExpiredAgain);
        assert_eq!(now.renewed_on.is_some(), renewed, "{story:?}");
    }
    assert_eq!(seen.len(), 11, "{seen:?}");
    assert!(seen.values().all(|&count| count >= 5), "{seen:?}");
}

#[test]
fn the_daily_job_has_work_for_overdue_patrons_alone() {
    let listed = libraries::all().unwrap().into_iter().map(|listed| listed.library);
    let without: BTreeSet<_> = listed.filter(|library| library.email.is_none()).map(|library| library.id).collect();
    let mut duties = BTreeMap::new();
    for (index, patron) in patrons().iter().enumerate() {
        let (story, now) = (Story::of(index), patron.now());
        let reachable = !without.contains(&now.library_id);
        assert!(reachable || now.warned_on.is_none(), "{} has no address to warn", now.library_id);
        let duty = now.duty(today(), 2, reachable);
        let expected = match story {
            Story::Overdue if reachable => Duty::WarnLibrary,
            Story::Overdue => Duty::EscalateToCounty,
            _ => Duty::Nothing,
        };
        assert_eq!(duty, expected, "{story:?}");
        *duties.entry(format!("{duty:?}")).or_insert(0) += 1;
    }
    assert_eq!(duties.len(), 3, "a library without an address has an overdue patron: {duties:?}");
}

#[test]
fn history_is_chronological_from_the_registration_day() {
    for (index, patron) in patrons_at("2026-11-24T00:05:00+01:00").iter().enumerate() {
        let at: Vec<Timestamp> =
            [patron.made.created_at].into_iter().chain(patron.steps.iter().map(|step| step.line.at)).collect();
        assert!(at.is_sorted(), "{:?} {at:?}", Story::of(index));
        assert!(at.iter().all(|&at| at <= "2026-11-24T00:05:00+01:00".parse().unwrap()));
        assert_eq!(day_in_paris(patron.made.created_at), patron.made.registered_on);
    }
}

#[test]
fn every_librarian_has_patrons_of_every_status() {
    let patrons = patrons();
    for (member, at_least) in members().iter().filter(|member| !member.member.is_county()).zip([10, 30, 90]) {
        let own = patrons.iter().map(Patron::now).filter(|now| member.account().reaches(&now.library_id));
        let own: Vec<_> = own.map(|now| now.status(today())).collect();
        assert!(own.len() >= at_least, "{}: {}", member.who, own.len());
        for status in [Status::Pending, Status::Active, Status::Expired] {
            assert!(own.contains(&status), "{}: {status:?}", member.who);
        }
    }
    let libraries: BTreeSet<_> = patrons.iter().map(|patron| &patron.made.library_id).collect();
    assert!(libraries.len() > 80, "{}", libraries.len());
}

#[test]
fn patrons_have_one_to_seven_distinct_resources() {
    let counts: BTreeSet<usize> = patrons()
        .iter()
        .map(|patron| {
            let resources = &patron.made.resources;
            assert_eq!(resources.iter().collect::<BTreeSet<_>>().len(), resources.len());
            resources.len()
        })
        .collect();
    assert_eq!(counts.into_iter().collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn the_patron_who_signs_in_is_active_and_has_a_good_password() {
    let patron = patrons().remove(WITH_PASSWORD);
    assert_eq!(Story::of(WITH_PASSWORD), Story::Active);
    assert_eq!(patron.made.library_id.as_str(), TOWN);
    let libraries = libraries::all().unwrap();
    let library = libraries.iter().map(|listed| &listed.library).find(|one| one.id == patron.made.library_id);
    let mut known = Known::default();
    known.add_person(&patron.made.person);
    known.add_library(library.unwrap());
    assert!(Password::chosen(staff::PATRON_PASSWORD, &known).is_ok());
}
