//! What a caller may do, day by day, as the procedure says it.

use jiff::civil::Date;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::registration::rules::{active, county, day, librarian, pending};

fn shown(registration: &Registration, by: &Account, today: &str) -> Value {
    serde_json::to_value(registration.actions(by, day(today))).unwrap()
}

fn activation(registration: &Registration, by: &Account, today: &str) -> Value {
    shown(registration, by, today)["activation"].clone()
}

fn renewal(registration: &Registration, today: &str) -> Value {
    shown(registration, &librarian(), today)["renewal"].clone()
}

fn refused(reason: &str) -> Value {
    json!({ "allowed": false, "reason": reason })
}

#[test]
fn section_2_a_library_activates_until_the_last_day_with_access() {
    let allowed = json!({ "allowed": true, "accessUntil": "2027-11-23" });
    assert_eq!(activation(&pending(), &librarian(), "2026-11-24"), allowed, "on the day of registration");
    assert_eq!(activation(&pending(), &librarian(), "2027-11-23"), allowed, "on the last day");
    assert_eq!(activation(&pending(), &librarian(), "2027-11-24"), refused("past-expiry"));
}

#[test]
fn section_2_an_active_registration_is_not_activated_again() {
    for by in [librarian(), county()] {
        assert_eq!(activation(&active(), &by, "2026-11-26"), refused("already-active"));
        assert_eq!(activation(&active(), &by, "2027-11-24"), refused("past-expiry"), "expiry is decided first");
    }
}

#[test]
fn section_3_renewal_is_possible_from_30_days_before_the_end() {
    let early = json!({ "allowed": false, "reason": "renewal-too-early", "possibleFrom": "2027-10-25" });
    assert_eq!(renewal(&active(), "2027-10-24"), early);
    let in_time = json!({ "allowed": true, "expiresOn": "2028-11-23", "activates": false });
    assert_eq!(renewal(&active(), "2027-10-25"), in_time);
    let late = json!({ "allowed": true, "expiresOn": "2029-01-09", "activates": false });
    assert_eq!(renewal(&active(), "2028-01-10"), late, "counted from today");
}

#[test]
fn section_3_renewing_a_pending_registration_activates_it() {
    let allowed = json!({ "allowed": true, "expiresOn": "2028-11-23", "activates": true });
    assert_eq!(renewal(&pending(), "2027-11-01"), allowed);
    assert_eq!(renewal(&pending(), "2027-11-24"), allowed, "on the first day without access");
}

#[test]
fn section_4_the_county_waits_for_7_days_and_for_the_warning() {
    let early = json!({ "allowed": false, "reason": "county-too-early", "possibleFrom": "2026-12-02" });
    assert_eq!(activation(&pending(), &county(), "2026-12-01"), early);
    assert_eq!(activation(&pending(), &county(), "2026-12-02"), refused("library-not-warned"));
    let warned = pending().warned(day("2026-12-02"));
    assert_eq!(activation(&warned, &county(), "2026-12-02"), refused("library-not-warned"), "warned only today");
    let allowed = json!({ "allowed": true, "accessUntil": "2027-11-23" });
    assert_eq!(activation(&warned, &county(), "2026-12-03"), allowed);
}

#[test]
fn section_4_the_county_s_digest_stands_for_a_warning() {
    let unreachable = pending().escalated(day("2026-12-02"));
    assert_eq!(activation(&unreachable, &county(), "2026-12-02")["allowed"], true);
}

#[test]
fn section_4_past_expiry_comes_before_the_county_s_conditions() {
    assert_eq!(activation(&pending(), &county(), "2027-11-24"), refused("past-expiry"));
}

#[test]
fn section_4_only_a_pending_registration_has_a_county_date() {
    for by in [librarian(), county()] {
        assert_eq!(shown(&pending(), &by, "2026-11-24")["countyFrom"], "2026-12-02");
        assert_eq!(shown(&pending(), &by, "2027-11-24")["countyFrom"], "2026-12-02", "also long after");
        assert_eq!(shown(&active(), &by, "2026-11-26").get("countyFrom"), None);
    }
}

/// A registration of 24 November 2026 in any state, and a day on which somebody looks at it.
fn any_case() -> impl Strategy<Value = (Registration, bool, Date)> {
    let state = (any::<bool>(), proptest::option::of(0..20), proptest::option::of(0..20));
    (state, any::<bool>(), 0..800).prop_map(|((activated, warned, escalated), county, today)| {
        let after = |days: i32| plus_days(day("2026-11-24"), days);
        let record = if activated { active() } else { pending() };
        let record = Registration { warned_on: warned.map(after), escalated_on: escalated.map(after), ..record };
        (record, county, after(today))
    })
}

proptest! {
    #[test]
    fn an_allowed_call_succeeds_and_a_refused_one_says_why((record, is_county, today) in any_case()) {
        let by = if is_county { county() } else { librarian() };
        let Actions { activation, renewal, .. } = record.actions(&by, today);
        match (activation, record.activate(&by, today)) {
            (Activation::Allowed { access_until }, Ok(Some(after))) => {
                prop_assert!(!after.access(access_until).is_empty());
                prop_assert!(after.access(plus_days(access_until, 1)).is_empty());
            }
            (Activation::AlreadyActive, Ok(None)) => {}
            (Activation::Refused(reason), Err(refusal)) => prop_assert_eq!(reason, refusal),
            (action, outcome) => prop_assert!(false, "{action:?}, but {outcome:?}"),
        }
        match (renewal, record.renew(&by, today)) {
            (Renewal::Allowed { expires_on, activates }, Ok(after)) => {
                prop_assert_eq!(expires_on, after.expires_on);
                prop_assert_eq!(activates, record.activated_on != after.activated_on);
            }
            (Renewal::Refused(reason), Err(refusal)) => prop_assert_eq!(reason, refusal),
            (action, outcome) => prop_assert!(false, "{action:?}, but {outcome:?}"),
        }
    }
}
