//! `GET /registrations.xlsx`: the workbook, opened with a reader.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use jiff::SignedDuration;
use local::{Options, Rewire};

use crate::support::{
    BEGINNING, Desk, FLEURY, Fault, camille, engine, tapped, with,
    workbook::{cell, followed, open, part},
};

#[tokio::test]
async fn section_5_the_workbook_has_real_dates_and_text_otherwise() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let form = with(with(camille(), "lastName", "Œdipe-Éluard"), "postalCode", "02100");
    desk.register_as(&marie, &form).await;
    let reply = desk.get("/registrations.xlsx", &marie).await.expect(200);
    assert_eq!(reply.header("content-type"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    assert_eq!(
        reply.header("content-disposition"),
        "attachment; filename=\"usagers-fleury-2026-11-24.xlsx\"; filename*=UTF-8''usagers-Fleury-2026-11-24.xlsx",
    );
    let sheet = open(&reply);
    for (heading, expected) in [
        ("Statut", "En attente"),
        ("Nom", "Œdipe-Éluard"),
        ("Prénom", "Camille"),
        ("Inscription", "2026-11-24"),
        ("Fin d’accès", "2027-11-23"),
        ("Ressources", "MusicMe, Skilleos"),
        ("Date de naissance", "1988-02-29"),
        ("E-mail", "camille.exemple@orange.example"),
        ("Téléphone", "+33612345678"),
        ("Adresse", "2 rue de la Mairie"),
        ("Code postal", "02100"),
        ("Commune", "Fleury"),
        ("N° de carte", "0042"),
        ("Validé le", ""),
        ("Renouvelé le", ""),
        ("Bibliothèque", "Fleury (60240), Bibliothèque municipale"),
    ] {
        assert_eq!(cell(&sheet, 1, heading), expected, "{heading}");
    }
}

#[tokio::test]
async fn k7_the_list_prints_one_page_wide_with_its_header() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    desk.register(&marie, "camille@orange.example").await;
    let reply = desk.get("/registrations.xlsx", &marie).await.expect(200);
    let sheet = part(&reply, "xl/worksheets/sheet1.xml");
    for said in [
        r#"<pageSetUpPr fitToPage="1"/>"#,
        r#"<pageSetup paperSize="9" fitToHeight="0" orientation="landscape""#,
        r#"<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>"#,
        r#"<ignoredError sqref="A1:P2" numberStoredAsText="1"/>"#,
    ] {
        assert!(sheet.contains(said), "{said} is not in {sheet}");
    }
    let repeated = r#"<definedName name="_xlnm.Print_Titles" localSheetId="0">Usagers!$1:$1</definedName>"#;
    assert!(part(&reply, "xl/workbook.xml").contains(repeated));
}

#[tokio::test]
async fn k7_a_birth_date_that_readers_show_differently_is_text() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    for (name, born) in [("A", "1900-01-01"), ("B", "1900-02-28"), ("C", "1900-03-01")] {
        let form = with(with(camille(), "lastName", name), "birthDate", born);
        desk.register_as(&marie, &with(form, "email", format!("{name}@orange.example"))).await;
    }
    let reply = desk.get("/registrations.xlsx", &marie).await.expect(200);
    let born = |row| cell(&open(&reply), row, "Date de naissance");
    assert_eq!([1, 2, 3].map(born), ["01/01/1900", "28/02/1900", "1900-03-01"]);
    // Days since 1899-12-30, as LibreOffice counts, and as Excel does from this day on.
    assert!(part(&reply, "xl/worksheets/sheet1.xml").contains("<v>61.0</v>"));
}

#[tokio::test]
async fn ap6_what_looks_like_a_formula_stays_text() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let hostile =
        ["=HYPERLINK(\"http://x\";\"y\")", "@SUM(A1)", "-2+3", "+33612345678", "=1+1", "\tTAB", "https://x.example"];
    for (n, text) in hostile.iter().enumerate() {
        let form = with(with(camille(), "address", *text), "cardNumber", *text);
        let form = with(with(form, "email", format!("h{n}@orange.example")), "lastName", format!("H{n}"));
        desk.register_as(&marie, &form).await;
    }
    let reply = desk.get("/registrations.xlsx", &marie).await.expect(200);
    let sheet = open(&reply);
    for (n, text) in hostile.iter().enumerate() {
        for heading in ["Adresse", "N° de carte"] {
            assert_eq!(cell(&sheet, n + 1, heading), text.trim());
        }
    }
}

#[tokio::test]
async fn the_file_has_the_list_s_filters_scope_and_order() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    let mut ids = Vec::new();
    for (n, (name, library)) in [("Zola", "LI10511"), ("Éluard", "LI10511"), ("Oda", "LI2575")].into_iter().enumerate()
    {
        let form = with(with(camille(), "lastName", name), "libraryId", library);
        ids.push(desk.register_as(&county, &with(form, "email", format!("f{n}@orange.example"))).await.0);
    }
    desk.act(&format!("/registrations/{}/activation", ids[0]), &marie).await.expect(200);
    let names = |query: &'static str, by| {
        let desk = &desk;
        async move {
            let sheet = open(&desk.get(&format!("/registrations.xlsx{query}"), by).await.expect(200));
            (1..sheet.height()).map(|row| cell(&sheet, row, "Nom")).collect::<Vec<_>>()
        }
    };
    assert_eq!(names("", &marie).await, ["Éluard", "Zola"]);
    assert_eq!(names("", &county).await, ["Éluard", "Oda", "Zola"]);
    assert_eq!(names("?status=active", &marie).await, ["Zola"]);
    assert_eq!(names("?libraryId=LI2575", &county).await, ["Oda"]);
    assert_eq!(names("?q=elu", &marie).await, ["Éluard"]);
    assert_eq!(names("?status=expired", &marie).await, Vec::<String>::new());
    desk.get("/registrations.xlsx?libraryId=LI2575", &marie).await.problem(404, "not-found");
}

#[tokio::test]
async fn a_town_s_name_with_accents_is_in_the_file_s_name_both_ways() {
    let desk = Desk::open().await;
    let county = desk.county().await;
    let library = serde_json::json!({ "name": "Médiathèque", "town": "Crépy-en-Valois", "postalCode": "60800" });
    desk.put("/libraries/LI2594", &county, &library).await.expect(201);
    let reply = desk.get("/registrations.xlsx?libraryId=LI2594", &county).await.expect(200);
    assert_eq!(
        reply.header("content-disposition"),
        "attachment; filename=\"usagers-crepyenvalois-2026-11-24.xlsx\"; \
         filename*=UTF-8''usagers-Cr%C3%A9py-en-Valois-2026-11-24.xlsx",
    );
}

/// Opens a desk at which every workbook is too large for an answer.
async fn desk_of_links(rewire: Option<Rewire>) -> Desk {
    let parameters = [("LargestAnswer".to_owned(), "0".to_owned())].into();
    Desk::open_with(Options { now: Some(BEGINNING.parse().unwrap()), parameters, rewire, ..Options::default() }).await
}

#[tokio::test]
async fn section_5_a_large_workbook_is_behind_a_short_lived_link() {
    let desk = desk_of_links(None).await;
    let (_, marie) = desk.staffed().await;
    let (id, _) = desk.register_as(&marie, &with(camille(), "lastName", "Œdipe-Éluard")).await;
    let answer = desk.get("/registrations.xlsx", &marie).await.expect(303);
    let link = answer.header("location");
    let (status, file) = followed(link).await;
    assert_eq!((status, cell(&open(&file), 1, "Nom")), (200, "Œdipe-Éluard".to_owned()));
    assert_eq!(file.header("content-type"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    let named = "attachment; filename=\"usagers-fleury-2026-11-24.xlsx\"; \
                 filename*=UTF-8''usagers-Fleury-2026-11-24.xlsx";
    assert_eq!(file.header("content-disposition"), named);
    // The portal's page follows the link by script.
    let by_script = engine::client().get(link).header("origin", desk.url("")).send().await.unwrap();
    assert_eq!(by_script.headers()["access-control-allow-origin"], desk.url(""));
    assert_eq!(by_script.headers()["access-control-expose-headers"], "Content-Disposition");
    let history = desk.get(&format!("/registrations/{id}/history"), &marie).await.expect(200);
    assert!(history.column("action").contains(&"exported".to_owned()), "{}", history.text());
    desk.pass(SignedDuration::from_secs(299)).await;
    assert_eq!(followed(link).await.0, 200);
    desk.pass(SignedDuration::from_secs(1)).await;
    assert_eq!(followed(link).await.0, 403);
    assert_eq!(followed(link.split('?').next().unwrap()).await.0, 403, "without a signature it can't be read");
}

#[tokio::test]
async fn gd3_what_a_link_led_to_is_gone_after_a_day() {
    let desk = desk_of_links(None).await;
    let (_, marie) = desk.staffed().await;
    let answer = desk.get("/registrations.xlsx", &marie).await.expect(303);
    let unending = answer.header("location").replace("X-Amz-Expires=300", "X-Amz-Expires=999999");
    desk.pass(SignedDuration::from_hours(24) - SignedDuration::from_secs(1)).await;
    assert_eq!(followed(&unending).await.0, 200);
    desk.pass(SignedDuration::from_secs(1)).await;
    assert_eq!(followed(&unending).await.0, 404);
}

/// A connection to a bucket whose first calls fail.
fn failing(calls: usize, fault: Fault) -> Rewire {
    let left = Arc::new(AtomicUsize::new(calls));
    Rewire::new(move |_, aws| {
        let left = Arc::clone(&left);
        tapped(aws, move |request| {
            let put = request.method() == "PUT";
            (put && left.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok()).then_some(fault)
        })
    })
}

#[tokio::test]
async fn re7_a_failed_upload_is_retried_or_refused_and_not_traced() {
    for fault in [Fault::Lost, Fault::Refused, Fault::Unanswered, Fault::Failed] {
        let desk = desk_of_links(Some(failing(1, fault))).await;
        let (_, marie) = desk.staffed().await;
        let answer = desk.get("/registrations.xlsx", &marie).await.expect(303);
        assert_eq!(followed(answer.header("location")).await.0, 200, "{fault:?}");
    }
    for (fault, status, code) in [(Fault::Lost, 503, "unavailable"), (Fault::Denied, 500, "internal")] {
        let desk = desk_of_links(Some(failing(9, fault))).await;
        let (_, marie) = desk.staffed().await;
        let (id, _) = desk.register(&marie, "camille.exemple@orange.example").await;
        desk.get("/registrations.xlsx", &marie).await.problem(status, code);
        let history = desk.get(&format!("/registrations/{id}/history"), &marie).await.expect(200);
        assert!(!history.column("action").contains(&"exported".to_owned()), "{fault:?}");
    }
}

#[tokio::test]
async fn c11_a_narrowed_export_is_exact_up_to_100_rows() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let alone = desk.seed_registration(FLEURY, "seule@orange.example", "Seule").await;
    let mut crowd = Vec::new();
    for n in 0..101 {
        crowd.push(desk.seed_registration(FLEURY, &format!("foule{n}@orange.example"), "Foule").await);
    }
    // Whether each export of the history only may have held it.
    let exports = async |id: &str| {
        let history = desk.get(&format!("/registrations/{id}/history"), &marie).await.expect(200).json();
        let lines = history["items"].as_array().unwrap().clone().into_iter();
        let exports = lines.filter(|line| line["action"] == "exported");
        let mut exports: Vec<bool> = exports.map(|line| line["possibly"] == true).collect();
        exports.sort_unstable();
        exports
    };
    desk.get("/registrations.xlsx?q=seule", &marie).await.expect(200);
    desk.get("/registrations.xlsx?overdue=true", &marie).await.expect(200);
    assert_eq!(exports(&alone).await, [false]);
    assert_eq!(exports(&crowd[0]).await, [false; 0], "it was in neither file");
    desk.get("/registrations.xlsx?q=foule", &marie).await.expect(200);
    assert_eq!(exports(&alone).await, [false, true], "101 rows: their ids are not kept");
    assert_eq!(exports(&crowd[0]).await, [true]);
    desk.get("/registrations.xlsx", &marie).await.expect(200);
    assert_eq!(exports(&crowd[0]).await, [false, true], "a whole file held everybody");
}
