//! What is asked of the desk, and what is read there.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::{
    driver::Driver,
    ops::{Change, Op},
    world::{Record, World, email, last_name, library_email},
};
use crate::support::{Reply, Session, camille, with};

impl Driver {
    fn path(&self, which: usize) -> String {
        let gone = || self.world.erased.get(which % (self.world.erased.len().max(1)));
        let record: Option<&Record> = self.world.records.get(which).or_else(gone);
        let id = record.and_then(|record| self.names.id_of(record.number));
        format!("/registrations/{}", id.map_or("0123456789abcdef01234567", String::as_str))
    }

    /// The request that an operation is.
    pub(crate) fn request(&self, op: &Op, by: &Session) -> RequestBuilder {
        let (method, path) = self.address(op);
        let request = self.desk.request(method, &path).bearer_auth(&by.token);
        let request = match op {
            Op::Register { key: Some(key), .. } => request.header("Idempotency-Key", format!("k{key}")),
            Op::Correct { stale, .. } => request.header("If-Match", if *stale { "\"v0\"" } else { "*" }),
            _ => request,
        };
        let body = body(op);
        if body.is_null() { request } else { request.json(&body) }
    }

    fn address(&self, op: &Op) -> (Method, String) {
        match op {
            Op::Register { .. } => (Method::POST, "/registrations".to_owned()),
            Op::Correct { which, .. } => (Method::PATCH, self.path(*which)),
            Op::Activate { which, .. } => (Method::POST, format!("{}/activation", self.path(*which))),
            Op::Renew { which, .. } => (Method::POST, format!("{}/renewal", self.path(*which))),
            Op::Erase { which, .. } => (Method::DELETE, self.path(*which)),
            Op::AskLink { .. } => (Method::POST, "/password-resets".to_owned()),
            Op::Read { which, .. } => (Method::GET, format!("{}/history", self.path(*which))),
            Op::List { .. } => (Method::GET, "/registrations?limit=100".to_owned()),
            Op::Address { library, .. } => (Method::PUT, format!("/libraries/{library}")),
            other => unreachable!("{other:?} is no request"),
        }
    }
}

fn body(op: &Op) -> Value {
    match op {
        Op::Register { library, email: n, .. } => {
            let form = with(with(camille(), "libraryId", *library), "email", email(*n));
            with(with(form, "lastName", last_name(*n)), "town", "Commune 0")
        }
        Op::Correct { change: Change::Town(n), .. } => json!({ "town": format!("Commune {n}") }),
        Op::Correct { change: Change::Library(library), .. } => json!({ "libraryId": library }),
        Op::Correct { change: Change::Email(n), .. } | Op::AskLink { email: n } => json!({ "email": email(*n) }),
        Op::Address { library, there } => {
            let form = json!({ "name": "Bibliothèque", "town": "Fleury", "postalCode": "60240" });
            if *there { with(form, "email", library_email(library)) } else { form }
        }
        _ => Value::Null,
    }
}

/// What is read is what the reader may see, and how it is.
pub(crate) fn check_read(op: &Op, reply: &Reply, world: &World) {
    match op {
        Op::Read { which, .. } if reply.status == 200 => {
            let lines: Vec<&str> = world.records[*which].lines.iter().map(|(action, ..)| *action).collect();
            assert_eq!(reply.column("action"), lines, "a history is told in order");
        }
        Op::List { by } => {
            let line = |library: &str, email: &str, status: &str| format!("{library} {email} {status}");
            let theirs = world.records.iter().filter(|record| by.reaches(record.library));
            let mut wanted: Vec<String> =
                theirs.map(|r| line(r.library, &email(r.email), r.status(world.today()))).collect();
            let page = reply.json();
            let text = |item: &Value, field: &str| item[field].as_str().unwrap().to_owned();
            let items = page["items"].as_array().unwrap().iter();
            let mut listed: Vec<String> =
                items.map(|i| line(&text(i, "libraryId"), &text(i, "email"), &text(i, "status"))).collect();
            wanted.sort();
            listed.sort();
            assert_eq!(listed, wanted, "{by:?} sees their own");
        }
        _ => {}
    }
}

impl Record {
    fn status(&self, today: jiff::civil::Date) -> &'static str {
        match self.activated_on {
            None => "pending",
            Some(_) if today < self.expires_on => "active",
            Some(_) => "expired",
        }
    }
}
