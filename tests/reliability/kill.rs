//! RE11: the local desk's process is killed repeatedly while several people write. Acknowledged writes are still there
//! afterwards, and a client that got no answer gets it by repeating its request.

use std::{
    collections::BTreeMap,
    path::Path,
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use domain::StaffRole;
use futures_util::future::join_all;
use local::Options;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    sync::Notify,
};

use super::audit::{Audit, audit};
use crate::support::{BEGINNING, Desk, FLEURY, camille, soak, with};
const WRITERS: usize = 4;
/// Returns the number of kills; `make soak` kills more often.
fn kills() -> usize {
    if soak().is_some() { 20 } else { 6 }
}
/// Acknowledged writes between two kills.
const WRITES: usize = 16;

/// The local desk in a process of its own.
struct Process {
    child: Child,
    url: String,
}

impl Process {
    async fn start(data: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_local-to-kill"))
            .args(["--listen", "127.0.0.1:0", "--now", BEGINNING, "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("it starts");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next_line().await.unwrap().expect("a line when ready");
        let url = line.strip_prefix("listening on ").expect("the line names the address").to_owned();
        Self { child, url }
    }
}

/// A client that registers and activates in turn, and remembers the acknowledged writes.
#[derive(Default)]
struct Writer {
    name: usize,
    token: String,
    next: usize,
    /// Registration number → id, for registrations answered with 201.
    registered: BTreeMap<usize, String>,
    activated: Vec<String>,
}

impl Writer {
    /// Registers with an idempotency key, so that a repeat is harmless. Returns `None` if the local desk died.
    async fn register(&self, http: &Client, url: &str, number: usize) -> Option<String> {
        let email = format!("w{}-{number}@orange.example", self.name);
        let request = http.post(format!("{url}/registrations")).bearer_auth(&self.token);
        let request = request.header("Idempotency-Key", format!("{}-{number}", self.name));
        let answer = request.json(&with(camille(), "email", email)).send().await.ok()?;
        assert_eq!(answer.status(), 201);
        let made: Value = serde_json::from_str(&answer.text().await.ok()?).ok()?;
        Some(made["id"].as_str().unwrap().to_owned())
    }

    async fn activate(&self, http: &Client, url: &str, id: &str) -> Option<()> {
        let request = http.post(format!("{url}/registrations/{id}/activation")).bearer_auth(&self.token);
        let answer = request.send().await.ok()?;
        assert_eq!(answer.status(), 200);
        answer.bytes().await.ok().map(drop)
    }

    /// Writes until the local desk is gone, and counts the acknowledged writes.
    async fn write(&mut self, url: &str, acknowledged: &AtomicUsize, enough: &Notify) -> Option<()> {
        // Repeating the last acknowledged registration returns the same id. The loop repeats one without an answer.
        let http = Client::new();
        if let Some((&last, id)) = self.registered.last_key_value() {
            assert_eq!(&self.register(&http, url, last).await?, id, "the same key, the same registration");
        }
        loop {
            let id = self.register(&http, url, self.next).await?;
            self.registered.insert(self.next, id.clone());
            self.next += 1;
            self.activate(&http, url, &id).await?;
            self.activated.push(id);
            if acknowledged.fetch_add(2, Ordering::SeqCst) + 2 >= WRITES {
                enough.notify_one();
            }
        }
    }
}

fn options(data: &Path) -> Options {
    Options { data: Some(data.to_owned()), now: Some(BEGINNING.parse().unwrap()), ..Options::default() }
}

/// Runs the local desk once, and ends it with `kill -9` while clients write.
async fn live_and_die(data: &Path, writers: &mut [Writer]) {
    let mut process = Process::start(data).await;
    let (acknowledged, enough) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let url = process.url.clone();
    let writing = join_all(writers.iter_mut().map(|writer| writer.write(&url, &acknowledged, &enough)));
    let killing = async {
        enough.notified().await;
        process.child.kill().await.unwrap();
    };
    tokio::join!(writing, killing);
}

#[tokio::test]
async fn re11_acknowledged_writes_survive_each_kill() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open_with(options(folder.path())).await;
    desk.seed_directory().await;
    let marie = desk.seed_staff("marie@fleury.example", StaffRole::Librarian, &[FLEURY]).await;
    desk.close().await;
    let writer = |name| Writer { name, token: marie.token.clone(), ..Writer::default() };
    let mut writers: Vec<Writer> = (0..WRITERS).map(writer).collect();
    let kills = kills();
    for _ in 0..kills {
        live_and_die(folder.path(), &mut writers).await;
    }
    let desk = Desk::open_with(options(folder.path())).await;
    let mails = desk.mails().await.len();
    let items = desk.items().await;
    audit(&items);
    let unsent: Vec<_> = Audit::of(&items).outbox().into_iter().filter(|mail| !mail.ends_with(" sent")).collect();
    assert!(unsent.is_empty(), "{unsent:?}");
    for id in writers.iter().flat_map(|writer| writer.registered.values()) {
        desk.get(&format!("/registrations/{id}"), &marie).await.expect(200);
    }
    for id in writers.iter().flat_map(|writer| &writer.activated) {
        assert_eq!(desk.get(&format!("/registrations/{id}"), &marie).await.json()["status"], "active");
    }
    let registered = items.iter().filter(|item| item["sk"] == "REG").count();
    let acknowledged: usize = writers.iter().map(|writer| writer.registered.len()).sum();
    assert!(registered >= acknowledged && registered <= acknowledged + WRITERS, "one a writer may lack its answer");
    let activations = items.iter().filter(|item| item["activatedOn"].is_string()).count();
    assert!(
        mails >= activations && mails <= activations + kills * WRITERS,
        "{mails} mails of {activations} activations"
    );
    println!("RE11: {kills} kills, {acknowledged} registrations acknowledged, {registered} there, {mails} mails");
}

#[tokio::test]
async fn re11_one_local_desk_at_a_time_uses_a_data_folder() {
    let folder = tempfile::tempdir().unwrap();
    let mut process = Process::start(folder.path()).await;
    let second = Command::new(env!("CARGO_BIN_EXE_local-to-kill")).arg("--data").arg(folder.path()).output().await;
    assert!(!second.unwrap().status.success(), "both would send its messages");
    process.child.kill().await.unwrap();
    let third = Process::start(folder.path()).await;
    let answer = Client::new().request(Method::GET, format!("{}/_local/mails", third.url)).send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), json!({ "items": [] }).to_string());
}
