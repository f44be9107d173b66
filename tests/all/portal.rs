//! The local portal itself: what is acknowledged is kept, and what is away is said to be away.

use std::{path::Path, process::Stdio};

use local::Options;
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::support::{BEGINNING, Desk, Reply, camille, with};

#[tokio::test]
async fn ap9_a_table_that_is_away_is_a_503_without_its_cause_and_nothing_half_done() {
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
    desk.open_get(&link).await.problem(404, "reset-link-dead");
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

/// The binary as a newcomer starts it.
struct Process {
    child: Child,
    url: String,
}

impl Process {
    async fn start(data: &Path) -> Self {
        let mut child = Command::new(local_binary())
            .args(["--listen", "127.0.0.1:0", "--now", BEGINNING, "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("cargo test builds the portal's binary first (see the Makefile)");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next_line().await.unwrap().expect("a line when ready");
        let url = line.strip_prefix("listening on ").expect("the line names the address").to_owned();
        Self { child, url }
    }

    async fn call(&self, method: reqwest::Method, path: &str, token: &str, body: &serde_json::Value) -> Reply {
        let request = reqwest::Client::new().request(method, format!("{}{path}", self.url));
        Reply::of(request.bearer_auth(token).json(body)).await
    }
}

fn local_binary() -> std::path::PathBuf {
    let tests = std::env::current_exe().unwrap();
    tests.ancestors().nth(2).unwrap().join("local")
}

#[tokio::test]
async fn re11_what_was_acknowledged_is_there_after_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open_with(Options {
        data: Some(folder.path().to_owned()),
        now: Some(BEGINNING.parse().unwrap()),
        ..Options::default()
    })
    .await;
    let (_, marie) = desk.staffed().await;
    desk.close().await;
    let mut acknowledged = Vec::new();
    for round in 0..3 {
        let mut process = Process::start(folder.path()).await;
        for n in 0..5 {
            let form = with(camille(), "email", format!("r{round}-{n}@orange.example"));
            let made = process.call(reqwest::Method::POST, "/registrations", &marie.token, &form).await.expect(201);
            acknowledged.push(made.json()["id"].as_str().unwrap().to_owned());
        }
        process.child.kill().await.unwrap();
    }
    let process = Process::start(folder.path()).await;
    for id in acknowledged {
        process.call(reqwest::Method::GET, &format!("/registrations/{id}"), &marie.token, &json!({})).await.expect(200);
    }
}
