//! RE8: one library with 5,000 patrons. Lists, exports and jobs follow every page to its end. Each registration is
//! warned of once, although one transaction can't hold them all.

use std::{
    collections::BTreeSet,
    io::Cursor,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use calamine::{Reader, Xlsx};
use domain::StaffRole;
use serde_json::{Value, json};

use super::audit::{Audit, audit};
use crate::support::{Desk, FLEURY, Meddling, Session, Wire, engine, hands::escalate_on, meddled};

const PATRONS: usize = 5_000;
/// The most registrations that are counted of each status.
const COUNTED: usize = 500;
/// Items that one `BatchWriteItem` call may write.
const BATCH: usize = 25;
/// `DynamoDB`'s limits of a transaction: writes, and bytes.
const WRITES: usize = 100;
const BYTES: usize = 4 * 1024 * 1024;

fn last_name(n: usize) -> String {
    let letter = |n: usize| char::from(b'a' + u8::try_from(n % 26).unwrap());
    format!("Nom{}{}{}{}", letter(n / 17_576), letter(n / 676), letter(n / 26), letter(n))
}

fn address(n: usize) -> String {
    format!("u{n}@orange.example")
}

/// The stored items of one registration, to be copied for the other patrons.
struct Pattern {
    items: Vec<Value>,
    id: String,
    email: String,
}

impl Pattern {
    /// Copies the items for another patron: replaces id, address and name in keys and fields.
    fn copy(&self, n: usize) -> Vec<Value> {
        let (id, pseudonym) = (format!("{n:024x}"), |email: &str| store::keys::pseudonym(&email.parse().unwrap()));
        let partition = |id: &str| format!("pending#{}\"", store::keys::shard_of(id));
        let (name, first) = (last_name(n), last_name(0));
        let changes = [
            (partition(&self.id), partition(&id)),
            (self.id.clone(), id.clone()),
            (pseudonym(&self.email), pseudonym(&address(n))),
            (self.email.clone(), address(n)),
            (first.to_lowercase(), name.to_lowercase()),
            (first, name),
        ];
        let copied = |item: &Value| changes.iter().fold(item.to_string(), |text, (old, new)| text.replace(old, new));
        self.items.iter().map(|item| serde_json::from_str(&copied(item)).unwrap()).collect()
    }
}

impl Desk {
    /// Returns the items of a registration and its account, with their `DynamoDB` types.
    async fn raw_items_of(&self, id: &str, email: &str) -> Vec<Value> {
        let all: Value = serde_json::from_str(&self.dump().await).unwrap();
        let keys = [format!("REG#{id}"), store::keys::account(&email.parse().unwrap()).pk];
        let own = |item: &&Value| keys.iter().any(|pk| item["pk"]["S"] == *pk);
        all["Items"].as_array().unwrap().iter().filter(own).cloned().collect()
    }
}

async fn full_library() -> (Desk, Session) {
    let desk = Desk::open_on(&Wire::without_deliver()).await;
    desk.seed_directory().await;
    let marie = desk.seed_staff("marie@fleury.example", StaffRole::Librarian, &[FLEURY]).await;
    let (first, email) = (desk.seed_registration(FLEURY, &address(0), &last_name(0)).await, address(0));
    let pattern = Pattern { items: desk.raw_items_of(&first, &email).await, id: first, email };
    let copies: Vec<Value> = (1..PATRONS).flat_map(|n| pattern.copy(n)).collect();
    for batch in copies.chunks(BATCH) {
        let puts: Vec<Value> = batch.iter().map(|item| json!({ "PutRequest": { "Item": item } })).collect();
        let writes = json!({ "RequestItems": { "Table": puts } });
        let answer = engine::call(&desk.local().dynamodb_url(), "BatchWriteItem", &writes).await;
        assert_eq!(answer, "{\"UnprocessedItems\":{}}");
    }
    (desk, marie)
}

/// Reads the whole list page by page and checks its order across pages. Returns the number of pages.
async fn the_whole_list_by_pages(desk: &Desk, marie: &Session) -> usize {
    let (mut names, mut pages, mut path) = (Vec::new(), 0, "/registrations?limit=100".to_owned());
    loop {
        let page = desk.get(&path, marie).await.expect(200);
        names.extend(page.column("lastName"));
        pages += 1;
        let body = page.json();
        let Some(cursor) = body["next"].as_str() else { break };
        path = format!("/registrations?limit=100&cursor={cursor}");
    }
    assert_eq!(names, (0..PATRONS).map(last_name).collect::<Vec<_>>(), "each once, in order");
    pages
}

/// Checks the counts when all registrations are pending and there are more than the count's limit.
async fn as_many_as_are_counted_wait(desk: &Desk, marie: &Session) {
    let counts = desk.get("/registrations/counts", marie).await.expect(200).json();
    let of = |status: &str, count: usize| json!({ "status": status, "count": count, "more": true });
    assert_eq!(counts["items"], json!([of("pending", COUNTED), of("active", 0), of("expired", 0)]));
}

async fn the_export_has_every_row(desk: &Desk, marie: &Session) {
    let file = desk.get("/registrations.xlsx", marie).await.expect(200).body;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(file)).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let names: BTreeSet<String> = sheet
        .rows()
        .flat_map(|row| row.iter().map(ToString::to_string))
        .filter(|cell| cell.len() == last_name(0).len() && cell.starts_with("Nom"))
        .collect();
    assert_eq!(names.len(), PATRONS);
}

/// Runs the daily job, which warns of all, and checks the size of each transaction. Returns their number.
async fn the_job_warns_each_once(desk: &Desk) -> usize {
    let transactions = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&transactions);
    let escalate = escalate_on(desk, |aws| {
        meddled(aws, move |request| {
            if request.headers().get("x-amz-target").is_some_and(|target| target.ends_with("TransactWriteItems")) {
                counted.fetch_add(1, Ordering::SeqCst);
                let body = request.body().bytes().unwrap();
                let writes: Value = serde_json::from_slice(body).unwrap();
                assert!(writes["TransactItems"].as_array().unwrap().len() <= WRITES && body.len() <= BYTES);
            }
            Meddling::Pass
        })
    });
    let report = escalate.run().await.unwrap();
    assert_eq!((report.warned, report.escalated), (PATRONS, 0));
    assert_eq!(escalate.run().await.unwrap(), escalate::Report::default(), "run twice");
    transactions.load(Ordering::SeqCst)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn re8_a_library_of_5000_is_listed_exported_and_warned_in_full() {
    let (desk, marie) = full_library().await;
    let pages = the_whole_list_by_pages(&desk, &marie).await;
    as_many_as_are_counted_wait(&desk, &marie).await;
    the_export_has_every_row(&desk, &marie).await;
    desk.pass_days(8).await;
    let transactions = the_job_warns_each_once(&desk).await;
    assert_eq!(desk.deliver_all().await, [""; 0]);
    let digests = desk.mails_to("fleury@oise.example", "library-digest").await;
    let parts = PATRONS.div_ceil(store::LISTED);
    assert_eq!(digests.len(), parts);
    let text: String = digests.iter().filter_map(|digest| digest["text"].as_str()).collect();
    let words: BTreeSet<String> = text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase).collect();
    assert!((0..PATRONS).all(|n| words.contains(&last_name(n).to_lowercase())));
    let items = desk.items().await;
    audit(&items);
    assert_eq!(Audit::of(&items).outbox(), vec!["library-digest sent"; parts]);
    println!("RE8: {PATRONS} patrons, {pages} pages, {transactions} transactions, {parts} digests");
}
