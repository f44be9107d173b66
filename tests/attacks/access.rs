//! What belongs to others: records, keys, fields, libraries and addresses.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{AUNEUIL, COUNTY, Desk, FLEURY, PASSWORD, Reply, Session, camille, with};

/// Everything of an answer that a caller could compare.
fn comparable(mut reply: Reply) -> Reply {
    for own in ["date", "x-request-id"] {
        reply.headers.remove(own);
    }
    reply
}

async fn sent(desk: &Desk, by: &Session, route: &str, id: &str, body: Option<&str>, etag: Option<&str>) -> Reply {
    let (method, path) = route.split_once(' ').unwrap();
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = desk.request(method, &path.replace("{id}", id)).bearer_auth(&by.token);
    if let Some(etag) = etag {
        request = request.header("If-Match", etag);
    }
    if let Some(body) = body {
        request = request.header("Content-Type", "application/json").body(body.to_owned());
    }
    Reply::of(request).await
}

#[tokio::test]
async fn ap2_foreign_and_unknown_ids_are_equal_byte_for_byte() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    let paul = desk.librarian(&county, "paul@auneuil.example", &[AUNEUIL]).await;
    let (foreign, etag) = desk.register(&marie, "camille@orange.example").await;
    let of_a_record = edge::routes::ROUTES.iter().filter(|(_, path, _)| path.starts_with("/registrations/{id}"));
    let mut tried = 0;
    for (method, path, _) in of_a_record {
        let route = format!("{method} {path}");
        for (body, etag) in [(None, None), (Some("{"), Some("*")), (Some(r#"{"town":"Vez"}"#), Some(&*etag))] {
            let unknown = comparable(sent(&desk, &paul, &route, "0123456789abcdef01234567", body, etag).await);
            let odd = comparable(sent(&desk, &paul, &route, "rien", body, etag).await);
            let foreign = comparable(sent(&desk, &paul, &route, &foreign, body, etag).await);
            assert_eq!((&foreign, &odd), (&unknown, &unknown), "{route} {body:?}");
            foreign.problem(404, "not-found");
            tried += 1;
        }
    }
    assert!(tried >= 24, "{tried}");
    for path in ["/registrations", "/registrations/counts", "/registrations.xlsx"] {
        let of = async |library| comparable(desk.get(&format!("{path}?libraryId={library}"), &paul).await);
        assert_eq!(of(FLEURY).await, of("LI99999").await, "{path}");
    }
}

#[tokio::test]
async fn ap14_another_s_idempotency_key_opens_nothing() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    let anne = desk.librarian(&county, "anne@fleury.example", &[FLEURY]).await;
    let paul = desk.librarian(&county, "paul@auneuil.example", &[AUNEUIL]).await;
    let keyed = async |by: &Session| {
        let request = desk.request(Method::POST, "/registrations").bearer_auth(&by.token);
        Reply::of(request.header("Idempotency-Key", "clic").json(&camille())).await
    };
    let id = keyed(&marie).await.expect(201).json()["id"].clone();
    assert_eq!(keyed(&anne).await.problem(409, "already-registered")["id"], id, "as without a key");
    assert_eq!(comparable(keyed(&paul).await), comparable(desk.post("/registrations", &paul, &camille()).await));
    desk.register(&marie, "patron@orange.example").await;
    keyed(&desk.arrive("patron@orange.example").await).await.problem(403, "forbidden");
}

/// Members that the desk sets itself, in the spelling of answers and of the table.
const OWN_MEMBERS: [&str; 28] = [
    "id",
    "status",
    "registeredOn",
    "expiresOn",
    "activatedOn",
    "activatedBy",
    "renewedOn",
    "warnedOn",
    "escalatedOn",
    "mailState",
    "actions",
    "access",
    "etag",
    "version",
    "revision",
    "generation",
    "registrations",
    "account",
    "roles",
    "isAdmin",
    "passwordHash",
    "provisional",
    "passwordIgnored",
    "pk",
    "library_id",
    "LibraryId",
    "__proto__",
    "constructor",
];

#[tokio::test]
async fn ap14_no_body_sets_what_the_desk_sets() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    let (id, _) = desk.register(&marie, "camille@orange.example").await;
    let (record, staff) = (format!("/registrations/{id}"), format!("/staff/{}", marie.email));
    let before = [desk.get(&record, &county).await.json(), desk.get("/staff", &county).await.json()];
    let (post, put, patch) = (Method::POST, Method::PUT, Method::PATCH);
    let library = json!({ "name": "Bibliothèque", "town": "Fleury", "postalCode": "60240" });
    for (method, path, by, form) in [
        (&post, "/registrations", Some(&marie), with(camille(), "email", "autre@orange.example")),
        (&patch, &record, Some(&marie), json!({ "town": "Vez" })),
        (&put, "/libraries/LI10511", Some(&county), library),
        (&put, "/resources/musicme", Some(&county), json!({ "name": "MusicMe", "active": true })),
        (&put, &staff, Some(&county), json!({ "displayName": "X", "role": "librarian", "libraryIds": [FLEURY] })),
        (&post, "/password-resets", None, json!({ "email": marie.email })),
        (&post, "/sessions", None, json!({ "email": marie.email, "password": PASSWORD })),
    ] {
        for member in OWN_MEMBERS {
            let body = with(form.clone(), member, json!(["county"]));
            let request = desk.request(method.clone(), path).header("If-Match", "*").json(&body);
            let request = by.iter().fold(request, |request, by| request.bearer_auth(&by.token));
            assert_eq!(Reply::of(request).await.faults(), [format!("/{member} unknown-field")], "{method} {path}");
        }
    }
    let after = [desk.get(&record, &county).await.json(), desk.get("/staff", &county).await.json()];
    assert_eq!(after, before);
    assert_eq!(desk.get("/registrations", &county).await.column("id"), [id]);
}

#[tokio::test]
async fn ap14_a_patron_moved_to_a_staff_address_gains_no_role() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    let (id, _) = desk.register(&marie, "camille@orange.example").await;
    let patron = desk.arrive("camille@orange.example").await;
    let path = format!("/registrations/{id}");
    let to_the_county = json!({ "email": COUNTY });
    desk.patch(&path, &marie, "*", &to_the_county).await.problem(409, "address-shared");
    desk.patch(&path, &marie, "*", &with(to_the_county, "household", true)).await.expect(200);
    desk.get("/me", &patron).await.problem(401, "not-signed-in");
    desk.get("/staff", &county).await.expect(200);
    // Away from there, the registration takes no role along either.
    desk.patch(&path, &marie, "*", &json!({ "email": "camille@orange.example" })).await.expect(200);
    let patron = desk.arrive("camille@orange.example").await;
    desk.get("/registrations", &patron).await.problem(403, "forbidden");
    let roles = async |by| desk.get("/me", by).await.expect(200).json()["account"]["roles"].clone();
    assert_eq!((roles(&patron).await, roles(&county).await), (json!(["patron"]), json!(["county"])));
}

/// Addresses that look like `kim.silva@orange.example`, or become it by folding, composition or cutting.
const LOOK_ALIKES: [&str; 13] = [
    "kim.silv\u{430}@orange.example",        // Cyrillic а
    "kim.silva@\u{43e}range.example",        // Cyrillic о in the domain
    "ｋｉｍ.silva@orange.example",           // full-width letters
    "k\u{131}m.silva@orange.example",        // dotless ı, whose capital is I
    "\u{212a}im.silva@orange.example",       // Kelvin sign, whose small letter is k
    "kim.\u{17f}ilva@orange.example",        // long s, whose capital is S
    "kim.silva\u{307}@orange.example",       // combining dot above
    "kim.silva@orange\u{3002}example",       // ideographic full stop
    "kim.silva@orange.example.",             // trailing dot
    "kim.silva@orange.example\0",            // NUL
    "kim.silva@orange.example, x@y.example", // a second recipient
    "\"kim.silva\"@orange.example",          // quoted local part
    "kim.silva(x)@orange.example",           // comment
];

#[tokio::test]
async fn ap14_a_look_alike_address_never_meets_the_account() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    let email = "kim.silva@orange.example";
    desk.register(&marie, email).await;
    desk.arrive(email).await;
    let mails = desk.mails().await;
    for alike in LOOK_ALIKES {
        let attempt = json!({ "email": alike, "password": PASSWORD });
        desk.open_post("/sessions", &attempt).await.problem(401, "bad-credentials");
        let asked = desk.open_post("/password-resets", &json!({ "email": alike })).await.status;
        assert!([202, 422].contains(&asked), "{alike:?}: {asked}");
        let form = with(camille(), "email", alike);
        assert_eq!(desk.post("/registrations", &marie, &form).await.faults(), ["/email invalid-email"], "{alike:?}");
        let staff = json!({ "displayName": "Kim", "role": "county", "libraryIds": [] });
        let mut path = reqwest::Url::parse(&desk.url("/staff/")).unwrap();
        path.path_segments_mut().unwrap().pop_if_empty().push(alike);
        let put = desk.put(path.path(), &county, &staff).await;
        assert_eq!(put.faults(), ["/email invalid-email"], "{alike:?}");
    }
    assert_eq!(desk.mails().await, mails);
    assert_eq!(desk.get("/registrations", &county).await.column("email"), [email]);
    let plain: Value = json!({ "email": " KIM.Silva@Orange.example ", "password": PASSWORD });
    desk.open_post("/sessions", &plain).await.expect(201);
}
