//! RE9: days are those of Europe/Paris, in every season, at every hour, and when the clock is set back.

use domain::StaffRole;
use serde_json::{Value, json};

use super::audit::audit;
use crate::support::{Desk, FLEURY, Session, Wire, camille, hands::escalate_on};

/// Opens a desk whose clock stands at an instant.
async fn desk_at(instant: &str) -> (Desk, Session) {
    let desk = Desk::open_on(&Wire::without_deliver()).await;
    desk.set_clock(instant).await;
    desk.seed_directory().await;
    let marie = desk.seed_staff("marie@fleury.example", StaffRole::Librarian, &[FLEURY]).await;
    (desk, marie)
}

async fn warned(desk: &Desk, at: &str) -> usize {
    desk.set_clock(at).await;
    escalate_on(desk, |aws| aws).run().await.unwrap().warned
}

async fn registered(desk: &Desk, by: &Session) -> Value {
    desk.post("/registrations", by, &camille()).await.expect(201).json()
}

#[tokio::test]
async fn re9_365_days_from_the_day_in_paris_across_leap_years() {
    for (instant, registered_on, expires_on) in [
        ("2027-03-01T10:00:00+01:00", "2027-03-01", "2028-02-29"),
        ("2028-02-29T10:00:00+01:00", "2028-02-29", "2029-02-28"),
        ("2027-12-31T10:00:00+01:00", "2027-12-31", "2028-12-30"),
        ("2028-02-28T10:00:00+01:00", "2028-02-28", "2029-02-27"),
        ("2027-02-28T10:00:00+01:00", "2027-02-28", "2028-02-28"),
        // 30 June in UTC.
        ("2026-07-01T00:30:00+02:00", "2026-07-01", "2027-07-01"),
        ("2026-06-30T23:59:59+02:00", "2026-06-30", "2027-06-30"),
        // 31 December in UTC.
        ("2027-01-01T00:30:00+01:00", "2027-01-01", "2028-01-01"),
    ] {
        let (desk, marie) = desk_at(instant).await;
        let made = registered(&desk, &marie).await;
        assert_eq!(
            (&made["registeredOn"], &made["expiresOn"]),
            (&json!(registered_on), &json!(expires_on)),
            "{instant}"
        );
    }
}

#[tokio::test]
async fn re9_the_7_days_are_calendar_days_across_a_change_of_clocks() {
    for (instant, seventh_day, eighth_day) in [
        ("2026-03-28T23:30:00+01:00", "2026-04-04", "2026-04-05"),
        ("2026-10-25T00:30:00+02:00", "2026-11-01", "2026-11-02"),
        ("2026-07-01T00:30:00+02:00", "2026-07-08", "2026-07-09"),
        ("2028-02-22T10:00:00+01:00", "2028-02-29", "2028-03-01"),
    ] {
        let (desk, marie) = desk_at(instant).await;
        registered(&desk, &marie).await;
        // The last second of the seventh day, in winter or summer time.
        let offset =
            if seventh_day.starts_with("2026-04") || seventh_day.starts_with("2026-07") { "+02:00" } else { "+01:00" };
        assert_eq!(warned(&desk, &format!("{seventh_day}T23:59:59{offset}")).await, 0, "{instant}");
        assert_eq!(warned(&desk, &format!("{eighth_day}T00:00:00{offset}")).await, 1, "{instant}");
    }
}

#[tokio::test]
async fn re9_access_ends_at_midnight_in_paris() {
    for (registered_at, last_second, midnight) in [
        ("2026-07-01T12:00:00+02:00", "2027-06-30T23:59:59+02:00", "2027-07-01T00:00:00+02:00"),
        ("2026-12-01T12:00:00+01:00", "2027-11-30T23:59:59+01:00", "2027-12-01T00:00:00+01:00"),
    ] {
        let (desk, marie) = desk_at(registered_at).await;
        let made = registered(&desk, &marie).await;
        desk.act(&format!("/registrations/{}/activation", made["id"].as_str().unwrap()), &marie).await.expect(200);
        for (instant, access) in [(last_second, json!(["musicme", "skilleos"])), (midnight, json!([]))] {
            desk.set_clock(instant).await;
            let patron = desk.seed_session(made["email"].as_str().unwrap()).await;
            assert_eq!(desk.get("/me", &patron).await.expect(200).json()["access"], access, "{instant}");
        }
    }
}

#[tokio::test]
async fn re9_a_scheduler_days_late_warns_first_with_the_whole_grace() {
    for late in [0, 1, 3, 30] {
        let (desk, marie) = desk_at("2026-11-24T07:00:00+01:00").await;
        registered(&desk, &marie).await;
        desk.pass_days(8 + late).await;
        let run = async || escalate_on(&desk, |aws| aws).run().await.unwrap();
        assert_eq!((run().await.warned, run().await.warned), (1, 0), "{late} days late");
        desk.pass_days(1).await;
        assert_eq!(run().await.escalated, 0, "the grace is 2 days from the warning");
        desk.pass_days(1 + late).await;
        assert_eq!((run().await.escalated, run().await.escalated), (1, 0));
        audit(&desk.items().await);
    }
}

#[tokio::test]
async fn re9_a_clock_set_back_over_midnight_keeps_order_and_counts() {
    let (desk, marie) = desk_at("2026-11-24T00:10:00+01:00").await;
    let made = registered(&desk, &marie).await;
    let (path, email) = (format!("/registrations/{}", made["id"].as_str().unwrap()), made["email"].as_str().unwrap());
    // The clock now says yesterday: the registration does not become older.
    desk.set_clock("2026-11-23T23:10:00+01:00").await;
    let fresh = desk.get(&path, &marie).await.expect(200).json();
    assert_eq!((&fresh["status"], &fresh["registeredOn"]), (&json!("pending"), &json!("2026-11-24")));
    desk.patch(&path, &marie, "*", &json!({ "town": "Auneuil" })).await.expect(200);
    // The warning is sent just after midnight, and then the clock is set back again.
    assert_eq!(warned(&desk, "2026-12-02T00:10:00+01:00").await, 1);
    assert_eq!(warned(&desk, "2026-12-01T23:10:00+01:00").await, 0);
    assert_eq!(warned(&desk, "2026-12-02T00:10:00+01:00").await, 0, "the same hour a second time");
    let marie = desk.seed_session(&marie.email).await;
    let held = desk.outbox().await;
    let store = desk.store();
    assert!(matches!(store.claim(&held[0], desk.now()).await.unwrap(), store::Claim::Yours(..)));
    desk.set_clock("2026-12-01T23:10:00+01:00").await;
    desk.deliver_all().await;
    let waiting = store.due(desk.now() + jiff::SignedDuration::from_hours(2), 9).await.unwrap();
    assert_eq!(waiting, held, "leased by one who is an hour ahead: later, not twice");
    desk.act(&format!("{path}/activation"), &marie).await.expect(200);
    let history = desk.get(&format!("{path}/history"), &marie).await.expect(200);
    assert_eq!(history.column("action"), ["created", "changed", "warned", "activated"]);
    desk.set_clock("2026-12-02T03:10:00+01:00").await;
    assert_eq!(desk.deliver_all().await, [""; 0]);
    assert_eq!(desk.mails_to(email, "activation").await.len(), 1);
    assert!(desk.mails_to("fleury@oise.example", "library-digest").await.is_empty(), "activated before it went out");
    audit(&desk.items().await);
}
