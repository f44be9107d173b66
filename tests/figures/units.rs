//! The exact capacity that calls consume, as the engine reports it (performance P7). One more unit fails a test,
//! because its cost grows with the county. `growth` measures how consumption grows.

use local::Options;
use serde_json::{Value, json};

use super::growth::Grown;
use crate::support::{BEGINNING, Consumed, Desk, Meter, camille, iam::granted};

/// Returns the write units of registering with this form.
async fn units(form: &Value) -> f64 {
    let (meter, now) = (Meter::default(), Some(BEGINNING.parse().unwrap()));
    let desk = Desk::open_with(Options { now, rewire: Some(meter.rewire()), ..Options::default() }).await;
    let (_, marie) = desk.staffed().await;
    meter.taken_by("register");
    desk.register_as(&marie, form).await;
    meter.taken_by("register").written
}

#[tokio::test]
async fn p7_registering_costs_8_write_units_and_9_with_a_card() {
    let with_card = camille();
    let mut without = camille();
    without.as_object_mut().unwrap().remove("cardNumber");
    without["password"] = json!("Zèbre-Cactus-77?");
    assert!((units(&without).await - 8.0).abs() < f64::EPSILON);
    assert!((units(&with_card).await - 9.0).abs() < f64::EPSILON);
}

/// Returns calls, read units and write units.
fn figures(consumed: Consumed) -> (usize, f64, f64) {
    (consumed.calls, consumed.read, consumed.written)
}

#[tokio::test]
async fn p7_a_page_of_50_costs_3_5_read_units_and_the_caller_2() {
    let grown = Grown::open(1_000, 10).await;
    for path in ["/registrations".to_owned(), format!("/registrations?cursor={}", grown.last_of_town().await)] {
        let page = grown.page(&path, &grown.marie).await.consumed;
        assert_eq!((page.queried, figures(page)), (3.5, (3, 5.5, 0.0)), "{path}");
    }
}

#[tokio::test]
async fn p7_registering_and_activating_cost_the_same_in_any_county() {
    for patrons in [1_000, 3_000] {
        let grown = Grown::open(patrons, 10).await;
        assert_eq!(figures(grown.register().await.consumed), (3, 4.0, 8.0), "{patrons}");
        assert_eq!(figures(grown.activate().await.consumed), (3, 3.0, 15.0), "{patrons}");
    }
}

/// Writes 8 units per registration and 3 per digest. Reads the empty shards, and each library once.
#[tokio::test]
async fn p7_the_sweep_pays_for_what_is_overdue_and_for_nothing_else() {
    for (patrons, overdue) in [(1_000, 0), (1_000, 10), (1_000, 20), (3_000, 20)] {
        let swept = Grown::open(patrons, overdue).await.sweep().await.consumed;
        let due = f64::from(u32::try_from(overdue).unwrap());
        assert_eq!((swept.read, swept.written), (2.0 + due, 11.0 * due), "{overdue} of {patrons}");
    }
}

/// Every story runs under the functions' roles, so an action that no role grants is never used.
#[test]
fn p7_no_function_may_scan() {
    let scans = granted().into_iter().filter(|granted| granted.to_string().contains("Scan"));
    assert_eq!(scans.map(|granted| granted.to_string()).collect::<Vec<_>>(), [""; 0]);
    assert!(granted().iter().any(|granted| granted.to_string().contains("Query")), "actions are told by name");
}
