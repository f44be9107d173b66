//! Lists, counts and workbooks that are read while others register, activate, move and erase (RE13). Another request
//! runs before each query of the reader in turn. A registration that was there all the time is listed once.

use std::collections::BTreeMap;

use domain::StaffRole;
use futures_util::future::join_all;
use local::Options;
use serde_json::{Value, json};

use crate::support::{
    AUNEUIL, BEGINNING, Desk, FLEURY, Interlude, Session,
    workbook::{cell, open},
};

/// More queries than any reader makes.
const QUERIES: usize = 200;
/// Those who stay as they are; the first ones are activated.
const STEADY: [&str; 8] = ["Berger", "Dupont", "Fabre", "Henry", "Charpentier", "Garnier", "Joly", "Nodier"];
const ACTIVATED: usize = 4;
/// Names of the one who changes: before, between and after the others.
const MOVERS: [&str; 3] = ["Aubert", "Evrard", "Zola"];

/// A change during the reading, of the one who changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Activation,
    Move,
    Erasure,
}

struct Place {
    desk: Desk,
    interlude: Interlude,
    marie: Session,
    county: Session,
}

impl Place {
    async fn open() -> Self {
        let interlude = Interlude::default();
        let now = Some(BEGINNING.parse().unwrap());
        let desk = Desk::open_with(Options { now, rewire: Some(interlude.rewire()), ..Options::default() }).await;
        desk.seed_directory().await;
        let marie = desk.seed_staff("marie@fleury.example", StaffRole::Librarian, &[FLEURY]).await;
        let county = desk.seed_county().await;
        for (n, name) in STEADY.iter().enumerate() {
            let id = desk.seed_registration(FLEURY, &format!("steady{n}@orange.example"), name).await;
            if n < ACTIVATED {
                desk.act(&format!("/registrations/{id}/activation"), &marie).await.expect(200);
            }
        }
        Self { desk, interlude, marie, county }
    }

    /// Sends the change before the reader's n-th query.
    fn change_before(&self, n: usize, change: Change, id: &str) {
        let path = format!("/registrations/{id}");
        let request = match change {
            Change::Activation => self.desk.request(reqwest::Method::POST, &format!("{path}/activation")),
            Change::Move => self
                .desk
                .request(reqwest::Method::PATCH, &path)
                .header("If-Match", "*")
                .header("Content-Type", "application/merge-patch+json")
                .body(json!({ "libraryId": AUNEUIL }).to_string()),
            Change::Erasure => self.desk.request(reqwest::Method::DELETE, &path),
        };
        let request = request.bearer_auth(&self.county.token);
        // The county activates only what is overdue, so the librarian does.
        let request = if change == Change::Activation {
            self.desk.request(reqwest::Method::POST, &format!("{path}/activation")).bearer_auth(&self.marie.token)
        } else {
            request
        };
        self.interlude.before_query(n, async move {
            assert!(request.send().await.expect("an answer").status().is_success());
        });
    }

    async fn remove(&self, id: &str) {
        let gone = self.desk.delete(&format!("/registrations/{id}"), &self.county).await;
        assert!([204, 404].contains(&gone.status));
    }

    /// Reads `path` once for each of its queries, with the change before it. Returns the number of readings.
    async fn each_query_comes_late(&self, by: &Session, path: &str, mover: &str, change: Change) -> usize {
        let always = change == Change::Activation || (change == Change::Move && by.email == self.county.email);
        for n in 1..QUERIES {
            let id = self.desk.seed_registration(FLEURY, &format!("mover{n}@orange.example"), mover).await;
            self.change_before(n, change, &id);
            let mut seen: BTreeMap<String, usize> = BTreeMap::new();
            for name in names(&self.desk, by, path).await {
                *seen.entry(name).or_default() += 1;
            }
            let which = format!("{path} by {}: {change:?} of {mover} before query {n}", by.email);
            assert!(STEADY.iter().all(|name| seen.get(*name) == Some(&1)), "{which}: {seen:?}");
            let times = seen.get(mover).copied().unwrap_or_default();
            assert!(times == 1 || (times == 0 && !always), "{which}: {times} times");
            let is_over = self.interlude.is_over();
            self.remove(&id).await;
            if !is_over {
                return n;
            }
        }
        panic!("{path} makes fewer queries");
    }
}

/// Returns the last names of a whole list, or of a workbook.
async fn names(desk: &Desk, by: &Session, path: &str) -> Vec<String> {
    let (mut names, mut next) = (Vec::new(), Some(path.to_owned()));
    while let Some(path) = next {
        let reply = desk.get(&path, by).await.expect(200);
        if path.contains(".xlsx") {
            let sheet = open(&reply);
            return (1..sheet.height()).map(|row| cell(&sheet, row, "Nom")).collect();
        }
        names.extend(reply.column("lastName"));
        next = reply.header("link").strip_prefix('<').and_then(|link| link.split('>').next()).map(str::to_owned);
    }
    names
}

const READ: [&str; 6] = [
    "/registrations?limit=100",
    "/registrations?limit=3",
    "/registrations?limit=100&sort=-registeredOn",
    "/registrations?limit=3&sort=-registeredOn",
    "/registrations.xlsx",
    "/registrations.xlsx?sort=-registeredOn",
];

#[tokio::test]
async fn c2_an_activation_during_a_reading_hides_nobody() {
    let place = Place::open().await;
    let mut readings = 0;
    for path in READ {
        for mover in MOVERS {
            readings += place.each_query_comes_late(&place.marie, path, mover, Change::Activation).await;
        }
    }
    println!("RE13: {readings} readings of a library, each with an activation");
}

#[tokio::test]
async fn c2_an_activation_during_the_county_s_reading_hides_nobody() {
    let place = Place::open().await;
    let mut readings = 0;
    for path in ["/registrations?limit=100", "/registrations?limit=100&sort=-registeredOn"] {
        readings += place.each_query_comes_late(&place.county, path, "Evrard", Change::Activation).await;
    }
    println!("RE13: {readings} readings of the county, each with an activation");
}

#[tokio::test]
async fn c2_moves_and_erasures_during_a_reading_hide_no_other() {
    let place = Place::open().await;
    for change in [Change::Move, Change::Erasure] {
        for path in ["/registrations?limit=3", "/registrations?limit=3&sort=-registeredOn", "/registrations.xlsx"] {
            place.each_query_comes_late(&place.marie, path, "Evrard", change).await;
        }
        let path = "/registrations?limit=100&sort=-registeredOn";
        place.each_query_comes_late(&place.county, path, "Evrard", change).await;
    }
}

#[tokio::test]
async fn c2_a_history_during_an_erasure_has_each_line_once() {
    let place = Place::open().await;
    for n in 1..QUERIES {
        let id = place.desk.seed_registration(FLEURY, &format!("mover{n}@orange.example"), "Evrard").await;
        place.change_before(n, Change::Erasure, &id);
        let history = place.desk.get(&format!("/registrations/{id}/history"), &place.marie).await;
        let lines = if history.status == 200 { history.column("action") } else { vec!["created".to_owned()] };
        assert!(lines == ["created"] || lines == ["created", "erased"], "query {n}: {lines:?}");
        let is_over = place.interlude.is_over();
        place.remove(&id).await;
        if !is_over {
            return;
        }
    }
}

fn of_status(counts: &Value, status: &str) -> u64 {
    let found = counts["items"].as_array().unwrap().iter().find(|of| of["status"] == status).expect("each is counted");
    found["count"].as_u64().unwrap()
}

#[tokio::test]
async fn c2_counts_during_an_activation_count_each_once() {
    let place = Place::open().await;
    let (active, pending) = (ACTIVATED as u64, (STEADY.len() - ACTIVATED) as u64);
    for n in 1..QUERIES {
        let id = place.desk.seed_registration(FLEURY, &format!("mover{n}@orange.example"), "Evrard").await;
        place.change_before(n, Change::Activation, &id);
        let counts = place.desk.get("/registrations/counts", &place.marie).await.expect(200).json();
        let counted = (of_status(&counts, "pending"), of_status(&counts, "active"));
        assert!([(pending + 1, active), (pending, active + 1)].contains(&counted), "query {n}: {counts}");
        let is_over = place.interlude.is_over();
        place.remove(&id).await;
        if !is_over {
            return;
        }
    }
}

/// Registers people of one name, so many at once.
async fn register(desk: &Desk, of: std::ops::Range<usize>, name: &str) {
    let of: Vec<usize> = of.collect();
    for some in of.chunks(8) {
        let emails: Vec<String> = some.iter().map(|n| format!("{name}{n}@orange.example").to_lowercase()).collect();
        join_all(emails.iter().map(|email| desk.seed_registration(FLEURY, email, name))).await;
    }
}

#[tokio::test]
async fn c9_overdue_ones_are_counted_by_date_behind_newer_ones() {
    let desk = Desk::open().await;
    desk.seed_directory().await;
    let overdue = async |desk: &Desk| {
        let marie = desk.seed_session("marie@fleury.example").await;
        let county = desk.seed_session(crate::support::COUNTY).await;
        let (own, all) =
            (desk.get("/registrations/counts", &marie).await, desk.get("/registrations/counts", &county).await);
        let (own, all) = (own.expect(200).json()["overdue"].clone(), all.expect(200).json()["overdue"].clone());
        assert_eq!(own, all);
        own
    };
    desk.seed_staff("marie@fleury.example", StaffRole::Librarian, &[FLEURY]).await;
    desk.seed_county().await;
    register(&desk, 0..3, "Zola").await;
    assert_eq!(overdue(&desk).await, json!({ "count": 0, "more": false }));
    desk.pass_days(8).await;
    register(&desk, 0..510, "Abel").await;
    assert_eq!(overdue(&desk).await, json!({ "count": 3, "more": false }));
    desk.pass_days(8).await;
    assert_eq!(overdue(&desk).await, json!({ "count": 500, "more": true }));
}
