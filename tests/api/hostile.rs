//! Hostile input, one story per class (requirements AP3, AP5, PW4): the answer is a clear 4xx, and nothing is stored.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Desk, Reply, Session, camille, with};

async fn send(desk: &Desk, by: &Session, body: impl Into<reqwest::Body>) -> Reply {
    let request = desk.request(Method::POST, "/registrations").bearer_auth(&by.token);
    Reply::of(request.header("Content-Type", "application/json").body(body)).await
}

#[tokio::test]
async fn ap3_any_field_of_any_type_is_a_fault_not_a_failure() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let odd = [
        json!(null),
        json!(0),
        json!(-1.5e300),
        json!(true),
        json!([]),
        json!({}),
        json!([null]),
        json!({ "$ref": "#" }),
        json!(""),
        json!(" "),
        json!("\u{0}"),
        json!("\u{202e}"),
        json!("x".repeat(5_000)),
        json!("🎉"),
        json!("\r\nBcc: x@y.fr"),
    ];
    let fields: Vec<String> = camille().as_object().unwrap().keys().cloned().collect();
    for field in &fields {
        for value in &odd {
            let reply = desk.post("/registrations", &marie, &with(camille(), field, value.clone())).await;
            match reply.status {
                // An empty optional field is accepted, in each of these forms.
                201 => {
                    let id = reply.json()["id"].as_str().unwrap().to_owned();
                    desk.delete(&format!("/registrations/{id}"), &marie).await.expect(204);
                }
                _ => assert_eq!(reply.status, 422, "{field} = {value}: {}", reply.text()),
            }
        }
    }
    assert!(desk.get("/registrations", &marie).await.column("id").is_empty());
}

#[tokio::test]
async fn ap5_depth_size_and_encoding() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    send(&desk, &marie, format!("{}1{}", "[".repeat(30_000), "]".repeat(30_000))).await.expect(400);
    send(&desk, &marie, vec![b'{', b'"', 0xff, 0xfe, b'"', b'}']).await.expect(400);
    send(&desk, &marie, "x".repeat(100_000)).await.expect(413);
    let many: Value = (0..2_000).map(|n| (format!("f{n}"), json!(n))).collect::<serde_json::Map<_, _>>().into();
    assert_eq!(desk.post("/registrations", &marie, &many).await.faults().len(), 20);
    let resources: Vec<String> = (0..3_000).map(|n| format!("r{n}")).collect();
    desk.post("/registrations", &marie, &with(camille(), "resources", resources)).await.expect(422);
}

#[tokio::test]
async fn ap5_odd_paths_and_parameters_have_defined_answers() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    for (path, status) in [
        ("/registrations?limit=9999999999999999999999", 400),
        ("/registrations?limit=%00", 400),
        ("/registrations?q=%00", 400),
        ("/registrations?q=%ff%fe", 400),
        ("/registrations?unknown=1", 400),
        ("/registrations?cursor=%F0%9F%8E%89", 400),
        ("/registrations?status=&libraryId=", 400),
        ("/registrations/%00", 404),
        ("/registrations/..%2f..%2fme", 404),
        ("/registrations/0123456789ABCDEF01234567", 404),
        ("/password-resets/%00%ff", 204),
    ] {
        assert_eq!(desk.get(path, &marie).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn pw4_odd_passwords_are_refused_or_sign_in_once_set() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let long = format!("Trombone-Girafe-7 {}", "éàùçîôxkwq".repeat(11));
    assert_eq!(long.chars().count(), 128);
    for (typed, status) in [
        (long.clone(), 204),
        (format!("{long}!"), 422),
        ("Velo\u{0}-Pomme7-Lune".to_owned(), 422),
        ("🎈🎉🎊🎁🎂🎃🎄🎅".to_owned(), 422),
        (" Trombone7Girafe ".to_owned(), 204),
        ("Ve\u{301}lo-Pomme7-Lune".to_owned(), 204),
    ] {
        desk.pass(jiff::SignedDuration::from_hours(1)).await;
        desk.open_post("/password-resets", &json!({ "email": marie.email })).await.expect(202);
        let path = format!("/password-resets/{}", desk.link_token(&marie.email).await);
        assert_eq!(desk.open_put(&path, &json!({ "password": typed })).await.status, status, "{typed:?}");
        if status == 204 {
            let try_it = |password: String| json!({ "email": marie.email, "password": password });
            desk.open_post("/sessions", &try_it(typed.clone())).await.expect(201);
            let prefix: String = typed.chars().take(typed.chars().count() - 1).collect();
            desk.open_post("/sessions", &try_it(prefix)).await.expect(401);
            desk.open_post("/sessions", &try_it(format!("{typed} "))).await.expect(401);
        }
    }
    let composed = json!({ "email": marie.email, "password": "Vélo-Pomme7-Lune" });
    desk.open_post("/sessions", &composed).await.expect(201);
}
