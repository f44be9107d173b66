//! The writing requests, each with the state that it needs.

use domain::StaffRole;
use reqwest::Method;
use runtime::Ids;
use serde_json::{Value, json};

use super::faults::{Story, each_call_fails_in_turn};
use crate::support::{AUNEUIL, App, Desk, FLEURY, PASSWORD, Reply, Session, camille, with};

const CAMILLE: &str = "camille@orange.example";

/// A request that can be sent again unchanged.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    method: Method,
    path: String,
    token: String,
    headers: Vec<(&'static str, &'static str)>,
    body: Value,
}

impl Ask {
    fn new(method: Method, path: impl Into<String>, by: Option<&Session>, body: Value) -> Self {
        let token = by.map(|by| by.token.clone()).unwrap_or_default();
        Self { method, path: path.into(), token, headers: Vec::new(), body }
    }

    fn header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(crate) async fn send(&self, desk: &Desk) -> Reply {
        let mut request = desk.request(self.method.clone(), &self.path);
        if !self.token.is_empty() {
            request = request.bearer_auth(&self.token);
        }
        for (name, value) in &self.headers {
            request = request.header(*name, *value);
        }
        let request = if self.body.is_null() { request } else { request.json(&self.body) };
        Reply::of(request).await
    }
}

async fn marie(desk: &Desk) -> Session {
    desk.seed_directory().await;
    desk.seed_staff("marie@fleury.example", StaffRole::Librarian, &[FLEURY, AUNEUIL]).await
}

/// Returns a librarian's session and the path of a new registration.
async fn registered(desk: &Desk) -> (Session, String) {
    let marie = marie(desk).await;
    (marie, format!("/registrations/{}", desk.seed_registration(FLEURY, CAMILLE, "Exemple").await))
}

async fn county(desk: &Desk) -> Session {
    desk.seed_directory().await;
    desk.seed_county().await
}

async fn link(desk: &Desk) -> String {
    registered(desk).await;
    let (store, token, email) = (desk.store(), Ids::System.secret(), CAMILLE.parse().unwrap());
    store.ask_reset(&email, "0a", desk.now()).await.unwrap();
    assert!(store.make_link(&email, "0a", &token.digest(), desk.now()).await.unwrap());
    format!("/password-resets/{}", token.reveal())
}

fn post(path: impl Into<String>, by: &Session, body: Value) -> Ask {
    Ask::new(Method::POST, path, Some(by), body)
}

fn put(path: &str, by: &Session, body: Value) -> Ask {
    Ask::new(Method::PUT, path, Some(by), body)
}

fn patch(path: &str, by: &Session, body: Value) -> Ask {
    Ask::new(Method::PATCH, path, Some(by), body).header("If-Match", "\"v1\"")
}

/// Declares one test per story: `name: status when done, status of a repeat; the request`.
macro_rules! stories {
    ($($name:ident: $done:literal, $again:literal $(, $how:ident)*; $prepare:expr;)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                #[allow(unused_mut)]
                let mut story =
                    Story { prepare: $prepare, done: $done, again: $again, once: true, in_steps: false };
                $(stories!(@ story $how);)*
                let faults = each_call_fails_in_turn(story).await;
                println!("RE7: {faults} faults in {}", stringify!($name));
                assert!(faults >= 14, "{faults} faults");
            }
        )*
    };
    (@ $story:ident twice_is_two) => { $story.once = false };
    (@ $story:ident in_steps) => { $story.in_steps = true };
}

stories! {
    re7_registering: 201, 409; |desk| Box::pin(async {
        post("/registrations", &marie(desk).await, with(camille(), "password", "Zèbre-Cactus-77?"))
    });
    re7_registering_under_an_idempotency_key: 201, 201; |desk| Box::pin(async {
        post("/registrations", &marie(desk).await, camille()).header("Idempotency-Key", "clic")
    });
    re7_correcting: 200, 412; |desk| Box::pin(async {
        let (marie, path) = registered(desk).await;
        patch(&path, &marie, json!({ "town": "Auneuil", "libraryId": AUNEUIL }))
    });
    re7_moving_to_another_address: 200, 412; |desk| Box::pin(async {
        let (marie, path) = registered(desk).await;
        patch(&path, &marie, json!({ "email": "nouvelle@orange.example" }))
    });
    re7_joining_a_household: 201, 409; |desk| Box::pin(async {
        let (marie, _) = registered(desk).await;
        let form = with(with(camille(), "email", CAMILLE), "firstName", "Zoé");
        post("/registrations", &marie, with(form, "household", true))
    });
    re7_moving_into_a_household: 200, 412; |desk| Box::pin(async {
        let (marie, path) = registered(desk).await;
        desk.seed_registration(FLEURY, "foyer@orange.example", "Foyer").await;
        patch(&path, &marie, json!({ "email": "foyer@orange.example", "household": true }))
    });
    re7_raising_a_patron_to_staff: 201, 200; |desk| Box::pin(async {
        registered(desk).await;
        let staff = json!({ "displayName": "Camille", "role": "librarian", "libraryIds": [AUNEUIL] });
        put(&format!("/staff/{CAMILLE}"), &county(desk).await, staff)
    });
    re7_activating: 200, 200; |desk| Box::pin(async {
        let (marie, path) = registered(desk).await;
        post(format!("{path}/activation"), &marie, Value::Null)
    });
    re7_renewing: 200, 409; |desk| Box::pin(async {
        let (marie, path) = registered(desk).await;
        desk.pass_days(365).await;
        post(format!("{path}/renewal"), &desk.seed_session(&marie.email).await, Value::Null)
    });
    re7_erasing: 204, 404; |desk| Box::pin(async {
        let (marie, path) = registered(desk).await;
        desk.act(&format!("{path}/activation"), &marie).await.expect(200);
        desk.seed_session(CAMILLE).await;
        Ask::new(Method::DELETE, path, Some(&marie), Value::Null)
    });
    re7_asking_for_a_link: 202, 202, twice_is_two; |desk| Box::pin(async {
        registered(desk).await;
        Ask::new(Method::POST, "/password-resets", None, json!({ "email": CAMILLE }))
    });
    re7_choosing_a_password: 204, 404; |desk| Box::pin(async {
        Ask::new(Method::PUT, link(desk).await, None, json!({ "password": "Nouvelle-Girafe-42!" }))
    });
    re7_signing_in: 201, 201, twice_is_two; |desk| Box::pin(async {
        let marie = marie(desk).await;
        Ask::new(Method::POST, "/sessions", None, json!({ "email": marie.email, "password": PASSWORD }))
    });
    re7_signing_out: 204, 401; |desk| Box::pin(async {
        Ask::new(Method::DELETE, "/sessions/current", Some(&marie(desk).await), Value::Null)
    });
    re7_signing_out_everywhere: 204, 401; |desk| Box::pin(async {
        let marie = marie(desk).await;
        desk.seed_session(&marie.email).await;
        Ask::new(Method::DELETE, "/sessions", Some(&marie), Value::Null)
    });
    re7_confirming: 204, 204; |desk| Box::pin(async {
        let marie = marie(desk).await;
        desk.pass(jiff::SignedDuration::from_secs(30)).await;
        post("/sessions/current/confirmation", &marie, json!({ "password": PASSWORD }))
    });
    re7_beginning_an_enrolment: 200, 200, twice_is_two; |desk| Box::pin(async {
        post("/me/second-factor", &marie(desk).await, Value::Null)
    });
    re7_enrolling_a_second_factor: 200, 409; |desk| Box::pin(async {
        let marie = marie(desk).await;
        let begun = desk.act("/me/second-factor", &marie).await.expect(200).json();
        let app = App::with(begun["secret"].as_str().unwrap());
        put("/me/second-factor", &marie, json!({ "code": app.code(desk.now()) }))
    });
    re7_signing_in_with_a_second_factor: 201, 401; |desk| Box::pin(async {
        let marie = marie(desk).await;
        let code = desk.enrol(&marie).await.recovery[0].clone();
        Ask::new(Method::POST, "/sessions", None, json!({ "email": marie.email, "password": PASSWORD, "code": code }))
    });
    re7_taking_a_second_factor_off: 204, 204; |desk| Box::pin(async {
        let marie = marie(desk).await;
        desk.enrol(&marie).await;
        Ask::new(Method::DELETE, "/me/second-factor", Some(&marie), Value::Null)
    });
    re7_putting_a_library: 201, 200; |desk| Box::pin(async {
        put("/libraries/LI14783", &county(desk).await, json!({ "name": "Vez", "town": "Vez", "postalCode": "60117" }))
    });
    re7_replacing_a_resource: 200, 200; |desk| Box::pin(async {
        put("/resources/musicme", &county(desk).await, json!({ "name": "MusicMe", "active": false }))
    });
    re7_taking_on_staff: 201, 200; |desk| Box::pin(async {
        let paul = json!({ "displayName": "Paul", "role": "librarian", "libraryIds": [AUNEUIL] });
        put("/staff/paul@auneuil.example", &county(desk).await, paul)
    });
    re7_inviting_staff_again: 202, 202, twice_is_two; |desk| Box::pin(async {
        let county = county(desk).await;
        desk.seed_staff("paul@auneuil.example", StaffRole::Librarian, &[AUNEUIL]).await;
        post("/staff/paul@auneuil.example/invitation", &county, Value::Null)
    });
    re7_moving_a_library_s_address: 200, 200; |desk| Box::pin(async {
        let moved = json!({ "name": "Fleury", "town": "Fleury", "postalCode": "60240", "email": "vez@oise.example" });
        put(&format!("/libraries/{FLEURY}"), &county(desk).await, moved)
    });
    re7_changing_staff: 200, 200; |desk| Box::pin(async {
        let county = county(desk).await;
        desk.seed_staff("paul@auneuil.example", StaffRole::County, &[]).await;
        let paul = json!({ "displayName": "Paul", "role": "librarian", "libraryIds": [AUNEUIL] });
        put("/staff/paul@auneuil.example", &county, paul)
    });
    re7_removing_staff: 204, 404; |desk| Box::pin(async {
        let county = county(desk).await;
        desk.seed_staff("paul@auneuil.example", StaffRole::Librarian, &[AUNEUIL]).await;
        Ask::new(Method::DELETE, "/staff/paul@auneuil.example", Some(&county), Value::Null)
    });
    re7_the_daily_job: 200, 200, in_steps; |desk| Box::pin(async {
        let (marie, path) = registered(desk).await;
        desk.act(&format!("{path}/activation"), &marie).await.expect(200);
        for (n, library) in [FLEURY, FLEURY, AUNEUIL].into_iter().enumerate() {
            desk.seed_registration(library, &format!("r{n}@orange.example"), "Retard").await;
        }
        desk.pass_days(8).await;
        Ask::new(Method::POST, "/_local/run/escalate", None, Value::Null)
    });
}
