//! Checks that answers meant to be indistinguishable take the same time, and that one network address is rate-limited.

use std::time::{Duration, Instant};

use domain::password::{Known, Password};
use jiff::SignedDuration;
use local::{Options, Rewire};
use serde_json::{Value, json};

use crate::support::{BEGINNING, Consumed, Desk, FLEURY, Hold, Meter, PASSWORD, Wire};

/// The number of requests of each kind in a measure, from try to try: on a quiet machine few are enough, a busy one may
/// fail two tries, and a real difference fails them all.
const RUNS: [usize; 3] = [50, 100, 200];
/// The tolerance between requests of a few milliseconds on a machine with other work.
const NOISE: f64 = 0.25;

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64()
}

/// Returns the median durations of several requests, sent in turn so that other work slows all of them alike.
async fn medians(desk: &Desk, path: &str, bodies: &[Value], between: SignedDuration, runs: usize) -> Vec<f64> {
    let mut times = vec![Vec::with_capacity(runs); bodies.len()];
    for _ in 0..runs {
        for (body, times) in bodies.iter().zip(&mut times) {
            let begun = Instant::now();
            desk.open_post(path, body).await;
            times.push(begun.elapsed());
        }
        if !between.is_zero() {
            desk.pass(between).await;
        }
    }
    times.into_iter().map(median).collect()
}

async fn assert_alike(desk: &Desk, path: &str, bodies: &[Value], between: SignedDuration, within: f64) {
    let mut seen = Vec::new();
    for runs in RUNS {
        let medians = medians(desk, path, bodies, between, runs).await;
        let (least, most) = medians.iter().fold((f64::MAX, 0.0_f64), |(l, m), &t| (l.min(t), m.max(t)));
        if most <= least * (1.0 + within) {
            return;
        }
        seen.push(medians);
    }
    panic!("{path}: medians differ by more than {within}: {seen:?}");
}

#[tokio::test]
async fn pw2_sign_in_failures_of_all_kinds_take_equally_long() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    desk.register(&marie, "camille@orange.example").await;
    let attempt = |email: &str| json!({ "email": email, "password": "Faux-Girafe-77!" });
    let bodies = [attempt("personne@orange.example"), attempt(&marie.email), attempt("camille@orange.example")];
    // With a day between them, each try is counted.
    assert_alike(&desk, "/sessions", &bodies, SignedDuration::from_hours(25), 0.05).await;
    // Without time between them, all accounts wait after five tries, the unknown one too.
    assert_alike(&desk, "/sessions", &bodies, SignedDuration::ZERO, 0.05).await;
}

#[tokio::test]
async fn pw7_reset_requests_take_equally_long_for_any_address() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let ask = |email: &str| json!({ "email": email });
    desk.register(&marie, "camille@rebond.example").await;
    let bodies = [ask(&marie.email), ask("personne@orange.example"), ask("camille@rebond.example")];
    // The message with the link bounces, and no other is sent.
    desk.open_post("/password-resets", &bodies[2]).await.expect(202);
    desk.mails().await;
    // The clock stands still: the known address gets three messages, and is throttled from then on.
    assert_alike(&desk, "/password-resets", &bodies, SignedDuration::ZERO, NOISE).await;
    // With an hour between them, each request for the known address sends a message.
    assert_alike(&desk, "/password-resets", &bodies, SignedDuration::from_hours(1), NOISE).await;
}

/// Opens a desk whose functions' units are metered, on a wire.
async fn metered() -> (Wire, Meter, Desk) {
    let (wire, meter) = (Wire::without_deliver(), Meter::default());
    let (of_wire, of_meter) = (wire.rewire(), meter.rewire());
    let rewire = Rewire::new(move |function, aws| of_wire.apply(function, of_meter.apply(function, aws)));
    let now = Some(BEGINNING.parse().unwrap());
    let desk = Desk::open_with(Options { now, rewire: Some(rewire), ..Options::default() }).await;
    desk.seed_directory().await;
    desk.seed_registration(FLEURY, KNOWN, "Exemple").await;
    // The first call of a process also reads the log's key.
    desk.open_post("/password-resets", &json!({ "email": "autre@orange.example" })).await.expect(202);
    (wire, meter, desk)
}

const KNOWN: &str = "camille@orange.example";
const UNKNOWN: &str = "personne@orange.example";

#[tokio::test]
async fn c16_a_reset_request_costs_the_same_for_any_address() {
    let (_, meter, desk) = metered().await;
    meter.taken_by("password");
    let mut costs = Vec::new();
    // From the fourth on within an hour, no link is sent.
    for time in 1..=5 {
        for email in [KNOWN, UNKNOWN] {
            desk.open_post("/password-resets", &json!({ "email": email })).await.expect(202);
            costs.push((email, time, meter.taken_by("password")));
        }
    }
    let (_, _, first) = costs[0];
    // The account's and the count's reads; the source's count; three writes and a message's index entry.
    assert_eq!(first, Consumed { calls: 4, read: 2.0, queried: 0.0, written: 8.0 });
    for (email, time, cost) in costs {
        assert_eq!(cost, first, "{email}, request {time}");
    }
}

#[tokio::test]
async fn c16_two_reset_requests_at_once_cost_the_same_for_any_address() {
    let (wire, meter, desk) = metered().await;
    let mut costs = Vec::new();
    for _ in 0..3 {
        for email in [KNOWN, UNKNOWN] {
            meter.taken_by("password");
            let ask = async || desk.open_post("/password-resets", &json!({ "email": email })).await.expect(202);
            let holds = [wire.hold_transaction(), wire.hold_transaction()];
            let interleaved = async {
                for hold in &holds {
                    hold.arrived().await;
                }
                holds.iter().for_each(Hold::release);
            };
            tokio::join!(ask(), ask(), interleaved);
            costs.push(meter.taken_by("password"));
        }
        desk.pass(SignedDuration::from_hours(2)).await;
    }
    assert!(costs.iter().all(|cost| *cost == costs[0]), "{costs:?}");
}

#[tokio::test]
async fn one_network_address_is_throttled_with_a_retry_time() {
    let parameters = [("SourceLimit".to_owned(), "8".to_owned())].into();
    let now = Some(BEGINNING.parse().unwrap());
    let desk = Desk::open_with(Options { now, parameters, ..Options::default() }).await;
    let body = json!({ "email": "personne@orange.example", "password": PASSWORD });
    for _ in 0..8 {
        desk.open_post("/sessions", &body).await.expect(401);
    }
    let refused = desk.open_post("/sessions", &body).await;
    assert_eq!(refused.header("retry-after"), "600");
    refused.problem(429, "too-many-requests");
    desk.open_post("/password-resets", &json!({ "email": "personne@orange.example" })).await.expect(202);
    desk.pass(SignedDuration::from_mins(10)).await;
    desk.open_post("/sessions", &body).await.expect(401);
}

/// The most CPU that a check of a chosen password may cost: 50 ms when deployed. The tests' build, which does not
/// optimise the libraries that the check stands on, takes ten times as long.
const STRENGTH_CHECK: Duration = Duration::from_millis(500);

/// Returns the time for which this thread has run. Linux keeps it; elsewhere the clock on the wall has to do.
fn thread_time(since: Instant) -> Duration {
    let kept = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = kept.and_then(|kept| kept.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| since.elapsed(), Duration::from_nanos)
}

#[test]
fn s10_a_strength_check_is_short_whatever_is_typed() {
    let mut known = Known::default();
    known.add_text("camille.exemple@orange.fr, Saint-Léger-en-Bray");
    // Builds the tables of words, which the process does once.
    let _ = Password::chosen(PASSWORD, &known);
    let parts = [
        "a",
        "aB3!",
        "é",
        "p4$$w0rd",
        "abcdefgh",
        "19/02/1988",
        "Password1!",
        "1742635890@$+",
        "4@8({[<369|1!70$5+7%2",
    ];
    let begun = Instant::now();
    for part in parts {
        let typed: String = "Aa1!".chars().chain(part.chars().cycle()).take(128).collect();
        let before = thread_time(begun);
        let _ = Password::chosen(&typed, &known);
        let taken = thread_time(begun).saturating_sub(before);
        assert!(taken < STRENGTH_CHECK, "{part}: {taken:?}");
    }
}
