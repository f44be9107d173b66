//! Tests of each kind's subject, text and HTML.

use domain::{Staff, directory::Change};
use runtime::Secret;

use super::*;
use crate::{Overdue, OverdueLibrary};

const TAG: &str = "<img src=x onerror=alert(1)>";
const ESCAPED_TAG: &str = "&#60;img src=x onerror=alert(1)&#62;";
const HEADER: &str = "a\r\nBcc: x@y.fr";
const COMMAS: &str = "b@oise.fr, c@oise.fr";

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn contact() -> Contact {
    Contact {
        email: "mdo@oise.example".parse().unwrap(),
        phone: "03 44 00 00 00".into(),
        portal: "https://portail.example".into(),
    }
}

fn mail(content: &Content) -> Mail {
    content.render(&contact()).unwrap()
}

fn overdue(last_name: &str, first_name: &str) -> Overdue {
    Overdue { last_name: last_name.into(), first_name: first_name.into(), registered_on: day("2026-11-24") }
}

fn activation(name: &str) -> Content {
    Content::Activation {
        first_name: name.into(),
        library: format!("Fleury (60240), {name}"),
        expires_on: day("2027-11-24"),
        resources: vec!["Le Kiosk".into(), name.into()],
    }
}

fn password_link() -> Content {
    Content::PasswordLink { token: Secret::new("a-token_of-43"), members: vec![] }
}

fn library_digest(names: &[&str]) -> Content {
    let patrons = names.iter().map(|name| overdue(name, "Camille")).collect();
    Content::LibraryDigest { library: "Fleury (60240), Bibliothèque municipale".into(), patrons, continued: false }
}

fn county_digest(name: &str) -> Content {
    let warned = vec![overdue("Éluard", "Paul"), overdue("Oda", "Nobuko")];
    let unwarned = vec![overdue(name, "Ève")];
    let libraries = [("Fleury (60240), Bibliothèque", true, warned), (name, false, unwarned)];
    Content::CountyDigest {
        libraries: libraries
            .map(|(library, has_address, patrons)| OverdueLibrary { library: library.into(), has_address, patrons })
            .into(),
        continued: false,
    }
}

#[test]
fn c10_a_digest_says_that_a_second_message_follows() {
    let digests = [library_digest(&["Oda"]), county_digest("Oda")].into_iter().flat_map(|content| {
        let Mail { text, html, .. } = mail(&content);
        [text, html]
    });
    assert!(digests.into_iter().all(|text| !text.contains("Suite")));
    let libraries = vec![];
    let patrons = vec![overdue("Oda", "Nobuko")];
    let library = Content::LibraryDigest { library: "Fleury".into(), patrons, continued: true };
    for content in [library, Content::CountyDigest { libraries, continued: true }] {
        let Mail { text, html, .. } = mail(&content);
        assert!(
            text.contains("\nSuite dans un second message.\n") && html.contains("<p>Suite dans un second message.</p>")
        );
    }
}

fn invitation(libraries: &[&str]) -> Content {
    Content::Invitation {
        to: "a+b_c.d@oise.example".parse().unwrap(),
        by: "Médiathèque départementale (mdo@oise.example)".into(),
        role: StaffRole::Librarian,
        libraries: libraries.iter().map(|&library| library.to_owned()).collect(),
    }
}

fn directory_changed(name: &str) -> Content {
    let (marie, county) = ("marie@fleury.example".parse().unwrap(), "mdo@oise.example".parse().unwrap());
    let place = |role| Staff { role, display_name: "M".into(), library_ids: vec![] };
    let raised = Change::of_staff(&marie, Some(&place(StaffRole::Librarian)), &place(StaffRole::County)).unwrap();
    let line = raised.line(&county, "2026-06-30T22:30:00Z".parse().unwrap());
    Content::DirectoryChanged { line: Box::new(line), name: Some(name.into()) }
}

fn each_kind(name: &str) -> [Content; 9] {
    let (link, changed, waits, moved) = (
        password_link(),
        Content::PasswordChanged { members: vec![] },
        Content::SignInWaits { members: vec![] },
        Content::EmailChanged { first_name: "Zoé".into() },
    );
    let (invited, directory) = (invitation(&[name]), directory_changed(name));
    [activation(name), link, changed, waits, moved, library_digest(&[name]), county_digest(name), invited, directory]
}

/// Returns the text of HTML, without its tags, one line per block.
fn read(html: &str) -> String {
    let pieces = html.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text));
    pieces.collect()
}

#[test]
fn section_6_each_kind_has_its_subject() {
    let subjects = each_kind("Éluard").map(|content| (content.kind().name(), mail(&content).subject));
    let expected = [
        ("activation", "Votre accès aux ressources numériques est ouvert"),
        ("password-link", "Choisissez votre mot de passe"),
        ("password-changed", "Votre mot de passe a été changé"),
        ("sign-in-waits", "Plusieurs essais erronés pour votre compte"),
        ("email-changed", "Une inscription a changé d’adresse e-mail"),
        ("library-digest", "1 usager en attente de validation"),
        ("county-digest", "3 usagers en attente, à valider par la MDO"),
        ("invitation", "Votre compte pour gérer les ressources numériques"),
        ("directory-changed", "L’annuaire des ressources numériques a été modifié"),
    ];
    assert_eq!(subjects, expected.map(|(kind, subject)| (kind, subject.to_owned())));
    assert_eq!(mail(&library_digest(&["Éluard", "Oda"])).subject, "2 usagers en attente de validation");
}

#[test]
fn section_6_each_mail_has_the_contact_in_text_and_html() {
    for content in each_kind("Éluard") {
        let mail = mail(&content);
        assert!(mail.html.starts_with("<!doctype html>\n<html lang=\"fr\">"), "{:?}", content.kind());
        assert!(!mail.html.contains("<img") && !mail.html.contains("<table"), "{:?}", content.kind());
        assert!(!mail.text.contains("\n\n\n"), "{}", mail.text);
        for form in [&mail.text, &read(&mail.html)] {
            assert!(form.contains("Bonjour"), "{form}");
            assert!(form.contains("Médiathèque départementale de l’Oise\nUne question ?"), "{form}");
            assert!(form.contains("Écrivez à mdo@oise.example ou appelez le 03 44 00 00 00."), "{form}");
        }
    }
}

#[test]
fn section_2_activation_says_until_when_what_and_how() {
    let mail = mail(&activation("Camille"));
    for form in [&mail.text, &read(&mail.html)] {
        assert!(form.contains("Bonjour Camille,"), "{form}");
        assert!(form.contains("ouvert jusqu’au 23/11/2027 inclus"), "{form}");
        assert!(form.contains("Le Kiosk"), "{form}");
        assert!(form.contains("« Mot de passe oublié »"), "{form}");
        assert!(form.contains("ouvrez le portail : https://portail.example\n"), "{form}");
    }
}

#[test]
fn pw7_the_link_stands_alone_on_its_line() {
    let mail = mail(&password_link());
    let lines: Vec<&str> = mail.text.lines().filter(|line| line.contains("://")).collect();
    assert_eq!(lines, ["https://portail.example/portail/choisir-mon-mot-de-passe#a-token_of-43"]);
    assert_eq!(mail.html.matches("://").count(), 1);
    assert!(mail.html.contains("<a href=\"https://portail.example/portail/choisir-mon-mot-de-passe#a-token_of-43\""));
    for form in [&mail.text, &read(&mail.html)] {
        assert!(form.contains("valable une heure et ne sert qu’une fois"), "{form}");
        assert!(form.contains("seul le plus récent fonctionne"), "{form}");
        assert!(form.contains("Si vous n’êtes pas à l’origine de cette demande"), "{form}");
    }
}

#[test]
fn section_4_digests_list_each_patron() {
    let mail = mail(&library_digest(&["Éluard", "D'Hérouville"]));
    assert!(mail.text.contains(
        "Fleury (60240), Bibliothèque municipale\n\
         - Éluard Camille (inscription du 24/11/2026)\n\
         - D'Hérouville Camille (inscription du 24/11/2026)\n\nPour"
    ));
    assert!(mail.html.contains(
        "<ul>\n<li>Éluard Camille (inscription du 24/11/2026)</li>\n\
         <li>D&#39;Hérouville Camille (inscription du 24/11/2026)</li>\n</ul>"
    ));
    for form in [&mail.text, &read(&mail.html)] {
        assert!(form.contains("pourra les valider à votre place dans quelques jours"), "{form}");
    }
}

#[test]
fn section_4_the_county_s_digest_marks_unwarned_libraries() {
    let mail = mail(&county_digest("Œuilly"));
    for form in [&mail.text, &read(&mail.html)] {
        assert!(form.contains("Fleury (60240), Bibliothèque\n"), "{form}");
        assert!(form.contains("Œuilly (bibliothèque sans adresse)\n"), "{form}");
        for patron in ["Éluard Paul", "Oda Nobuko", "Œuilly Ève"] {
            assert!(form.contains(&format!("{patron} (inscription du 24/11/2026)\n")), "{form}");
        }
    }
}

#[test]
fn ap7_no_name_reaches_a_subject() {
    let plain = each_kind("Camille").map(|content| mail(&content).subject);
    for hostile in [TAG, HEADER, COMMAS, "a\0b"] {
        let subjects = each_kind(hostile).map(|content| mail(&content).subject);
        assert_eq!(subjects, plain);
        assert!(!subjects.concat().contains(char::is_control));
    }
}

#[test]
fn ap7_html_in_names_is_text() {
    let listing = [activation(TAG), library_digest(&[TAG]), county_digest(TAG)];
    for content in listing.into_iter().chain([invitation(&[TAG]), directory_changed(TAG)]) {
        let mail = mail(&content);
        assert!(mail.text.contains(TAG));
        assert!(mail.html.contains(ESCAPED_TAG) && !mail.html.contains("<img"), "{}", mail.html);
    }
    for name in [HEADER, COMMAS] {
        let mail = mail(&library_digest(&[name]));
        assert!(mail.text.contains(name) && mail.html.contains(name));
    }
}

#[test]
fn s2_a_change_is_a_sentence_with_author_and_instant() {
    let mail = mail(&directory_changed("Marie Lecture"));
    for form in [&mail.text, &read(&mail.html)] {
        assert!(form.contains("Le compte « Marie Lecture » (marie@fleury.example) a été modifié : rôle.\n"), "{form}");
        assert!(form.contains("fait par mdo@oise.example, le 01/07/2026 à 00:30 (heure de Paris)."), "{form}");
        assert!(form.contains("Sinon, écrivez-nous"), "{form}");
    }
}

#[test]
fn s2_an_invitation_has_the_address_in_its_link_and_no_token() {
    let Mail { text, html, .. } = mail(&invitation(&["Fleury", "Auneuil", "Vez", "Fay", "Bury", "Coye", "Ully"]));
    let link = "https://portail.example/portail/mot-de-passe-oublie#a%2Bb_c.d@oise.example";
    assert!(text.lines().any(|line| line == link) && html.contains(&format!("href=\"{link}\"")), "{text}");
    for form in [&text, &read(&html)] {
        assert!(
            form.contains("Médiathèque départementale (mdo@oise.example) vous a ouvert un compte de bibliothécaire")
        );
        assert!(form.contains("Bury") && !form.contains("Coye") && form.contains("et 2 de plus"), "{form}");
    }
}

#[test]
fn ap8_a_message_prints_its_kind_only() {
    assert_eq!(format!("{:?}", activation("Camille")), "Content(activation)");
}

#[test]
fn section_7_a_password_mail_names_the_members_of_the_account() {
    for (members, named) in [
        (vec![], "numériques, ouvrez"),
        (vec!["Zoé".to_owned()], "numériques (Zoé), ouvrez"),
        (vec!["Ali".to_owned(), "Élie".to_owned(), "<b>Zoé".to_owned()], "numériques (Ali, Élie et "),
        (["A", "B", "C", "D", "E", "F"].map(str::to_owned).to_vec(), "numériques (A, B, C, D, E et F), ouvrez"),
        (["A", "B", "C", "D", "E", "F", "G"].map(str::to_owned).to_vec(), "numériques (A, B, C, D, E et 2 autres), "),
    ] {
        let mail = Content::PasswordLink { token: Secret::new("a-token_of-43"), members }.render(&contact()).unwrap();
        assert!(mail.text.contains(named) && mail.html.contains(named), "{}", mail.text);
        assert!(!mail.html.contains("<b>Zoé"));
    }
}
