//! `GET /registrations`, `GET /registrations/{id}` and its history.

use serde_json::json;

use crate::support::{Desk, Session, camille, with};

/// Example names from the rules, in the order that the rules give.
const IN_ORDER: [&str; 7] = ["Dédreux", "D'Hérouville", "elan", "Éluard", "Oda", "Œdipe", "Ozanne"];

async fn register_named(desk: &Desk, by: &Session, names: &[&str], library: &str) -> Vec<String> {
    let mut ids = Vec::new();
    for (n, name) in names.iter().enumerate() {
        let form =
            with(with(camille(), "lastName", *name), "email", format!("{library}{n}@orange.example").to_lowercase());
        let form = with(with(form, "libraryId", library), "cardNumber", format!("{library}-{n}"));
        ids.push(desk.register_as(by, &form).await.0);
    }
    ids
}

/// Follows a list to its end. Returns the last names of each page.
async fn walk(desk: &Desk, by: &Session, path: &str) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut next = Some(path.to_owned());
    while let Some(path) = next {
        let page = desk.get(&path, by).await.expect(200);
        pages.push(page.column("lastName"));
        let link = page.header("link").strip_prefix('<').and_then(|link| link.split('>').next()).map(str::to_owned);
        assert_eq!(link.is_some(), page.json()["next"].is_string(), "Link and next agree");
        next = link;
    }
    pages
}

#[tokio::test]
async fn section_5_names_are_in_the_rules_order_page_by_page() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    let mut shuffled = IN_ORDER;
    shuffled.reverse();
    let ids = register_named(&desk, &marie, &shuffled, "LI10511").await;
    for id in &ids[..3] {
        desk.act(&format!("/registrations/{id}/activation"), &marie).await.expect(200);
    }
    for by in [&marie, &county] {
        assert_eq!(desk.get("/registrations", by).await.column("lastName"), IN_ORDER);
        for limit in 1..=8 {
            let pages = walk(&desk, by, &format!("/registrations?limit={limit}")).await;
            assert_eq!(pages.concat(), IN_ORDER, "in pages of {limit}");
            assert_eq!(pages.len(), IN_ORDER.len().div_ceil(limit));
        }
    }
}

#[tokio::test]
async fn newest_first_by_registration_date() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    register_named(&desk, &marie, &["Ancien"], "LI10511").await;
    desk.pass_days(1).await;
    let county = desk.sign_in(&county.email).await;
    register_named(&desk, &county, &["Moyen"], "LI2575").await;
    desk.pass_days(1).await;
    let (county, marie) = (desk.sign_in(&county.email).await, desk.sign_in(&marie.email).await);
    let newest = with(with(camille(), "lastName", "Récent"), "email", "recent@orange.example");
    desk.register_as(&marie, &newest).await;
    assert_eq!(
        walk(&desk, &county, "/registrations?sort=-registeredOn&limit=1").await.concat(),
        ["Récent", "Moyen", "Ancien"]
    );
    assert_eq!(walk(&desk, &marie, "/registrations?sort=-registeredOn&limit=1").await.concat(), ["Récent", "Ancien"]);
}

#[tokio::test]
async fn a_status_finds_its_own_and_overdue_the_late_ones() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    let ids = register_named(&desk, &marie, &["Active", "Pending"], "LI10511").await;
    desk.act(&format!("/registrations/{}/activation", ids[0]), &marie).await.expect(200);
    let names = |path: &'static str, by: Session| {
        let desk = &desk;
        async move { desk.get(path, &by).await.expect(200).column("lastName") }
    };
    for by in [&marie, &county] {
        assert_eq!(names("/registrations?status=pending", by.clone()).await, ["Pending"]);
        assert_eq!(names("/registrations?status=active", by.clone()).await, ["Active"]);
        assert!(names("/registrations?status=expired", by.clone()).await.is_empty());
        assert!(names("/registrations?overdue=true", by.clone()).await.is_empty());
    }
    desk.pass_days(8).await;
    for by in [desk.sign_in(&marie.email).await, desk.sign_in(&county.email).await] {
        assert_eq!(names("/registrations?overdue=true", by.clone()).await, ["Pending"]);
        assert_eq!(names("/registrations?overdue=true&sort=-registeredOn", by).await, ["Pending"]);
    }
    desk.pass_days(357).await;
    let marie = desk.sign_in(&marie.email).await;
    assert_eq!(names("/registrations?status=expired", marie).await, ["Active"]);
}

#[tokio::test]
async fn within_a_library_q_is_a_prefix_of_any_word() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    register_named(&desk, &marie, &IN_ORDER, "LI10511").await;
    for (q, found) in [
        ("herou", vec!["D'Hérouville"]),
        ("D%E2%80%99H%C3%A9rou", vec!["D'Hérouville"]),
        ("oe", vec!["Œdipe"]),
        ("camille%20elu", vec!["Éluard"]),
        ("li10511-3", vec!["Éluard"]),
        ("li105114@orange", vec!["Oda"]),
        ("rouville", vec![]),
    ] {
        assert_eq!(desk.get(&format!("/registrations?q={q}"), &marie).await.column("lastName"), found, "{q}");
    }
}

#[tokio::test]
async fn across_the_county_q_is_a_name_s_prefix_an_address_or_a_card() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    register_named(&desk, &marie, &IN_ORDER, "LI10511").await;
    register_named(&desk, &county, &["Oda", "Odaline"], "LI2575").await;
    for (q, found) in [
        ("oda", vec!["Oda", "Oda", "Odaline"]),
        ("D'", vec!["Dédreux", "D'Hérouville"]),
        ("herou", vec![]),
        ("LI10511-2", vec!["elan"]),
        ("li10511", vec![]),
        ("li25751@orange.example", vec!["Odaline"]),
        ("li25751@orange", vec![]),
    ] {
        assert_eq!(desk.get(&format!("/registrations?q={q}"), &county).await.column("lastName"), found, "{q}");
    }
    assert_eq!(desk.get("/registrations?q=li25751@orange.example&status=active", &county).await.column("id").len(), 0);
    assert_eq!(walk(&desk, &county, "/registrations?q=oda&limit=1").await.concat(), ["Oda", "Oda", "Odaline"]);
}

#[tokio::test]
async fn ap1_the_library_comes_from_the_session() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    register_named(&desk, &marie, &["Fleury"], "LI10511").await;
    register_named(&desk, &county, &["Auneuil"], "LI2575").await;
    assert_eq!(desk.get("/registrations", &marie).await.column("lastName"), ["Fleury"]);
    assert_eq!(desk.get("/registrations", &county).await.column("lastName"), ["Auneuil", "Fleury"]);
    assert_eq!(desk.get("/registrations?libraryId=LI2575", &county).await.column("lastName"), ["Auneuil"]);
    for library in ["LI2575", "LI99999", "x", "LI10511%23pending"] {
        desk.get(&format!("/registrations?libraryId={library}"), &marie).await.problem(404, "not-found");
    }
    let patron = desk.arrive("li105110@orange.example").await;
    desk.get("/registrations", &patron).await.problem(403, "forbidden");
}

#[tokio::test]
async fn a_cursor_is_bound_to_caller_scope_and_filters() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    register_named(&desk, &marie, &IN_ORDER, "LI10511").await;
    let page = desk.get("/registrations?limit=2", &marie).await.json();
    let cursor = page["next"].as_str().unwrap();
    desk.get(&format!("/registrations?limit=5&cursor={cursor}"), &marie).await.expect(200);
    for moved in [
        format!("/registrations?limit=2&status=pending&cursor={cursor}"),
        format!("/registrations?limit=2&sort=-registeredOn&cursor={cursor}"),
        format!("/registrations?limit=2&cursor={}A", &cursor[..cursor.len() - 1]),
        "/registrations?cursor=x".to_owned(),
    ] {
        desk.get(&moved, &marie).await.problem(400, "invalid-parameter");
    }
    desk.get(&format!("/registrations?limit=2&cursor={cursor}"), &county).await.problem(400, "invalid-parameter");
}

#[tokio::test]
async fn ap5_parameters_that_make_no_sense_are_refused() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let long = "x".repeat(101);
    for query in [
        "limit=0",
        "limit=101",
        "limit=1e9",
        "limit=-1",
        "limit=",
        "status=waiting",
        "sort=email",
        "overdue=yes",
        "status=pending&status=active",
        &format!("q={long}"),
    ] {
        desk.get(&format!("/registrations?{query}"), &marie).await.problem(400, "invalid-parameter");
    }
}

#[tokio::test]
async fn a_page_holds_fifty_unless_asked_otherwise() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let names: Vec<String> = (0..53).map(|n| format!("Nom {}", char::from(b'a' + n % 26))).collect();
    register_named(&desk, &marie, &names.iter().map(String::as_str).collect::<Vec<_>>(), "LI10511").await;
    let pages = walk(&desk, &marie, "/registrations").await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [50, 3]);
}

#[tokio::test]
async fn re9_a_history_keeps_its_order_when_the_clock_is_set_back() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let (id, _) = desk.register(&marie, "camille@orange.example").await;
    let path = format!("/registrations/{id}");
    desk.pass(-jiff::SignedDuration::from_hours(1)).await;
    desk.patch(&path, &marie, "*", &json!({ "town": "Auneuil" })).await.expect(200);
    desk.pass(jiff::SignedDuration::from_hours(2)).await;
    let marie = desk.sign_in(&marie.email).await;
    desk.get("/registrations.xlsx", &marie).await.expect(200);
    desk.act(&format!("{path}/activation"), &marie).await.expect(200);
    let history = desk.get(&format!("{path}/history"), &marie).await.expect(200);
    assert_eq!(history.column("action"), ["created", "changed", "activated", "exported"]);
}

#[tokio::test]
async fn a_history_tells_who_did_what_when() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let (id, etag) = desk.register(&marie, "camille@orange.example").await;
    let path = format!("/registrations/{id}");
    desk.patch(&path, &marie, &etag, &json!({ "town": "Auneuil" })).await.expect(200);
    desk.get("/registrations.xlsx?status=pending", &marie).await.expect(200);
    desk.get("/registrations.xlsx?status=active", &marie).await.expect(200);
    desk.pass_days(8).await;
    desk.escalate().await;
    desk.pass_days(2).await;
    desk.escalate().await;
    let marie = desk.sign_in(&marie.email).await;
    desk.act(&format!("{path}/activation"), &marie).await.expect(200);
    let history = desk.get(&format!("{path}/history"), &marie).await.expect(200);
    assert_eq!(history.column("action"), ["created", "changed", "exported", "warned", "escalated", "activated"]);
    assert_eq!(history.column("by")[..4], [&marie.email, &marie.email, &marie.email, "escalate"]);
    assert_eq!(history.column("at")[0], "2026-11-24T08:00:00Z");
}
