//! The whole procedure in order: form, activation, workbook, unblocking, renewal.

use jiff::SignedDuration;
use serde_json::json;

use crate::support::{
    COUNTY, Desk, PASSWORD, camille, with,
    workbook::{cell, open},
};

#[tokio::test]
async fn the_procedure_from_beginning_to_end() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;

    // Étape 1: the form, a provisional password that the patron never learns, the library last.
    let form = with(with(camille(), "email", "camille@orange.example"), "password", "Zèbre-Cactus-77?");
    let (id, _) = desk.register_as(&marie, &form).await;
    let path = format!("/registrations/{id}");

    // Étape 2: "Mes abonnés", "usagers en attente", the record, its three tabs, "enregistrer", "activer".
    let waiting = desk.get("/registrations?status=pending", &marie).await.expect(200);
    assert_eq!(waiting.column("id"), std::slice::from_ref(&id));
    let record = desk.get(&path, &marie).await.expect(200);
    let checked = json!({ "phone": "03 44 10 83 00", "resources": ["skilleos", "musicme"] });
    let saved = desk.patch(&path, &marie, record.header("etag"), &checked).await.expect(200);
    assert_eq!(saved.json()["status"], "pending");
    let active = desk.act(&format!("{path}/activation"), &marie).await.expect(200).json();
    assert_eq!((&active["status"], &active["expiresOn"]), (&json!("active"), &json!("2027-11-24")));

    // The patron: "mot de passe oublié", the link, a password of their own, access.
    let mail =
        desk.mails_to("camille@orange.example", "activation").await.pop().expect("a message about the activation");
    assert!(mail["text"].as_str().unwrap().contains("Skilleos"));
    let patron = desk.arrive("camille@orange.example").await;
    let me = desk.get("/me", &patron).await.expect(200).json();
    assert_eq!(me["access"], json!(["skilleos", "musicme"]));

    // The workbook.
    let sheet = open(&desk.get("/registrations.xlsx", &marie).await.expect(200));
    assert_eq!(sheet.height(), 2);
    let row = ["Statut", "Nom", "Téléphone", "Ressources", "Validé le"].map(|heading| cell(&sheet, 1, heading));
    assert_eq!(row, ["Validé", "Exemple", "03 44 10 83 00", "Skilleos, MusicMe", "2026-11-24"]);

    // Déblocage: a second patron is forgotten; the library is warned, then the county, which validates.
    let (forgotten, _) = desk.register(&marie, "dominique@orange.example").await;
    desk.pass_days(8).await;
    assert_eq!(desk.escalate().await["warned"], 1);
    assert_eq!(desk.mails_to("fleury@oise.example", "library-digest").await.len(), 1);
    desk.pass_days(2).await;
    assert_eq!(desk.escalate().await["escalated"], 1);
    assert_eq!(desk.mails_to(COUNTY, "county-digest").await.len(), 1);
    let county = desk.sign_in(&county.email).await;
    let unblocked = desk.act(&format!("/registrations/{forgotten}/activation"), &county).await.expect(200).json();
    assert_eq!(unblocked["activatedBy"], COUNTY);

    // The end of the year: too early, then renewed, then the access of another year.
    desk.pass_days(324).await;
    let marie = desk.sign_in(&marie.email).await;
    desk.act(&format!("{path}/renewal"), &marie).await.problem(409, "renewal-too-early");
    desk.pass_days(6).await;
    let marie = desk.sign_in(&marie.email).await;
    let renewed = desk.act(&format!("{path}/renewal"), &marie).await.expect(200).json();
    assert_eq!(renewed["expiresOn"], "2028-11-23");
    desk.pass(SignedDuration::from_hours(24 * 60)).await;
    let patron = desk.sign_in("camille@orange.example").await;
    assert_eq!(desk.get("/me", &patron).await.json()["registrations"][0]["status"], "active");

    // No message contains the provisional password or the patron's own.
    let mails = format!("{:?}", desk.mails().await);
    assert!(!mails.contains("Cactus") && !mails.contains(PASSWORD));
}
