//! The calls that are measured, and the county that they are measured in.

use std::time::{Duration, Instant};

use demo::County;
use domain::{Registration, StaffRole};
use lambda_http::{Body, Response};
use local::Options;
use reqwest::Method;
use serde_json::{Value, json};
use store::keys::{self, Half};
use tempfile::TempDir;

use crate::support::{BEGINNING, Consumed, Desk, FLEURY, Meter, Session, camille, with};

/// The number of times that each call is measured.
const TIMES: usize = 7;
/// The largest county that is exported whole: the test build takes half a millisecond per row.
const WHOLE: usize = 100_000;
/// From this size on the table is stored in a file, because in memory it would fill a small machine.
const LARGE: usize = 300_000;

/// A desk with a whole county.
pub(crate) struct Grown {
    pub(crate) desk: Desk,
    pub(crate) meter: Meter,
    /// A librarian of the town's library, which has a fifth of the patrons.
    pub(crate) marie: Session,
    /// A session of the county.
    pub(crate) county: Session,
    patrons: usize,
    seeding: Duration,
    _folder: Option<TempDir>,
}

/// One measure: the highest consumption and the median duration.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) consumed: Consumed,
    took: Duration,
}

impl Grown {
    pub(crate) async fn open(patrons: usize, overdue: usize) -> Self {
        Self::open_seeing(patrons, overdue, |_| ()).await
    }

    /// Opens a grown desk, and passes each registration to `seen` as it is stored.
    pub(crate) async fn open_seeing(patrons: usize, overdue: usize, seen: impl FnMut(&Registration) + Send) -> Self {
        let (meter, now) = (Meter::default(), BEGINNING.parse().unwrap());
        let folder = (patrons >= LARGE).then(|| TempDir::new().unwrap());
        let data = folder.as_ref().map(|folder| folder.path().to_owned());
        let options = Options { now: Some(now), rewire: Some(meter.rewire()), data, ..Options::default() };
        let desk = Desk::open_with(options).await;
        let began = Instant::now();
        desk.local().seed(&County::of(patrons, overdue, now).unwrap(), seen).await.unwrap();
        let seeding = began.elapsed();
        let marie = desk.seed_staff("marie@beauvais.example", StaffRole::Librarian, &[County::TOWN]).await;
        let county = desk.seed_county().await;
        Self { desk, meter, marie, county, patrons, seeding, _folder: folder }
    }

    pub(crate) async fn close(self) {
        self.desk.close().await;
    }

    /// Measures all calls. The daily job is last, because it marks the overdue registrations.
    pub(crate) async fn measure_all(&self, mut emit: impl FnMut(Value)) {
        let row = |what: &str, measured: &Measured| {
            let Consumed { calls, read, queried, written } = measured.consumed;
            json!({
                "patrons": self.patrons, "what": what, "calls": calls, "read": read, "queried": queried, "written": written,
                "milliseconds": measured.took.as_secs_f64() * 1e3,
            })
        };
        let seeded = Measured { consumed: Consumed::default(), took: self.seeding };
        emit(row("seeded", &seeded));
        for (what, path, by) in self.pages().await {
            emit(row(what, &self.page(&path, by).await));
        }
        emit(row("history", &self.page(&self.a_history().await, &self.marie).await));
        emit(row("register", &self.register().await));
        emit(row("activate", &self.activate().await));
        emit(row("export a library", &self.export(&self.librarian_of(FLEURY).await).await));
        if self.patrons <= WHOLE {
            emit(row("export the county", &self.export(&self.county).await));
        }
        emit(row("sweep", &self.sweep().await));
    }

    /// Returns the paged reads: name, path and session.
    async fn pages(&self) -> Vec<(&'static str, String, &Session)> {
        let path = |cursor: &str| format!("/registrations?cursor={cursor}");
        vec![
            ("page, first", "/registrations".to_owned(), &self.marie),
            ("page, last", path(&self.last_of_town().await), &self.marie),
            ("page of pending", "/registrations?status=pending".to_owned(), &self.marie),
            ("page, newest", "/registrations?sort=-registeredOn".to_owned(), &self.marie),
            ("county's page, first", "/registrations".to_owned(), &self.county),
            ("county's page, last", path(&self.last_of_county().await), &self.county),
            ("county's page, newest", "/registrations?sort=-registeredOn".to_owned(), &self.county),
            ("counts", "/registrations/counts".to_owned(), &self.marie),
        ]
    }

    /// Returns the path of a history in the town's library.
    pub(crate) async fn a_history(&self) -> String {
        let first = self.desk.get("/registrations?limit=1", &self.marie).await.expect(200);
        format!("/registrations/{}/history", first.column("id")[0])
    }

    pub(crate) async fn last_of_town(&self) -> String {
        let town = County::TOWN.parse().unwrap();
        let halves = Half::ALL.map(|half| keys::library_half(&town, half));
        // The binding that `ListQuery::binding` returns for a list without parameters.
        let scope = json!([address_of(&self.marie), [town], []]).to_string();
        self.desk.last_cursor(&self.marie, &scope, keys::LIBRARY_NAME, [halves]).await
    }

    pub(crate) async fn last_of_county(&self) -> String {
        let letters = domain::collation::LETTERS.chars().rev();
        let partitions = letters.map(|letter| Half::ALL.map(|half| keys::letter_half(letter, half)));
        let scope = json!([address_of(&self.county), null, []]).to_string();
        self.desk.last_cursor(&self.county, &scope, keys::COUNTY_NAME, partitions).await
    }

    pub(crate) async fn page(&self, path: &str, by: &Session) -> Measured {
        let paths = vec![path.to_owned(); TIMES];
        self.measured("list", Method::GET, by, &paths, None).await
    }

    pub(crate) async fn register(&self) -> Measured {
        let mut form = with(camille(), "libraryId", County::TOWN);
        form.as_object_mut().unwrap().remove("cardNumber");
        form.as_object_mut().unwrap().remove("password");
        let form = with(form, "resources", json!(["musicme"]));
        let paths = vec!["/registrations".to_owned(); TIMES];
        self.measured("register", Method::POST, &self.marie, &paths, Some(&form)).await
    }

    /// Returns the pending registrations of the town's library.
    pub(crate) async fn activate(&self) -> Measured {
        let waiting = self.desk.get("/registrations?status=pending", &self.marie).await.expect(200).column("id");
        let paths: Vec<_> = waiting.iter().take(TIMES).map(|id| format!("/registrations/{id}/activation")).collect();
        self.measured("activate", Method::POST, &self.marie, &paths, None).await
    }

    async fn export(&self, by: &Session) -> Measured {
        self.meter.taken_by("export");
        let began = Instant::now();
        let status = self.exported(by).await.status().as_u16();
        let took = began.elapsed();
        assert!(status == 200 || status == 303, "{status}");
        Measured { consumed: self.meter.taken_by("export"), took }
    }

    /// Calls the function directly, because this build takes longer for a whole county than the gateway's timeout.
    pub(crate) async fn exported(&self, by: &Session) -> Response<Body> {
        let mut event: Value = serde_json::from_str(include_str!("../../../events/export/good.json")).unwrap();
        event["headers"]["authorization"] = format!("Bearer {}", by.token).into();
        let request = edge::request(&event.to_string()).unwrap();
        let export = local::function("export", self.desk.local().runtime("export").unwrap()).unwrap();
        export(request).await
    }

    pub(crate) async fn sweep(&self) -> Measured {
        self.meter.taken_by("escalate");
        let began = Instant::now();
        self.desk.escalate().await;
        let took = began.elapsed();
        Measured { consumed: self.meter.taken_by("escalate"), took }
    }

    async fn librarian_of(&self, library: &str) -> Session {
        self.desk.seed_staff(&format!("paul@{library}.example"), StaffRole::Librarian, &[library]).await
    }

    /// Calls a function once for each path. A form has a different address each time.
    async fn measured(
        &self,
        function: &str,
        method: Method,
        by: &Session,
        paths: &[String],
        form: Option<&Value>,
    ) -> Measured {
        let (mut consumed, mut took) = (Consumed::default(), Vec::new());
        for (at, path) in paths.iter().enumerate() {
            let mut request = self.desk.request(method.clone(), path).bearer_auth(&by.token);
            if let Some(form) = form {
                request = request.json(&with(form.clone(), "email", format!("camille.{at}@orange.example")));
            }
            self.meter.taken_by(function);
            let began = Instant::now();
            let answer = request.send().await.unwrap();
            let (status, body) = (answer.status().as_u16(), answer.bytes().await.unwrap());
            took.push(began.elapsed());
            assert!(status < 400, "{status} {}", String::from_utf8_lossy(&body));
            consumed = consumed.most(self.meter.taken_by(function));
        }
        took.sort();
        Measured { consumed, took: took[took.len() / 2] }
    }
}

fn address_of(session: &Session) -> domain::Email {
    session.email.parse().unwrap()
}
