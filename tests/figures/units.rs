//! The exact capacity that calls consume, as the engine reports it (performance P7). One more unit fails a test,
//! because its cost grows with the county. `growth` measures how consumption grows.

use domain::StaffRole;
use local::Options;
use serde_json::{Value, json};

use super::growth::Grown;
use crate::support::{BEGINNING, Consumed, Desk, FLEURY, Meter, camille, iam::granted, with};

async fn metered() -> (Meter, Desk) {
    let (meter, now) = (Meter::default(), Some(BEGINNING.parse().unwrap()));
    let desk = Desk::open_with(Options { now, rewire: Some(meter.rewire()), ..Options::default() }).await;
    (meter, desk)
}

/// Returns the write units of registering with this form.
async fn units(form: &Value) -> f64 {
    let (meter, desk) = metered().await;
    let (_, marie) = desk.staffed().await;
    meter.taken_by("register");
    desk.register_as(&marie, form).await;
    meter.taken_by("register").written
}

#[tokio::test]
async fn p7_registering_costs_8_write_units_a_card_1_a_password_2() {
    let with_card = camille();
    let mut without = camille();
    without.as_object_mut().unwrap().remove("cardNumber");
    let with_password = with(without.clone(), "password", "Zèbre-Cactus-77?");
    for (form, expected) in [(without, 8.0), (with_card, 9.0), (with_password, 10.0)] {
        let written = units(&form).await;
        assert!((written - expected).abs() < f64::EPSILON, "{written} for {form}");
    }
}

#[tokio::test]
async fn p7_joining_a_household_of_eight_costs_8_write_units() {
    let (meter, desk) = metered().await;
    let (_, marie) = desk.staffed().await;
    let mut form = with(camille(), "household", true);
    form.as_object_mut().unwrap().remove("cardNumber");
    for members in 0..=8 {
        meter.taken_by("register");
        desk.register_as(&marie, &with(form.clone(), "firstName", "Z".repeat(members + 1))).await;
    }
    let written = meter.taken_by("register").written;
    assert!((written - 8.0).abs() < f64::EPSILON, "{written}");
}

/// Returns calls, read units and write units.
fn figures(consumed: Consumed) -> (usize, f64, f64) {
    (consumed.calls, consumed.read, consumed.written)
}

#[tokio::test]
async fn p7_a_page_of_50_costs_3_5_read_units_and_the_caller_2() {
    let grown = Grown::open(1_000, 10).await;
    // The first call of a process also reads the log's key.
    grown.page("/registrations", &grown.marie).await;
    for path in ["/registrations".to_owned(), format!("/registrations?cursor={}", grown.last_of_town().await)] {
        let page = grown.page(&path, &grown.marie).await.consumed;
        assert_eq!((page.queried, figures(page)), (3.5, (3, 5.5, 0.0)), "{path}");
    }
}

/// Pending rows are read before decided ones, in pieces that follow their share.
#[tokio::test]
async fn p7_a_page_costs_4_read_units_whatever_share_is_pending() {
    let (meter, now) = (Meter::default(), Some(BEGINNING.parse().unwrap()));
    let desk = Desk::open_with(Options { now, rewire: Some(meter.rewire()), ..Options::default() }).await;
    desk.seed_directory().await;
    let marie = desk.seed_staff("marie@fleury.example", StaffRole::Librarian, &[FLEURY]).await;
    let mut ids = Vec::new();
    for n in 0..60 {
        let letter = |n: usize| char::from(b'a' + u8::try_from(n % 26).unwrap());
        let name = format!("{}{}{}", letter(n * 7), letter(n / 26), letter(n * 11));
        ids.push(desk.seed_registration(FLEURY, &format!("u{n}@orange.example"), &name).await);
    }
    for (activated, ids) in ids.chunks(10).enumerate() {
        for query in ["", "?sort=-registeredOn", "?status=pending"] {
            meter.taken_by("list");
            desk.get(&format!("/registrations{query}"), &marie).await.expect(200);
            let page = meter.taken_by("list");
            println!("P7: {activated} of 6 parts activated, {query}: {} RRU in {} calls", page.queried, page.calls);
            assert!(page.queried <= 4.0, "{activated} of 6 parts activated, {query}: {page:?}");
        }
        for id in ids {
            desk.act(&format!("/registrations/{id}/activation"), &marie).await.expect(200);
        }
    }
}

/// The cost of reading so many rows: ½ unit for each nine.
fn for_rows(rows: usize) -> f64 {
    0.5 * f64::from(u32::try_from(rows.div_ceil(9)).unwrap())
}

/// Follows a list of the town's library. Returns the ids of each page, and what the page consumed.
async fn pages(grown: &Grown, query: &str, limit: usize) -> Vec<(Vec<String>, Consumed)> {
    let (mut pages, mut cursor) = (Vec::new(), String::new());
    loop {
        grown.meter.taken_by("list");
        let path = format!("/registrations?limit={limit}{query}{cursor}");
        let page = grown.desk.get(&path, &grown.marie).await.expect(200);
        pages.push((page.column("id"), grown.meter.taken_by("list")));
        let Some(next) = page.json()["next"].as_str().map(str::to_owned) else { return pages };
        cursor = format!("&cursor={next}");
    }
}

/// Returns the town's rows in order, and a search with so many hits.
async fn searched(grown: &Grown, wanted: std::ops::Range<usize>) -> (Vec<String>, &'static str, Vec<String>) {
    let whole: Vec<String> = pages(grown, "", 100).await.into_iter().flat_map(|(ids, _)| ids).collect();
    let mut counts = Vec::new();
    for query in ["&q=ma", "&q=jo", "&q=l", "&q=m", "&q=c", "&q=d", "&q=b"] {
        let hits: Vec<String> = pages(grown, query, 100).await.into_iter().flat_map(|(ids, _)| ids).collect();
        if wanted.contains(&hits.len()) {
            return (whole, query, hits);
        }
        counts.push((query, hits.len()));
    }
    panic!("no search has so many hits: {counts:?} of {}", whole.len());
}

#[tokio::test]
async fn c4_a_full_filtered_page_reads_few_rows_more() {
    let grown = Grown::open(5_000, 10).await;
    let (whole, query, hits) = searched(&grown, 20..100).await;
    let full = pages(&grown, query, hits.len()).await;
    let (ids, consumed) = &full[0];
    assert_eq!(ids, &hits);
    // The rows of the library are read once at the most, in a few calls.
    assert!(consumed.queried <= for_rows(whole.len()) + 2.0, "{consumed:?} for {} rows", whole.len());
    assert!(consumed.calls <= 16, "{consumed:?}");
}

#[tokio::test]
async fn p7_a_filtered_page_costs_the_rows_between_its_hits() {
    let grown = Grown::open(5_000, 10).await;
    let (whole, query, hits) = searched(&grown, 100..400).await;
    let place = |id: &String| whole.iter().position(|row| row == id).expect("a row");
    let (mut all, mut begun, mut total) = (Vec::new(), 0, 0.0);
    for (ids, consumed) in pages(&grown, query, 50).await {
        let end = ids.last().map_or(whole.len(), |last| place(last) + 1);
        println!("P7: {consumed:?} for {} rows with {} hits", end - begun, ids.len());
        // Reads are sized by the hits so far, and each rounds up to half a unit.
        assert!(consumed.queried <= for_rows(end - begun) * 1.25 + 3.0, "{consumed:?} for {} rows", end - begun);
        (begun, total) = (end, total + consumed.queried);
        all.extend(ids);
    }
    assert_eq!(all, hits, "each once");
    assert!(total <= for_rows(whole.len()) * 1.25 + 4.0, "{total} for {} rows", whole.len());
}

#[tokio::test]
async fn p7_registering_and_activating_cost_the_same_in_any_county() {
    for patrons in [1_000, 3_000] {
        let grown = Grown::open(patrons, 10).await;
        // The first call of a process also reads the log's key.
        for path in ["/registrations", "/registrations/000000000000000000000000/activation"] {
            let refused = grown.desk.post(path, &grown.marie, &json!({})).await.status;
            assert!([404, 422].contains(&refused), "{path}: {refused}");
        }
        assert_eq!(figures(grown.register().await.consumed), (3, 4.0, 8.0), "{patrons}");
        assert_eq!(figures(grown.activate().await.consumed), (4, 4.0, 15.0), "{patrons}");
    }
}

/// Exports 1,000 registrations by a search, and one registration by a search, so many times.
async fn exported_by_search(grown: &Grown, times: usize) {
    for _ in 0..times {
        for search in ["a", "camille.exemple@orange.example"] {
            grown.desk.get(&format!("/registrations.xlsx?q={search}"), &grown.county).await.expect(200);
        }
    }
}

#[tokio::test]
async fn c11_a_history_costs_the_same_beside_searched_exports() {
    let grown = Grown::open(1_000, 10).await;
    let path = grown.a_history().await;
    let before = grown.page(&path, &grown.marie).await.consumed;
    exported_by_search(&grown, 12).await;
    let after = grown.page(&path, &grown.marie).await.consumed;
    assert_eq!(figures(after), figures(before));
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
