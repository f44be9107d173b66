//! The local desk itself: acknowledged writes are kept, and missing services are reported as such.

use local::{LocalDesk, Options};
use serde_json::json;

use crate::support::{BEGINNING, Desk, PASSWORD, camille, root};

#[tokio::test]
async fn ap9_an_unavailable_table_is_a_503_and_nothing_is_half_done() {
    let (wire, desk) = Desk::open_on_a_wire().await;
    let (_, marie) = desk.staffed().await;
    wire.cut_dynamodb(true);
    let away = desk.post("/registrations", &marie, &camille()).await;
    assert!(!away.header("retry-after").is_empty());
    let problem = away.problem(503, "unavailable");
    assert!(problem["instance"].as_str().unwrap().starts_with("urn:request:"));
    assert!(!problem.to_string().contains("wire"));
    wire.cut_dynamodb(false);
    assert!(desk.get("/registrations", &marie).await.expect(200).column("id").is_empty());
    desk.post("/registrations", &marie, &camille()).await.expect(201);
}

#[tokio::test]
async fn the_clock_is_set_read_and_given_back() {
    let desk = Desk::open().await;
    assert_eq!(desk.open_get("/_local/clock").await.expect(200).json(), json!({ "now": BEGINNING }));
    desk.set_clock("2027-01-01T00:00:00Z").await;
    assert_eq!(desk.open_get("/_local/clock").await.json(), json!({ "now": "2027-01-01T00:00:00Z" }));
    for bad in [json!({ "now": "tomorrow" }), json!({}), json!({ "now": 1 }), json!([])] {
        assert_eq!(desk.open_put("/_local/clock", &bad).await.status, 400, "{bad}");
    }
}

#[tokio::test]
async fn a_mail_asked_for_before_the_clock_moves_is_sent_before() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    desk.open_post("/password-resets", &json!({ "email": marie.email })).await.expect(202);
    desk.pass(jiff::SignedDuration::from_hours(1)).await;
    let link = format!("/password-resets/{}", desk.link_token(&marie.email).await);
    desk.open_put(&link, &json!({ "password": PASSWORD })).await.problem(404, "reset-link-dead");
}

#[tokio::test]
async fn data_of_an_older_layout_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let files = ["desk.db", "local.db"].map(|name| (root().join("tests/cases/layout-1").join(name), name));
    for (from, name) in &files {
        std::fs::copy(from, folder.path().join(name)).unwrap();
    }
    let options = Options { data: Some(folder.path().to_owned()), ..Options::default() };
    let refused = LocalDesk::start(options).await.map(|_| ()).unwrap_err().to_string();
    assert!(refused.contains("another version of the desk: choose another one, or delete it"), "{refused}");
    for (from, name) in &files {
        assert_eq!(std::fs::read(from).unwrap(), std::fs::read(folder.path().join(name)).unwrap(), "{name}");
    }
}

#[tokio::test]
async fn everything_is_kept_across_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let options = || Options {
        data: Some(folder.path().to_owned()),
        now: Some(BEGINNING.parse().unwrap()),
        ..Options::default()
    };
    let desk = Desk::open_with(options()).await;
    let (_, marie) = desk.staffed().await;
    let (id, _) = desk.register(&marie, "camille@orange.example").await;
    let mails = desk.mails().await;
    desk.close().await;
    let desk = Desk::open_with(options()).await;
    assert_eq!(desk.get("/registrations", &marie).await.expect(200).column("id"), [id]);
    assert_eq!(desk.mails().await, mails);
}
