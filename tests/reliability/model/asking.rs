//! Turns operations into HTTP requests.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::{
    driver::Driver,
    ops::{Change, Choice, Form, Op, PASSWORDS, RESOURCES, Status},
    people::Address,
    world::{Record, last_name, library_email},
};
use crate::support::{Session, camille, with};

impl Driver {
    fn path(&self, which: usize) -> String {
        let gone = || self.world.erased.get(which % (self.world.erased.len().max(1)));
        let record: Option<&Record> = self.world.records.get(which).or_else(gone);
        let id = record.and_then(|record| self.names.id_of(record.number));
        format!("/registrations/{}", id.map_or("0123456789abcdef01234567", String::as_str))
    }

    /// Returns the request of an operation.
    pub(crate) fn request(&self, op: &Op, by: &Session) -> RequestBuilder {
        let (method, path) = self.address(op);
        let request = self.desk.request(method, &path).bearer_auth(&by.token);
        let request = match op {
            Op::Register { key: Some(key), .. } => request.header("Idempotency-Key", format!("k{key}")),
            Op::Correct { stale, .. } => request.header("If-Match", if *stale { "\"v0\"" } else { "*" }),
            _ => request,
        };
        let body = match op {
            Op::SignIn { of, .. } => self.with_code(body(op), self.app_of(*of)),
            Op::Confirm { nth, .. } => self.with_code(body(op), self.app_of(self.world.sessions[self.opened(*nth)].of)),
            Op::Enrol { nth } => {
                let sent = self.app_that_waits(*nth);
                if sent.is_some() { self.with_code(json!({}), sent) } else { json!({ "code": "000000" }) }
            }
            _ => body(op),
        };
        if body.is_null() { request } else { request.json(&body) }
    }

    /// Returns the app whose code sign-in wants.
    fn app_of(&self, of: Address) -> Option<usize> {
        Some(self.world.accounts.get(&of)?.factor?.app)
    }

    /// Returns the app whose enrolment waits at a session's account, if its secret arrived.
    pub(crate) fn app_that_waits(&self, nth: usize) -> Option<usize> {
        let of = self.world.sessions[self.opened(nth)].of;
        let (app, _) = self.world.accounts.get(&of)?.pending?;
        self.apps[app].is_some().then_some(app)
    }

    fn with_code(&self, body: Value, app: Option<usize>) -> Value {
        let Some(app) = app else { return body };
        let app = self.apps[app].as_ref().expect("only an app whose secret arrived is enrolled");
        with(body, "code", app.code(self.world.now))
    }

    fn address(&self, op: &Op) -> (Method, String) {
        match op {
            Op::Register { .. } => (Method::POST, "/registrations".to_owned()),
            Op::Correct { which, .. } => (Method::PATCH, self.path(*which)),
            Op::Activate { which, .. } => (Method::POST, format!("{}/activation", self.path(*which))),
            Op::Renew { which, .. } => (Method::POST, format!("{}/renewal", self.path(*which))),
            Op::Erase { which, .. } => (Method::DELETE, self.path(*which)),
            Op::Read { which, .. } => (Method::GET, self.path(*which)),
            Op::History { which, .. } => (Method::GET, format!("{}/history", self.path(*which))),
            Op::List { status, .. } => (Method::GET, format!("/registrations?limit=100{}", filter(*status))),
            Op::Export { status, .. } => (Method::GET, format!("/registrations.xlsx?{}", filter(*status))),
            Op::AskLink { .. } => (Method::POST, "/password-resets".to_owned()),
            Op::FollowLink { nth, choice } => {
                let method = if matches!(choice, Choice::Look) { Method::GET } else { Method::PUT };
                let link = self.mailed(*nth).map_or("nothing-of-the-sort", |at| self.links[at].as_str());
                (method, format!("/password-resets/{link}"))
            }
            Op::SignIn { .. } => (Method::POST, "/sessions".to_owned()),
            Op::SignOut { .. } => (Method::DELETE, "/sessions/current".to_owned()),
            Op::SignOutEverywhere { .. } => (Method::DELETE, "/sessions".to_owned()),
            Op::Confirm { .. } => (Method::POST, "/sessions/current/confirmation".to_owned()),
            Op::Me { .. } => (Method::GET, "/me".to_owned()),
            Op::BeginEnrolment { .. } => (Method::POST, "/me/second-factor".to_owned()),
            Op::Enrol { .. } => (Method::PUT, "/me/second-factor".to_owned()),
            Op::TakeFactorOff { .. } => (Method::DELETE, "/me/second-factor".to_owned()),
            Op::Library { library, .. } => (Method::PUT, format!("/libraries/{library}")),
            Op::Resource { resource, .. } => (Method::PUT, format!("/resources/{}", RESOURCES[*resource].0)),
            Op::Staff { who, reach, .. } => {
                let method = if reach.is_some() { Method::PUT } else { Method::DELETE };
                (method, format!("/staff/{}", who.email()))
            }
            other => unreachable!("{other:?} is no request"),
        }
    }
}

fn filter(status: Option<Status>) -> String {
    status.map_or_else(String::new, |status| format!("&status={}", status.name()))
}

fn body(op: &Op) -> Value {
    match op {
        Op::Register { form, .. } => filled_in(form),
        Op::Correct { change: Change::Town(n), .. } => json!({ "town": format!("Commune {n}") }),
        Op::Correct { change: Change::Library(library), .. } => json!({ "libraryId": library }),
        Op::Correct { change: Change::Name(n), .. } => json!({ "lastName": last_name(*n) }),
        Op::Correct { change: Change::Email { of, household }, .. } => {
            json!({ "email": of.email(), "household": household })
        }
        Op::Correct { change: Change::Resource(n), .. } => json!({ "resources": [RESOURCES[*n].0] }),
        Op::AskLink { of } => json!({ "email": of.email() }),
        Op::FollowLink { choice: Choice::Weak, .. } => json!({ "password": "Password1!" }),
        Op::FollowLink { choice: Choice::Password(n), .. } => json!({ "password": PASSWORDS[*n] }),
        Op::SignIn { of, password } => json!({ "email": of.email(), "password": PASSWORDS[*password] }),
        Op::Confirm { password, .. } => json!({ "password": PASSWORDS[*password] }),
        Op::Library { library, email, .. } => {
            let form = json!({ "name": "Bibliothèque", "town": "Fleury", "postalCode": "60240" });
            if let Some(n) = email { with(form, "email", library_email(library, *n)) } else { form }
        }
        Op::Resource { resource, active, .. } => json!({ "name": RESOURCES[*resource].1, "active": active }),
        Op::Staff { reach: Some(reach), .. } => {
            let libraries = reach.libraries().unwrap_or_default();
            json!({ "displayName": "Marie Lecture", "role": reach.role(), "libraryIds": libraries })
        }
        _ => Value::Null,
    }
}

fn filled_in(form: &Form) -> Value {
    let filled_in = with(with(camille(), "libraryId", form.library), "email", form.of.email());
    let filled_in = with(with(filled_in, "lastName", last_name(form.name)), "town", "Commune 0");
    let filled_in = with(filled_in, "resources", json!([RESOURCES[form.resource].0]));
    let filled_in = with(filled_in, "household", form.household);
    if form.provisional { with(filled_in, "password", PASSWORDS[0]) } else { filled_in }
}
