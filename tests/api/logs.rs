//! Checks that logs contain ids but no personal data (requirements AP8, GD1).

use serde_json::json;

use crate::support::{COUNTY, Desk, PASSWORD, camille, logged, with};

#[tokio::test]
async fn ap8_no_log_line_has_a_name_address_password_token_or_hash() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let form = with(with(camille(), "lastName", "Canarilog"), "email", "canarilog@orange.example");
    let hostile = "Canarilog\n\u{1b}[31m";
    desk.post("/registrations", &marie, &with(form.clone(), "lastName", hostile)).await.expect(422);
    let form = with(form, "password", "Zèbre-Canarilog-77?");
    let (id, etag) = desk.register_as(&marie, &form).await;
    let path = format!("/registrations/{id}");
    desk.post("/registrations", &marie, &form).await.expect(409);
    desk.patch(&path, &marie, &etag, &json!({ "address": "1 rue Canarilog" })).await.expect(200);
    desk.act(&format!("{path}/activation"), &marie).await.expect(200);
    let patron = desk.arrive("canarilog@orange.example").await;
    desk.open_post("/sessions", &json!({ "email": "canarilog@orange.example", "password": "Canarilog-7!" }))
        .await
        .expect(401);
    for query in ["", "?q=canarilog", "?q=canarilog%0A%1b[31m"] {
        desk.get(&format!("/registrations{query}"), &marie).await.expect(200);
    }
    desk.get("/registrations.xlsx?q=canarilog", &marie).await.expect(200);
    desk.get(&format!("{path}/history"), &marie).await.expect(200);
    desk.mails().await;
    desk.delete(&path, &marie).await.expect(204);
    let app = desk.enrol(&marie).await;
    desk.sign_in_with(&marie.email, "123 456").await.expect(401);
    desk.sign_in_with(&marie.email, &app.recovery[0]).await.expect(201);

    let figures = desk.emitted().join("\n");
    assert!(figures.contains("Registrations") && !figures.contains(&id), "figures are of nobody");
    let log = logged() + &figures;
    assert!(log.contains(&id), "reading leaves a trace, by id");
    let secrets = [&patron.token, &marie.token, &app.recovery[0], &app.recovery[1], &app.secret()];
    let canaries =
        ["Canarilog", "canarilog", PASSWORD, COUNTY, "fleury.example", "orange.example", "argon2id", "\u{1b}"];
    for canary in canaries.into_iter().chain(secrets.iter().map(|token| token.as_str())) {
        assert!(!log.contains(canary), "{canary} was logged: {}", around(&log, canary));
    }
}

#[tokio::test]
async fn s2_no_log_line_names_who_changed_or_was_changed() {
    let desk = Desk::open().await;
    let county = desk.county().await;
    let path = "/staff/canaristaff@rebond.example";
    let form = json!({ "displayName": "Canaristaff", "role": "librarian", "libraryIds": ["LI10511"] });
    desk.put(path, &county, &with(form.clone(), "libraryIds", json!(["LI9"]))).await.expect(422);
    for (form, status) in [(&form, 201), (&with(form.clone(), "displayName", "Canaristaff B"), 200)] {
        desk.put(path, &county, form).await.expect(status);
    }
    desk.act(&format!("{path}/invitation"), &county).await.expect(202);
    let library =
        json!({ "name": "Canaristaff", "town": "Vez", "postalCode": "60117", "email": "canaristaff@a.example" });
    desk.put("/libraries/LI1", &county, &library).await.expect(201);
    desk.get("/directory/history", &county).await.expect(200);
    desk.delete(path, &county).await.expect(204);
    desk.mails().await;
    let log = logged() + &desk.emitted().join("\n");
    for canary in ["Canaristaff", "canaristaff", COUNTY, county.token.as_str()] {
        assert!(!log.contains(canary), "{canary} was logged: {}", around(&log, canary));
    }
}

#[tokio::test]
async fn gd1_who_read_a_list_or_a_record_is_traced_with_ids() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let (id, _) = desk.register(&marie, "lue@orange.example").await;
    let author = store::keys::pseudonym(&marie.email.parse().unwrap());
    desk.get("/registrations", &marie).await.expect(200);
    desk.get(&format!("/registrations/{id}"), &marie).await.expect(200);
    let log = logged();
    let lines = log.lines().filter(|line| line.contains(&id) && line.contains(&author) && line.contains("read"));
    assert!(lines.count() >= 2);
    let path = format!("/registrations/{id}");
    desk.patch(&path, &marie, "*", &json!({})).await.expect(200);
    desk.act(&format!("{path}/activation"), &marie).await.expect(200);
    desk.delete(&path, &marie).await.expect(204);
    let log = logged();
    for (route, line) in [
        ("POST /registrations", "registered"),
        ("PATCH /registrations/{id}", "read"),
        ("POST /registrations/{id}/activation", "read"),
        ("DELETE /registrations/{id}", "read"),
    ] {
        let line = format!("\"message\":\"{line}\"");
        let of_route = format!("\"route\":\"{route}\"");
        let traced = |text: &&str| [&id, &author, &line, &of_route].iter().all(|part| text.contains(part.as_str()));
        assert!(log.lines().any(|text| traced(&text)), "{route}");
    }
}

fn around<'a>(log: &'a str, canary: &str) -> &'a str {
    log.lines().find(|line| line.contains(canary)).unwrap_or_default()
}
