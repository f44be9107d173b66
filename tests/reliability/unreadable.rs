//! Stored rows that no longer parse (RE12).

use std::path::Path;

use domain::StaffRole;
use serde_json::{Value, json};

use crate::support::{
    AUNEUIL, Desk, FLEURY, Session, engine, logged, sources,
    workbook::{cell, open},
};

/// Fields under their short names, each with a value that no longer parses.
const SPOILT: [(&str, &str); 4] =
    [("pc", "6036"), ("bd", "0000-00-00"), ("mailState", "angry"), ("rs", "a text instead of a list")];
const SPOILT_EMAIL: &str = "spoilt@orange.example";

impl Desk {
    /// Overwrites a field of a stored registration.
    async fn spoil(&self, id: &str, field: &str, value: &str) {
        let update = json!({
            "TableName": "Table", "Key": { "pk": { "S": format!("REG#{id}") }, "sk": { "S": "REG" } },
            "UpdateExpression": "SET entry.#field = :value", "ExpressionAttributeNames": { "#field": field },
            "ExpressionAttributeValues": { ":value": { "S": value } },
        });
        let answer = engine::call(&self.local().dynamodb_url(), "UpdateItem", &update).await;
        assert!(!answer.contains("__type"), "{answer}");
    }
}

/// Opens a desk with a spoilt registration among others. Returns the librarian, the county and its id.
async fn spoilt(field: &str, value: &str) -> (Desk, Session, Session, String) {
    let desk = Desk::open().await;
    desk.seed_directory().await;
    let marie = desk.seed_staff("marie@fleury.example", StaffRole::Librarian, &[FLEURY]).await;
    let county = desk.seed_county().await;
    desk.seed_registration(FLEURY, "a@orange.example", "Abel").await;
    let id = desk.seed_registration(FLEURY, SPOILT_EMAIL, "Exemple").await;
    desk.seed_registration(AUNEUIL, "z@orange.example", "Zola").await;
    desk.spoil(&id, field, value).await;
    (desk, marie, county, id)
}

/// Without an address there is no account to erase: only the county is answered that the row is there.
#[tokio::test]
async fn re12_a_row_without_an_address_is_the_county_s_to_see() {
    let (desk, marie, county, id) = spoilt("em", "no address").await;
    desk.spoil(&id, "li", "no library").await;
    let path = format!("/registrations/{id}");
    desk.get(&path, &marie).await.problem(404, "not-found");
    desk.delete(&path, &marie).await.problem(404, "not-found");
    desk.get(&path, &county).await.problem(409, "unreadable");
    desk.delete(&path, &county).await.problem(409, "unreadable");
    assert_eq!(desk.get("/registrations", &marie).await.expect(200).column("lastName"), ["Abel"]);
}

/// Another way past `unreadable.rs` would stop its reader at the first such row.
#[test]
fn re12_indexes_are_queried_and_rows_decoded_in_one_place() {
    let store = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/store/src"));
    let times = |text: &str| store.matches(text).count();
    assert_eq!(times(".index_name("), 1, "indexes are queried in index.rs");
    assert_eq!(times("RegistrationItem::from_attributes"), 1, "registrations are decoded in unreadable.rs");
}

fn reported(desk: &Desk) -> usize {
    desk.emitted().iter().filter(|line| line.contains("\"UnreadableRows\":1")).count()
}

#[tokio::test]
async fn re12_one_unreadable_row_stops_no_list_count_or_workbook() {
    for (field, value) in SPOILT {
        let (desk, marie, county, id) = spoilt(field, value).await;
        for order in ["name", "-registeredOn"] {
            for limit in [1, 50] {
                let path = format!("/registrations?sort={order}&limit={limit}");
                let seen = desk.get(&path, &marie).await.expect(200);
                assert_eq!(seen.column("lastName"), ["Abel"], "{field} {path}");
            }
        }
        let mut names = desk.get("/registrations?sort=-registeredOn", &county).await.expect(200).column("lastName");
        names.sort();
        assert_eq!(names, ["Abel", "Zola"], "{field}");
        for q in ["0042", SPOILT_EMAIL] {
            desk.get(&format!("/registrations?q={q}"), &county).await.expect(200);
        }
        let counts = desk.get("/registrations/counts", &county).await.expect(200).json();
        assert_eq!(counts["items"][0], json!({ "status": "pending", "count": 2, "more": false }), "{field}");
        let sheet = open(&desk.get("/registrations.xlsx", &county).await.expect(200));
        let names: Vec<String> = (1..sheet.height()).map(|row| cell(&sheet, row, "Nom")).collect();
        assert_eq!(names, ["Abel", "Zola"], "{field}");
        let log = logged();
        let lines: Vec<&str> = log.lines().filter(|line| line.contains(&id) && line.contains("\"ERROR\"")).collect();
        assert!(!lines.is_empty() && reported(&desk) > 0, "{field}: reported by id");
        assert!(lines.iter().all(|line| !line.contains(value) && !line.contains('@')), "{field}: no personal data");
    }
}

#[tokio::test]
async fn re12_one_unreadable_row_stops_neither_daily_job_nor_purge() {
    for (field, value) in SPOILT {
        let (desk, _, _, id) = spoilt(field, value).await;
        desk.pass_days(8).await;
        assert_eq!(desk.escalate().await["warned"], 2, "{field}: the others' libraries are warned");
        desk.pass_days(2).await;
        assert_eq!(desk.escalate().await["escalated"], 2, "{field}");
        desk.pass_days(2 * 366).await;
        assert_eq!(desk.run("purge").await["erased"], 2, "{field}");
        assert!(desk.items().await.iter().any(|item| item["pk"] == format!("REG#{id}") && item["sk"] == "REG"));
        assert!(reported(&desk) > 0, "{field}: an alarm rings");
    }
}

#[tokio::test]
async fn re12_an_unreadable_registration_is_named_and_can_be_erased() {
    for (field, value) in SPOILT {
        let (desk, marie, _, id) = spoilt(field, value).await;
        let elsewhere = desk.seed_staff("paul@auneuil.example", StaffRole::Librarian, &[AUNEUIL]).await;
        let path = format!("/registrations/{id}");
        desk.get(&path, &elsewhere).await.problem(404, "not-found");
        desk.delete(&path, &elsewhere).await.problem(404, "not-found");
        for read in [path.clone(), format!("{path}/history")] {
            desk.get(&read, &marie).await.problem(409, "unreadable");
        }
        desk.act(&format!("{path}/activation"), &marie).await.problem(409, "unreadable");
        desk.patch(&path, &marie, "*", &json!({ "town": "Fleury" })).await.problem(409, "unreadable");
        desk.delete(&path, &marie).await.expect(204);
        let left = Value::from(desk.items().await).to_string();
        assert!(!left.contains(SPOILT_EMAIL) && !left.contains("Exemple"), "{field}: nothing of the person is left");
        desk.get(&path, &marie).await.problem(404, "not-found");
        desk.seed_registration(FLEURY, SPOILT_EMAIL, "Exemple").await;
    }
}
