//! Tests of the rules (docs/rules.md), section by section.

use proptest::prelude::*;

use super::*;
use crate::{Staff, StaffRole, calendar::RENEWAL_WINDOW_DAYS, person::tests::camille};

const GRACE_DAYS: i32 = 2;

pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn staff(role: StaffRole) -> Account {
    let library_ids = vec!["LI10511".parse().unwrap()];
    let staff = Staff { role, display_name: "Marie".into(), library_ids };
    Account::of_staff("marie@fleury.example".parse().unwrap(), staff)
}

pub(crate) fn librarian() -> Account {
    staff(StaffRole::Librarian)
}

pub(crate) fn county() -> Account {
    staff(StaffRole::County)
}

fn registered_on(date: Date) -> Registration {
    Registration::new(
        "0123456789abcdef01234567".parse().unwrap(),
        "LI10511".parse().unwrap(),
        camille(),
        vec!["musicme".parse().unwrap()],
        "marie@fleury.example".parse().unwrap(),
        Timestamp::UNIX_EPOCH,
        date,
    )
}

pub(crate) fn pending() -> Registration {
    registered_on(day("2026-11-24"))
}

pub(crate) fn active() -> Registration {
    pending().activate(&librarian(), day("2026-11-25")).unwrap().unwrap()
}

#[test]
fn section_1_a_new_registration_is_pending_and_opens_nothing() {
    assert_eq!(pending().status(day("2026-11-24")), Status::Pending);
    assert!(pending().access(day("2026-11-24")).is_empty());
}

#[test]
fn section_2_activation_opens_access_at_once() {
    let active = active();
    assert_eq!(active.status(day("2026-11-25")), Status::Active);
    assert_eq!(active.access(day("2026-11-25")), active.resources);
    assert_eq!(active.activated_by, Some(librarian().email));
}

#[test]
fn section_2_validity_is_365_days_from_registration() {
    assert_eq!(active().expires_on, day("2027-11-24"));
    assert_eq!(active().status(day("2027-11-23")), Status::Active);
    assert_eq!(active().status(day("2027-11-24")), Status::Expired, "expiresOn is the first day without access");
    assert!(active().access(day("2027-11-24")).is_empty());
}

#[test]
fn section_2_activating_twice_changes_nothing() {
    assert_eq!(active().activate(&librarian(), day("2026-12-24")).unwrap(), None);
}

#[test]
fn section_2_past_its_expiry_it_is_renewed_not_activated() {
    assert!(pending().activate(&librarian(), day("2027-11-23")).unwrap().is_some());
    assert_eq!(pending().activate(&librarian(), day("2027-11-24")), Err(Refusal::PastExpiry));
    assert_eq!(active().activate(&librarian(), day("2027-11-24")), Err(Refusal::PastExpiry));
    let renewed = pending().renew(&librarian(), day("2027-11-24")).unwrap();
    assert_eq!(renewed.status(day("2027-11-24")), Status::Active);
    assert_eq!(renewed.activated_by, Some(librarian().email));
}

#[test]
fn section_3_renewal_opens_30_days_before_the_end() {
    let possible_from = day("2027-10-25");
    assert_eq!(active().renew(&librarian(), day("2027-10-24")), Err(Refusal::RenewalTooEarly { possible_from }));
    assert!(active().renew(&librarian(), possible_from).is_ok());
}

#[test]
fn section_3_a_renewal_starts_at_the_later_of_today_and_the_end() {
    let early = active().renew(&librarian(), day("2027-11-01")).unwrap();
    assert_eq!(early.expires_on, day("2028-11-23"));
    assert_eq!(early.renewed_on, Some(day("2027-11-01")));
    let late = active().renew(&librarian(), day("2028-01-10")).unwrap();
    assert_eq!(late.expires_on, day("2029-01-09"));
    assert_eq!(late.status(day("2028-01-10")), Status::Active);
}

#[test]
fn section_4_overdue_means_pending_for_more_than_7_days() {
    assert!(!pending().is_overdue(day("2026-12-01")));
    assert!(pending().is_overdue(day("2026-12-02")));
    assert!(!active().is_overdue(day("2026-12-02")));
}

#[test]
fn section_4_library_is_warned_first_county_after_the_grace() {
    let duty = |registration: &Registration, date| registration.duty(day(date), GRACE_DAYS, true);
    assert_eq!(duty(&pending(), "2026-12-01"), Duty::Nothing);
    assert_eq!(duty(&pending(), "2026-12-02"), Duty::WarnLibrary);
    let warned = pending().warned(day("2026-12-02"));
    assert_eq!(duty(&warned, "2026-12-02"), Duty::Nothing, "run twice, warned once");
    assert_eq!(duty(&warned, "2026-12-03"), Duty::Nothing);
    assert_eq!(duty(&warned, "2026-12-04"), Duty::EscalateToCounty);
    let escalated = warned.escalated(day("2026-12-04"));
    assert_eq!(duty(&escalated, "2026-12-05"), Duty::Nothing);
}

#[test]
fn section_4_a_job_that_runs_late_warns_before_it_escalates() {
    assert_eq!(pending().duty(day("2027-01-15"), GRACE_DAYS, true), Duty::WarnLibrary);
}

#[test]
fn section_4_an_activated_registration_is_left_out() {
    assert_eq!(active().duty(day("2026-12-24"), GRACE_DAYS, true), Duty::Nothing);
}

#[test]
fn section_4_without_a_library_address_the_county_is_warned() {
    assert_eq!(pending().duty(day("2026-12-02"), GRACE_DAYS, false), Duty::EscalateToCounty);
    let escalated = pending().escalated(day("2026-12-02"));
    assert!(escalated.activate(&county(), day("2026-12-02")).unwrap().is_some());
}

#[test]
fn section_4_county_waits_7_days_and_for_an_earlier_warning() {
    let too_early = Refusal::CountyTooEarly { possible_from: day("2026-12-02") };
    assert_eq!(pending().activate(&county(), day("2026-12-01")), Err(too_early));
    assert_eq!(pending().activate(&county(), day("2026-12-02")), Err(Refusal::LibraryNotWarned));
    let warned = pending().warned(day("2026-12-02"));
    assert_eq!(warned.activate(&county(), day("2026-12-02")), Err(Refusal::LibraryNotWarned), "warned only today");
    assert!(warned.activate(&county(), day("2026-12-03")).unwrap().is_some());
}

#[test]
fn section_4_the_library_may_activate_at_any_time() {
    assert!(pending().activate(&librarian(), day("2026-11-24")).unwrap().is_some());
    assert!(pending().warned(day("2026-12-02")).activate(&librarian(), day("2026-12-02")).unwrap().is_some());
}

#[test]
fn moving_to_another_library_clears_the_warning() {
    let warned = pending().warned(day("2026-12-02"));
    let stays = warned.change(camille(), vec![], "LI10511".parse().unwrap());
    assert_eq!(stays.warned_on, warned.warned_on);
    let moved = warned.change(camille(), vec![], "LI2575".parse().unwrap());
    assert_eq!(moved.warned_on, None);
    assert_eq!(moved.activate(&county(), day("2026-12-03")), Err(Refusal::LibraryNotWarned));
}

#[test]
fn section_2_a_status_parses_in_english_and_shows_in_french() {
    for (status, name, shown) in [
        (Status::Pending, "pending", "En attente"),
        (Status::Active, "active", "Validé"),
        (Status::Expired, "expired", "Expiré"),
    ] {
        assert_eq!((name.parse(), status.french()), (Ok(status), shown));
    }
    assert_eq!("Validé".parse::<Status>().unwrap_err().code, "unknown-status");
}

#[test]
fn section_2_the_record_has_a_status_on_an_earlier_day() {
    assert_eq!(active().status_on(day("2026-11-24")), Status::Pending);
    assert_eq!(active().status_on(day("2026-11-25")), Status::Active, "from the day of its activation");
    assert_eq!(active().status_on(day("2027-11-24")), Status::Expired);
    assert_eq!(pending().status_on(day("2027-11-24")), Status::Pending);
}

#[test]
fn a_correction_changes_person_resources_and_library_only() {
    let before = pending().warned(day("2026-12-02")).escalated(day("2026-12-04"));
    let mut person = camille();
    person.last_name = "Autre".parse().unwrap();
    let resources = vec!["skilleos".parse().unwrap()];
    let stays = before.change(person.clone(), resources.clone(), before.library_id.clone());
    assert_eq!(stays, Registration { person: person.clone(), resources: resources.clone(), ..before.clone() });
    let library_id: LibraryId = "LI2575".parse().unwrap();
    let moved = before.change(person.clone(), resources.clone(), library_id.clone());
    let unwarned = Registration { person, resources, library_id, warned_on: None, escalated_on: None, ..before };
    assert_eq!(moved, unwarned, "the new library is warned again");
}

#[test]
fn re4_only_a_different_address_clears_the_bounce_mark() {
    let bounced = Registration { mail_state: Some(AddressState::Bounced), ..pending() };
    let corrected = bounced.change(camille(), vec![], "LI2575".parse().unwrap());
    assert_eq!(corrected.mail_state, Some(AddressState::Bounced));
    let elsewhere = Person { email: "autre@orange.example".parse().unwrap(), ..camille() };
    assert_eq!(bounced.change(elsewhere, vec![], "LI10511".parse().unwrap()).mail_state, None);
}

proptest! {
    #[test]
    fn sections_2_and_3_statuses_move_only_as_the_rules_say(
        steps in proptest::collection::vec((0_i32..400, 0_u8..4), 1..40),
    ) {
        let mut today = day("2026-11-24");
        let mut record = registered_on(today);
        for (days, step) in steps {
            today = plus_days(today, days);
            let before = record.status(today);
            let next = match step {
                0 => record.activate(&librarian(), today).ok().flatten(),
                1 => record.activate(&county(), today).ok().flatten(),
                2 => record.renew(&librarian(), today).ok(),
                _ => match record.duty(today, GRACE_DAYS, true) {
                    Duty::WarnLibrary => Some(record.warned(today)),
                    Duty::EscalateToCounty => Some(record.escalated(today)),
                    Duty::Nothing => None,
                },
            };
            let Some(next) = next else { continue };
            let after = next.status(today);
            match step {
                0 | 1 => prop_assert_eq!((before, after), (Status::Pending, Status::Active)),
                2 => {
                    prop_assert_eq!(after, Status::Active);
                    prop_assert!(next.expires_on >= plus_days(today, VALIDITY_DAYS));
                    prop_assert!(next.expires_on <= plus_days(today, VALIDITY_DAYS + RENEWAL_WINDOW_DAYS));
                }
                _ => prop_assert_eq!((before, after), (Status::Pending, Status::Pending)),
            }
            prop_assert!(next.escalated_on.is_none() || next.warned_on < next.escalated_on);
            record = next;
        }
    }
}

#[test]
fn gd3_a_registration_is_outlived_a_year_after_its_end() {
    let registration = pending();
    assert_eq!(registration.expires_on, day("2027-11-24"));
    assert!(!registration.is_outlived(day("2028-11-22")));
    assert!(registration.is_outlived(day("2028-11-23")), "365 days on, 29 February among them");
    assert!(!registration.renew(&librarian(), day("2028-11-22")).unwrap().is_outlived(day("2028-11-23")));
}
