//! Readings while the indexes lag behind the table (RE13).

use domain::StaffRole;
use local::Options;
use serde_json::json;

use crate::support::{BEGINNING, Desk, FLEURY, LateIndexes, Part, Session, workbook};

const READ: [&str; 2] = ["/registrations", "/registrations?sort=-registeredOn"];

/// Opens a desk whose indexes lag, with Camille pending and one active registration in them.
async fn open() -> (Desk, LateIndexes, Session, String) {
    let indexes = LateIndexes::default();
    let now = Some(BEGINNING.parse().unwrap());
    let desk = Desk::open_with(Options { now, rewire: Some(indexes.rewire()), ..Options::default() }).await;
    desk.seed_directory().await;
    let marie = desk.seed_staff("marie@fleury.example", StaffRole::Librarian, &[FLEURY]).await;
    let active = desk.seed_registration(FLEURY, "zoe@orange.example", "Zola").await;
    desk.act(&format!("/registrations/{active}/activation"), &marie).await.expect(200);
    let id = desk.seed_registration(FLEURY, "camille@orange.example", "Exemple").await;
    indexes.catch_up(&desk, &Part::ALL).await;
    (desk, indexes, marie, id)
}

async fn listed(desk: &Desk, by: &Session, path: &str) -> Vec<(String, String)> {
    let page = desk.get(path, by).await.expect(200);
    let mut rows: Vec<_> = page.column("lastName").into_iter().zip(page.column("status")).collect();
    rows.sort();
    rows
}

fn row(name: &str, status: &str) -> (String, String) {
    (name.to_owned(), status.to_owned())
}

#[tokio::test]
async fn re13_a_late_index_lists_and_counts_nobody_twice() {
    let (desk, indexes, marie, id) = open().await;
    desk.act(&format!("/registrations/{id}/activation"), &marie).await.expect(200);
    // The new entry is there, and the old one is not gone yet.
    indexes.catch_up(&desk, &[Part::Decided]).await;
    for path in READ {
        let both = [row("Exemple", "active"), row("Zola", "active")];
        assert_eq!(listed(&desk, &marie, path).await, both, "{path}: once, as the newer entry says");
    }
    let counts = desk.get("/registrations/counts", &marie).await.expect(200).json();
    let of = |status: &str, count: usize| json!({ "status": status, "count": count, "more": false });
    assert_eq!(counts["items"], json!([of("pending", 0), of("active", 2), of("expired", 0)]));
    let sheet = workbook::open(&desk.get("/registrations.xlsx", &marie).await.expect(200));
    assert_eq!(sheet.height(), 3, "a heading and two rows");
}

#[tokio::test]
async fn re13_a_late_index_hides_only_who_is_between_two_halves() {
    let (desk, indexes, marie, id) = open().await;
    desk.act(&format!("/registrations/{id}/activation"), &marie).await.expect(200);
    // The old entry is gone, and the new one is not there yet.
    indexes.catch_up(&desk, &[Part::Pending]).await;
    for path in READ {
        assert_eq!(listed(&desk, &marie, path).await, [row("Zola", "active")], "{path}");
    }
    assert_eq!(desk.get(&format!("/registrations/{id}"), &marie).await.expect(200).json()["status"], "active");
    indexes.catch_up(&desk, &[Part::Decided]).await;
    for path in READ {
        assert_eq!(listed(&desk, &marie, path).await, [row("Exemple", "active"), row("Zola", "active")], "{path}");
    }
}

#[tokio::test]
async fn re13_a_stale_page_activates_nobody_twice() {
    let (desk, _, marie, id) = open().await;
    let path = format!("/registrations/{id}");
    desk.act(&format!("{path}/activation"), &marie).await.expect(200);
    assert_eq!(listed(&desk, &marie, READ[0]).await, [row("Exemple", "pending"), row("Zola", "active")]);
    let again = desk.act(&format!("{path}/activation"), &marie).await.expect(200);
    assert_eq!(again.json()["status"], "active", "the answer is the table's");
    let history = desk.get(&format!("{path}/history"), &marie).await.expect(200);
    assert_eq!(history.column("action"), ["created", "activated"]);
    desk.pass_days(8).await;
    assert_eq!(desk.escalate().await["warned"], 0, "the job decides on the table's row");
}

#[tokio::test]
async fn c22_a_card_search_shows_nobody_who_had_the_card() {
    let (desk, _, marie, id) = open().await;
    let county = desk.seed_county().await;
    let path = "/registrations?q=0042";
    assert_eq!(desk.get(path, &county).await.expect(200).column("id").len(), 2);
    desk.patch(&format!("/registrations/{id}"), &marie, "*", &json!({ "cardNumber": "77" })).await.expect(200);
    assert_eq!(desk.get(path, &county).await.expect(200).column("lastName"), ["Zola"]);
}
